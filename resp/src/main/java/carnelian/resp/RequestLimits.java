package carnelian.resp;

/// Bounds of what a request may demand. Shared by the parsers of an instance; set by the thread
/// that applies the configuration, read by every thread that parses.
public final class RequestLimits {
  /// Longest inline request, and longest line that announces a length.
  public static final int INLINE_BYTES = 64 * 1024;

  /// Arguments of this size and above are read straight into memory of exactly their size.
  public static final int BIG_ARGUMENT_BYTES = 32 * 1024;

  /// Most arguments of one command. Redis 7 dropped its limit of as many; here it stays, because
  /// each announced argument costs more memory than its six bytes on the wire.
  public static final int ARGUMENTS = 1024 * 1024;

  /// What a client may send before it has authenticated.
  static final int UNAUTHENTICATED_ARGUMENTS = 10;

  static final int UNAUTHENTICATED_BULK_BYTES = 16384;

  /// A query buffer is addressed by int.
  private static final long ADDRESSABLE_BULK_BYTES = Integer.MAX_VALUE - 1024L * 1024;

  private volatile long maxBulkBytes = 512L * 1024 * 1024;

  public RequestLimits() {}

  public long maxBulkBytes() {
    return maxBulkBytes;
  }

  /// Applies `proto-max-bulk-len`.
  public void maxBulkBytes(long bytes) {
    maxBulkBytes = Math.min(bytes, ADDRESSABLE_BULK_BYTES);
  }
}
