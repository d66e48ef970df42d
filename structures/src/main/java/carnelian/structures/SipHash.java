package carnelian.structures;

import carnelian.memory.Memory;

/// SipHash-1-2 of bytes in memory: the hash that Redis gives its dictionaries, safe against clients
/// that choose keys to collide, as long as the key is secret.
final class SipHash {
  private SipHash() {}

  static long hash(long key0, long key1, long at, int length) {
    long v0 = key0 ^ 0x736f6d6570736575L;
    long v1 = key1 ^ 0x646f72616e646f6dL;
    long v2 = key0 ^ 0x6c7967656e657261L;
    long v3 = key1 ^ 0x7465646279746573L;
    long wordsEnd = at + (length & ~7);
    // The rounds are written out three times: as a method they would need four results.
    for (long word = at; word < wordsEnd; word += 8) {
      long m = Memory.getLong(word);
      v3 ^= m;
      v0 += v1;
      v2 += v3;
      v1 = Long.rotateLeft(v1, 13) ^ v0;
      v3 = Long.rotateLeft(v3, 16) ^ v2;
      v0 = Long.rotateLeft(v0, 32);
      v2 += v1;
      v0 += v3;
      v1 = Long.rotateLeft(v1, 17) ^ v2;
      v3 = Long.rotateLeft(v3, 21) ^ v0;
      v2 = Long.rotateLeft(v2, 32);
      v0 ^= m;
    }
    long last = ((long) length << 56) | tail(at, length, wordsEnd);
    v3 ^= last;
    v0 += v1;
    v2 += v3;
    v1 = Long.rotateLeft(v1, 13) ^ v0;
    v3 = Long.rotateLeft(v3, 16) ^ v2;
    v0 = Long.rotateLeft(v0, 32);
    v2 += v1;
    v0 += v3;
    v1 = Long.rotateLeft(v1, 17) ^ v2;
    v3 = Long.rotateLeft(v3, 21) ^ v0;
    v2 = Long.rotateLeft(v2, 32);
    v0 ^= last;
    v2 ^= 0xff;
    for (int round = 0; round < 2; round++) {
      v0 += v1;
      v2 += v3;
      v1 = Long.rotateLeft(v1, 13) ^ v0;
      v3 = Long.rotateLeft(v3, 16) ^ v2;
      v0 = Long.rotateLeft(v0, 32);
      v2 += v1;
      v0 += v3;
      v1 = Long.rotateLeft(v1, 17) ^ v2;
      v3 = Long.rotateLeft(v3, 21) ^ v0;
      v2 = Long.rotateLeft(v2, 32);
    }
    return v0 ^ v1 ^ v2 ^ v3;
  }

  /// The last `length & 7` bytes as a little-endian number.
  private static long tail(long at, int length, long wordsEnd) {
    int bytes = length & 7;
    if (bytes == 0) {
      return 0;
    }
    if (length >= 8) {
      // One load that overlaps the word before.
      return Memory.getLong(at + length - 8) >>> ((8 - bytes) << 3);
    }
    long tail = 0;
    int shift = 0;
    long byteAt = wordsEnd;
    if ((bytes & 4) != 0) {
      tail = Memory.getInt(byteAt) & 0xffff_ffffL;
      byteAt += 4;
      shift = 32;
    }
    if ((bytes & 2) != 0) {
      tail |= (Memory.getShort(byteAt) & 0xffffL) << shift;
      byteAt += 2;
      shift += 16;
    }
    if ((bytes & 1) != 0) {
      tail |= (Memory.getByte(byteAt) & 0xffL) << shift;
    }
    return tail;
  }
}
