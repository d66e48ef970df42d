package carnelian.datatypes;

import static org.assertj.core.api.Assertions.assertThat;

import carnelian.harness.TestStore;
import java.util.BitSet;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class BitCommandsTest {
  private static TestStore store() {
    return TestStore.with(BitCommands.all(), StringCommands.all(), ListCommands.all());
  }

  @Test
  void setbit_onMissingKey_growsZeros() {
    try (TestStore store = store()) {
      assertThat(store.run("SETBIT", "k", 17, 1)).isEqualTo(0L);
      assertThat(store.run("GET", "k")).isEqualTo("\0\0@");
      assertThat(store.run("GETBIT", "k", 17)).isEqualTo(1L);
      assertThat(store.run("GETBIT", "k", 16)).isEqualTo(0L);
      assertThat(store.run("GETBIT", "k", 1000)).isEqualTo(0L);
    }
  }

  @Test
  void setbit_thatChangesNothing_isNotPropagated() {
    try (TestStore store = store()) {
      store.run("SETBIT", "k", 3, 1);
      assertThat(store.propagated()).containsExactly("SELECT 0", "SETBIT k 3 1");
      assertThat(store.events()).containsExactly("setbit k@0");

      assertThat(store.run("SETBIT", "k", 3, 1)).isEqualTo(1L);
      assertThat(store.propagated()).isEmpty();
      assertThat(store.events()).isEmpty();
    }
  }

  @Test
  void setbit_thatOnlyGrows_isPropagated() {
    try (TestStore store = store()) {
      store.run("SET", "k", "1");
      store.propagated();
      assertThat(store.run("SETBIT", "k", 100, 0)).isEqualTo(0L);
      assertThat(store.propagated()).containsExactly("SETBIT k 100 0");
      assertThat(store.run("STRLEN", "k")).isEqualTo(13L);
    }
  }

  @Test
  void setbit_beyondTheLimit_isRefused() {
    try (TestStore store = store()) {
      String refused = "-ERR bit offset is not an integer or out of range";
      assertThat(store.run("SETBIT", "k", 1L << 32, 1)).hasToString(refused);
      assertThat(store.run("SETBIT", "k", -1, 1)).hasToString(refused);
      assertThat(store.run("SETBIT", "k", Long.MAX_VALUE, 1)).hasToString(refused);
      assertThat(store.run("GETBIT", "k", "x")).hasToString(refused);
      assertThat(store.run("SETBIT", "k", 1, 2))
          .hasToString("-ERR bit is not an integer or out of range");
    }
  }

  @Test
  void bitcount_ofRanges_countsBytesOrBits() {
    try (TestStore store = store()) {
      store.run("SET", "k", "foobar");
      assertThat(store.run("BITCOUNT", "k")).isEqualTo(26L);
      assertThat(store.run("BITCOUNT", "k", 1, 1)).isEqualTo(6L);
      assertThat(store.run("BITCOUNT", "k", 5, 30, "BIT")).isEqualTo(17L);
      assertThat(store.run("BITCOUNT", "k", 0, -1, "BYTE")).isEqualTo(26L);
      assertThat(store.run("BITCOUNT", "k", -2, -5)).isEqualTo(0L);
      assertThat(store.run("BITCOUNT", "nokey", 0, 1, "FOO")).hasToString("-ERR syntax error");
      assertThat(store.run("BITCOUNT", "k", 0)).hasToString("-ERR syntax error");
    }
  }

  @Test
  void bitpos_ofClearBit_goesOnBehindTheEndUnlessAnEndIsGiven() {
    try (TestStore store = store()) {
      store.run("SET", "k", "\u00ff\u00ff");
      assertThat(store.run("BITPOS", "k", 0)).isEqualTo(16L);
      assertThat(store.run("BITPOS", "k", 0, 0)).isEqualTo(16L);
      assertThat(store.run("BITPOS", "k", 0, 0, -1)).isEqualTo(-1L);
      assertThat(store.run("BITPOS", "k", 1, 9, 15, "BIT")).isEqualTo(9L);
      assertThat(store.run("BITPOS", "nokey", 0)).isEqualTo(0L);
      assertThat(store.run("BITPOS", "nokey", 1)).isEqualTo(-1L);
    }
  }

  @Test
  void bitop_intoOneOfItsSources_seesItWhole() {
    try (TestStore store = store()) {
      store.run("SET", "a", "abcdefghij");
      store.run("SET", "b", "12345");
      assertThat(store.run("BITOP", "XOR", "a", "a", "b", "nokey")).isEqualTo(10L);
      assertThat(store.run("GET", "a")).isEqualTo("PPPPPfghij");
      assertThat(store.run("BITOP", "AND", "c", "a", "nokey")).isEqualTo(10L);
      assertThat(store.run("GET", "c")).isEqualTo("\0".repeat(10));
      assertThat(store.run("BITOP", "NOT", "c", "a", "b"))
          .hasToString("-ERR BITOP NOT must be called with a single source key.");
    }
  }

  @Test
  void bitop_ofNothing_deletesTheDestination() {
    try (TestStore store = store()) {
      store.run("RPUSH", "dest", "x");
      store.events();
      assertThat(store.run("BITOP", "OR", "dest", "nokey")).isEqualTo(0L);
      assertThat(store.events()).containsExactly("del dest@0");
      assertThat(store.run("RPUSH", "list", "x")).isEqualTo(1L);
      assertThat(store.run("BITOP", "OR", "dest", "list"))
          .hasToString("-WRONGTYPE Operation against a key holding the wrong kind of value");
    }
  }

  @Test
  void bits_againstBitSet() {
    long seed = 20_251_121;
    SplittableRandom random = new SplittableRandom(seed);
    try (TestStore store = store()) {
      for (int round = 0; round < 60; round++) {
        byte[] bytes = new byte[1 + random.nextInt(round % 3 == 0 ? 9000 : 60)];
        random.nextBytes(bytes);
        if (round % 4 == 1) {
          java.util.Arrays.fill(bytes, (byte) (round % 8 == 1 ? 0 : -1));
        }
        store.run("SET", "k", bytes);
        BitSet model = model(bytes);
        int length = bytes.length * 8;
        for (int i = 0; i < 30; i++) {
          int first = random.nextInt(length);
          int last = first + random.nextInt(length - first);
          long count = model.get(first, last + 1).cardinality();
          String what = "seed " + seed + " round " + round + " " + first + ".." + last;
          assertThat(store.run("BITCOUNT", "k", first, last, "BIT")).as(what).isEqualTo(count);
          long set = model.nextSetBit(first);
          long clear = model.nextClearBit(first);
          assertThat(store.run("BITPOS", "k", 1, first, last, "BIT"))
              .as(what)
              .isEqualTo(set < 0 || set > last ? -1 : set);
          assertThat(store.run("BITPOS", "k", 0, first, last, "BIT"))
              .as(what)
              .isEqualTo(clear > last ? -1 : clear);
        }
      }
    }
  }

  private static BitSet model(byte[] bytes) {
    BitSet bits = new BitSet();
    for (int i = 0; i < bytes.length * 8; i++) {
      bits.set(i, (bytes[i / 8] >> (7 - i % 8) & 1) == 1);
    }
    return bits;
  }
}
