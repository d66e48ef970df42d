package carnelian.engine;

/// What CLIENT PAUSE holds back.
public enum Pause {
  NONE,
  /// Commands that may write or replicate.
  WRITE,
  /// All commands.
  ALL
}
