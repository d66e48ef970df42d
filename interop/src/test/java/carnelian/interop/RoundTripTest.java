package carnelian.interop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// A snapshot goes from Redis to Carnelian and back, and nothing is lost or changed.
class RoundTripTest {
  private static final int DATABASES = 16;
  private static final long SEED = 20_261_121;

  /// 200,000 in the long form: `-Dcarnelian.roundtrip.keys=200000`.
  private static final int KEYS = Integer.getInteger("carnelian.roundtrip.keys", 7_000);

  @TempDir Path directory;

  @ParameterizedTest
  @ValueSource(strings = {"9", "10"})
  void dumpFile_throughBothServers_keepsEveryKeyValueTypeAndExpiry(String rdbVersion)
      throws IOException {
    assumeTrue(ServerProcess.redisInstalled(), "needs Debian's redis-server");
    Path first = Files.createDirectory(directory.resolve("redis"));
    Path second = Files.createDirectory(directory.resolve("carnelian"));
    Path third = Files.createDirectory(directory.resolve("redis-again"));

    Map<String, KeyspaceImage.Entry> original;
    try (ServerProcess redis = ServerProcess.redis(first);
        RespConnection connection = redis.connect()) {
      new Dataset(SEED, KEYS).write(connection);
      original = KeyspaceImage.read(connection, DATABASES);
      assertThat(connection.call("SAVE").text()).isEqualTo("OK");
    }
    assertThat(original).hasSizeGreaterThan(KEYS * 9 / 10);

    Files.copy(first.resolve("dump.rdb"), second.resolve("dump.rdb"));
    try (ServerProcess carnelian =
            ServerProcess.carnelian(second, "--rdb-version", rdbVersion, "--databases", "16");
        RespConnection connection = carnelian.connect()) {
      assertThat(KeyspaceImage.differences(original, KeyspaceImage.read(connection, DATABASES), 0))
          .isEmpty();
      assertThat(connection.call("SAVE").text()).isEqualTo("OK");
    }

    Files.copy(second.resolve("dump.rdb"), third.resolve("dump.rdb"));
    assertThat(magic(third.resolve("dump.rdb")))
        .isEqualTo("REDIS%04d", Integer.valueOf(rdbVersion));
    try (ServerProcess redis = ServerProcess.redis(third);
        RespConnection connection = redis.connect()) {
      assertThat(KeyspaceImage.differences(original, KeyspaceImage.read(connection, DATABASES), 0))
          .isEmpty();
    }
  }

  private static String magic(Path file) throws IOException {
    try (var in = Files.newInputStream(file)) {
      return new String(in.readNBytes(9), java.nio.charset.StandardCharsets.US_ASCII);
    }
  }
}
