package carnelian.server;

import static org.assertj.core.api.Assertions.assertThat;

import carnelian.datatypes.DataTypes;
import carnelian.engine.diagnosis.Diagnosis;
import carnelian.engine.diagnosis.HotKeys;
import carnelian.engine.diagnosis.Tally;
import carnelian.harness.TestStore;
import carnelian.keyspace.Type;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// HOTKEYS, BIGKEYS, and what is known of keys.
class KeyDiagnosisTest {
  private static final long SEED = 7;

  private final TestStore store = TestStore.with(DataTypes.commands());
  private final Diagnosis diagnosis = new Diagnosis(store.engine());

  KeyDiagnosisTest() {
    store.and(diagnosis.commands());
  }

  @AfterEach
  void close() {
    store.run("FLUSHALL");
    store.close();
    diagnosis.close();
  }

  private static String key(HotKeys.HotKey hot) {
    return new String(hot.key(), StandardCharsets.UTF_8);
  }

  private String section(InfoSection section) {
    StringBuilder text = new StringBuilder();
    section.write((field, value) -> text.append(field).append(':').append(value).append('\n'));
    return text.toString();
  }

  private KeySections sections() {
    return new KeySections(diagnosis.hotKeys(), diagnosis.census());
  }

  // ---- Hot keys --------------------------------------------------------------------------------

  @Test
  void hotKeys_areFoundAmongOthers_withTheirShare() {
    Random random = new Random(SEED);
    for (int i = 0; i < 160_000; i++) {
      switch (random.nextInt(10)) {
        case 0, 1, 2 -> store.run("GET", "hot:read");
        case 3, 4 -> store.run("SET", "hot:write", "v");
        default -> store.run("GET", "key:" + random.nextInt(10_000));
      }
    }
    store.advance(10_000);

    List<HotKeys.HotKey> hottest = diagnosis.hotKeys().hottest(10);
    assertThat(hottest).as("seed " + SEED).hasSizeGreaterThanOrEqualTo(2);
    assertThat(key(hottest.getFirst())).isEqualTo("hot:read");
    assertThat(hottest.getFirst().percent()).isBetween(25.0, 35.0);
    assertThat(hottest.getFirst().writePercent()).isZero();
    assertThat(hottest.getFirst().callsPerSecond()).isBetween(3600.0, 6000.0);
    assertThat(key(hottest.get(1))).isEqualTo("hot:write");
    assertThat(hottest.get(1).writePercent()).isEqualTo(100);
    assertThat(diagnosis.hotKeys().samples()).isBetween(500L, 750L);
    assertThat(store.raw("HOTKEYS", "GET", "COUNT", "1"))
        .startsWith("*14\r\n$15\r\ntracking-active\r\n:1\r\n$12\r\nsample-ratio\r\n:256\r\n")
        .contains("$8\r\nby-calls\r\n*2\r\n$8\r\nhot:read\r\n:")
        .contains("$4\r\nkeys\r\n*1\r\n*10\r\n$3\r\nkey\r\n$8\r\nhot:read\r\n$2\r\ndb\r\n:0\r\n");
    List<InfoSection> keys = sections().keys();
    assertThat(section(keys.getFirst())).contains("hotkey_1:key=hot:read,db=0,calls_per_sec=");
  }

  @Test
  void hotKeys_coolDown_andCanBeForgotten() {
    for (int i = 0; i < 10_000; i++) {
      store.run("GET", "old");
    }
    long before = diagnosis.hotKeys().samples();
    for (int i = 0; i < 5; i++) {
      store.advance(TimeUnit.SECONDS.toMillis(31));
    }
    assertThat(diagnosis.hotKeys().samples()).isEqualTo(before >> 5);
    for (int i = 0; i < 10_000; i++) {
      store.run("GET", "new");
    }
    assertThat(key(diagnosis.hotKeys().hottest(1).getFirst())).isEqualTo("new");
    assertThat(store.run("HOTKEYS", "RESET")).isEqualTo("OK");
    assertThat(diagnosis.hotKeys().hottest(10)).isEmpty();
  }

  @Test
  void keysOfCommandsWithSeveral_andOfScripts_count() {
    for (int i = 0; i < 10_000; i++) {
      store.run("MGET", "a", "b");
      store.run("ZINTER", "2", "c", "d");
      store.run("ZINTER", "x", "c");
      store.run("PING");
    }
    assertThat(diagnosis.hotKeys().hottest(10).stream().map(KeyDiagnosisTest::key))
        .containsExactlyInAnyOrder("a", "b", "c", "d");
  }

  @Test
  void counts_areChecked() {
    assertThat(store.raw("HOTKEYS", "GET", "COUNT", "0"))
        .isEqualTo("-ERR COUNT must be positive\r\n");
    assertThat(store.raw("HOTKEYS", "GET", "COUNT")).isEqualTo("-ERR syntax error\r\n");
    assertThat(store.raw("BIGKEYS", "TOP", "1")).isEqualTo("-ERR syntax error\r\n");
    assertThat(store.raw("BIGKEYS", "COUNT", "x"))
        .isEqualTo("-ERR value is not an integer or out of range\r\n");
    assertThat(store.raw("HOTKEYS", "START"))
        .isEqualTo("-ERR unknown subcommand 'START'. Try HOTKEYS HELP.\r\n");
  }

  // ---- Big keys and sizes ----------------------------------------------------------------------

