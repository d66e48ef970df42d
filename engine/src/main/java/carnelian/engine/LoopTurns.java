package carnelian.engine;

/// Port: how a command that takes long lets others be served meanwhile. Implemented over the loop
/// by the server, and by tests that say what happens in the middle of a script.
public interface LoopTurns {
  /// Whether [#turn] may be called from within what is executed now. If not, a command that may
  /// want to is held back, and comes again after [Outlet#defer].
  boolean arePossible();

  /// Serves who has sent something, once and without waiting: calls [Engine#execute],
  /// [Engine#connect] and [Engine#disconnect], and nothing else of the engine but [Engine#wake].
  void turn();

  /// As [#turn], but waits until there is somebody to serve or something else to do, for so long at
  /// most.
  default void await(long mostNanos) {
    turn();
  }

  /// Part of a script has run, some microseconds of it: where time is simulated, it passes here.
  default void worked() {}

  /// There is nobody to serve.
  LoopTurns NONE =
      new LoopTurns() {
        @Override
        public boolean arePossible() {
          return true;
        }

        @Override
        public void turn() {}
      };
}
