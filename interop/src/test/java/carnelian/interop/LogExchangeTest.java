package carnelian.interop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A directory of the log goes from Carnelian to Redis and back, across segments, rewrites and
/// kills, and nothing is lost or changed.
class LogExchangeTest {
  private static final int DATABASES = 16;
  private static final long SEED = 7_320;
  private static final int KEYS = 3_000;

  @TempDir Path directory;

  private static final String[] OURS = {
    "--appendonly", "yes", "--appendfsync", "always", "--aof-segment-size", "100kb"
  };

  @Test
  void logDirectory_throughBothServers_keepsEveryKeyValueTypeAndExpiry() {
    assumeTrue(ServerProcess.redisInstalled(), "needs Debian's redis-server");
    Map<String, KeyspaceImage.Entry> original;
    try (ServerProcess carnelian = ServerProcess.carnelian(directory, OURS);
        RespConnection connection = carnelian.connect()) {
      new Dataset(SEED, KEYS / 2).write(connection);
      assertThat(connection.call("BGREWRITEAOF").text()).startsWith("Background");
      new Dataset(SEED + 1, KEYS / 2).write(connection);
      original = KeyspaceImage.read(connection, DATABASES);
    } // Killed: what was answered is there all the same.
    assertThat(original).isNotEmpty();
    assertThat(directory.resolve("appendonlydir/appendonly.aof.manifest")).exists();

    try (ServerProcess redis = ServerProcess.redis(directory, "--appendonly", "yes");
        RespConnection connection = redis.connect()) {
      assertThat(KeyspaceImage.differences(original, KeyspaceImage.read(connection, DATABASES), 0))
          .isEmpty();
      new Dataset(SEED + 2, KEYS / 3).write(connection);
      original = KeyspaceImage.read(connection, DATABASES);
      assertThat(redis.stop()).isZero();
    }

    try (ServerProcess carnelian = ServerProcess.carnelian(directory, OURS);
        RespConnection connection = carnelian.connect()) {
      assertThat(KeyspaceImage.differences(original, KeyspaceImage.read(connection, DATABASES), 0))
          .isEmpty();
    }
  }
}
