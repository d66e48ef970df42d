package carnelian.memory;

/// Bytes of a client's, or of data, are too many to be copied to the Java heap, which is small and
/// shared by all. Nothing has changed.
public final class CopyLimitException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /// The most that is copied in one piece.
  public static final int MAX_BYTES = 16 << 20;

  private final int bytes;

  private CopyLimitException(int bytes) {
    super(reason(bytes));
    this.bytes = bytes;
  }

  private static String reason(int bytes) {
    return bytes + " bytes are too long here (at most " + MAX_BYTES + ")";
  }

  /// What a client may be told.
  public String reason() {
    return reason(bytes);
  }

  /// Throws if so many bytes are too many.
  public static void check(int bytes) {
    if (bytes > MAX_BYTES) {
      throw new CopyLimitException(bytes);
    }
  }
}
