package carnelian.memory;

/// A [NativeBuffer] would have to grow beyond its limit. Nothing has changed.
public final class BufferLimitException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  BufferLimitException(long neededBytes, int limitBytes) {
    super("native buffer: " + neededBytes + " bytes (expected: at most " + limitBytes + ")");
  }
}
