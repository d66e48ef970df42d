package carnelian.engine;

/// Port: who looks at commands as they run: SLOWLOG, LATENCY and MONITOR.
public interface CommandObserver {
  /// A command took at least [#slowNanos]; also one that is not to be recorded in the slow log,
  /// such as EXEC after what it was made of. In a run of quick commands that were timed together,
  /// the last of the run stands for it; see [Engine].
  void slow(Call call, long nanos);

  /// Commands that take at least this long are reported to [#slow]. Long.MAX_VALUE: none.
  long slowNanos();

  /// Whether [#executed] wants to hear of each command.
  boolean monitoring();

  /// A script begins, which this call asks for: it is shown before its commands.
  default void scriptBegins(Call call) {}

  /// A command has run; an EXEC after the commands it was made of.
  void executed(Call call);

  /// The engine's own work kept clients waiting: `expire-cycle`, `eviction-cycle` or `cron`.
  default void delayed(String event, long nanos) {}

  CommandObserver NONE =
      new CommandObserver() {
        @Override
        public void slow(Call call, long nanos) {}

        @Override
        public long slowNanos() {
          return Long.MAX_VALUE;
        }

        @Override
        public boolean monitoring() {
          return false;
        }

        @Override
        public void executed(Call call) {}
      };
}
