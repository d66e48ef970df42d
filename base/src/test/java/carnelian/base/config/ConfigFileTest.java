package carnelian.base.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import carnelian.base.RandomSource;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfigFileTest {
  @TempDir private Path directory;

  private Config read(String text, String options) throws ConfigException, IOException {
    Path file = Files.writeString(directory.resolve("c.conf"), text, StandardCharsets.ISO_8859_1);
    Config config = new Config(directory);
    ConfigFile.read(config, file, null, options);
    return config;
  }

  private ConfigException fault(String text) {
    return catchThrowableOfType(ConfigException.class, () -> read(text, ""));
  }

  @Test
  void read_commentsQuotesAndCase_asRedis() throws Exception {
    Config config =
        read("# c\n\n  PORT   7000  \nrequirepass \"a\\x41\\\" b\"\nmasterauth 'x y'\r\n", "");

    assertThat(config.get(Directives.PORT)).isEqualTo(7000);
    assertThat(config.get(Directives.REQUIREPASS)).isEqualTo("aA\" b");
    assertThat(config.get(Directives.MASTERAUTH)).isEqualTo("x y");
  }

  @Test
  void read_optionsAndStdin_comeAfterTheFile() throws Exception {
    Path file = Files.writeString(directory.resolve("c.conf"), "port 1\ntimeout 1\nhz 1\n");
    Config config = new Config(directory);

    ConfigFile.read(
        config,
        file,
        new ByteArrayInputStream("port 2\ntimeout 2".getBytes(StandardCharsets.US_ASCII)),
        "port \"3\" \n");

    assertThat(config.get(Directives.HZ)).isEqualTo(1);
    assertThat(config.get(Directives.TIMEOUT)).isEqualTo(2);
    assertThat(config.get(Directives.PORT)).isEqualTo(3);
  }

  @Test
  void read_saveLines_addUpAndReplaceTheDefault() throws Exception {
    assertThat(read("save 10 1\nsave 20 2\n", "").text(Directives.SAVE)).isEqualTo("10 1 20 2");
    assertThat(read("save 10 1\nsave \"\"\n", "").text(Directives.SAVE)).isEmpty();
    assertThat(read("save \"10 1 20 2\"\n", "").text(Directives.SAVE)).isEqualTo("10 1 20 2");
    assertThat(read("port 1\n", "").text(Directives.SAVE)).isEqualTo("3600 1 300 100 60 10000");
    assertThat(read("save 10 1\n", "save \"20 2\"").text(Directives.SAVE)).isEqualTo("10 1 20 2");
  }

  @Test
  void read_statements_areCollected() throws Exception {
    Config config = read("rename-command FLUSHALL \"\"\nrename-command KEYS k\nuser a on\n", "");

    assertThat(config.get(Directives.RENAME_COMMAND))
        .containsExactly(List.of("FLUSHALL", ""), List.of("KEYS", "k"));
    assertThat(config.get(Directives.USER)).containsExactly(List.of("a", "on"));
  }

  @Test
  void read_include_takesWildcardsAndNesting() throws Exception {
    Files.createDirectory(directory.resolve("d"));
    Files.writeString(directory.resolve("d/1.conf"), "port 1\ntimeout 5\n");
    Files.writeString(directory.resolve("d/2.conf"), "port 2\ninclude d/sub\n");
    Files.writeString(directory.resolve("d/sub"), "hz 99\n");
    Files.writeString(directory.resolve("d/.hidden.conf"), "port 3\n");

    Config config = read("include d/*.conf\ninclude none/*.conf\n", "");

    assertThat(config.get(Directives.PORT)).isEqualTo(2);
    assertThat(config.get(Directives.TIMEOUT)).isEqualTo(5);
    assertThat(config.get(Directives.HZ)).isEqualTo(99);
  }

  @Test
  void read_includeOfItself_isRefused() {
    assertThat(fault("include c.conf\n").reason()).contains("nested");
  }

  @Test
  void read_unknownDirective_saysFileLineAndText() {
    ConfigException fault = fault("port 1\n\n  foo bar \nport 2\n");

    assertThat(fault.line()).isEqualTo(3);
    assertThat(fault.report())
        .isEqualTo(
            "\n*** FATAL CONFIG FILE ERROR (Redis 7.2.4) ***\n"
                + "Reading the configuration file, at line 3\n"
                + ">>> 'foo bar'\n"
                + "Bad directive or wrong number of arguments\n"
                + "File: "
                + directory.resolve("c.conf")
                + "\n");
  }

  @Test
  void read_faults_giveRedisReasons() {
    assertThat(fault("port\n").reason()).isEqualTo("wrong number of arguments");
    assertThat(fault("port 1 2\n").reason()).isEqualTo("wrong number of arguments");
    assertThat(fault("port \"1\n").reason()).isEqualTo("Unbalanced quotes in configuration line");
    assertThat(fault("port x\n").reason()).isEqualTo("argument couldn't be parsed into an integer");
    assertThat(fault("save 10\n").reason()).isEqualTo("Invalid save parameters");
    assertThat(fault("dir /nosuch\n").reason()).isEqualTo("No such file or directory");
    assertThat(fault("logfile /nosuch/x\n").reason())
        .isEqualTo("Can't open the log file: No such file or directory");
    assertThat(fault("include nosuch\n").reason())
        .isEqualTo(
            "Fatal error, can't open config file '"
                + directory.resolve("nosuch")
                + "': No such file or directory");
    assertThat(fault("cluster-enabled yes\nreplicaof a 1\n").reason())
        .isEqualTo("replicaof directive not allowed in cluster mode");
  }

  @Test
  void read_namesOfOldFiles_areKnown() throws Exception {
    Config config =
        read("slave-serve-stale-data no\nlua-time-limit 7\nlist-max-ziplist-entries 1\n", "");

    assertThat(config.get(Directives.REPLICA_SERVE_STALE_DATA)).isFalse();
    assertThat(config.get(Directives.BUSY_REPLY_THRESHOLD)).isEqualTo(7);
  }

  @Test
  void read_anything_neverFailsOtherwiseThanWithALocatedFault() throws Exception {
    long seed = System.nanoTime();
    RandomSource random = RandomSource.seeded(seed);
    String letters = "ab \"'\\x0\n\t#-:*[";
    for (int i = 0; i < 500; i++) {
      StringBuilder text = new StringBuilder();
      List<Directive<?>> all = Directives.all();
      for (int line = random.nextInt(4); line >= 0; line--) {
        String name = all.get(random.nextInt(all.size())).name();
        text.append(name.equals("logfile") || name.equals("dir") ? "port" : name).append(' ');
        for (int c = random.nextInt(12); c > 0; c--) {
          text.append(letters.charAt(random.nextInt(letters.length())));
        }
        text.append('\n');
      }
      try {
        read(text.toString(), "");
      } catch (ConfigException e) {
        assertThat(e.reason()).as("seed %d", seed).isNotEmpty();
      }
    }
  }
}
