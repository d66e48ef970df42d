package carnelian.persistence.rdb;

/// First bytes of lengths. The top two bits: 00 six bits of length, 01 fourteen, 11 a
/// [StringEncoding] instead of a length, 10 one of these.
final class LengthEncoding {
  static final int BITS_14 = 0x40;
  static final int BITS_32 = 0x80;
  static final int BITS_64 = 0x81;
  static final int STRING_ENCODING = 0xc0;

  static final int MAX_6 = 63;
  static final int MAX_14 = (1 << 14) - 1;

  private LengthEncoding() {}
}
