package carnelian.persistence.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import carnelian.base.RandomSource;
import carnelian.harness.ErrorReply;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Many lives of a store on a disk that loses, tears and fails: whatever happens, the next life
/// starts by itself, with a prefix of what was executed, and with all that was promised.
///
/// A schedule is one seed. `-Dcarnelian.log.schedules=N` runs N of them, `-Dcarnelian.log.seed=S`
/// begins at S:
///
/// ```
/// mvn -q -Dquick -pl persistence -am test -Dtest=LogSimulationTest
///     -Dsurefire.failIfNoSpecifiedTests=false
///     -Dtest.jvm.flags="--enable-native-access=ALL-UNNAMED -Dcarnelian.log.schedules=100000"
/// ```
class LogSimulationTest {
  private static final int SCHEDULES = Integer.getInteger("carnelian.log.schedules", 150);
  private static final long FIRST_SEED = Long.getLong("carnelian.log.seed", 1);

  @TempDir private Path directory;

  /// What was executed, in order: operation `i` sets `n` to `i` and one key to a value of its own.
  private record Operation(String key, String value, long offset, long atMillis) {}

  /// One schedule.
  private final class Schedule {
    final RandomSource random;
    final String policy;
    final SimulatedDisk disk;
    final boolean faults;
    List<Operation> operations = new ArrayList<>();
    int acknowledged;

    Schedule(long seed, boolean forgetsFsync) {
      random = RandomSource.seeded(seed);
      policy = List.of("always", "everysec", "no").get(random.nextInt(forgetsFsync ? 1 : 3));
      faults = random.nextInt(2) == 0;
      disk = new SimulatedDisk(random);
      disk.forgetsFsync = forgetsFsync;
    }

    void run() throws Exception {
      int lives = 2 + random.nextInt(3);
      for (int i = 0; i < lives; i++) {
        live(i == lives - 1);
      }
    }

    private SimulatedLog newLog() throws Exception {
      return new SimulatedLog(
          disk,
          directory.resolve("appendonlydir"),
          "appendonly",
          "yes",
          "appendfsync",
          policy,
          "aof-segment-size",
          Integer.toString(List.of(0, 400, 3000).get(random.nextInt(3))),
          "aof-use-rdb-preamble",
          random.nextInt(2) == 0 ? "yes" : "no",
          "auto-aof-rewrite-percentage",
          "0",
          "log-retention-bytes",
          random.nextInt(2) == 0 ? "0" : "10000");
    }

    private void live(boolean last) throws Exception {
      SimulatedLog log = newLog();
      boolean ended = false;
      try {
        if (!last && random.nextInt(5) == 0) {
          disk.crashAfter = random.nextInt(40); // Also while it starts.
        }
        log.start();
        check(log);
        int steps = random.nextInt(120);
        for (int i = 0; i < steps && disk.crashAfter != 0; i++) {
          step(log);
        }
        if (last || random.nextInt(6) == 0) {
          disk.crashAfter = -1;
          heal(log);
          log.close();
          ended = true;
          acknowledged = operations.size();
        }
      } catch (SimulatedDisk.PowerCut _) {
        // What the disk has not got is lost.
      } catch (IOException e) {
        if (disk.crashAfter != 0) {
          throw e;
        }
        // The power went on the thread that writes a base.
      }
      if (!ended) {
        log.drop();
      }
      if (random.nextInt(4) == 0) {
        disk.kill();
        clearFaults();
      } else {
        disk.crash();
      }
    }

    private void clearFaults() {
      disk.writeFailures = 0;
      disk.fsyncFailures = 0;
      disk.createFailures = 0;
      disk.freeBytes = SimulatedDisk.PLENTY;
    }

    /// The cause of all failures is gone: the log has to be whole again by itself.
    private void heal(SimulatedLog log) {
      clearFaults();
      settle(log, 1000); // What a flush beside the writer has met is known then.
      for (int i = 0;
          i < 400 && !(log.log.figures().lastWriteWorked() && !log.log.figures().isRewriting());
          i++) {
        settle(log, 1000);
      }
      assertThat(log.log.figures().lastWriteWorked()).as("healed: %s", log.describe()).isTrue();
    }

    private void settle(SimulatedLog log, int millis) {
      log.store.clock().advance(millis, TimeUnit.MILLISECONDS);
      log.endFlush();
      log.turn();
      log.awaitRewrite();
      log.log.cron();
      log.turn();
      log.runTasks();
    }

