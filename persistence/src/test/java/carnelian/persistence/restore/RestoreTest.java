package carnelian.persistence.restore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import carnelian.base.Clock;
import carnelian.base.RandomSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Random commands, across rewrites and segments, and the store as of random offsets and times of
/// them: each time it is what a model says.
///
/// `-Dcarnelian.restore.commands=1000000 -Dcarnelian.restore.points=50` for the long form,
/// `-Dcarnelian.restore.seed=S` to repeat one.
class RestoreTest {
  private static final int COMMANDS = Integer.getInteger("carnelian.restore.commands", 20_000);
  private static final int POINTS = Integer.getInteger("carnelian.restore.points", 20);
  private static final long SEED = Long.getLong("carnelian.restore.seed", 20_261_121);
  private static final int REWRITES = 5;
  private static final int FLUSHES = 200;

  @TempDir Path directory;

  /// What a model needs of one command: `key` is `database/name`.
  private record Change(char kind, String key, String field, String value) {}

  /// Changes of one transaction, or one change, and where the log stood behind them.
  private record Step(List<Change> changes, long endOffset, long wallMillis) {}

  private record Flushed(long offset, long wallMillis) {}

  /// Random commands and what they do.
  private static final class Workload {
    final LoggedStore store;
    final RandomSource random;
    final List<Step> steps = new ArrayList<>();
    final List<Flushed> flushes = new ArrayList<>();
    private int database;

    Workload(LoggedStore store, long seed) {
      this.store = store;
      random = RandomSource.seeded(seed);
    }

    void run(int commands) throws IOException {
      for (int i = 1; i <= commands; i++) {
        step();
        if (random.nextInt(3) == 0) {
          store.store.clock().advance(random.nextInt(5), TimeUnit.MILLISECONDS);
        }
        if (i % (commands / FLUSHES) == 0) {
          store.flush();
          flushes.add(new Flushed(store.log.offset(), store.store.nowMillis()));
          store.store.clock().advance(1, TimeUnit.MILLISECONDS);
        }
        if (i % (commands / REWRITES) == commands / REWRITES / 2) {
          store.rewrite();
        }
      }
      store.flush();
    }

    private void step() {
      if (random.nextInt(50) == 0) {
        database = random.nextInt(3);
        Object _ = store.run("SELECT", database);
      }
      List<Change> changes = new ArrayList<>();
      if (random.nextInt(10) == 0) {
        Object _ = store.run("MULTI");
        for (int i = 0; i < 3; i++) {
          changes.add(change());
        }
        Object _ = store.run("EXEC");
      } else {
        changes.add(change());
      }
      steps.add(new Step(changes, store.log.offset(), store.store.nowMillis()));
    }

    private Change change() {
      String name = "k" + random.nextInt(500);
      String key = database + "/" + name;
      String value = "v" + steps.size();
      return switch (random.nextInt(6)) {
        case 0, 1 -> {
          Object _ = store.run("SET", name + "s", value);
          yield new Change('s', key + "s", "", value);
        }
        case 2 -> {
          Object _ = store.run("APPEND", name + "s", value);
          yield new Change('a', key + "s", "", value);
        }
        case 3 -> {
          String field = "f" + random.nextInt(5);
          Object _ = store.run("HSET", name + "h", field, value);
          yield new Change('h', key + "h", field, value);
        }
        case 4 -> {
          Object _ = store.run("RPUSH", name + "l", value);
          yield new Change('r', key + "l", "", value);
        }
        default -> {
          String victim = "shl".charAt(random.nextInt(3)) + "";
          Object _ = store.run("DEL", name + victim);
          yield new Change('d', key + victim, "", "");
        }
      };
    }

