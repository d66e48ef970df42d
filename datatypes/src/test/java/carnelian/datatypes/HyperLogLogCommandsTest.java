package carnelian.datatypes;

import static org.assertj.core.api.Assertions.assertThat;

import carnelian.harness.TestStore;
import carnelian.keyspace.ValueLimits;
import java.util.Objects;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class HyperLogLogCommandsTest {
  private static final String EMPTY_HEADER = "HYLL\u0001" + "\0".repeat(11);
  private static final String CORRUPTED = "-INVALIDOBJ Corrupted HLL object detected";

  private static TestStore store() {
    return TestStore.with(
        HyperLogLogCommands.all(),
        HyperLogLogDebugCommands.all(),
        StringCommands.all(),
        SetCommands.all());
  }

  @Test
  void pfadd_ofNothing_makesAnEmptyOne() {
    try (TestStore store = store()) {
      assertThat(store.run("PFADD", "h")).isEqualTo(1L);
      assertThat(store.run("GET", "h"))
          .isEqualTo("HYLL\u0001" + "\0".repeat(10) + "\u0080\u007f\u00ff");
      assertThat(store.run("PFADD", "h")).isEqualTo(0L);
      assertThat(store.propagated()).containsExactly("SELECT 0", "PFADD h");
      assertThat(store.events()).containsExactly("pfadd h@0");
    }
  }

  /// The bytes are those that redis-server 7.0.15 makes of the same command.
  @Test
  void pfadd_makesRedisBytes() {
    try (TestStore store = store()) {
      assertThat(store.run("PFADD", "h", "a", "b", "c")).isEqualTo(1L);
      assertThat(store.run("PFDEBUG", "DECODE", "h"))
          .isEqualTo("Z:8436 v:1,1 Z:4274 v:2,1 Z:3068 v:1,1 Z:603");
      assertThat(store.run("PFCOUNT", "h")).isEqualTo(3L);
    }
  }

  @Test
  void pfcount_keepsTheEstimate_andPropagatesThat() {
    try (TestStore store = store()) {
      store.run("PFADD", "h", "a", "b", "c", "d");
      store.propagated();
      store.events();
      assertThat(store.run("PFCOUNT", "h")).isEqualTo(4L);
      assertThat(store.propagated()).containsExactly("PFCOUNT h");
      assertThat(store.events()).isEmpty();
      assertThat(store.run("PFCOUNT", "h")).isEqualTo(4L);
      assertThat(store.propagated()).isEmpty();
    }
  }

  @Test
  void estimates_areWithinRedisError_sparseAndDense() {
    try (TestStore store = store()) {
      SplittableRandom random = new SplittableRandom(5);
      int added = 0;
      for (int target : new int[] {10, 100, 1000, 10_000, 60_000}) {
        while (added < target) {
          store.run("PFADD", "h", "element:" + added + ":" + random.nextInt());
          added++;
        }
        long estimate = (long) Objects.requireNonNull(store.run("PFCOUNT", "h"));
        assertThat(Math.abs(estimate - target)).isLessThanOrEqualTo(target / 20 + 1);
      }
      assertThat(store.run("PFDEBUG", "ENCODING", "h")).isEqualTo("dense");
      assertThat(store.run("PFSELFTEST")).isEqualTo("OK");
    }
  }

  @Test
  void sparseAndDense_ofTheSameElements_haveTheSameRegisters() {
    try (TestStore store = store()) {
      for (int i = 0; i < 300; i++) {
        store.run("PFADD", "sparse", "e" + i);
        store.run("PFADD", "dense", "e" + i);
        if (i == 0) {
          assertThat(store.run("PFDEBUG", "TODENSE", "dense")).isEqualTo(1L);
        }
      }
      assertThat(store.run("PFDEBUG", "ENCODING", "sparse")).isEqualTo("sparse");
      assertThat(store.run("PFCOUNT", "sparse")).isEqualTo(store.run("PFCOUNT", "dense"));
      assertThat(store.run("PFDEBUG", "GETREG", "sparse"))
          .isEqualTo(store.run("PFDEBUG", "GETREG", "dense"));
    }
  }

  @Test
  void sparse_beyondItsLimit_becomesDense() {
    try (TestStore store = store()) {
      ValueLimits d = ValueLimits.DEFAULT;
      store
          .keyspace()
          .limits(
              new ValueLimits(
                  d.hashMaxListpackEntries(),
                  d.hashMaxListpackValue(),
                  d.listMaxListpackSize(),
                  d.listCompressDepth(),
                  d.setMaxIntsetEntries(),
                  d.setMaxListpackEntries(),
                  d.setMaxListpackValue(),
                  d.zsetMaxListpackEntries(),
                  d.zsetMaxListpackValue(),
                  d.streamNodeMaxBytes(),
                  d.streamNodeMaxEntries(),
                  22,
                  d.protoMaxBulkLength()));
      store.run("PFADD", "h", "a");
      assertThat(store.run("PFDEBUG", "ENCODING", "h")).isEqualTo("sparse");
      store.run("PFADD", "h", "b");
      assertThat(store.run("PFDEBUG", "ENCODING", "h")).isEqualTo("dense");
      assertThat(store.run("STRLEN", "h")).isEqualTo(12304L);
      assertThat(store.run("PFCOUNT", "h")).isEqualTo(2L);
    }
  }

  @Test
  void pfmerge_isAsThoughAllHadBeenAddedToOne() {
    try (TestStore store = store()) {
      for (int i = 0; i < 500; i++) {
        store.run("PFADD", i % 2 == 0 ? "even" : "odd", "e" + i);
        store.run("PFADD", "all", "e" + i);
      }
      assertThat(store.run("PFMERGE", "merged", "even", "odd", "nokey")).isEqualTo("OK");
      assertThat(store.run("PFDEBUG", "GETREG", "merged"))
          .isEqualTo(store.run("PFDEBUG", "GETREG", "all"));
      assertThat(store.run("PFCOUNT", "even", "odd")).isEqualTo(store.run("PFCOUNT", "all"));
    }
  }

  @Test
  void strings_thatAreNone_areRefused() {
    try (TestStore store = store()) {
      String notOne = "-WRONGTYPE Key is not a valid HyperLogLog string value.";
      for (String value :
          new String[] {
            "", "12", "HYLL", "HYLL\u0002" + "\0".repeat(20), "HYLL" + "\0".repeat(99)
          }) {
        store.run("SET", "h", value);
        assertThat(store.run("PFADD", "h", "x")).as(value).hasToString(notOne);
        assertThat(store.run("PFCOUNT", "h")).as(value).hasToString(notOne);
        assertThat(store.run("PFMERGE", "d", "h")).as(value).hasToString(notOne);
      }
      store.run("SADD", "set", "x");
      assertThat(store.run("PFCOUNT", "set", "set"))
          .hasToString("-WRONGTYPE Operation against a key holding the wrong kind of value");
    }
  }

  @Test
  void runs_thatDoNotMakeAllRegisters_areCorrupted() {
    try (TestStore store = store()) {
      for (String runs : new String[] {"", "\u007f", "\u007f\u00fe", "\u007f\u00ff\0", "@"}) {
        store.run("SET", "h", EMPTY_HEADER + runs);
        assertThat(store.run("PFCOUNT", "h", "h")).as(runs).hasToString(CORRUPTED);
        assertThat(store.run("PFMERGE", "d", "h")).as(runs).hasToString(CORRUPTED);
        assertThat(store.run("PFDEBUG", "TODENSE", "h")).as(runs).hasToString(CORRUPTED);
      }
    }
  }

  @Test
  void anyBytes_neverBreakAnything() {
    long seed = 99;
    SplittableRandom random = new SplittableRandom(seed);
    try (TestStore store = store()) {
      for (int round = 0; round < 400; round++) {
        byte[] runs = new byte[random.nextInt(60)];
        random.nextBytes(runs);
        byte[] value = new byte[16 + runs.length];
        System.arraycopy(
            EMPTY_HEADER.getBytes(java.nio.charset.StandardCharsets.ISO_8859_1), 0, value, 0, 16);
        System.arraycopy(runs, 0, value, 16, runs.length);
        store.run("SET", "h", value);
        store.run("PFCOUNT", "h", "h");
        store.run("PFDEBUG", "DECODE", "h");
        store.run("PFADD", "h", "a" + round, "b" + round, "c");
        store.run("PFMERGE", "h", "h");
        store.run("PFDEBUG", "GETREG", "h");
      }
    }
  }
}
