package carnelian.persistence.rdb;

import static org.assertj.core.api.Assertions.assertThat;

import carnelian.base.RandomSource;
import carnelian.memory.Heap;
import carnelian.memory.HeapOptions;
import carnelian.memory.Slice;
import carnelian.structures.Listpacks;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ZipmapsTest {
  // With slack behind the values and a long field; redis-server 7.0.15 restores it as said below.
  private static final String ZIPMAP =
      "0303666f6f03036261720000000002033132000000fefe000000" + "6b".repeat(254) + "0003000000ff";

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
  void toListpack_hasFieldsAndValues() {
    assertThat(convert(Bytes.hex(ZIPMAP)))
        .containsExactly("foo", "bar", "", "12", "k".repeat(254), "");
  }

  @Test
  void manyPairs_needNoCount() {
    assertThat(convert(Bytes.hex("fe 0161 0100 62 ff"))).containsExactly("a", "b");
  }

  @ParameterizedTest
  @CsvSource({
    "'', nothing",
    "00, no end",
    "0100ff, field without value",
    "01016101ff, value cut off",
    "020161010062ff, wrong count",
    "01016101 0062, no end",
    "0101610105 62ff, slack over the end",
    "01fe61010062ff, length cut off",
    "01feffffffff 61ff, length beyond everything",
    "01 0161 ff0062 ff, no length"
  })
  void brokenBytes_areRefused(String hex, String why) {
    Slice slice = input.ofHex(hex);
    assertThat(Zipmaps.validate(slice.at, slice.length)).as(why).isFalse();
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void mutants_areRefusedOrConvertWithinBounds(long seed) {
    RandomSource random = RandomSource.seeded(seed);
    for (int round = 0; round < 5000; round++) {
      byte[] mutant = Bytes.hex(ZIPMAP);
      for (int i = 1 + random.nextInt(2); i > 0; i--) {
        mutant[random.nextInt(random.nextInt(2) == 0 ? 30 : mutant.length)] =
            (byte) random.nextLong();
      }
      Slice slice = input.of(mutant);
      if (Zipmaps.validate(slice.at, slice.length)) {
        assertThat(convert(mutant)).as("seed " + seed).hasSizeLessThan(mutant.length);
      }
    }
  }

  private List<String> convert(byte[] zipmap) {
    Slice slice = input.of(zipmap);
    assertThat(Zipmaps.validate(slice.at, slice.length)).isTrue();
    long listpack = Zipmaps.toListpack(listpacks, slice.at);
    List<String> values = ZiplistsTest.valuesOf(listpack);
    listpacks.destroy(listpack);
    return values;
  }
}