    /// What every step that ends there or before it has made.
    Map<String, String> modelAt(long offset) {
      Map<String, String> strings = new TreeMap<>();
      Map<String, TreeMap<String, String>> hashes = new HashMap<>();
      Map<String, List<String>> lists = new HashMap<>();
      for (Step step : steps) {
        if (step.endOffset() > offset) {
          break;
        }
        for (Change change : step.changes()) {
          String key = change.key();
          switch (change.kind()) {
            case 's' -> strings.put(key, change.value());
            case 'a' -> strings.merge(key, change.value(), String::concat);
            case 'h' ->
                hashes
                    .computeIfAbsent(key, _ -> new TreeMap<>())
                    .put(change.field(), change.value());
            case 'r' -> lists.computeIfAbsent(key, _ -> new ArrayList<>()).add(change.value());
            default -> {
              strings.remove(key);
              hashes.remove(key);
              lists.remove(key);
            }
          }
        }
      }
      hashes.forEach((key, fields) -> strings.put(key, fields.toString()));
      lists.forEach((key, elements) -> strings.put(key, elements.toString()));
      return strings;
    }

    long endBefore(long offset) {
      long end = 0;
      for (Step step : steps) {
        if (step.endOffset() > offset) {
          break;
        }
        end = step.endOffset();
      }
      return end;
    }
  }

  /// All that a store holds, in the model's form.
  private static Map<String, String> image(LoggedStore store) {
    Map<String, String> image = new TreeMap<>();
    for (int database = 0; database < 3; database++) {
      Object _ = store.run("SELECT", database);
      for (Object name : list(store.run("KEYS", "*"))) {
        String key = name.toString();
        image.put(
            database + "/" + key,
            switch (key.charAt(key.length() - 1)) {
              case 's' -> String.valueOf(store.run("GET", key));
              case 'h' -> fields(list(store.run("HGETALL", key))).toString();
              default -> String.valueOf(store.run("LRANGE", key, 0, -1));
            });
      }
    }
    return image;
  }

  private static List<?> list(@Nullable Object reply) {
    return reply instanceof List<?> items ? items : List.of();
  }

  private static Map<String, String> fields(List<?> flat) {
    Map<String, String> fields = new TreeMap<>();
    for (int i = 0; i < flat.size(); i += 2) {
      fields.put(flat.get(i).toString(), flat.get(i + 1).toString());
    }
    return fields;
  }

  private static Restore restore() {
    return new Restore(Clock.system(), RandomSource.seeded(1));
  }

  private static Map<String, String> load(Path data) throws Exception {
    try (LoggedStore store = LoggedStore.open(data, "appendonly", "yes")) {
      return image(store);
    }
  }

  private LoggedStore original(Path data) throws Exception {
    Files.createDirectories(data);
    return LoggedStore.open(
        data,
        "appendonly",
        "yes",
        "appendfsync",
        "no",
        "aof-segment-size",
        Integer.toString(COMMANDS * 8),
        "log-retention-bytes",
        "10gb");
  }

