package carnelian.persistence.log;

import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// What the log's writer can do at the moment.
///
/// ```
///  Off ──start──▶ Appending ◀──────── healed ─────────┐
///                  │   │  ▲                           │
///      write fails │   │  └── written ────── Stuck ◀──┘ retry, each second
///                  ▼   │ flush fails, directory gone    │ flush fails
///                Stuck │                                │
///                      ▼                                ▼
///  enable ─────▶ Unanchored ── rewrite done ──▶ Appending
/// ```
///
/// | state | the files hold | heals by |
/// |---|---|---|
/// | Off | nothing is logged | |
/// | Appending | everything written | |
/// | Stuck | everything written but the batch in hand, which is kept | writing the batch |
/// | Unanchored | less than what was written: the kernel may have dropped it, or the log has just been turned on | a rewrite |
sealed interface LogState {
  /// How long a failure is left alone.
  long RETRY_NANOS = TimeUnit.SECONDS.toNanos(1);

  /// Nothing is logged.
  record Off() implements LogState {}

  /// All is well.
  record Appending() implements LogState {}

  /// The batch in hand could not be written; nothing else is lost.
  record Stuck(String reason, long retryNanos) implements LogState {}

  /// What is on disk cannot be gone on with. A null reason: the log has just been turned on.
  record Unanchored(@Nullable String reason) implements LogState {}

  /// What happens to the writer.
  sealed interface Event {
    /// The log is opened on files that are whole.
    record Started() implements Event {}

    /// The log is turned on without files.
    record Enabled() implements Event {}

    record Disabled() implements Event {}

    /// A write has failed, and the file was cut back to what it held before.
    record WriteFailed(String reason) implements Event {}

    /// What was written may be lost: a flush has failed, or the files are gone.
    record Lost(String reason) implements Event {}

    /// The batch that had failed was written.
    record Reopened() implements Event {}

    /// A rewrite has been put in place.
    record Rewritten() implements Event {}
  }

  /// What follows from an event.
  static LogState step(LogState state, Event event, long nowNanos) {
    return switch (event) {
      case Event.Started() -> new Appending();
      case Event.Enabled() -> new Unanchored(null);
      case Event.Disabled() -> new Off();
      case Event.Rewritten() -> state instanceof Off ? state : new Appending();
      case Event.WriteFailed(String reason) -> writeFailed(state, reason, nowNanos);
      case Event.Lost(String reason) ->
          switch (state) {
            case Off off -> off;
            case Appending _, Stuck _, Unanchored _ -> new Unanchored(reason);
          };
      case Event.Reopened() ->
          switch (state) {
            case Stuck _ -> new Appending();
            case Off _, Appending _, Unanchored _ -> state;
          };
    };
  }

  private static LogState writeFailed(LogState state, String reason, long nowNanos) {
    return switch (state) {
      case Off off -> off;
      case Appending _, Stuck _ -> new Stuck(reason, nowNanos + RETRY_NANOS);
      case Unanchored _ -> new Unanchored(reason);
    };
  }

  /// Why writes are refused; null if they are not.
  default @Nullable String failure() {
    return switch (this) {
      case Off _, Appending _ -> null;
      case Stuck stuck -> stuck.reason();
      case Unanchored unanchored -> unanchored.reason();
    };
  }
}
