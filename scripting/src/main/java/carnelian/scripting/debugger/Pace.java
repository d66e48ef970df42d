package carnelian.scripting.debugger;

import org.jspecify.annotations.Nullable;

/// How a debugged script goes on, and when it stops next.
///
/// ```
///            a line                step
/// Stepping ─────────▶ Stopped ─────────────▶ Stepping
///                       ▲  │ continue
///     breakpoint, time  │  ▼
///                      Running
/// any of them: the user leaves ▶ Detached ── time ──▶ Ended
/// Stopped: abort, or what is no command ▶ Ended
/// ```
///
/// `called` means that `redis.breakpoint()` was: the script stops at its next line.
sealed interface Pace {
  /// Stops at the next line; commands that the script runs are shown.
  record Stepping(boolean called) implements Pace {}

  /// Stops at breakpoints, or if it takes too long.
  record Running(boolean called) implements Pace {}

  /// Waits for its user; `overdue` if because it took too long.
  record Stopped(boolean overdue, boolean called) implements Pace {}

  /// Nobody watches: it does not stop any more.
  record Detached() implements Pace {}

  /// The script has to end, with this error.
  record Ended(String error) implements Pace {}

  /// What happens to it.
  sealed interface Event {
    /// It is at another line, or has worked for a while (`counted`), perhaps for too long.
    record Reached(boolean breakpoint, boolean overdue) implements Event {}

    /// It has called `redis.breakpoint()`.
    record Called() implements Event {}

    record Step() implements Event {}

    record Continue() implements Event {}

    /// The user has gone.
    record Left() implements Event {}

    /// The user, or what came from there, ends it.
    record Fail(String error) implements Event {}
  }

  /// Why it has stopped.
  enum Reason {
    STEP("step over"),
    BREAKPOINT("break point"),
    CALLED("redis.breakpoint() called"),
    OVERDUE("timeout reached, infinite loop?");

    final String text;

    Reason(String text) {
      this.text = text;
    }
  }

  String LEFT_ALONE = "timeout during Lua debugging with client closing connection";

  /// Why it stops there; null if it goes on.
  static @Nullable Reason reason(Pace pace, Event.Reached at) {
    return switch (pace) {
      case Stepping(boolean called) -> called ? Reason.CALLED : stepping(at);
      case Running(boolean called) -> called ? Reason.CALLED : running(at);
      case Stopped _, Detached _, Ended _ -> null;
    };
  }

  private static Reason stepping(Event.Reached at) {
    return at.breakpoint() ? Reason.BREAKPOINT : Reason.STEP;
  }

  private static @Nullable Reason running(Event.Reached at) {
    return at.breakpoint() ? Reason.BREAKPOINT : at.overdue() ? Reason.OVERDUE : null;
  }

  static Pace after(Pace pace, Event event) {
    return switch (event) {
      case Event.Reached at -> reached(pace, at);
      case Event.Called() -> called(pace);
      case Event.Step() -> pace instanceof Stopped(_, boolean called) ? new Stepping(called) : pace;
      case Event.Continue() ->
          pace instanceof Stopped(_, boolean called) ? new Running(called) : pace;
      case Event.Left() ->
          switch (pace) {
            case Stopped(boolean overdue, _) -> overdue ? new Ended(LEFT_ALONE) : new Detached();
            case Stepping _, Running _, Detached _ -> new Detached();
            case Ended _ -> pace;
          };
      case Event.Fail(String error) -> pace instanceof Ended ? pace : new Ended(error);
    };
  }

  private static Pace reached(Pace pace, Event.Reached at) {
    Reason reason = reason(pace, at);
    if (reason != null) {
      return new Stopped(reason == Reason.OVERDUE, false);
    }
    return pace instanceof Detached && at.overdue() ? new Ended(LEFT_ALONE) : pace;
  }

  private static Pace called(Pace pace) {
    return switch (pace) {
      case Stepping _ -> new Stepping(true);
      case Running _ -> new Running(true);
      case Stopped(boolean overdue, _) -> new Stopped(overdue, true);
      case Detached _, Ended _ -> pace;
    };
  }
}
