package carnelian.engine;

/// What CLIENT REPLY has asked for.
public enum ReplyMode {
  ON,
  OFF,
  /// The reply to the next command is dropped; the command that asked for it has none either.
  SKIP_NEXT,
  /// The command being executed is the one whose reply is dropped.
  SKIP_THIS
}
