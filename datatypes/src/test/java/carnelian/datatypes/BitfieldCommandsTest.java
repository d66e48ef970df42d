package carnelian.datatypes;

import static org.assertj.core.api.Assertions.assertThat;

import carnelian.harness.TestStore;
import java.math.BigInteger;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class BitfieldCommandsTest {
  private static TestStore store() {
    return TestStore.with(BitfieldCommands.all(), StringCommands.all());
  }

  @Test
  void bitfield_setsIncrementsAndReads() {
    try (TestStore store = store()) {
      assertThat(store.run("BITFIELD", "k", "SET", "u8", 0, 255, "GET", "i8", 0, "GET", "u4", 4))
          .isEqualTo(List.of(0L, -1L, 15L));
      assertThat(store.run("BITFIELD", "k", "INCRBY", "u8", "#1", 100, "GET", "u16", 0))
          .isEqualTo(List.of(100L, 65380L));
      assertThat(store.events()).containsExactly("setbit k@0", "setbit k@0");
    }
  }

  @Test
  void bitfield_overflow_wrapsSaturatesOrFails() {
    try (TestStore store = store()) {
      assertThat(
              store.run(
                  "BITFIELD",
                  "k",
                  "SET",
                  "i8",
                  0,
                  127,
                  "INCRBY",
                  "i8",
                  0,
                  1,
                  "OVERFLOW",
                  "SAT",
                  "SET",
                  "u8",
                  0,
                  300,
                  "GET",
                  "u8",
                  0,
                  "OVERFLOW",
                  "FAIL",
                  "INCRBY",
                  "u8",
                  0,
                  1))
          .isEqualTo(Arrays.asList(0L, -128L, 128L, 255L, null));
    }
  }

  @Test
  void bitfield_whenNothingFits_propagatesThatTheStringHasGrown() {
    try (TestStore store = store()) {
      assertThat(store.run("BITFIELD", "k", "OVERFLOW", "FAIL", "SET", "u2", 102, 4))
          .isEqualTo(Arrays.asList((Object) null));
      assertThat(store.run("STRLEN", "k")).isEqualTo(13L);
      assertThat(store.propagated())
          .containsExactly("SELECT 0", "BITFIELD k OVERFLOW FAIL SET u2 102 4");
    }
  }

  @Test
  void bitfield_mistakes_areFoundBeforeAnythingIsDone() {
    try (TestStore store = store()) {
      assertThat(store.run("BITFIELD", "k", "SET", "u8", 0, 1, "GET", "u64", 0))
          .hasToString(
              "-ERR Invalid bitfield type. Use something like i16 u8. Note that u64 is not"
                  + " supported but i64 is.");
      assertThat(store.run("BITFIELD", "k", "SET", "u8", 0, 1, "OVERFLOW", "MAYBE"))
          .hasToString("-ERR Invalid OVERFLOW type specified");
      assertThat(store.run("BITFIELD", "k", "SET", "u8", 0)).hasToString("-ERR syntax error");
      assertThat(store.run("BITFIELD", "k", "GET", "u8", "#2305843009213693952"))
          .hasToString("-ERR bit offset is not an integer or out of range");
      assertThat(store.run("BITFIELD_RO", "k", "SET", "u8", 0, 1))
          .hasToString("-ERR BITFIELD_RO only supports the GET subcommand");
      assertThat(store.run("GET", "k")).isNull();
    }
  }

  @Test
  void bitfield_againstBigIntegers() {
    long seed = 7;
    SplittableRandom random = new SplittableRandom(seed);
    BigInteger model = BigInteger.ZERO; // 100 bytes, the first bit the most significant.
    int length = 800;
    try (TestStore store = store()) {
      store.run("SETRANGE", "k", 99, "\0");
      for (int i = 0; i < 2000; i++) {
        boolean signed = random.nextBoolean();
        int bits = 1 + random.nextInt(signed ? 64 : 63);
        int offset = random.nextInt(length - bits + 1);
        long value = random.nextLong() >> random.nextInt(64);
        int shift = length - offset - bits;
        BigInteger mask = BigInteger.ONE.shiftLeft(bits).subtract(BigInteger.ONE);
        BigInteger old = model.shiftRight(shift).and(mask);
        if (signed && old.testBit(bits - 1)) {
          old = old.subtract(BigInteger.ONE.shiftLeft(bits));
        }
        String type = (signed ? "i" : "u") + bits;
        assertThat(store.run("BITFIELD", "k", "SET", type, offset, value))
            .as("seed %d step %d: %s at %d", seed, i, type, offset)
            .isEqualTo(List.of(old.longValue()));
        model = model.andNot(mask.shiftLeft(shift));
        model = model.or(BigInteger.valueOf(value).and(mask).shiftLeft(shift));
      }
    }
  }
}
