package carnelian.keyspace;

/// What a key means whose deadline has passed but that is still there.
public enum ExpiryMode {
  /// It is removed: by the timer, or by the lookup that finds it.
  REMOVE,
  /// It is absent to every lookup, but stays: a replica waits for its primary's deletion, a paused
  /// server does not change its data.
  HIDE,
  /// It is a key like any other: while loading, and for what a primary sends to its replica.
  IGNORE
}
