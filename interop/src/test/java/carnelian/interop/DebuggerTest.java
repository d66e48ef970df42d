package carnelian.interop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// redis-cli as the debugger's user, on redis-server and Carnelian, there also over TLS and with
/// several I/O threads: it shows the same.
@Timeout(120)
class DebuggerTest {
  private static final Path REDIS_CLI = Path.of("/usr/bin/redis-cli");

  private static final String SCRIPT =
      """
      local function twice(x)
        return x .. x
      end
      local a = redis.call('set', KEYS[1], ARGV[1])
      local b = redis.call('get', KEYS[1])
      redis.breakpoint()
      redis.debug(a, twice(b))
      return {a, b}
      """;

  @TempDir Path directory;

  private String debug(ServerProcess server, String mode, String... lines) throws Exception {
    return debug(List.of("-p", Integer.toString(server.port()), mode), lines);
  }

  private String debug(List<String> options, String... lines) throws Exception {
    Path script = Files.writeString(directory.resolve("script.lua"), SCRIPT);
    List<String> command = new ArrayList<>(List.of(REDIS_CLI.toString()));
    command.addAll(options);
    command.addAll(List.of("--eval", script.toString(), "key", ",", "value"));
    Path shown = directory.resolve("shown.txt");
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(shown.toFile())
            .start();
    try (var input = process.outputWriter(StandardCharsets.US_ASCII)) {
      for (String line : lines) {
        input.write(line + "\n");
      }
    } catch (IOException _) {
      // It has left before it has read everything; what it has shown is looked at.
    }
    assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
    String text = Files.readString(shown, StandardCharsets.ISO_8859_1);
    return text.replaceAll("@0x[0-9a-f]+", "@0x…"); // Where a function is in memory.
  }

  private static String[] threadsAndTls(String tlsPort) {
    Path files = Path.of("../net/src/test/resources/carnelian/net/tls").toAbsolutePath();
    return new String[] {
      "--io-threads",
      "4",
      "--tls-port",
      tlsPort,
      "--tls-cert-file",
      files.resolve("rsa.pem").toString(),
      "--tls-key-file",
      files.resolve("rsa-pkcs8.key").toString(),
      "--tls-auth-clients",
      "no"
    };
  }

  @Test
  void redisCli_showsTheSame() throws Exception {
    assumeTrue(ServerProcess.redisInstalled() && Files.isExecutable(REDIS_CLI), "needs Redis");
    Path ours = Files.createDirectory(directory.resolve("ours"));
    Path theirs = Files.createDirectory(directory.resolve("theirs"));
    Path threaded = Files.createDirectory(directory.resolve("threaded"));
    String tlsPort = Integer.toString(ServerProcess.freePort());
    try (ServerProcess redis = ServerProcess.redis(theirs);
        ServerProcess carnelian = ServerProcess.carnelian(ours);
        ServerProcess other = ServerProcess.carnelian(threaded, threadsAndTls(tlsPort))) {
      String[][] sessions = {
        {"s", "s", "p", "t", "b 2", "c", "t", "p x", "w", "e 1 + 1", "r get key", "c", "c"},
        {"s", "s", "s", "abort"},
        {"c", "p b", "quit"},
        {"nonsense", "help", "c", "c"},
      };
      for (String[] lines : sessions) {
        String expected = debug(redis, "--ldb-sync-mode", lines);
        assertThat(expected).contains("* Stopped at ");
        assertThat(debug(carnelian, "--ldb-sync-mode", lines)).isEqualTo(expected);
        assertThat(debug(other, "--ldb-sync-mode", lines)).isEqualTo(expected);
        List<String> overTls = List.of("--tls", "--insecure", "-p", tlsPort, "--ldb-sync-mode");
        assertThat(debug(overTls, lines)).isEqualTo(expected);
      }
      assertThat(debug(carnelian, "--ldb"))
          .contains("can't start")
          .contains("SCRIPT DEBUG YES is not supported");
    }
  }
}
