package carnelian.persistence.rdb;

import static org.assertj.core.api.Assertions.assertThat;

import carnelian.base.RandomSource;
import carnelian.memory.Slice;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class Crc64Test {
  private final Bytes memory = new Bytes();

  @AfterEach
  void close() {
    memory.close();
  }

  @Test
  void knownInputs_giveRedisSums() {
    assertThat(ofArray("123456789")).isEqualTo(0xe9c6d914c4b8d9caL);
    assertThat(ofArray("")).isZero();
    assertThat(
            ofArray("This is a test of the emergency broadcast system, and so this too is a test."))
        .isEqualTo(
            bitwise(
                0,
                Bytes.latin1(
                    "This is a test of the emergency broadcast system, and so this too is a test.")));
    Slice slice = memory.ofText("123456789");
    assertThat(Crc64.update(0, slice.at, slice.length)).isEqualTo(0xe9c6d914c4b8d9caL);
  }

  @Test
  void anyLength_agreesWithTheBitwiseSum() {
    RandomSource random = RandomSource.seeded(1);
    for (int length : new int[] {0, 1, 7, 8, 9, 63, 1000, 8191, 8192, 8193, 16_384, 40_001}) {
      byte[] bytes = random(random, length);
      long start = random.nextLong();
      long expected = bitwise(start, bytes);
      Slice slice = memory.of(bytes);
      assertThat(Crc64.update(start, slice.at, length)).as("memory %d", length).isEqualTo(expected);
      assertThat(Crc64.update(start, bytes, 0, length)).as("array %d", length).isEqualTo(expected);
    }
  }

  @Test
  void pieces_giveTheSumOfTheWhole() {
    RandomSource random = RandomSource.seeded(2);
    for (int round = 0; round < 20; round++) {
      byte[] bytes = random(random, 1 + random.nextInt(30_000));
      int cut = random.nextInt(bytes.length + 1);
      long whole = Crc64.update(0, bytes, 0, bytes.length);
      long first = Crc64.update(0, bytes, 0, cut);
      assertThat(Crc64.update(first, bytes, cut, bytes.length - cut)).isEqualTo(whole);
      long second = Crc64.update(0, bytes, cut, bytes.length - cut);
      assertThat(Crc64.combine(first, second, bytes.length - cut)).isEqualTo(whole);
    }
  }

  private static long ofArray(String text) {
    byte[] bytes = Bytes.latin1(text);
    return Crc64.update(0, bytes, 0, bytes.length);
  }

  private static byte[] random(RandomSource random, int length) {
    byte[] bytes = new byte[length];
    for (int i = 0; i < length; i++) {
      bytes[i] = (byte) random.nextLong();
    }
    return bytes;
  }

  /// The definition: polynomial ad93d23594c935a9, bits of input and sum reflected.
  private static long bitwise(long start, byte[] bytes) {
    long crc = Long.reverse(start);
    for (byte b : bytes) {
      for (int bit = 0; bit < 8; bit++) {
        boolean top = (crc < 0) != ((b >>> bit & 1) != 0);
        crc = (crc << 1) ^ (top ? 0xad93d23594c935a9L : 0);
      }
    }
    return Long.reverse(crc);
  }
}
