package carnelian.engine;

/// Port: the loop's timer. The engine has one alarm; it keeps its own deadlines behind it.
public interface EngineTimer {
  /// Calls [Engine#wake] on the engine's thread once the monotonic clock has reached `nanos`. A
  /// later call replaces an earlier one.
  void wakeAt(long nanos);

  /// Never rings: for an engine whose owner calls [Engine#wake] itself.
  EngineTimer NONE = nanos -> {};
}
