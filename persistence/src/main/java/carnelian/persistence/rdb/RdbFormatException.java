package carnelian.persistence.rdb;

import java.io.IOException;

/// Bytes that are not RDB, with the place where they stop making sense.
public final class RdbFormatException extends IOException {
  private static final long serialVersionUID = 1L;

  private final String path;
  private final long offset;
  private final String expected;
  private final String found;
  private final boolean truncated;

  public RdbFormatException(String path, long offset, String expected, String found) {
    this(path, offset, expected, found, false);
  }

  private RdbFormatException(
      String path, long offset, String expected, String found, boolean truncated) {
    super(path + ":" + offset + ": found " + found + " (expected: " + expected + ")");
    this.path = path;
    this.offset = offset;
    this.expected = expected;
    this.found = found;
    this.truncated = truncated;
  }

  /// The input ends before what it promised.
  static RdbFormatException truncated(String path, long offset, long missingBytes) {
    return new RdbFormatException(
        path, offset, missingBytes + " more bytes", "the end of the input", true);
  }

  /// The file, or another name of where the bytes came from.
  public String path() {
    return path;
  }

  /// Where in the input, in bytes from its start.
  public long offset() {
    return offset;
  }

  public String expected() {
    return expected;
  }

  public String found() {
    return found;
  }

  /// Whether the input simply ends too early, as a file does after a crash.
  public boolean isTruncated() {
    return truncated;
  }
}
