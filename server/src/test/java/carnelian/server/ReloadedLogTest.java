package carnelian.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What `DEBUG LOADAOF` executes is no news to anybody.
class ReloadedLogTest {
  @TempDir private Path directory;

  /// Whoever took an element that comes and goes while the log is loaded would do so unlogged.
  @Test
  void clientThatWaits_isServedByWhatComesAfterwards_andNotByTheLog() throws Exception {
    try (TestInstance instance = TestInstance.start(directory, "appendonly yes");
        Peer waiting = new Peer(directory)) {
      instance.instance().awaitLoaded();
      instance.raw("RPUSH", "from", "old");
      instance.raw("LPOP", "from");
      waiting.send("BLMOVE from to LEFT RIGHT 0\r\n");
      while (!instance.raw("INFO", "clients").contains("blocked_clients:1\r\n")) {
        Thread.onSpinWait();
      }

      assertThat(instance.raw("DEBUG", "LOADAOF")).isEqualTo("+OK\r\n");

      assertThat(instance.raw("EXISTS", "to")).isEqualTo(":0\r\n");
      instance.raw("RPUSH", "from", "new");
      assertThat(waiting.line() + waiting.line()).isEqualTo("$3new");
      String digest = instance.raw("DEBUG", "DIGEST");
      assertThat(instance.raw("DEBUG", "LOADAOF")).isEqualTo("+OK\r\n");
      assertThat(instance.raw("DEBUG", "DIGEST")).isEqualTo(digest);
    }
  }
}
