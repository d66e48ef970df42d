package carnelian.server.log;

import static org.assertj.core.api.Assertions.assertThat;

import carnelian.base.ManualClock;
import carnelian.base.config.Choices.LogLevel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

class ServerLogTest {
  @TempDir private Path directory;
  private final ServerLog log = new ServerLog(new ManualClock(1_795_237_800_007L));

  private Path toFile() {
    Path file = directory.resolve("log");
    log.file(file);
    return file;
  }

  @Test
  void line_isInRedisForm() throws IOException {
    Path file = toFile();
    log.role('S');

    new ServerLogger("carnelian.x", log).info("Loaded {} keys in {}", 3, "0.1");

    assertThat(Files.readString(file))
        .matches(
            ProcessHandle.current().pid()
                + ":S 2[01] Nov 2026 \\d\\d:\\d\\d:00\\.007 \\* Loaded 3 keys in 0\\.1\n");
  }

  @Test
  void levels_haveTheirSignsAndThreshold() throws IOException {
    Path file = toFile();
    ServerLogger logger = new ServerLogger("carnelian.x", log);
    for (LogLevel level : LogLevel.values()) {
      log.level(level);
      logger.trace("t");
      logger.debug("d");
      logger.info("i");
      logger.warn("w");
    }

    List<String> ends =
        Files.readAllLines(file).stream().map(line -> line.substring(line.length() - 3)).toList();
    assertThat(ends)
        .containsExactly(". t", "- d", "* i", "# w", "- d", "* i", "# w", "* i", "# w", "# w");
  }

  @Test
  void libraries_areHeardOnlyWhenTheyWarn() throws IOException {
    Path file = toFile();
    ServerLogger logger = new ServerLogger("io.netty.x", log);

    logger.info("chatter");
    logger.warn("trouble");

    assertThat(Files.readAllLines(file)).singleElement().asString().endsWith("# trouble");
  }

  @Test
  void file_thatIsMovedAway_isMadeAnew() throws IOException {
    Path file = toFile();
    log.write(LogLevel.NOTICE, "one", null);
    Files.move(file, directory.resolve("log.1"));
    log.write(LogLevel.NOTICE, "two", null);

    assertThat(Files.readAllLines(file)).singleElement().asString().endsWith("* two");
  }

  @Test
  void fault_isFollowedByItsTrace() throws IOException {
    Path file = toFile();
    new ServerLogger("carnelian.x", log).error("failed", new IOException("disk"));

    assertThat(Files.readString(file))
        .contains("# failed\n    java.io.IOException: disk\n        at ");
  }

  @Test
  void slf4j_findsTheProvider() {
    assertThat(LoggerFactory.getLogger("carnelian.y")).isInstanceOf(ServerLogger.class);
  }
}
