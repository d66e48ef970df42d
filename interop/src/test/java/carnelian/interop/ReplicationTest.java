package carnelian.interop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// A Redis that follows Carnelian through random writes of every family, a lost connection and what
/// it has missed meanwhile, and has the same data in the end.
class ReplicationTest {
  private static final int COMMANDS = Integer.getInteger("carnelian.replication.commands", 6_000);
  private static final long SEED = Long.getLong("carnelian.replication.seed", 1);
  private static final int BATCH = 50;
  private static final long UNCOUNTED_BYTES = 2_000;
  private static final Duration LIMIT = Duration.ofSeconds(60);

  @TempDir Path directory;

  @ParameterizedTest
  @ValueSource(strings = {"yes", "no"})
  void redis_asAReplica_hasTheSameDataInTheEnd(String diskless) throws Exception {
    assumeTrue(ServerProcess.redisInstalled(), "needs Debian's redis-server");
    Path ours = Files.createDirectory(directory.resolve("carnelian"));
    Path theirs = Files.createDirectory(directory.resolve("redis"));
    try (ServerProcess carnelian =
            ServerProcess.carnelian(
                ours, "--repl-diskless-sync", diskless, "--repl-diskless-sync-delay", "0");
        RespConnection writer = carnelian.connect();
        RespConnection control = carnelian.connect()) {
      Load load = new Load(SEED + diskless.length());
      load.run(writer, COMMANDS / 3);
      try (ServerProcess redis =
              ServerProcess.redis(theirs, "--replicaof", "127.0.0.1 " + carnelian.port());
          RespConnection replica = redis.connect()) {
        load.run(writer, COMMANDS / 3); // While it copies.
        awaitEqualOffsets(control, replica);
        control.call("CLIENT", "KILL", "TYPE", "replica");
        load.run(writer, COMMANDS / 3);
        awaitEqualOffsets(control, replica);
        assertThat(control.call("INFO", "stats").text())
            .contains("sync_full:1", "sync_partial_ok:1");
        compare(control, replica);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"yes", "no"})
  void carnelian_inTheMiddleOfAChain_passesEverythingOn(String appendOnly) throws Exception {
    assumeTrue(ServerProcess.redisInstalled(), "needs Debian's redis-server");
    Path above = Files.createDirectory(directory.resolve("above"));
    Path ours = Files.createDirectory(directory.resolve("carnelian"));
    Path below = Files.createDirectory(directory.resolve("below"));
    try (ServerProcess primary = ServerProcess.redis(above, "--repl-diskless-sync-delay", "0");
        RespConnection writer = primary.connect();
        RespConnection control = primary.connect()) {
      Load load = new Load(SEED + 10 + appendOnly.length());
      load.run(writer, COMMANDS / 4);
      try (ServerProcess carnelian =
              ServerProcess.carnelian(
                  ours, "--appendonly", appendOnly, "--repl-diskless-sync-delay", "0");
          RespConnection middle = carnelian.connect();
          ServerProcess redis =
              ServerProcess.redis(below, "--replicaof", "127.0.0.1 " + carnelian.port());
          RespConnection last = redis.connect()) {
        middle.call("REPLICAOF", "127.0.0.1", Integer.toString(primary.port()));
        load.run(writer, COMMANDS / 4);
        awaitEqualOffsets(control, middle);
        awaitEqualOffsets(control, last);
        control.call("CLIENT", "KILL", "TYPE", "replica");
        load.run(writer, COMMANDS / 4);
        awaitEqualOffsets(control, middle);
        awaitEqualOffsets(control, last);
        compare(control, middle);
        compare(control, last);
        compareTraffic(control, middle);
        compareTraffic(middle, last);

        middle.call("REPLICAOF", "NO", "ONE");
        try (RespConnection other = carnelian.connect()) {
          load.run(other, COMMANDS / 4);
        }
        awaitEqualOffsets(middle, last);
        compare(middle, last);
        assertThat(middle.call("INFO", "stats").text()).contains("sync_partial_ok:1");
      }
    }
  }

  /// What one has sent, the other has received, but for lines that are not counted everywhere.
  private static void compareTraffic(RespConnection primary, RespConnection replica) {
    String sent = field(primary.call("INFO", "stats").text(), "total_net_repl_output_bytes");
    String received = field(replica.call("INFO", "stats").text(), "total_net_repl_input_bytes");
    assertThat(Long.parseLong(received))
        .isCloseTo(Long.parseLong(sent), within(UNCOUNTED_BYTES))
        .isGreaterThan(10 * UNCOUNTED_BYTES);
  }

  private static void compare(RespConnection original, RespConnection copy) {
    assertThat(
            KeyspaceImage.differences(
                KeyspaceImage.read(original, 16), KeyspaceImage.read(copy, 16), 0))
        .isEmpty();
  }

  /// Random commands of all families, whose replies are read and forgotten.
  private static final class Load {
    private final List<String> families =
        List.copyOf(new TreeSet<>(CommandTemplates.BY_FAMILY.keySet()));
    private final SplittableRandom random;
    private final CommandGrammar grammar;

    Load(long seed) {
      random = new SplittableRandom(seed);
      grammar = new CommandGrammar(seed, families);
    }

    void run(RespConnection connection, int commands) {
      for (int done = 0; done < commands; done += BATCH) {
        for (int i = 0; i < BATCH; i++) {
          String family = families.get(random.nextInt(families.size()));
          List<String> templates = CommandTemplates.BY_FAMILY.getOrDefault(family, List.of());
          connection.send(grammar.expand(family, templates.get(random.nextInt(templates.size()))));
        }
        connection.flush();
        for (int i = 0; i < BATCH; i++) {
          connection.read();
        }
      }
    }
  }

  private static void awaitEqualOffsets(RespConnection primary, RespConnection replica) {
    long deadline = System.nanoTime() + LIMIT.toNanos();
    while (System.nanoTime() < deadline) {
      String copy = replica.call("INFO", "replication").text();
      String original = primary.call("INFO", "replication").text();
      if (copy.contains("master_link_status:up")
          && field(copy, "slave_repl_offset").equals(field(original, "master_repl_offset"))) {
        return;
      }
      LockSupport.parkNanos(Duration.ofMillis(20).toNanos());
    }
    throw new AssertionError("the replica does not catch up: " + replica.call("INFO").text());
  }

  private static String field(String info, String name) {
    int at = info.indexOf(name + ":");
    return at < 0 ? "" : info.substring(at + name.length() + 1, info.indexOf('\r', at));
  }
}
