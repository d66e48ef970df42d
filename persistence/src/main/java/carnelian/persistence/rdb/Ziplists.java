package carnelian.persistence.rdb;

import carnelian.memory.HeapLimitException;
import carnelian.memory.Memory;
import carnelian.structures.Element;
import carnelian.structures.Listpacks;

/// Ziplists, what small collections were before listpacks (Redis 2.6 to 6.2): read, never written.
///
/// | offset | size   | field      | meaning                                             |
/// |-------:|-------:|------------|-----------------------------------------------------|
/// |      0 |      4 | totalBytes | of the whole; little-endian                         |
/// |      4 |      4 | tail       | offset of the last element; little-endian           |
/// |      8 |      2 | count      | elements; 65,535 means: not known                   |
/// |     10 |      … | elements   | each: bytes of the one before, encoding, data       |
/// |      … |      1 | end        | `0xff`                                              |
///
/// The bytes of the element before are one byte below 254, else `0xfe` and four bytes,
/// little-endian.
///
/// | encoding byte | what follows                              | element                        |
/// |---------------|-------------------------------------------|--------------------------------|
/// | `00xxxxxx`    | x bytes                                   | string                         |
/// | `01xxxxxx`    | 1 byte: low eight of the length; bytes    | string                         |
/// | `10------`    | 4 bytes of length, **big-endian**; bytes  | string                         |
/// | `0xc0`        | 2 bytes                                   | integer, little-endian         |
/// | `0xd0`        | 4 bytes                                   | integer, little-endian         |
/// | `0xe0`        | 8 bytes                                   | integer, little-endian         |
/// | `0xf0`        | 3 bytes                                   | integer, little-endian         |
/// | `0xfe`        | 1 byte                                    | integer                        |
/// | `0xf1`-`0xfd` |                                           | integer 0 to 12                |
public final class Ziplists {
  /// So that the listpack made of one stays below its limit.
  static final long MAX_BYTES = 1L << 29;

  private static final int TAIL_OFFSET = 4;
  private static final int COUNT_OFFSET = 8;
  private static final int HEADER_BYTES = 10;
  private static final int END = 0xff;
  private static final int COUNT_UNKNOWN = 0xffff;

  private static final int WIDE_BEFORE = 0xfe;

  private static final int INTEGER_16 = 0xc0;
  private static final int INTEGER_32 = 0xd0;
  private static final int INTEGER_64 = 0xe0;
  private static final int INTEGER_24 = 0xf0;
  private static final int IMMEDIATE_0 = 0xf1;
  private static final int IMMEDIATE_12 = 0xfd;
  private static final int INTEGER_8 = 0xfe;

  private Ziplists() {}

  /// Whether the `bytes` at `at`, which may come from anyone, are one ziplist. Never reads outside
  /// them.
  public static boolean validate(long at, long bytes) {
    if (bytes < HEADER_BYTES + 1 || bytes > MAX_BYTES) {
      return false;
    }
    if (Memory.getInt(at) != bytes) {
      return false;
    }
    long end = at + bytes - 1;
    return (Memory.getByte(end) & 0xff) == END && areElementsValid(at, end);
  }

  /// Number of elements of a valid ziplist.
  public static int count(long ziplist) {
    int count = Memory.getShort(ziplist + COUNT_OFFSET) & 0xffff;
    if (count != COUNT_UNKNOWN) {
      return count;
    }
    count = 0;
    for (long element = first(ziplist); element != 0; element = next(element)) {
      count++;
    }
    return count;
  }

  /// A listpack with the elements of a valid ziplist.
  public static long toListpack(Listpacks listpacks, long ziplist) {
    Element element = new Element();
    long listpack = listpacks.create(Memory.getInt(ziplist));
    try {
      for (long from = first(ziplist); from != 0; from = next(from)) {
        read(from, element);
        listpack = listpacks.append(listpack, element);
      }
    } catch (HeapLimitException e) {
      listpacks.destroy(listpack);
      throw e;
    }
    return listpacks.trim(listpack);
  }

  /// The first element of a valid ziplist, or 0.
  static long first(long ziplist) {
    return orNone(ziplist + HEADER_BYTES);
  }

  /// The element after, or 0.
  static long next(long element) {
    long encoding = element + beforeBytes(element);
    return orNone(encoding + encodedBytes(encoding));
  }

