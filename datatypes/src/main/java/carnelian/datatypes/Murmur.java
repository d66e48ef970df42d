package carnelian.datatypes;

import carnelian.memory.Memory;

/// MurmurHash64A, the hash of HyperLogLog: part of its format, since registers made with another
/// one cannot be merged.
final class Murmur {
  private static final long MULTIPLIER = 0xc6a4a7935bd1e995L;
  private static final int SHIFT = 47;

  private Murmur() {}

  static long hash(long at, int length, int seed) {
    long hash = Integer.toUnsignedLong(seed) ^ length * MULTIPLIER;
    int words = length & -Long.BYTES;
    for (int i = 0; i < words; i += Long.BYTES) {
      hash = (hash ^ mixed(Memory.getLong(at + i))) * MULTIPLIER;
    }
    if (words < length) {
      long rest = 0;
      for (int i = length - 1; i >= words; i--) {
        rest = rest << Byte.SIZE | Memory.getByte(at + i) & 0xff;
      }
      hash = (hash ^ rest) * MULTIPLIER;
    }
    hash = (hash ^ hash >>> SHIFT) * MULTIPLIER;
    return hash ^ hash >>> SHIFT;
  }

  private static long mixed(long word) {
    long mixed = word * MULTIPLIER;
    return (mixed ^ mixed >>> SHIFT) * MULTIPLIER;
  }
}
