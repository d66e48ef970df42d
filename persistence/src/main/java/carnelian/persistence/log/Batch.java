package carnelian.persistence.log;

import carnelian.memory.NativeBuffer;

/// Commands on their way from the engine to the file. Filled by the engine's thread, then the
/// writer's until it is given back.
final class Batch implements AutoCloseable {
  private static final int INITIAL_BYTES = 1 << 20;
  private static final int KEPT_BYTES = 1 << 24;
  static final int NO_SPLIT = -1;

  final NativeBuffer bytes = new NativeBuffer(INITIAL_BYTES);

  /// The replication offset of the first byte.
  long startOffset;

  /// What stands from here on belongs to a new segment; it begins with SELECT.
  int splitAt = NO_SPLIT;

  /// Which rewrite's split it is, counted from the start of the log; 0: the segment was large.
  long split;

  /// How many bytes of it have been written, if a write failed in between.
  int writtenBytes;

  void clear(long offset) {
    bytes.clear();
    if (bytes.capacity() > KEPT_BYTES) {
      bytes.shrinkTo(INITIAL_BYTES);
    }
    startOffset = offset;
    splitAt = NO_SPLIT;
    writtenBytes = 0;
  }

  /// Nothing to write, and nothing to do.
  boolean isEmpty() {
    return bytes.isEmpty() && splitAt == NO_SPLIT;
  }

  long endOffset() {
    return startOffset + bytes.length();
  }

  @Override
  public void close() {
    bytes.close();
  }
}