  @Test
  void fewKeys_areCountedWhenAskedFor() {
    store.run("SET", "s:1", "x".repeat(5000));
    store.run("SET", "s:2", "");
    store.run("SETRANGE", "s:3", "0", "");
    store.run("RPUSH", "list", "a", "b", "c");
    store.run("SADD", "set", "a");
    store.run("ZADD", "zset", "1", "a", "2", "b");
    store.run("HSET", "hash", "f", "v");
    store.run("XADD", "stream", "*", "f", "v");
    store.run("SET", "n", "12345");
    store.run("MOVE", "n", "3");

    assertThat(section(sections().sizes()))
        .contains("counted_keys:8\ncounted_perc:100.00\n")
        .contains("db0_distrib_strings_sizes:0=1,4K=1\n")
        .contains("db0_distrib_lists_items:2=1\n")
        .contains("db0_distrib_sets_items:1=1\n")
        .contains("db0_distrib_zsets_items:2=1\n")
        .contains("db0_distrib_hashes_items:1=1\n")
        .contains("db0_distrib_streams_items:1=1\n")
        .contains("db3_distrib_strings_sizes:4=1\n");
    assertThat(store.raw("BIGKEYS", "COUNT", "1"))
        .contains("$12\r\ncounted-keys\r\n:8\r\n")
        .contains("$3\r\nkey\r\n$3\r\ns:1\r\n$2\r\ndb\r\n:0\r\n$4\r\ntype\r\n$6\r\nstring\r\n");
  }

  /// Against a model, in slices of the virtual clock.
  @Test
  void manyKeys_areCountedInTheBackground_andAreWhatTheyAre() {
    Random random = new Random(SEED);
    TreeMap<Integer, Long> expected = new TreeMap<>();
    int largest = 0;
    for (int i = 0; i < 3000; i++) {
      int length = 1 << random.nextInt(10);
      largest = Math.max(largest, length);
      store.run("SET", "user:" + i, "x".repeat(length), "EX", "1000");
      expected.merge(64 - Long.numberOfLeadingZeros(length), 1L, Long::sum);
    }
    store.run("SET", "big", "x".repeat(100_000));
    for (int i = 0; i < 300 && !diagnosis.census().tally().isComplete(); i++) {
      store.advance(100);
    }
    store.advance(20_000);

    Tally tally = diagnosis.census().tally();
    assertThat(tally.isComplete()).isTrue();
    assertThat(tally.keys()).isEqualTo(3001);
    expected.forEach(
        (bit, count) ->
            assertThat(tally.count(0, Type.STRING, bit)).as("seed " + SEED).isEqualTo(count));
    assertThat(new String(tally.biggest(1).getFirst().key(), StandardCharsets.UTF_8))
        .isEqualTo("big");
    List<Tally.BigKey> biggest = tally.biggest(64);
    assertThat(biggest).hasSize(64);
    for (int i = 1; i < biggest.size(); i++) {
      assertThat(biggest.get(i).bytes()).isLessThanOrEqualTo(biggest.get(i - 1).bytes());
    }
    Tally.PrefixUse users =
        tally.prefixes(2).stream()
            .filter(use -> use.prefix().length == 5)
            .findFirst()
            .orElseThrow();
    assertThat(users.keys()).isEqualTo(3000);
    assertThat(users.withoutDeadline()).isZero();
    assertThat(users.bytes()).isBetween(3000L * 100, 3000L * 400);
    assertThat(tally.bytes()).isGreaterThan(users.bytes() + 100_000);
  }

  @Test
  void dataThatHasBecomeAnother_isCountedAnew() {
    for (int i = 0; i < 2000; i++) {
      store.run("SET", "a:" + i, "v");
    }
    store.advance(60_000);
    assertThat(diagnosis.census().tally().keys()).isEqualTo(2000);
    store.run("FLUSHALL");
    assertThat(diagnosis.census().tally().keys()).isZero();
    for (int i = 0; i < 5000; i++) {
      store.run("SET", "b:" + i, "v");
    }
    assertThat(diagnosis.census().tally().keys()).isPositive();
    store.advance(60_000);
    assertThat(diagnosis.census().tally().keys()).isEqualTo(5000);
  }

  // ---- Events ----------------------------------------------------------------------------------

  @Test
  void adviceOfTheDoctor_namesCommands() {
    diagnosis.latencyMonitorThresholdMillis(1);
    for (String event :
        List.of(
            "command",
            "queueing",
            "eviction-cycle",
            "eviction-del",
            "aof-fsync-always",
            "aof-write",
            "snapshot-cut",
            "gc-pause",
            "cron",
            "other")) {
      diagnosis.latency().add(event, 20);
    }
    String report = store.raw("LATENCY", "DOCTOR");
    assertThat(report)
        .contains("10. other: 1 delays (mean 20 ms")
        .contains("SLOWLOG GET", "lazyfree-lazy-eviction yes", "appendfsync everysec", "-Xmx")
        .contains("Look at what the machine did when \"other\" was slow.");
  }

  @Test
  void evictionWithoutASlowDeletion_isOneEvent() {
    diagnosis.latencyMonitorThresholdMillis(1);
    diagnosis.delayed("eviction-cycle", TimeUnit.MILLISECONDS.toNanos(3));
    assertThat(store.raw("LATENCY", "LATEST")).contains("eviction-cycle").doesNotContain("-del");
  }
}
