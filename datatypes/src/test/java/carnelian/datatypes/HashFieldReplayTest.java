package carnelian.datatypes;

import static org.assertj.core.api.Assertions.assertThat;

import carnelian.base.RandomSource;
import carnelian.harness.ErrorReply;
import carnelian.harness.TestStore;
import carnelian.keyspace.ExpiryMode;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What is propagated of random commands on fields with deadlines makes the same data elsewhere,
/// where nothing expires by itself: on a replica, or when a log is loaded.
class HashFieldReplayTest {
  private static final int STEPS = 3_000;
  private static final List<String> CONDITIONS = List.of("NX", "XX", "GT", "LT");

  private final List<String> line = new ArrayList<>();

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void whatIsPropagated_makesTheSameData(long seed) {
    RandomSource random = RandomSource.seeded(seed);
    try (TestStore store = Families.store();
        TestStore copy = Families.store()) {
      copy.keyspace().expiryMode(ExpiryMode.IGNORE);
      int errors = 0;
      for (int step = 0; step < STEPS; step++) {
        // Now and then the timer comes late, so that commands meet what is due.
        store.keyspace().expiry().active(step % 100 < 50);
        store.advance(random.nextInt(12));
        command(random, store.nowMillis());
        errors += store.run(line.toArray()) instanceof ErrorReply ? 1 : 0;
        for (String effect : store.propagated()) {
          if (effect.startsWith("SELECT ")) {
            continue;
          }
          assertThat(copy.run((Object[]) effect.split(" ")))
              .as("seed %d step %d: %s of %s", seed, step, effect, line)
              .isNotInstanceOf(ErrorReply.class);
        }
        if (step % 10 == 0) {
          store.keyspace().expiryMode(ExpiryMode.IGNORE);
          for (int key = 0; key < 3; key++) {
            assertThat(shown(copy, "h" + key))
                .as("seed %d step %d: %s", seed, step, line)
                .isEqualTo(shown(store, "h" + key));
          }
          store.keyspace().expiryMode(ExpiryMode.REMOVE);
        }
      }
      assertThat(errors).isLessThan(STEPS / 4);
      store.keyspace().expiry().active(true);
      store.advance(1_000_000);
      copy.keyspace().expiryMode(ExpiryMode.REMOVE);
      copy.advance(store.nowMillis() - copy.nowMillis());
      for (int key = 0; key < 3; key++) {
        assertThat(shown(copy, "h" + key)).isEqualTo(shown(store, "h" + key));
      }
    }
  }

  private static String shown(TestStore store, String key) {
    TreeSet<String> fields = new TreeSet<>();
    for (String field : FIELDS) {
      Object deadline = store.run("HPEXPIRETIME", key, "FIELDS", 1, field);
      fields.add(field + "=" + store.run("HGET", key, field) + deadline);
    }
    return store.run("HLEN", key) + " " + store.run("PEXPIRETIME", key) + fields;
  }

  private static final List<String> FIELDS = List.of("a", "b", "c", "d", "e", "f", "g");

  private void command(RandomSource random, long now) {
    String key = "h" + random.nextInt(3);
    String time = Long.toString(now + random.nextInt(200) - 10);
    switch (random.nextInt(17)) {
      case 0 -> line("HSET", key, field(random), value(random), field(random), value(random));
      case 1 -> line("HSETNX", key, field(random), value(random));
      case 2 -> line("HINCRBY", key, field(random), "3");
      case 3 -> line("HINCRBYFLOAT", key, field(random), "0.5");
      case 4 -> line("HDEL", key, field(random), field(random));
      case 5, 6 -> {
        line("HPEXPIREAT", key, time);
        if (random.nextInt(2) == 0) {
          line.add(CONDITIONS.get(random.nextInt(CONDITIONS.size())));
        }
        fields(random);
      }
      case 7 -> {
        line("HPEXPIRE", key, Integer.toString(random.nextInt(100)));
        fields(random);
      }
      case 8 -> {
        line("HPERSIST", key);
        fields(random);
      }
      case 9 -> {
        line("HGETDEL", key);
        fields(random);
      }
      case 10 -> {
        line("HGETEX", key, "PXAT", time);
        fields(random);
      }
      case 11 -> {
        line("HGETEX", key, "PERSIST");
        fields(random);
      }
      case 12, 13, 14 -> setex(random, key, time);
      case 15 -> line("COPY", key, "h" + random.nextInt(3), "REPLACE");
      default -> line("PEXPIREAT", key, Long.toString(now + random.nextInt(400)));
    }
  }

  private void setex(RandomSource random, String key, String time) {
    line("HSETEX", key);
    switch (random.nextInt(4)) {
      case 0 -> line.add("FNX");
      case 1 -> line.add("FXX");
      default -> {}
    }
    switch (random.nextInt(4)) {
      case 0 -> line.add("KEEPTTL");
      case 1, 2 -> line.addAll(List.of("PXAT", time));
      default -> {}
    }
    line.addAll(List.of("FIELDS", "2", field(random), value(random), field(random), value(random)));
  }

  private void fields(RandomSource random) {
    line.addAll(List.of("FIELDS", "3", field(random), field(random), field(random)));
  }

  private void line(String... words) {
    line.clear();
    line.addAll(List.of(words));
  }

  private static String field(RandomSource random) {
    return FIELDS.get(random.nextInt(FIELDS.size()));
  }

  private static String value(RandomSource random) {
    int n = random.nextInt(100);
    return n == 0 ? "x".repeat(100) : Integer.toString(n);
  }
}