    private void step(SimulatedLog log) {
      int what = random.nextInt(100);
      if (what < 50) {
        operate(log);
      } else if (what < 70) {
        log.turn();
      } else if (what < 75) {
        log.endFlush();
      } else if (what < 85) {
        log.runTasks();
      } else if (what < 91) {
        log.store.clock().advance(1 + random.nextInt(300), TimeUnit.MILLISECONDS);
        log.turn();
        log.runTasks();
        log.log.cron();
      } else if (what < 94) {
        boolean _ = log.log.rewrites().start();
      } else if (what < 97) {
        log.awaitRewrite();
      } else if (what < 98) {
        disk.crashAfter = random.nextInt(20);
      } else if (faults) {
        fault();
      }
      log.runTasks();
      acknowledge(log);
    }

    private void fault() {
      switch (random.nextInt(5)) {
        case 0 -> disk.writeFailures = 1 + random.nextInt(4);
        case 1 -> disk.fsyncFailures = 1 + random.nextInt(4);
        case 2 -> disk.createFailures = 1 + random.nextInt(4);
        case 3 -> disk.freeBytes = random.nextInt(200);
        default -> clearFaults();
      }
    }

    private void operate(SimulatedLog log) {
      int i = operations.size() + 1;
      String key = "k" + random.nextInt(10);
      String value = "v" + i + "x".repeat(random.nextInt(4) == 0 ? random.nextInt(300) : 3);
      Object reply;
      if (random.nextInt(2) == 0) {
        reply = log.run("MSET", key, value, "n", i);
      } else {
        log.run("MULTI");
        Object queued = log.run("SET", key, value);
        log.run("SET", "n", i);
        reply = log.run("EXEC");
        if (!"QUEUED".equals(queued)) {
          return; // Refused.
        }
      }
      if (reply instanceof ErrorReply) {
        return;
      }
      operations.add(new Operation(key, value, log.log.offset(), log.store.nowMillis()));
    }

    private void acknowledge(SimulatedLog log) {
      if (!policy.equals("always")) {
        return;
      }
      long released = log.log.releasedOffset();
      while (acknowledged < operations.size()
          && operations.get(acknowledged).offset() <= released) {
        acknowledged++;
      }
    }

    /// What was found is a prefix, and all that was promised is in it.
    private void check(SimulatedLog log) {
      String n = log.get("n");
      int found = n.isEmpty() ? 0 : Integer.parseInt(n);
      assertThat(found).isBetween(acknowledged, operations.size());
      Map<String, String> expected = new HashMap<>();
      for (Operation operation : operations.subList(0, found)) {
        expected.put(operation.key(), operation.value());
      }
      for (int i = 0; i < 10; i++) {
        String key = "k" + i;
        assertThat(log.get(key)).as(key).isEqualTo(expected.getOrDefault(key, ""));
      }
      long end = log.log.offset();
      List<Operation> kept = new ArrayList<>();
      for (Operation operation : operations.subList(0, found)) {
        kept.add(new Operation(operation.key(), operation.value(), end, 0));
      }
      operations = kept;
      acknowledged = found;
    }
  }

  private void run(long seed) {
    try {
      new Schedule(seed, false).run();
    } catch (Exception | AssertionError e) {
      throw new AssertionError(
          "seed " + seed + ": -Dcarnelian.log.schedules=1 -Dcarnelian.log.seed=" + seed, e);
    }
  }

  @Test
  void everyLife_startsByItself_withAPrefixThatHoldsAllThatWasPromised() {
    for (long seed = FIRST_SEED; seed < FIRST_SEED + SCHEDULES; seed++) {
      run(seed);
    }
  }

  @Test
  void withoutFsync_somethingPromisedIsLost() {
    assertThatThrownBy(
            () -> {
              for (long seed = 1; seed < 200; seed++) {
                new Schedule(seed, true).run();
              }
            })
        .isInstanceOfAny(AssertionError.class, IOException.class);
  }

  @Test
  void damageThatALaterMarkProves_isRefused() throws Exception {
    SimulatedDisk disk = new SimulatedDisk(RandomSource.seeded(1));
    Path logs = directory.resolve("appendonlydir");
    SimulatedLog log = new SimulatedLog(disk, logs, "appendonly", "yes", "appendfsync", "always");
    log.start();
    for (int i = 0; i < 20; i++) {
      log.run("SET", "k", "value" + i);
      log.runTasks();
      log.turn();
      log.runTasks();
    }
    log.close();
    Path segment = logs.resolve("appendonly.aof.1.incr.aof");
    byte[] bytes = disk.bytes(segment);
    assertThat(bytes).isNotNull();
    disk.flip(segment, 400);
    SimulatedLog next = new SimulatedLog(disk, logs, "appendonly", "yes");
    assertThatThrownBy(next::start).isInstanceOf(LogLoadException.class).hasMessageContaining(":");
    next.drop();
  }
}