  static void read(long element, Element into) {
    long encoding = element + beforeBytes(element);
    int code = Memory.getByte(encoding) & 0xff;
    switch (code >>> 6) {
      case 0 -> into.setBytes(encoding + 1, code);
      case 1 -> into.setBytes(encoding + 2, shortLength(encoding, code));
      case 2 -> into.setBytes(encoding + 5, (int) longLength(encoding));
      default -> into.setInteger(integer(encoding, code));
    }
  }

  private static boolean areElementsValid(long at, long end) {
    long element = at + HEADER_BYTES;
    long last = element;
    long before = 0;
    int count = 0;
    while (element < end) {
      long bytes = elementBytes(element, end, before);
      if (bytes == 0) {
        return false;
      }
      last = element;
      before = bytes;
      element += bytes;
      count++;
    }
    int claimed = Memory.getShort(at + COUNT_OFFSET) & 0xffff;
    return Integer.toUnsignedLong(Memory.getInt(at + TAIL_OFFSET)) == last - at
        && (claimed == COUNT_UNKNOWN || claimed == count);
  }

  /// Bytes of the element, or 0 if it is broken, reaches beyond `end`, or misstates the one before.
  private static long elementBytes(long element, long end, long before) {
    int beforeBytes = beforeBytes(element);
    if (end - element <= beforeBytes || before(element) != before) {
      return 0;
    }
    long encoding = element + beforeBytes;
    int prefix = prefixBytes(encoding);
    if (prefix == 0 || end - encoding < prefix) {
      return 0;
    }
    long encoded = encodedBytes(encoding);
    return encoded > end - encoding ? 0 : beforeBytes + encoded;
  }

  private static int beforeBytes(long element) {
    return (Memory.getByte(element) & 0xff) < WIDE_BEFORE ? 1 : 5;
  }

  private static long before(long element) {
    int before = Memory.getByte(element) & 0xff;
    return before < WIDE_BEFORE ? before : Integer.toUnsignedLong(Memory.getInt(element + 1));
  }

  /// Bytes that tell how long the encoding is; 0 if there is no such encoding.
  private static int prefixBytes(long encoding) {
    int code = Memory.getByte(encoding) & 0xff;
    return switch (code >>> 6) {
      case 0 -> 1;
      case 1 -> 2;
      case 2 -> 5;
      default -> isInteger(code) ? 1 : 0;
    };
  }

  private static boolean isInteger(int code) {
    return switch (code) {
      case INTEGER_8, INTEGER_16, INTEGER_24, INTEGER_32, INTEGER_64 -> true;
      default -> code >= IMMEDIATE_0 && code <= IMMEDIATE_12;
    };
  }

  private static long encodedBytes(long encoding) {
    int code = Memory.getByte(encoding) & 0xff;
    return switch (code >>> 6) {
      case 0 -> 1L + code;
      case 1 -> 2L + shortLength(encoding, code);
      case 2 -> 5 + longLength(encoding);
      default ->
          switch (code) {
            case INTEGER_8 -> 2;
            case INTEGER_16 -> 3;
            case INTEGER_24 -> 4;
            case INTEGER_32 -> 5;
            case INTEGER_64 -> 9;
            default -> 1;
          };
    };
  }

  private static long integer(long encoding, int code) {
    return switch (code) {
      case INTEGER_8 -> Memory.getByte(encoding + 1);
      case INTEGER_16 -> Memory.getShort(encoding + 1);
      case INTEGER_24 ->
          (Memory.getByte(encoding + 3) << 16) | (Memory.getShort(encoding + 1) & 0xffff);
      case INTEGER_32 -> Memory.getInt(encoding + 1);
      case INTEGER_64 -> Memory.getLong(encoding + 1);
      default -> code - IMMEDIATE_0;
    };
  }

  private static int shortLength(long encoding, int code) {
    return ((code & 0x3f) << 8) | (Memory.getByte(encoding + 1) & 0xff);
  }

  private static long longLength(long encoding) {
    return Integer.toUnsignedLong(Integer.reverseBytes(Memory.getInt(encoding + 1)));
  }

  private static long orNone(long element) {
    return (Memory.getByte(element) & 0xff) == END ? 0 : element;
  }
}
