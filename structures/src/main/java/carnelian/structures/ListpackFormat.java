package carnelian.structures;

import carnelian.memory.Memory;

/// The bytes of a listpack, as they lie in memory, in RDB files and in DUMP payloads.
///
/// | offset | size | field      | meaning                                                    |
/// |-------:|-----:|------------|------------------------------------------------------------|
/// |      0 |    4 | totalBytes | of the whole listpack, with header and end; little-endian  |
/// |      4 |    2 | count      | elements; 65,535 means: not known, walk to find out        |
/// |      6 |    … | elements   | each: encoding byte, data, back length                |
/// |      … |    1 | end        | `0xff`                                                     |
///
/// | encoding byte | what follows                                     | element               |
/// |---------------|--------------------------------------------------|-----------------------|
/// | `0xxxxxxx`    |                                                  | integer 0 to 127      |
/// | `10xxxxxx`    | x bytes                                          | string of up to 63    |
/// | `110xxxxx`    | 1 byte: the low eight of thirteen bits           | integer, signed       |
/// | `1110xxxx`    | 1 byte: the low eight of the length; the bytes   | string of up to 4,095 |
/// | `0xf0`        | 4 bytes of length, little-endian; the bytes      | string                |
/// | `0xf1`        | 2 bytes                                          | integer, little-endian |
/// | `0xf2`        | 3 bytes                                          | integer, little-endian |
/// | `0xf3`        | 4 bytes                                          | integer, little-endian |
/// | `0xf4`        | 8 bytes                                          | integer, little-endian |
///
/// The back length counts encoding byte and data, seven bits a byte, most significant first; all
/// but the first byte have the top bit set, so that it can be read from its end.
///
/// This is a format of files and of the wire: it must never change.
final class ListpackFormat {
  static final int HEADER_BYTES = 6;
  static final int EMPTY_BYTES = HEADER_BYTES + 1;
  static final int END = 0xff;
  static final int COUNT_UNKNOWN = 0xffff;

  private static final int COUNT_OFFSET = 4;

  private static final int STRING_6 = 0x80;
  private static final int INTEGER_13 = 0xc0;
  private static final int STRING_12 = 0xe0;
  private static final int STRING_32 = 0xf0;
  private static final int INTEGER_16 = 0xf1;
  private static final int INTEGER_24 = 0xf2;
  private static final int INTEGER_32 = 0xf3;
  private static final int INTEGER_64 = 0xf4;

  private static final int MAX_STRING_6 = 63;
  private static final int MAX_STRING_12 = 4095;

  /// Stands for a back length of more than five bytes, which no listpack has.
  static final long BROKEN_BACKLEN = -1;

  private ListpackFormat() {}

  static int totalBytes(long listpack) {
    return Memory.getInt(listpack);
  }

  static void totalBytes(long listpack, int bytes) {
    Memory.putInt(listpack, bytes);
  }

  static int headerCount(long listpack) {
    return Memory.getShort(listpack + COUNT_OFFSET) & 0xffff;
  }

  static void headerCount(long listpack, int count) {
    Memory.putShort(listpack + COUNT_OFFSET, (short) Math.min(count, COUNT_UNKNOWN));
  }

  static boolean isEnd(long element) {
    return (Memory.getByte(element) & 0xff) == END;
  }

  /// Bytes that tell how long the encoding at `element` is, itself included: all that
  /// [#encodedBytes] reads. 0 for a byte that starts no element.
  static int prefixBytes(long element) {
    int code = Memory.getByte(element) & 0xff;
    if (code < STRING_12) {
      return 1;
    }
    if (code < STRING_32) {
      return 2;
    }
    if (code == STRING_32) {
      return 5;
    }
    return code <= INTEGER_64 ? 1 : 0;
  }

  /// Bytes of encoding byte and data, without the back length.
  static long encodedBytes(long element) {
    int code = Memory.getByte(element) & 0xff;
    if (code < STRING_6) {
      return 1;
    }
    if (code < INTEGER_13) {
      return 1L + (code & MAX_STRING_6);
    }
    if (code < STRING_12) {
      return 2;
    }
    if (code < STRING_32) {
      return 2L + shortLength(element, code);
    }
    return switch (code) {
      case STRING_32 -> 5 + Integer.toUnsignedLong(Memory.getInt(element + 1));
      case INTEGER_16 -> 3;
      case INTEGER_24 -> 4;
      case INTEGER_32 -> 5;
      case INTEGER_64 -> 9;
      default -> throw corrupt(element, code);
    };
  }

  /// Bytes of the whole element.
  static int entryBytes(long element) {
    int encoded = (int) encodedBytes(element);
    return encoded + backlenBytes(encoded);
  }

  static void read(long element, Element into) {
    int code = Memory.getByte(element) & 0xff;
    if (code < STRING_6) {
      into.setInteger(code);
    } else if (code < INTEGER_13) {
      into.setBytes(element + 1, code & MAX_STRING_6);
    } else if (code < STRING_12) {
      into.setInteger(integer13(element, code));
    } else if (code < STRING_32) {
      into.setBytes(element + 2, shortLength(element, code));
    } else if (code == STRING_32) {
      into.setBytes(element + 5, Memory.getInt(element + 1));
    } else {
      into.setInteger(wideInteger(element, code));
    }
  }

