package carnelian.structures;

import static org.assertj.core.api.Assertions.assertThat;

import carnelian.base.RandomSource;
import carnelian.memory.NativeBuffer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class SipHashTest {
  /// The plain form of the paper (Aumasson, Bernstein), with any number of rounds.
  private static long reference(int c, int d, long key0, long key1, byte[] bytes) {
    long[] v = {
      key0 ^ 0x736f6d6570736575L,
      key1 ^ 0x646f72616e646f6dL,
      key0 ^ 0x6c7967656e657261L,
      key1 ^ 0x7465646279746573L
    };
    byte[] padded = Arrays.copyOf(bytes, bytes.length / 8 * 8 + 8);
    padded[padded.length - 1] = (byte) bytes.length;
    ByteBuffer words = ByteBuffer.wrap(padded).order(ByteOrder.LITTLE_ENDIAN);
    while (words.hasRemaining()) {
      long m = words.getLong();
      v[3] ^= m;
      rounds(v, c);
      v[0] ^= m;
    }
    v[2] ^= 0xff;
    rounds(v, d);
    return v[0] ^ v[1] ^ v[2] ^ v[3];
  }

  private static void rounds(long[] v, int rounds) {
    for (int i = 0; i < rounds; i++) {
      v[0] += v[1];
      v[1] = Long.rotateLeft(v[1], 13) ^ v[0];
      v[0] = Long.rotateLeft(v[0], 32);
      v[2] += v[3];
      v[3] = Long.rotateLeft(v[3], 16) ^ v[2];
      v[0] += v[3];
      v[3] = Long.rotateLeft(v[3], 21) ^ v[0];
      v[2] += v[1];
      v[1] = Long.rotateLeft(v[1], 17) ^ v[2];
      v[2] = Long.rotateLeft(v[2], 32);
    }
  }

  @Test
  void reference_with24Rounds_givesThePapersExample() {
    byte[] bytes = new byte[15];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) i;
    }
    assertThat(reference(2, 4, 0x0706050403020100L, 0x0f0e0d0c0b0a0908L, bytes))
        .isEqualTo(0xa129ca6149be45e5L);
  }

  @Test
  void hash_ofAllLengths_isSipHash12() {
    RandomSource random = RandomSource.seeded(1);
    try (NativeBuffer buffer = new NativeBuffer(16)) {
      for (int length = 0; length < 300; length++) {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
          bytes[i] = (byte) random.nextInt(256);
        }
        buffer.clear();
        buffer.put(bytes);
        long key0 = random.nextLong();
        long key1 = random.nextLong();
        assertThat(SipHash.hash(key0, key1, buffer.address(), length))
            .isEqualTo(reference(1, 2, key0, key1, bytes));
      }
    }
  }
}
