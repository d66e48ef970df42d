package carnelian.persistence.rdb;

/// What stands in place of a string's length if it is not written plainly.
final class StringEncoding {
  static final int INT_8 = 0;
  static final int INT_16 = 1;
  static final int INT_32 = 2;
  static final int LZF = 3;

  private StringEncoding() {}
}
