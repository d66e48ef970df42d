package carnelian.engine;

/// Whether the data may be asked.
public enum ServingState {
  SERVING,
  /// The data set is being loaded: only commands flagged LOADING run.
  LOADING
}
