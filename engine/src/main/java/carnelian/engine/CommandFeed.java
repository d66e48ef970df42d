package carnelian.engine;

/// Port: who wants the propagated stream, that is, the log, which replicas are sent from.
public interface CommandFeed {
  /// Takes one unit of the stream: the effective form of one command, or a `MULTI` … `EXEC` that
  /// stands or falls together, in RESP, a `SELECT` inside where the database differs from the
  /// previous unit's. The bytes are valid until the method returns. Called on the engine's thread,
  /// before the reply of the command that caused them can have been sent.
  void append(long at, int bytes);

  /// Bytes of the stream ever: where its end is.
  long offset();
}
