package carnelian.structures;

import static org.assertj.core.api.Assertions.assertThat;

import carnelian.base.RandomSource;
import carnelian.memory.Heap;
import carnelian.memory.HeapOptions;
import carnelian.memory.Memory;
import java.util.HexFormat;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ListpackValidationTest {
  // Strings, integers of every width, and lengths of every form.
  private static final String VALID =
      "950000000b00 8001 816102 822d3003 c08002 f1001003 f200800004 f30000800005"
          + "f4000000800000000009 7f01 e040"
          + "79".repeat(64)
          + "42 f01e000000"
          + "7a".repeat(30)
          + "23 ff";

  private final Heap heap = new Heap(HeapOptions.defaults());
  private final Outside outside = new Outside();
  private final Element element = new Element();

  @AfterEach
  void everythingIsFreed() {
    outside.close();
    assertThat(heap.stats().usedBytes()).isZero();
    heap.close();
  }

  @Test
  void validBytes_areAccepted() {
    assertThat(isValid(bytes(VALID), true)).isTrue();
    assertThat(isValid(bytes("070000000000ff"), true)).isTrue();
    // An unknown count may stand for any.
    assertThat(isValid(bytes("090000 00ffff 0101 ff"), true)).isTrue();
  }

  @ParameterizedTest
  @CsvSource({
    "'', nothing",
    "0700000000ff, no room for the header",
    "080000000000ff, longer than there is",
    "060000000000ff, shorter than there is",
    "ffffffff0000ff, far too long",
    "07000000000000, no end",
    "070000000100ff, count without elements",
    "0900000000000101ff, elements without count",
    "0900000002000101ff, wrong count",
    "0900000001000102ff, wrong back length",
    "0900000001000181ff, back length that goes on",
    "090000000100f501ff, no such encoding",
    "090000000100ff01ff, end before the end",
    "0900000001008201ff, string over the end",
    "08000000010081ff, element without back length",
    "080000000100e0ff, length cut off",
    "080000000100f0ff, length cut off",
    "0d0000000100f0ffffffff01ff, length beyond everything",
    "0d0000000100f0fffffff001ff, length negative as an int",
    "090000000100f401ff, integer cut off",
    "0a000000010001 8101 ff, back length in too many bytes"
  })
  void brokenBytes_areRefused(String hex, String why) {
    assertThat(isValid(bytes(hex.replace(" ", "")), true)).as(why).isFalse();
  }

  @Test
  void shallow_looksAtTheEndsOnly() {
    assertThat(isValid(bytes("0900000001000102ff"), false)).isTrue();
    assertThat(isValid(bytes("090000000100010200"), false)).isFalse();
  }

  @ParameterizedTest
  @ValueSource(longs = {11, 12, 13})
  void mutations_areRefusedOrReadWithinBounds(long seed) {
    RandomSource random = RandomSource.seeded(seed);
    byte[] valid = bytes(VALID);
    int accepted = 0;
    for (int round = 0; round < 20_000; round++) {
      byte[] mutant = valid.clone();
      for (int i = 1 + random.nextInt(3); i > 0; i--) {
        mutant[random.nextInt(mutant.length)] = (byte) random.nextLong();
      }
      accepted += isReadableIfValid(mutant) ? 1 : 0;
    }
    // Changes inside strings and integers are no damage.
    assertThat(accepted).as("seed " + seed).isPositive();
  }

  /// The bytes fill an allocation of their own, so that checked memory sees a step beyond.
  private boolean isReadableIfValid(byte[] bytes) {
    long at = heap.allocate(bytes.length);
    try {
      Memory.copyIn(bytes, 0, at, bytes.length);
      if (!Listpacks.validate(at, bytes.length, true)) {
        return false;
      }
      int read = 0;
      for (long spot = Listpacks.first(at); spot != 0; spot = Listpacks.next(spot)) {
        read += Listpacks.get(spot, element).toBytes().length;
      }
      assertThat(read).isLessThan(20 * bytes.length);
      for (long spot = Listpacks.last(at); spot != 0; spot = Listpacks.previous(at, spot)) {
        Listpacks.get(spot, element);
      }
      return true;
    } finally {
      heap.free(at);
    }
  }

  private boolean isValid(byte[] bytes, boolean deep) {
    long at = heap.allocate(Math.max(1, bytes.length));
    try {
      Memory.copyIn(bytes, 0, at, bytes.length);
      return Listpacks.validate(at, bytes.length, deep);
    } finally {
      heap.free(at);
    }
  }

  private static byte[] bytes(String hex) {
    return HexFormat.of().parseHex(hex.replace(" ", ""));
  }
}