  private static void delete(Path tree) throws IOException {
    try (Stream<Path> paths = Files.walk(tree)) {
      for (Path path : paths.sorted(java.util.Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }

  @Test
  void restoredStore_isWhatItWasThen() throws Exception {
    Path data = directory.resolve("data");
    try (LoggedStore store = original(data)) {
      Workload workload = new Workload(store, SEED);
      workload.run(COMMANDS);
      RandomSource random = RandomSource.seeded(SEED + 1);
      for (int i = 0; i < POINTS; i++) {
        Path into = directory.resolve("restored");
        Restore.Result result =
            i % 2 == 0
                ? toOffset(workload, data, random.nextLong(store.log.offset() + 1), into)
                : toTime(workload, data, random, into);
        assertThat(load(into))
            .as("seed %d, point %d: offset %d", SEED, i, result.offset())
            .isEqualTo(workload.modelAt(result.offset()));
        delete(into);
      }
    }
  }

  private static Restore.Result toOffset(Workload workload, Path data, long offset, Path into)
      throws IOException {
    Restore.Result result = restore().restore(data, new Target.Offset(offset), into);
    assertThat(result.offset()).isLessThanOrEqualTo(offset);
    assertThat(result.offset()).isGreaterThanOrEqualTo(workload.endBefore(offset));
    return result;
  }

  /// Everything that was on disk by then is there, and nothing that was executed later.
  private static Restore.Result toTime(Workload workload, Path data, RandomSource random, Path into)
      throws IOException {
    long first = workload.steps.getFirst().wallMillis();
    long last = workload.steps.getLast().wallMillis();
    long wallMillis = first + random.nextLong(last - first + 1);
    Restore.Result result = restore().restore(data, new Target.Time(wallMillis), into);
    for (Flushed flushed : workload.flushes) {
      if (flushed.wallMillis() <= wallMillis) {
        assertThat(result.offset()).isGreaterThanOrEqualTo(flushed.offset());
      }
    }
    for (Step step : workload.steps) {
      if (step.wallMillis() > wallMillis) {
        assertThat(result.offset()).isLessThan(step.endOffset());
        break;
      }
    }
    return result;
  }

  @Test
  void restoredStore_goesOnAsAHistoryOfItsOwn() throws Exception {
    Path data = directory.resolve("data");
    try (LoggedStore store = original(data)) {
      Object _ = store.run("SET", "as", "1");
      long then = store.log.offset();
      Object _ = store.run("SET", "as", "2");
      store.flush();
      Restore.Result result =
          restore().restore(data, new Target.Offset(then), directory.resolve("restored"));
      assertThat(result.offset()).isEqualTo(then);
      assertThat(result.reached()).isTrue();
      try (LoggedStore restored =
          LoggedStore.open(directory.resolve("restored"), "appendonly", "yes")) {
        assertThat(restored.log.offset()).isEqualTo(then);
        assertThat(restored.log.replicationId()).isNotEqualTo(store.log.replicationId());
        assertThat(restored.run("GET", "as")).hasToString("1");
        Object _ = restored.run("SET", "as", "3");
      }
      assertThat(load(directory.resolve("restored"))).containsEntry("0/as", "3");
      Restore.Result again =
          restore()
              .restore(
                  directory.resolve("restored"),
                  new Target.Offset(then),
                  directory.resolve("again"));
      assertThat(again.offset()).isEqualTo(then);
      assertThat(load(directory.resolve("again"))).containsEntry("0/as", "1");
    }
  }

  @Test
  void offsetBeforeTheHistory_isRefused_withWhatIsKept() throws Exception {
    Path data = directory.resolve("data");
    Files.createDirectories(data);
    try (LoggedStore store =
        LoggedStore.open(data, "appendonly", "yes", "log-retention-bytes", "0")) {
      Object _ = store.run("SET", "as", "1");
      store.rewrite();
      Object _ = store.run("SET", "as", "2");
      store.flush();
      assertThatThrownBy(
              () -> restore().restore(data, new Target.Offset(3), directory.resolve("restored")))
          .isInstanceOf(RestoreException.class)
          .hasMessageContaining("nothing that is kept reaches back to offset 3")
          .hasMessageContaining("appendonly.aof.2.base.rdb from offset");
      assertThatThrownBy(
              () ->
                  restore()
                      .restore(data, new Target.Offset(1 << 20), directory.resolve("restored")))
          .hasMessageContaining("ends at offset " + store.log.offset());
    }
  }

  @Test
  void directoryThatHoldsSomething_isLeftAlone() throws Exception {
    Path data = directory.resolve("data");
    try (LoggedStore store = original(data)) {
      store.flush();
      assertThatThrownBy(() -> restore().restore(data, new Target.Offset(0), data))
          .isInstanceOf(RestoreException.class)
          .hasMessageContaining("not an empty directory");
    }
  }

  @Test
  void damageBehindTheTarget_doesNotMatter() throws Exception {
    Path data = directory.resolve("data");
    long then;
    try (LoggedStore store = original(data)) {
      Object _ = store.run("SET", "as", "1");
      store.flush();
      then = store.log.offset();
      for (int i = 0; i < 50; i++) {
        Object _ = store.run("SET", "bs", "value" + i);
        store.flush();
      }
    }
    Path segment = data.resolve("appendonlydir/appendonly.aof.1.incr.aof");
    byte[] bytes = Files.readAllBytes(segment);
    bytes[bytes.length / 2] ^= 1;
    Files.write(segment, bytes);
    Restore.Result result =
        restore().restore(data, new Target.Offset(then), directory.resolve("restored"));
    assertThat(result.offset()).isEqualTo(then);
    assertThat(load(directory.resolve("restored"))).containsOnly(Map.entry("0/as", "1"));
    assertThatThrownBy(
            () ->
                restore().restore(data, new Target.Offset(then + 1500), directory.resolve("other")))
        .isInstanceOf(IOException.class);
  }
}
