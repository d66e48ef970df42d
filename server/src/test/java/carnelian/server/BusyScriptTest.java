package carnelian.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// A script that does not end, over sockets: the loop turns within it.
@Timeout(60)
class BusyScriptTest {
  private static final String BUSY = "-BUSY Redis is busy running a script.";

  @TempDir private Path directory;

  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void othersAreToldBusy_andMayKill(int ioThreads) throws Exception {
    try (TestInstance instance =
            TestInstance.start(directory, "busy-reply-threshold 5", "io-threads " + ioThreads);
        Peer runs = new Peer(directory);
        Peer kills = new Peer(directory)) {
      instance.instance().awaitLoaded();
      runs.send(
          "SET a 1\r\nEVAL \"while true do pcall(redis.call, 'get', 'a') end\" 0\r\nGET a\r\n");
      assertThat(runs.line()).isEqualTo("+OK");
      kills.await("PING", BUSY);
      // More of the same connection, while its script goes on.
      runs.send("ECHO " + "x".repeat(100_000) + "\r\n");
      try (Peer comes = new Peer(directory)) {
        assertThat(comes.ask("GET a")).startsWith(BUSY);
        assertThat(comes.ask("MULTI")).isEqualTo("+OK");
        assertThat(comes.ask("SET a 2")).startsWith(BUSY);
        assertThat(comes.ask("EVAL \"return 1\" 0")).startsWith(BUSY);
      }
      assertThat(kills.ask("SHUTDOWN")).startsWith(BUSY);
      assertThat(kills.ask("SCRIPT KILL")).isEqualTo("+OK");
      assertThat(runs.line()).startsWith("-ERR Script killed by user with SCRIPT KILL...");
      assertThat(runs.line()).isEqualTo("$1");
      assertThat(runs.line()).isEqualTo("1");
      assertThat(runs.line()).isEqualTo("$100000");
      assertThat(runs.line()).hasSize(100_000);
      assertThat(kills.ask("PING")).isEqualTo("+PONG");
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void aClientThatLeavesItsScript_isForgottenAfterIt(int ioThreads) throws Exception {
    try (TestInstance instance =
            TestInstance.start(directory, "busy-reply-threshold 5", "io-threads " + ioThreads);
        Peer kills = new Peer(directory)) {
      instance.instance().awaitLoaded();
      try (Peer runs = new Peer(directory)) {
        runs.send("MULTI\r\nEVAL \"while true do end\" 0\r\nEXEC\r\nSET a 1\r\n");
        kills.await("PING", BUSY);
      }
      assertThat(kills.ask("GET a")).startsWith(BUSY);
      assertThat(kills.ask("SCRIPT KILL")).isEqualTo("+OK");
      kills.await("PING", "+PONG");
      kills.await("EVAL \"return 5\" 0", ":5");
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void whoComesTogetherWithTheScript_isServedWithinIt(int ioThreads) throws Exception {
    try (TestInstance instance =
            TestInstance.start(
                directory,
                "busy-reply-threshold 5",
                "enable-debug-command yes",
                "io-threads " + ioThreads);
        Peer sleeps = new Peer(directory);
        Peer runs = new Peer(directory);
        Peer asks = new Peer(directory)) {
      instance.instance().awaitLoaded();
      sleeps.send("DEBUG SLEEP 0.3\r\n");
      runs.send("EVAL \"while true do end\" 0\r\n");
      // Nothing else comes that could wake the loop.
      assertThat(asks.ask("GET a")).matches("-BUSY.*|\\$-1");
      asks.await("PING", BUSY);
      assertThat(asks.ask("SCRIPT KILL")).isEqualTo("+OK");
      assertThat(runs.line()).startsWith("-ERR Script killed by user with SCRIPT KILL...");
      assertThat(sleeps.line()).matches("\\+OK|-BUSY.*"); // Which came first is not certain.
    }
  }

  @Test
  void tasksOfTheLoop_waitForTheScript() throws Exception {
    try (TestInstance instance = TestInstance.start(directory, "busy-reply-threshold 5");
        Peer runs = new Peer(directory);
        Peer kills = new Peer(directory)) {
      instance.instance().awaitLoaded();
      runs.send("EVAL \"while true do end\" 0\r\n");
      kills.await("PING", BUSY);
      Thread asks =
          Thread.ofPlatform()
              .start(
                  () -> {
                    try {
                      instance.instance().contents();
                    } catch (Exception e) {
                      throw new AssertionError(e);
                    }
                  });
      assertThat(kills.ask("GET a")).startsWith(BUSY);
      assertThat(asks.isAlive()).isTrue();
      assertThat(kills.ask("SCRIPT KILL")).isEqualTo("+OK");
      asks.join();
    }
  }

  @Test
  void anOrderlyEnd_stopsAScriptThatHasNotWritten() throws Exception {
    try (TestInstance instance = TestInstance.start(directory, "busy-reply-threshold 5");
        Peer runs = new Peer(directory);
        Peer asks = new Peer(directory)) {
      instance.instance().awaitLoaded();
      runs.send("EVAL \"while true do end\" 0\r\n");
      asks.await("PING", BUSY);
      instance.instance().stopScript();
      assertThat(runs.line()).startsWith("-ERR Script killed");
    }
  }
}
