package carnelian.persistence.rdb;

import static org.assertj.core.api.Assertions.assertThat;

import carnelian.base.RandomSource;
import carnelian.memory.Heap;
import carnelian.memory.HeapOptions;
import carnelian.memory.Slice;
import carnelian.structures.Element;
import carnelian.structures.Listpacks;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ZiplistsTest {
  // Every encoding; redis-server 7.0.15 restores it to the values below.
  private static final String MIXED =
      "ea000000e4000000160000f102fd02fe0d03feff03fe7f03fe8003c0800004c0008004c0ff7f04f0"
          + "00800005f000008005f0ffff7f05d00000800006d00000008006d0ffffff7f06e000000080000000"
          + "000ae000000000000000800a00020161033f"
          + "78".repeat(63)
          + "414040"
          + "79".repeat(64)
          + "4303303037ff";

  private static final List<String> MIXED_VALUES =
      List.of(
          "0",
          "12",
          "13",
          "-1",
          "127",
          "-128",
          "128",
          "-32768",
          "32767",
          "32768",
          "-8388608",
          "8388607",
          "8388608",
          "-2147483648",
          "2147483647",
          "2147483648",
          "-9223372036854775808",
          "",
          "a",
          "x".repeat(63),
          "y".repeat(64),
          "007");

  private final Heap heap = new Heap(HeapOptions.defaults());
  private final Listpacks listpacks = new Listpacks(heap);
  private final Bytes input = new Bytes();

  @AfterEach
  void everythingIsFreed() {
    input.close();
    assertThat(heap.usedBytes()).isZero();
    heap.close();
  }

  @Test
  void toListpack_hasTheSameElements() {
    assertThat(convert(Bytes.hex(MIXED))).isEqualTo(MIXED_VALUES);
    assertThat(Ziplists.count(input.ofHex(MIXED).at)).isEqualTo(22);
  }

  @Test
  void wideElements_areRead() {
    // 254 bytes need five bytes of predecessor, 16,384 the four-byte length; the count is unknown.
    byte[] ziplist =
        Bytes.hex(
            "1d41000015410000ffff 0040fe"
                + "70".repeat(254)
                + "fe01010000 8000004000"
                + "71".repeat(16_384)
                + "fe0a400000 0172 ff");
    assertThat(convert(ziplist)).containsExactly("p".repeat(254), "q".repeat(16_384), "r");
    assertThat(Ziplists.count(input.of(ziplist).at)).isEqualTo(3);
  }

  @Test
  void emptyZiplist_isValid() {
    assertThat(convert(Bytes.hex("0b0000000a0000000000ff"))).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "'', nothing",
    "0b0000000a00000000, header cut off",
    "0c0000000a0000000000ff, longer than there is",
    "0b0000000b0000000000ff, tail elsewhere",
    "0b0000000a0000000100ff, count without element",
    "0b0000000a000000000000, no end",
    "0d0000000a000000010001f1ff, predecessor of the first",
    "0d0000000a000000010000feff, integer cut off",
    "0d0000000a00000001000001ff, string over the end",
    "0d0000000a000000010000c1ff, no such encoding",
    "0d0000000a00000001000040ff, length cut off",
    "110000000a000000010000 80ffffffff ff, length beyond everything",
    "0f0000000c000000020000f103f1ff, predecessor misstated",
    "0c0000000a000000010000ff, element without encoding",
    "0c0000000a0000000100feff, predecessor cut off"
  })
  void brokenBytes_areRefused(String hex, String why) {
    Slice slice = input.ofHex(hex);
    assertThat(Ziplists.validate(slice.at, slice.length)).as(why).isFalse();
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void mutants_areRefusedOrConvertWithinBounds(long seed) {
    RandomSource random = RandomSource.seeded(seed);
    for (int round = 0; round < 5000; round++) {
      byte[] mutant = Bytes.hex(MIXED);
      for (int i = 1 + random.nextInt(2); i > 0; i--) {
        mutant[random.nextInt(mutant.length)] = (byte) random.nextLong();
      }
      Slice slice = input.of(mutant);
      if (Ziplists.validate(slice.at, slice.length)) {
        assertThat(convert(mutant)).as("seed " + seed).hasSizeLessThan(mutant.length);
      }
    }
  }

  private List<String> convert(byte[] ziplist) {
    Slice slice = input.of(ziplist);
    assertThat(Ziplists.validate(slice.at, slice.length)).isTrue();
    long listpack = Ziplists.toListpack(listpacks, slice.at);
    assertThat(Listpacks.validate(listpack, Listpacks.bytes(listpack), true)).isTrue();
    List<String> values = valuesOf(listpack);
    listpacks.destroy(listpack);
    return values;
  }

  static List<String> valuesOf(long listpack) {
    Element element = new Element();
    List<String> values = new ArrayList<>();
    for (long at = Listpacks.first(listpack); at != 0; at = Listpacks.next(at)) {
      values.add(Listpacks.get(at, element).toString());
    }
    return values;
  }
}