  /// Whether the string form of the element is the given bytes, which are the canonical form of
  /// `integer` if `integral`.
  static boolean matches(long element, long at, int length, boolean integral, long integer) {
    int code = Memory.getByte(element) & 0xff;
    if (code < STRING_6) {
      return integral && integer == code;
    }
    if (code < INTEGER_13) {
      return (code & MAX_STRING_6) == length && Memory.equal(element + 1, at, length);
    }
    if (code < STRING_12) {
      return integral && integer == integer13(element, code);
    }
    if (code < STRING_32) {
      return shortLength(element, code) == length && Memory.equal(element + 2, at, length);
    }
    if (code == STRING_32) {
      return Memory.getInt(element + 1) == length && Memory.equal(element + 5, at, length);
    }
    return integral && integer == wideInteger(element, code);
  }

  static int integerEntryBytes(long value) {
    return integerBytes(value) + 1;
  }

  static long stringEntryBytes(int length) {
    long encoded = stringBytes(length);
    return encoded + backlenBytes(encoded);
  }

  /// Writes a whole element and returns the address behind it.
  static long putInteger(long element, long value) {
    int encoded = integerBytes(value);
    switch (encoded) {
      case 1 -> Memory.putByte(element, (byte) value);
      case 2 -> {
        Memory.putByte(element, (byte) (INTEGER_13 | ((value >> 8) & 0x1f)));
        Memory.putByte(element + 1, (byte) value);
      }
      case 3 -> {
        Memory.putByte(element, (byte) INTEGER_16);
        Memory.putShort(element + 1, (short) value);
      }
      case 4 -> {
        Memory.putByte(element, (byte) INTEGER_24);
        Memory.putShort(element + 1, (short) value);
        Memory.putByte(element + 3, (byte) (value >> 16));
      }
      case 5 -> {
        Memory.putByte(element, (byte) INTEGER_32);
        Memory.putInt(element + 1, (int) value);
      }
      default -> {
        Memory.putByte(element, (byte) INTEGER_64);
        Memory.putLong(element + 1, value);
      }
    }
    Memory.putByte(element + encoded, (byte) encoded);
    return element + encoded + 1;
  }

  /// Writes a whole element and returns the address behind it.
  static long putString(long element, long from, int length) {
    long data;
    if (length <= MAX_STRING_6) {
      Memory.putByte(element, (byte) (STRING_6 | length));
      data = element + 1;
    } else if (length <= MAX_STRING_12) {
      Memory.putByte(element, (byte) (STRING_12 | (length >> 8)));
      Memory.putByte(element + 1, (byte) length);
      data = element + 2;
    } else {
      Memory.putByte(element, (byte) STRING_32);
      Memory.putInt(element + 1, length);
      data = element + 5;
    }
    Memory.copy(from, data, length);
    long end = data + length;
    return end + putBacklen(end, (int) (end - element));
  }

  /// Redis takes one byte more than needed for 16,383 and its two greater likes; so do we, since
  /// readers step over it by the same rule.
  static int backlenBytes(long encodedBytes) {
    if (encodedBytes <= 127) {
      return 1;
    }
    if (encodedBytes < 16_383) {
      return 2;
    }
    if (encodedBytes < 2_097_151) {
      return 3;
    }
    return encodedBytes < 268_435_455 ? 4 : 5;
  }

  /// Reads a back length whose last byte is at `last`, no further back than `floor`.
  static long backlen(long last, long floor) {
    long value = 0;
    long at = last;
    for (int shift = 0; shift <= 28 && at >= floor; shift += 7) {
      byte part = Memory.getByte(at);
      value |= (part & 127L) << shift;
      if (part >= 0) {
        return value;
      }
      at--;
    }
    return BROKEN_BACKLEN;
  }

  private static int putBacklen(long at, int encodedBytes) {
    int bytes = backlenBytes(encodedBytes);
    for (int i = bytes - 1; i > 0; i--) {
      Memory.putByte(at + i, (byte) (((encodedBytes >>> (7 * (bytes - 1 - i))) & 127) | 128));
    }
    Memory.putByte(at, (byte) ((encodedBytes >>> (7 * (bytes - 1))) & 127));
    return bytes;
  }

  private static int integerBytes(long value) {
    if (value >= 0 && value <= 127) {
      return 1;
    }
    if (value >= -4096 && value <= 4095) {
      return 2;
    }
    if (value == (short) value) {
      return 3;
    }
    if (value >= -8_388_608 && value <= 8_388_607) {
      return 4;
    }
    return value == (int) value ? 5 : 9;
  }

  private static long stringBytes(int length) {
    if (length <= MAX_STRING_6) {
      return 1L + length;
    }
    return length <= MAX_STRING_12 ? 2L + length : 5L + length;
  }

  private static int shortLength(long element, int code) {
    return ((code & 0x0f) << 8) | (Memory.getByte(element + 1) & 0xff);
  }

  private static int integer13(long element, int code) {
    int bits = ((code & 0x1f) << 8) | (Memory.getByte(element + 1) & 0xff);
    return (bits << 19) >> 19;
  }

  private static long wideInteger(long element, int code) {
    return switch (code) {
      case INTEGER_16 -> Memory.getShort(element + 1);
      case INTEGER_24 ->
          (Memory.getByte(element + 3) << 16) | (Memory.getShort(element + 1) & 0xffff);
      case INTEGER_32 -> Memory.getInt(element + 1);
      case INTEGER_64 -> Memory.getLong(element + 1);
      default -> throw corrupt(element, code);
    };
  }

  private static IllegalStateException corrupt(long element, int code) {
    return new IllegalStateException(
        "listpack element at 0x%x: encoding byte 0x%02x (expected: at most 0xf4)"
            .formatted(element, code));
  }
}
