package carnelian.server;

/// Port: ends the process when a client asks for it. Called on the engine's loop, which the end of
/// the process waits for, so that it begins on another thread.
interface Shutdown {
  /// What becomes of the data.
  enum Saving {
    /// As the save points say.
    AS_CONFIGURED,
    ALWAYS,
    NEVER
  }

  /// How the process is to end.
  ///
  /// @param now not waiting for replicas that lag behind
  /// @param force even if saving fails
  record Request(Saving saving, boolean now, boolean force) {}

  /// Begins the end of the process, which may wait for replicas first. False if it cannot be done
  /// as asked; the log says why.
  boolean begin(Request request);

  /// How long it still waits at most; -1 if it does not.
  default long millisLeft() {
    return -1;
  }

  /// Called when an end that had begun will not come.
  default void onGivenUp(Runnable listener) {}

  /// Begins the end that a signal has asked for, if one has: some times a second.
  default void poll() {}

  /// Calls off an end that has begun and still waits. False if there is none.
  boolean abort();

  /// As [#die], if this is such a fault. Any thread.
  default void dieOf(Throwable bug) {
    if (bug instanceof VirtualMachineError || bug instanceof AssertionError) {
      die(bug);
    }
  }

  /// Ends everything at once because of a fault that leaves nothing to rely on. Any thread.
  default void die(Throwable fault) {
    CrashReport.die(fault, null);
  }

  /// Ends everything at once as a signal does, with a report or without: `DEBUG SEGFAULT` and its
  /// like.
  default void dieBySignal(int signal, String reason, boolean report) {
    CrashReport.dieBySignal(signal, reason, report, null);
  }
}
