package carnelian.datatypes;

import carnelian.memory.Memory;

/// Reads and writes bits of bytes in memory, a word at a time. Bit 0 is the most significant bit of
/// the first byte. Stateless.
final class Bits {
  /// No string can be longer, and a field at its last bit still ends within an `int`.
  static final long MAX_BYTES = Integer.MAX_VALUE - 4096L;

  private static final int WORD_BITS = Long.SIZE;
  private static final int BYTE_BITS = Byte.SIZE;

  private Bits() {}

  /// Set bits from bit `first` to the one before `end`.
  static long count(long at, long first, long end) {
    long firstByte = first / BYTE_BITS;
    long endByte = end / BYTE_BITS;
    int before = (int) (first % BYTE_BITS);
    int after = (int) (end % BYTE_BITS);
    long count = countBytes(at + firstByte, endByte - firstByte);
    if (before > 0) {
      count -= Integer.bitCount(byteAt(at, firstByte) >>> (BYTE_BITS - before));
    }
    if (after > 0) {
      count += Integer.bitCount(byteAt(at, endByte) >>> (BYTE_BITS - after));
    }
    return count;
  }

  private static int byteAt(long at, long index) {
    return Memory.getByte(at + index) & 0xff;
  }

  /// Set bits of whole bytes; nothing if there are none.
  private static long countBytes(long at, long bytes) {
    long count = 0;
    long i = 0;
    for (; i + 4 * Long.BYTES <= bytes; i += 4 * Long.BYTES) {
      count +=
          Long.bitCount(Memory.getLong(at + i))
              + Long.bitCount(Memory.getLong(at + i + Long.BYTES))
              + Long.bitCount(Memory.getLong(at + i + 2 * Long.BYTES))
              + Long.bitCount(Memory.getLong(at + i + 3 * Long.BYTES));
    }
    for (; i + Long.BYTES <= bytes; i += Long.BYTES) {
      count += Long.bitCount(Memory.getLong(at + i));
    }
    for (; i < bytes; i++) {
      count += Integer.bitCount(byteAt(at, i));
    }
    return count;
  }

  /// The first bit from `first` to the one before `end` that is set, or clear; -1 if there is none.
  static long find(long at, long first, long end, boolean set) {
    int flip = set ? 0 : 0xff;
    long index = first / BYTE_BITS;
    long endByte = (end + BYTE_BITS - 1) / BYTE_BITS;
    int byteOfFirst = (byteAt(at, index) ^ flip) & (0xff >>> (first % BYTE_BITS));
    if (byteOfFirst == 0) {
      index = skipWords(at, index + 1, endByte, set ? 0 : -1L);
      while (index < endByte && (byteAt(at, index) ^ flip) == 0) {
        index++;
      }
      if (index >= endByte) {
        return -1;
      }
      byteOfFirst = byteAt(at, index) ^ flip;
    }
    long found =
        index * BYTE_BITS + Integer.numberOfLeadingZeros(byteOfFirst) - (Integer.SIZE - BYTE_BITS);
    return found < end ? found : -1;
  }

  /// Passes over words that are all `skipped`.
  private static long skipWords(long at, long from, long end, long skipped) {
    long index = from;
    while (index + Long.BYTES <= end && Memory.getLong(at + index) == skipped) {
      index += Long.BYTES;
    }
    return index;
  }

  /// The integer of `type` bits, unsigned if negative, at a bit offset; what lies behind the string
  /// is zeros.
  static long field(long at, int length, long offset, int type) {
    int bits = Math.abs(type);
    long index = offset / BYTE_BITS;
    int shift = (int) (offset % BYTE_BITS);
    long word = wordAt(at, length, index) << shift;
    if (shift + bits > WORD_BITS && index + Long.BYTES < length) {
      word |= byteAt(at, index + Long.BYTES) >>> (BYTE_BITS - shift);
    }
    return type < 0 ? word >>> (WORD_BITS - bits) : word >> (WORD_BITS - bits);
  }

  /// Eight bytes from an index on, the first one highest.
  private static long wordAt(long at, int length, long index) {
    if (index + Long.BYTES <= length) {
      return Long.reverseBytes(Memory.getLong(at + index));
    }
    long word = 0;
    for (int i = 0; i < Long.BYTES; i++) {
      word = word << BYTE_BITS | (index + i < length ? byteAt(at, index + i) : 0);
    }
    return word;
  }

  /// Writes the low `bits` bits of the value at a bit offset; the bytes are there.
  static void putField(long at, long offset, int bits, long value) {
    long left = bits;
    long position = offset;
    while (left > 0) {
      long index = position / BYTE_BITS;
      int shift = (int) (position % BYTE_BITS);
      int width = (int) Math.min(left, BYTE_BITS - shift);
      int below = BYTE_BITS - shift - width;
      int mask = (1 << width) - 1;
      int part = (int) (value >>> (left - width)) & mask;
      Memory.putByte(at + index, (byte) (byteAt(at, index) & ~(mask << below) | part << below));
      position += width;
      left -= width;
    }
  }
}
