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

  /// Begins the end of the process. False if it cannot be done as asked; the log says why.
  boolean begin(Request request);

  /// Begins the end that a signal has asked for, if one has: some times a second.
  default void poll() {}

  /// Calls off an end that has begun and still waits. False if there is none.
  boolean abort();
}
