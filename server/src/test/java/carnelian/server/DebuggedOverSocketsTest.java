package carnelian.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.ServerSocket;
import java.nio.file.Path;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// SCRIPT DEBUG SYNC over sockets, read by the engine's own loop and by others: what the user says
/// comes from the I/O loop while the command waits on the engine's.
@Timeout(60)
class DebuggedOverSocketsTest {
  private static final String INCREMENT = "redis.call('incr', 'k')";
  private static final String SCRIPT =
      String.join("\n", "local a = " + INCREMENT, INCREMENT, "return {a, " + INCREMENT + "}");
  private static final String STEP = "*1\r\n$1\r\ns\r\n";
  private static final String CONTINUE = "*1\r\n$1\r\nc\r\n";
  private static final String REPLY = "*1\r\n+<endsession>\r\n*2\r\n:1\r\n:3\r\n";

  @TempDir private Path directory;

  private int port;

  private TestInstance start(int ioThreads) throws Exception {
    try (ServerSocket socket = new ServerSocket(0)) {
      port = socket.getLocalPort();
    }
    TestInstance instance =
        TestInstance.start(directory, "port " + port, "io-threads " + ioThreads);
    instance.instance().awaitLoaded();
    return instance;
  }

  /// A client whose script has stopped at its first line.
  private Peer debugging() throws Exception {
    Peer user = new Peer(port);
    assertThat(user.ask("SCRIPT DEBUG SYNC")).isEqualTo("+OK");
    user.send("*3\r\n$4\r\nEVAL\r\n$" + SCRIPT.length() + "\r\n" + SCRIPT + "\r\n$1\r\n0\r\n");
    assertThat(user.upTo("'incr', 'k')\r\n"))
        .startsWith("*2\r\n+* Stopped at 1, stop reason = step over\r\n+-> 1 ");
    return user;
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void whatComesInPieces_orAllTogether_isHeard(int ioThreads) throws Exception {
    try (TestInstance _ = start(ioThreads);
        Peer user = debugging();
        Peer other = new Peer(directory)) {
      for (int i = 0; i < STEP.length(); i++) {
        user.send(STEP.substring(i, i + 1));
      }
      user.upTo("* Stopped at 2,");
      other.send("INCR k\r\n"); // Waits for the script.
      user.send(STEP + "*2\r\n$1\r\np\r\n$1\r\na\r\n" + CONTINUE);
      assertThat(user.rest()).contains("* Stopped at 3,", "*1\r\n+<value> 1\r\n").endsWith(REPLY);
      assertThat(other.line()).isEqualTo(":4");
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void userThatEndsItsOutput_isHeardToTheEnd_andGetsTheReply(int ioThreads) throws Exception {
    try (TestInstance _ = start(ioThreads);
        Peer user = debugging();
        Peer other = new Peer(directory)) {
      user.send(STEP);
      user.endOutput();
      assertThat(user.rest()).contains("* Stopped at 2,").endsWith(REPLY);
      assertThat(other.ask("INCR k")).isEqualTo(":4");
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void userThatVanishes_leavesTheScriptToItself(int ioThreads) throws Exception {
    try (TestInstance _ = start(ioThreads);
        Peer other = new Peer(directory)) {
      for (int round = 0; round < 10; round++) {
        Peer user = debugging();
        other.send("INCR k\r\nSET k 0\r\n");
        user.close();
        assertThat(other.line()).isEqualTo(":4");
        assertThat(other.line()).isEqualTo("+OK");
      }
    }
  }
}
