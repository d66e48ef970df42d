package carnelian.interop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Random commands of every family, in the middle of which the log is rewritten and goes on in new
/// segments; then our directory is loaded by redis-server, written to, and loaded here again, each
/// time with equal data. redis-check-aof finds nothing wrong with it.
///
/// `-Dcarnelian.logroundtrip.commands=N` and `-Dcarnelian.logroundtrip.seed=S` for others.
class LogRoundTripTest {
  private static final int COMMANDS = Integer.getInteger("carnelian.logroundtrip.commands", 10_000);
  private static final long SEED = Long.getLong("carnelian.logroundtrip.seed", 7);
  private static final int BATCH = 50;
  private static final int REWRITES = 4;
  private static final int DATABASES = 16;
  private static final Path REDIS_CHECK = Path.of("/usr/bin/redis-check-aof");
  private static final String[] OURS = {
    "--appendonly", "yes", "--appendfsync", "everysec", "--aof-segment-size", "50kb"
  };

  /// No test takes longer.
  private static final Duration LONGEST = Duration.ofMinutes(5);

  private final long endMillis = Instant.now().plus(LONGEST).toEpochMilli();

  @TempDir Path directory;

  @Test
  void logOfEveryFamily_throughBothServers_keepsAllData() throws Exception {
    assumeTrue(ServerProcess.redisInstalled(), "needs Debian's redis-server");
    Map<String, KeyspaceImage.Entry> original;
    try (ServerProcess carnelian = ServerProcess.carnelian(directory, OURS);
        RespConnection connection = carnelian.connect()) {
      write(connection, SEED, COMMANDS);
      original = image(carnelian);
      assertThat(carnelian.stop()).isZero();
    }
    assertThat(original).hasSizeGreaterThan(20);
    assertRedisFindsNothingWrong();

    try (ServerProcess redis = ServerProcess.redis(directory, "--appendonly", "yes")) {
      assertThat(KeyspaceImage.differences(original, image(redis), 0)).isEmpty();
      try (RespConnection connection = redis.connect()) {
        write(connection, SEED + 1, COMMANDS / 5);
      }
      original = image(redis);
      assertThat(redis.stop()).isZero();
    }

    try (ServerProcess carnelian = ServerProcess.carnelian(directory, OURS)) {
      assertThat(KeyspaceImage.differences(original, image(carnelian), 0)).isEmpty();
    }
  }

  /// What will still be there when the test has ended.
  private Map<String, KeyspaceImage.Entry> image(ServerProcess server) {
    try (RespConnection connection = server.connect()) {
      Map<String, KeyspaceImage.Entry> all = KeyspaceImage.read(connection, DATABASES);
      all.values().removeIf(entry -> entry.deadline() >= 0 && entry.deadline() < endMillis);
      return all;
    }
  }

  private static void write(RespConnection connection, long seed, int commands) {
    List<String> families =
        List.copyOf(new java.util.TreeSet<>(CommandTemplates.BY_FAMILY.keySet()));
    SplittableRandom random = new SplittableRandom(seed);
    CommandGrammar grammar = new CommandGrammar(seed, families);
    for (int done = 0; done < commands; done += BATCH) {
      List<String> names = new ArrayList<>();
      for (int i = 0; i < BATCH; i++) {
        String family = families.get(random.nextInt(families.size()));
        List<String> templates = CommandTemplates.BY_FAMILY.getOrDefault(family, List.of());
        String[] command = grammar.expand(family, templates.get(random.nextInt(templates.size())));
        names.add(command[0]);
        connection.send(command);
      }
      if (done / BATCH % (commands / BATCH / REWRITES) == 10) {
        names.add("BGREWRITEAOF");
        connection.send("BGREWRITEAOF");
      }
      connection.flush();
      names.forEach(_ -> connection.read());
    }
    RespValue _ = connection.call("DISCARD");
  }

  private void assertRedisFindsNothingWrong() throws IOException, InterruptedException {
    Process check =
        new ProcessBuilder(
                REDIS_CHECK.toString(),
                directory.resolve("appendonlydir/appendonly.aof.manifest").toString())
            .redirectErrorStream(true)
            .start();
    String said = new String(check.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(check.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(check.exitValue()).as(said).isZero();
    assertThat(said).contains("All AOF files and manifest are valid");
  }
}
