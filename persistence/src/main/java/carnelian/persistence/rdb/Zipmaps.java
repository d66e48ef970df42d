package carnelian.persistence.rdb;

import carnelian.memory.HeapLimitException;
import carnelian.memory.Memory;
import carnelian.structures.Listpacks;

/// Zipmaps, what small hashes were before ziplists (Redis 2.0 to 2.4): read, never written.
///
/// | offset | size | field  | meaning                                                       |
/// |-------:|-----:|--------|---------------------------------------------------------------|
/// |      0 |    1 | count  | pairs; 254 and more mean: not known                           |
/// |      1 |    … | pairs  | length, field, length, one byte of slack, value, slack        |
/// |      … |    1 | end    | `0xff`                                                        |
///
/// A length is one byte below 254, or `0xfe` and four bytes, little-endian. The slack is unused
/// bytes behind the value.
public final class Zipmaps {
  private static final int END = 0xff;
  private static final int WIDE_LENGTH = 0xfe;

  private Zipmaps() {}

  /// Whether the `bytes` at `at`, which may come from anyone, are one zipmap. Never reads outside
  /// them.
  public static boolean validate(long at, long bytes) {
    if (bytes < 2 || bytes > Ziplists.MAX_BYTES) {
      return false;
    }
    long end = at + bytes - 1;
    if ((Memory.getByte(end) & 0xff) != END) {
      return false;
    }
    int count = 0;
    long pair = at + 1;
    while (pair < end) {
      long value = behindString(pair, end, 0);
      long next = value == 0 ? 0 : behindString(value, end, 1);
      if (next == 0) {
        return false;
      }
      pair = next;
      count++;
    }
    int claimed = Memory.getByte(at) & 0xff;
    return pair == end && (claimed >= WIDE_LENGTH || claimed == count);
  }

  /// A listpack with field, value, field, value of a valid zipmap.
  public static long toListpack(Listpacks listpacks, long zipmap) {
    long listpack = listpacks.create();
    try {
      long at = zipmap + 1;
      while ((Memory.getByte(at) & 0xff) != END) {
        int fieldLength = (int) length(at);
        at += lengthBytes(at);
        listpack = listpacks.append(listpack, at, fieldLength);
        at += fieldLength;
        int valueLength = (int) length(at);
        at += lengthBytes(at);
        int slack = Memory.getByte(at) & 0xff;
        listpack = listpacks.append(listpack, at + 1, valueLength);
        at += 1 + valueLength + slack;
      }
    } catch (HeapLimitException e) {
      listpacks.destroy(listpack);
      throw e;
    }
    return listpacks.trim(listpack);
  }

  /// The address behind a length, its string and, if `slackBytes` is 1, the slack; 0 if that is not
  /// before `end` or at it, or if there is no length.
  private static long behindString(long at, long end, int slackBytes) {
    if (at >= end || (Memory.getByte(at) & 0xff) == END) {
      return 0;
    }
    int lengthBytes = lengthBytes(at);
    if (end - at < lengthBytes + slackBytes) {
      return 0;
    }
    long slack = slackBytes == 0 ? 0 : Memory.getByte(at + lengthBytes) & 0xff;
    long behind = at + lengthBytes + slackBytes + length(at) + slack;
    return behind <= end ? behind : 0;
  }

  private static int lengthBytes(long at) {
    return (Memory.getByte(at) & 0xff) < WIDE_LENGTH ? 1 : 5;
  }

  private static long length(long at) {
    int length = Memory.getByte(at) & 0xff;
    return length < WIDE_LENGTH ? length : Integer.toUnsignedLong(Memory.getInt(at + 1));
  }
}
