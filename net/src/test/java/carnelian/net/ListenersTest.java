package carnelian.net;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.net.ConnectException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

@ParameterizedClass
@MethodSource("carnelian.net.NetworkTest#networks")
class ListenersTest {
  private final NetworkOptions options;
  private TestServer server;

  ListenersTest(NetworkOptions options) {
    this.options = options;
  }

  @BeforeEach
  void start() throws ListenException {
    server = new TestServer(options);
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private static void answers(String host, int port) throws Exception {
    try (TestClient client = new TestClient(new Socket(address(host), port))) {
      assertThat(client.call("PING")).isEqualTo("+PONG");
    }
  }

  private static InetAddress address(String host) throws Exception {
    return InetAddress.getAllByName(host)[0];
  }

  private static void refuses(int port) {
    await()
        .untilAsserted(
            () ->
                assertThatThrownBy(() -> new TestClient(port))
                    .isInstanceOf(ConnectException.class));
  }

  @Test
  void portInUse_isRefusedInRedisWords_andNothingChanges() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      int port = taken.getLocalPort();
      assertThatThrownBy(() -> server.network.listeners().tcp(List.of("127.0.0.1"), port, 16))
          .isInstanceOfSatisfying(
              ListenException.class,
              e -> {
                assertThat(e).hasMessage("Failed listening on port " + port + " (TCP)");
                assertThat(e.detail())
                    .endsWith("127.0.0.1:" + port + ": bind: Address already in use");
              });
    }
    answers("127.0.0.1", server.port);
  }

  @Test
  void anotherPort_takesNewConnections_andOldOnesLive() throws Exception {
    try (TestClient old = new TestClient(server.port)) {
      assertThat(old.call("PING")).isEqualTo("+PONG");
      int port = TestServer.freePort();
      server.network.listeners().tcp(List.of("127.0.0.1"), port, 16);
      assertThat(old.call("PING")).isEqualTo("+PONG");
      answers("127.0.0.1", port);
      refuses(server.port);
      server.network.listeners().tcp(List.of("127.0.0.1"), 0, 16);
      refuses(port);
      assertThat(old.call("PING")).isEqualTo("+PONG");
    }
  }

  @Test
  void rebindingFromTheEnginesLoop_works() throws Exception {
    int port = TestServer.freePort();
    server
        .network
        .engineLoop()
        .netty()
        .submit(
            () -> {
              server.network.listeners().tcp(List.of("*"), port, 16);
              server.network.listeners().tcp(List.of("127.0.0.1"), port, 16);
              return true;
            })
        .get();
    answers("127.0.0.1", port);
  }

  @Test
  void defaultBind_takesEveryAddress_ofBothFamilies() throws Exception {
    int port = TestServer.freePort();
    server.network.listeners().tcp(List.of("*", "-::*"), port, 16);
    answers("127.0.0.1", port);
    if (address("::1") instanceof Inet6Address && Files.isReadable(Path.of("/proc/net/if_inet6"))) {
      answers("::1", port);
    }
    server.network.listeners().tcp(List.of("127.0.0.1", "-::1"), port, 16);
    answers("127.0.0.1", port);
  }

  @Test
  void addressThatIsNotHere_isAnErrorUnlessOptional() throws Exception {
    int port = TestServer.freePort();
    assertThatThrownBy(() -> server.network.listeners().tcp(List.of("192.0.2.1"), port, 16))
        .isInstanceOf(ListenException.class);
    server.network.listeners().tcp(List.of("127.0.0.1", "-192.0.2.1"), port, 16);
    answers("127.0.0.1", port);
    assertThatThrownBy(() -> server.network.listeners().tcp(List.of("-192.0.2.1"), port, 16))
        .isInstanceOf(ListenException.class);
    answers("127.0.0.1", port);
  }

  @Test
  void unixSocket_hasItsPermissions_answers_andVanishes(@TempDir Path directory) throws Exception {
    Path path = directory.resolve("s");
    Files.createFile(path);
    server.network.listeners().unix(path.toString(), 0700, 16);
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path)))
        .isEqualTo("rwx------");
    try (SocketChannel client = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      client.connect(UnixDomainSocketAddress.of(path));
      client.write(ByteBuffer.wrap("PING\r\n".getBytes(US_ASCII)));
      ByteBuffer reply = ByteBuffer.allocate(7);
      while (reply.hasRemaining() && client.read(reply) >= 0) {
        // The reply may come in pieces.
      }
      assertThat(reply.array()).asString().isEqualTo("+PONG\r\n");
      Connection connection = server.open.values().iterator().next();
      assertThat(connection.kind()).isEqualTo(Connection.Kind.UNIX);
      assertThat(connection.remoteAddress()).isEqualTo(path + ":0");
      assertThat(connection.localAddress()).isEqualTo(path + ":0");
    }
    server.network.listeners().unix("", 0, 16);
    assertThat(path).doesNotExist();
  }
}
