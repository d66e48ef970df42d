package carnelian.engine;

import carnelian.memory.NativeBuffer;

/// Port: where a client's output comes from that only reads a stream, such as a replica. It is
/// asked when there is room for more, so that a slow peer costs nothing but what it is behind.
/// Called on the engine's thread.
public interface OutputSource {
  /// Whether there is anything to be sent now. Cheap, and changes nothing.
  boolean isReady();

  /// Appends some of it.
  void fill(NativeBuffer into);
}
