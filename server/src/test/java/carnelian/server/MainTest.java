package carnelian.server;

import static org.assertj.core.api.Assertions.assertThat;

import carnelian.base.config.Config;
import carnelian.base.config.Directives;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MainTest {
  @TempDir private Path directory;
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();
  private final Recorder programs = new Recorder();

  private int run(String input, String... words) {
    return new Main(
            new PrintStream(out, true, StandardCharsets.UTF_8),
            new PrintStream(err, true, StandardCharsets.UTF_8),
            new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8)),
            programs)
        .run(List.of(words));
  }

  private static final class Recorder implements Main.Programs {
    @Nullable Config served;

    @Override
    public int serve(Config config) {
      served = config;
      return SERVING;
    }

    @Override
    public int checkRdb(Path file) {
      return 7;
    }

    @Override
    public int checkAof(CommandLine.CheckAof wanted) {
      return 8;
    }

    @Override
    public int restore(CommandLine.Restore wanted) {
      return 9;
    }

    @Override
    public int backup(CommandLine.Backup wanted) {
      return 10;
    }

    @Override
    public int verify(CommandLine.Verify wanted) {
      return 11;
    }

    @Override
    public int train(Config config) {
      return 0;
    }
  }

  @Test
  void serve_mergesFileInputAndOptions() throws IOException {
    Path file = Files.writeString(directory.resolve("c.conf"), "port 1\nhz 7\nloglevel warning\n");

    int code = run("port 2\ntimeout 9\n", "server", file.toString(), "--port", "3", "-");

    assertThat(code).isEqualTo(Main.Programs.SERVING);
    Config config = Objects.requireNonNull(programs.served);
    assertThat(config.get(Directives.PORT)).isEqualTo(3);
    assertThat(config.get(Directives.TIMEOUT)).isEqualTo(9);
    assertThat(config.get(Directives.HZ)).isEqualTo(7);
  }

  @Test
  void serve_withAWrongOption_saysSoAndFails() {
    assertThat(run("", "server", "--nosuch", "1")).isEqualTo(1);
    assertThat(err.toString(StandardCharsets.UTF_8))
        .contains("*** FATAL CONFIG FILE ERROR (Redis 7.2.4) ***")
        .contains(">>> 'nosuch \"1\"'")
        .contains("Bad directive or wrong number of arguments");
    assertThat(programs.served).isNull();
  }

  @Test
  void serve_withAModule_fails() {
    assertThat(run("", "server", "--loadmodule", "/x.so")).isEqualTo(1);
  }

  @Test
  void version_isInRedisForm() {
    assertThat(run("", "--version")).isZero();
    assertThat(out.toString(StandardCharsets.UTF_8)).startsWith("Redis server v=7.2.4 sha=");
  }

  @Test
  void checkRdb_endsWithItsCode() {
    assertThat(run("", "check-rdb", "x")).isEqualTo(7);
  }

  @Test
  void tools_endWithTheirCodes() {
    assertThat(run("", "check-aof", "--fix", "x")).isEqualTo(8);
    assertThat(run("", "restore", "--dir", "x", "--offset", "7", "--into", "y")).isEqualTo(9);
    assertThat(run("", "backup", "--from", "127.0.0.1:1", "--into", "y")).isEqualTo(10);
    assertThat(run("", "verify", "y")).isEqualTo(11);
  }

  @Test
  void toolWithWrongWords_saysHowItIsUsed() {
    assertThat(run("", "restore", "--dir", "x", "--into", "y")).isEqualTo(1);
    assertThat(run("", "backup", "--nosuch", "y")).isEqualTo(1);
    assertThat(err.toString(StandardCharsets.UTF_8))
        .contains("Usage: ./carnelian restore --dir DIR --to TIME|--offset N --into EMPTY")
        .contains("unknown option --nosuch");
  }
}
