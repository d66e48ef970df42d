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

/// redis-cli as the debugger's user, on redis-server and Carnelian: it shows the same.
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
    Path script = Files.writeString(directory.resolve("script.lua"), SCRIPT);
    List<String> command = new ArrayList<>(List.of(REDIS_CLI.toString(), "-p"));
    command.add(Integer.toString(server.port()));
    command.addAll(List.of(mode, "--eval", script.toString(), "key", ",", "value"));
    Path shown = directory.resolve(server.name() + ".txt");
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

  @Test
  void redisCli_showsTheSame() throws Exception {
    assumeTrue(ServerProcess.redisInstalled() && Files.isExecutable(REDIS_CLI), "needs Redis");
    Path ours = Files.createDirectory(directory.resolve("ours"));
    Path theirs = Files.createDirectory(directory.resolve("theirs"));
    try (ServerProcess redis = ServerProcess.redis(theirs);
        ServerProcess carnelian = ServerProcess.carnelian(ours)) {
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
      }
      assertThat(debug(carnelian, "--ldb"))
          .contains("can't start")
          .contains("SCRIPT DEBUG YES is not supported");
    }
  }
}
