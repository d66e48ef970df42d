package carnelian.net;

import carnelian.memory.NativeBuffer;

/// Port: where more output of a connection comes from when what was written has left. Called on the
/// engine's loop.
public interface OutputSource {
  /// Whether there is anything to be sent now. Cheap, and changes nothing.
  boolean isReady();

  /// Appends some of it.
  void fill(NativeBuffer into);
}
