package carnelian.persistence.rdb;

import static org.assertj.core.api.Assertions.assertThat;

import carnelian.base.RandomSource;
import carnelian.memory.NativeBuffer;
import carnelian.memory.Slice;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LzfTest {
  private final Bytes input = new Bytes();
  private final LzfEncoder encoder = new LzfEncoder();

  @AfterEach
  void close() {
    input.close();
    encoder.close();
  }

  // Blocks that redis-server 7.0.15 made (DUMP).
  @Test
  void decompress_readsWhatRedisWrote() {
    assertThat(decompress(Bytes.hex("016161e0570001 6161"), 100)).isEqualTo("a".repeat(100));
    assertThat(decompress(Bytes.hex("0668656c6c6f2068e0080504776f726c64"), 29))
        .isEqualTo("hello hello hello hello world");
  }

  @ParameterizedTest
  @CsvSource({
    "05616263, 6, literals cut off",
    "0061e0, 10, match cut off",
    "0061e000, 10, distance cut off",
    "00612001, 4, match before the start",
    "2000, 3, match of nothing",
    "0061, 2, too short",
    "016161, 1, too long",
    "0061e0ff00, 100, match beyond the end"
  })
  void decompress_ofBrokenTokens_refuses(String hex, int length, String why) {
    assertThat(decompress(Bytes.hex(hex), length)).as(why).isNull();
  }

  @ParameterizedTest
  @ValueSource(ints = {17, 21, 100, 4000, 65_535, 65_536, 65_537, 65_551, 65_552, 200_000})
  void compress_thenDecompress_isTheSame(int length) {
    RandomSource random = RandomSource.seeded(length);
    for (int kind = 1; kind <= 8; kind++) {
      byte[] bytes = compressible(random, length, kind);
      Slice slice = input.of(bytes);
      try (NativeBuffer block = new NativeBuffer(16)) {
        assertThat(encoder.compress(slice.at, length, block, 2 * length)).isTrue();
        assertThat(Lzf.isPlausible(block.length(), length)).isTrue();
        String back = decompress(block.toBytes(), length);
        assertThat(back).isNotNull();
        assertThat(Bytes.latin1(String.valueOf(back))).isEqualTo(bytes);
      }
    }
  }

  @Test
  void compress_thatDoesNotPay_leavesTheBufferAsItWas() {
    byte[] bytes = compressible(RandomSource.seeded(5), 70_000, 255);
    Slice slice = input.of(bytes);
    try (NativeBuffer block = new NativeBuffer(16)) {
      block.putByte('x');
      assertThat(encoder.compress(slice.at, slice.length, block, slice.length - 4)).isFalse();
      assertThat(block.toBytes()).containsExactly('x');
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void decompress_ofMutants_staysInsideItsBounds(long seed) {
    RandomSource random = RandomSource.seeded(seed);
    byte[] bytes = compressible(random, 300, 3);
    Slice slice = input.of(bytes);
    byte[] block;
    try (NativeBuffer buffer = new NativeBuffer(16)) {
      assertThat(encoder.compress(slice.at, slice.length, buffer, 300)).isTrue();
      block = buffer.toBytes();
    }
    for (int round = 0; round < 10_000; round++) {
      byte[] mutant = block.clone();
      for (int i = 1 + random.nextInt(3); i > 0; i--) {
        mutant[random.nextInt(mutant.length)] = (byte) random.nextLong();
      }
      // Checked memory throws if it steps outside.
      decompress(mutant, 280 + random.nextInt(40));
    }
  }

  @Test
  void isPlausible_ofMoreThanTokensCanGive_doesNotHold() {
    assertThat(Lzf.isPlausible(9, 100)).isTrue();
    assertThat(Lzf.isPlausible(9, 1_000_000)).isFalse();
    assertThat(Lzf.isPlausible(0, 1 << 30)).isFalse();
  }

  private @Nullable String decompress(byte[] block, int length) {
    Slice slice = input.of(block);
    try (NativeBuffer out = new NativeBuffer(length)) {
      long to = out.reserve(length);
      return Lzf.decompress(slice.at, slice.length, to, length)
          ? new Slice(to, length).toString()
          : null;
    }
  }

  private static byte[] compressible(RandomSource random, int length, int letters) {
    byte[] bytes = new byte[length];
    for (int i = 0; i < length; i++) {
      boolean repeat = i > 20 && random.nextInt(10) != 0 && letters < 9;
      bytes[i] =
          repeat ? bytes[i - 1 - random.nextInt(2 * letters)] : (byte) random.nextInt(letters);
    }
    return bytes;
  }
}
