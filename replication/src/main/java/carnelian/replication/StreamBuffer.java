package carnelian.replication;

import carnelian.memory.NativeBuffer;

/// What has come of a stream and is not done with. Grows with the largest command, and gives that
/// memory back when no such command has come for a while: at once it would be taken again for the
/// next one.
final class StreamBuffer implements AutoCloseable {
  /// What is never given back while the link lasts.
  static final int KEPT_BYTES = 1 << 20;

  private final NativeBuffer bytes;

  /// The most that was in it since the last [#rest].
  private int peakBytes;

  StreamBuffer(int limitBytes) {
    bytes = new NativeBuffer(0, limitBytes);
  }

  /// The contents. Who adds to them uses [#put].
  NativeBuffer bytes() {
    return bytes;
  }

  void put(long from, int count) {
    bytes.put(from, count);
    peakBytes = Math.max(peakBytes, bytes.length());
  }

  int length() {
    return bytes.length();
  }

  int freeBytes() {
    return bytes.capacity() - bytes.length();
  }

  boolean isEmpty() {
    return bytes.isEmpty();
  }

  void clear() {
    bytes.clear();
  }

  /// Gives back what has not been needed since the last call, if it is much. Once a second.
  void rest() {
    int wanted = Math.max(peakBytes, KEPT_BYTES);
    if (wanted < bytes.capacity() / 2) {
      bytes.shrinkTo(wanted);
    }
    peakBytes = bytes.length();
  }

  @Override
  public void close() {
    bytes.close();
  }
}
