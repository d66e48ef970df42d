package carnelian.net;

import static carnelian.net.TestClient.request;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/// Over the loopback device, for every transport that works here, with the engine doing the I/O and
/// with four loops beside it.
@ParameterizedClass
@MethodSource("networks")
class NetworkTest {
  private final NetworkOptions options;
  private TestServer server;

  NetworkTest(NetworkOptions options) {
    this.options = options;
  }

  static Stream<NetworkOptions> networks() {
    List<NetworkOptions> networks = new ArrayList<>();
    for (Transport transport : Transport.values()) {
      if (transport.isAvailable()) {
        for (int threads : new int[] {1, 4}) {
          networks.add(
              NetworkOptions.defaults().withTransport(transport.word()).withIoThreads(threads));
        }
      }
    }
    return networks.stream();
  }

  @BeforeEach
  void start() throws ListenException {
    server = new TestServer(options);
  }

  @AfterEach
  void stop() {
    server.close();
    assertThat(server.bugs).isEmpty();
    assertThat(server.open).isEmpty();
  }

  private TestClient client() throws IOException {
    return new TestClient(server.port);
  }

  @Test
  void requests_areAnswered() throws IOException {
    try (TestClient client = client()) {
      for (int i = 0; i < 200; i++) {
        assertThat(client.call("PING")).isEqualTo("+PONG");
        assertThat(client.call("ECHO", "value " + i)).isEqualTo("value " + i);
      }
      assertThat(client.send("echo 'in line'\r\n").reply()).isEqualTo("in line");
      assertThat(server.network.inputBytes()).isGreaterThan(1000);
    }
  }

  @Test
  void connection_knowsItsAddresses() throws IOException {
    try (TestClient client = client()) {
      long id = Long.parseLong(client.call("ID").substring(1));
      Connection connection = server.connection(id);
      assertThat(connection.localAddress()).isEqualTo("127.0.0.1:" + server.port);
      assertThat(connection.remoteAddress()).startsWith("127.0.0.1:");
      assertThat(connection.isLocal()).isTrue();
      assertThat(connection.kind()).isEqualTo(Connection.Kind.TCP);
      assertThat(connection.queryBytes()).isZero();
      if (!options.transport().equals("nio")) {
        assertThat(connection.descriptor()).isGreaterThan(2);
      }
    }
  }

  @Test
  void requestInPieces_isAnsweredOnceComplete() throws IOException {
    String bytes = request("ECHO", "piecemeal") + request("PING") + "ping\r\n";
    try (TestClient client = client()) {
      for (int i = 0; i < bytes.length(); i++) {
        client.send(bytes.substring(i, i + 1));
      }
      assertThat(client.reply()).isEqualTo("piecemeal");
      assertThat(client.reply()).isEqualTo("+PONG");
      assertThat(client.reply()).isEqualTo("+PONG");
    }
  }

  @Test
  void pipelinedRequests_ofManyClients_areAnsweredInOrder() throws Exception {
    AtomicInteger mistakes = new AtomicInteger();
    List<Thread> threads = new ArrayList<>();
    for (int t = 0; t < 8; t++) {
      threads.add(Thread.ofVirtual().start(() -> pipeline(mistakes)));
    }
    for (Thread thread : threads) {
      thread.join();
    }
    assertThat(mistakes).hasValue(0);
  }

  private void pipeline(AtomicInteger mistakes) {
    try (TestClient client = client()) {
      for (int round = 0; round < 5; round++) {
        StringBuilder requests = new StringBuilder();
        for (int i = 0; i < 1000; i++) {
          requests.append(request("ECHO", round + ":" + i));
          if (i % 100 == 0) {
            requests.append(request("YIELD"));
          }
        }
        client.send(requests.toString());
        for (int i = 0; i < 1000; i++) {
          if (!client.reply().equals(round + ":" + i)) {
            mistakes.incrementAndGet();
          }
          if (i % 100 == 0 && !client.reply().equals("+OK")) {
            mistakes.incrementAndGet();
          }
        }
      }
    } catch (IOException e) {
      mistakes.incrementAndGet();
    }
  }

  @Test
  void bigArgumentsAndReplies_arrive() throws IOException {
    String value = "0123456789".repeat(500_000);
    try (TestClient client = client()) {
      for (int i = 0; i < 3; i++) {
        assertThat(client.call("ECHO", value).equals(value)).isTrue();
        assertThat(client.call("BIG", "20000000")).hasSize(20_000_000);
      }
      assertThat(client.call("PING")).isEqualTo("+PONG");
    }
  }

  @Test
  void pausedClient_goesOnWithWhatItHasSent() throws IOException {
    try (TestClient waiting = client();
        TestClient other = client()) {
      String id = waiting.call("ID").substring(1);
      waiting.send(request("WAIT") + request("ECHO", "one") + request("ECHO", "two"));
      assertThat(waiting.reply()).isEqualTo("+WAITED");
      waiting.send(request("ECHO", "three"));
      assertThat(other.call("PUBLISH", id, "5")).isEqualTo("+OK");
      assertThat(waiting.reply()).isEqualTo("\0\0\0\0\0");
      assertThat(other.call("WAKE", id)).isEqualTo("+OK");
      assertThat(waiting.reply()).isEqualTo("one");
      assertThat(waiting.reply()).isEqualTo("two");
      assertThat(waiting.reply()).isEqualTo("three");
    }
  }

  @Test
  void pausedClient_thatSendsOnAndOn_isReadUpToABound_andThenInFull() throws Exception {
    try (TestClient waiting = client();
        TestClient other = client()) {
      String id = waiting.call("ID").substring(1);
      assertThat(waiting.call("WAIT")).isEqualTo("+WAITED");
      String value = "x".repeat(1000);
      Thread sender =
          Thread.ofVirtual()
              .start(
                  () -> {
                    try {
                      for (int i = 0; i < 20_000; i++) {
                        waiting.send(request("ECHO", value));
                      }
                    } catch (IOException e) {
                      throw new IllegalStateException(e);
                    }
                  });
      Connection connection = server.connection(Long.parseLong(id));
      await().until(() -> connection.queryBytes() > 500_000);
      assertThat(connection.queryBytes()).isLessThan(3_000_000);
      assertThat(other.call("WAKE", id)).isEqualTo("+OK");
      for (int i = 0; i < 20_000; i++) {
        assertThat(waiting.reply()).isEqualTo(value);
      }
      sender.join();
    }
  }

  @Test
  void pausedClient_thatLeaves_isNoticed() throws Exception {
    try (TestClient waiting = client()) {
      assertThat(waiting.call("WAIT")).isEqualTo("+WAITED");
    }
    assertThat(server.closed.poll(10, TimeUnit.SECONDS)).isNotNull();
  }

  @Test
  void clientThatLeaves_isGoneForWhatAnotherSendsNext() throws Exception {
    try (TestClient other = client()) {
      for (int round = 0; round < 50; round++) {
        TestClient leaving = client();
        String id = leaving.call("ID").substring(1);
        assertThat(other.call("PUBLISH", id, "1")).isEqualTo("+OK");
        assertThat(leaving.reply()).hasSize(1);
        leaving.close();
        // The kernel may tell of two sockets in any order; after a reply it has told of both.
        assertThat(other.call("PING")).isEqualTo("+PONG");
        if (options.ioThreads() == 1) {
          assertThat(other.call("PUBLISH", id, "1")).isEqualTo("-ERR gone");
        } else { // The two are read by different threads.
          await()
              .pollInterval(Duration.ofMillis(1))
              .until(() -> other.call("PUBLISH", id, "1"), "-ERR gone"::equals);
        }
      }
    }
  }

  @Test
  void clientThatNeverReads_isDroppedAtItsLimit() throws Exception {
    try (TestClient deaf = client();
        TestClient other = client()) {
      String id = deaf.call("ID").substring(1);
      assertThat(deaf.call("LIMIT", "10000000")).isEqualTo("+OK");
      int published = 0;
      while (published < 200 && other.call("PUBLISH", id, "1000000").equals("+OK")) {
        published++;
      }
      assertThat(server.closed.poll(10, TimeUnit.SECONDS)).startsWith("output buffer limit");
      assertThat(published).isBetween(10, 60);
      assertThat(other.call("PING")).isEqualTo("+PONG");
    }
  }

  @Test
  void clientOverItsSoftLimit_isDroppedOnceTheTimeIsOver() throws Exception {
    try (TestClient deaf = client();
        TestClient other = client()) {
      String id = deaf.call("ID").substring(1);
      assertThat(deaf.call("LIMIT", "0", "1000000", "1")).isEqualTo("+OK");
      // More than the kernel's buffers take.
      assertThat(other.call("PUBLISH", id, "30000000")).isEqualTo("+OK");
      assertThat(other.call("PUBLISH", id, "1")).isEqualTo("+OK");
      assertThat(server.closed).isEmpty();
      Connection connection = server.connection(Long.parseLong(id));
      await()
          .until(
              () -> {
                server.network.engineLoop().execute(connection::flush);
                return !server.closed.isEmpty();
              });
      assertThat(server.closed.poll()).startsWith("output buffer limit");
    }
  }

  @Test
  void outputThatIsHeld_isSentOnRelease_inOrder() throws Exception {
    try (TestClient client = client()) {
      long id = Long.parseLong(client.call("ID").substring(1));
      Connection connection = server.connection(id);
      CountDownLatch held = new CountDownLatch(1);
      server
          .network
          .engineLoop()
          .execute(
              () -> {
                connection.holdOutput();
                held.countDown();
              });
      held.await();
      client.send(request("ECHO", "one")).send(request("ECHO", "two"));
      await().until(() -> connection.outputBytes() == 18);
      server.network.engineLoop().execute(connection::releaseOutput);
      assertThat(client.reply()).isEqualTo("one");
      assertThat(client.reply()).isEqualTo("two");
    }
  }

  @Test
  void clientThatReadsSlowly_getsEverything() throws Exception {
    try (TestClient slow = client();
        TestClient other = client()) {
      String id = slow.call("ID").substring(1);
      for (int i = 0; i < 300; i++) {
        assertThat(other.call("PUBLISH", id, "100000")).isEqualTo("+OK");
      }
      for (int i = 0; i < 300; i++) {
        assertThat(slow.reply()).hasSize(100_000);
      }
      assertThat(slow.call("PING")).isEqualTo("+PONG");
      Connection connection = server.connection(Long.parseLong(id));
      await().until(() -> connection.outputBytes() == 0);
    }
  }

  @Test
  void quit_answersWhatCameBefore_andCloses() throws Exception {
    try (TestClient client = client()) {
      client.send(request("BIG", "3000000") + request("QUIT") + request("PING"));
      assertThat(client.reply()).hasSize(3_000_000);
      assertThat(client.reply()).isEqualTo("+OK");
      assertThat(client.reply()).isEqualTo("<closed>");
    }
    assertThat(server.closed.poll(10, TimeUnit.SECONDS)).isNotNull();
  }

  @Test
  void protocolError_isAnsweredAfterTheCommandsBeforeIt_andCloses() throws Exception {
    try (TestClient client = client()) {
      client.send(request("PING") + "*1\r\nfoo\r\n");
      assertThat(client.reply()).isEqualTo("+PONG");
      assertThat(client.reply()).isEqualTo("-ERR Protocol error: expected '$', got 'f'");
      assertThat(client.reply()).isEqualTo("<closed>");
    }
  }

  @Test
  void clientThatEndsItsOutput_getsItsReplies() throws Exception {
    try (TestClient client = client()) {
      client.send(request("ECHO", "last words").repeat(100));
      client.endOutput();
      for (int i = 0; i < 100; i++) {
        assertThat(client.reply()).isEqualTo("last words");
      }
      assertThat(client.reply()).isEqualTo("<closed>");
    }
  }

  @Test
  void clientThatEndsItsOutput_whileRepliesAreOnTheirWay_getsTheRest() throws Exception {
    for (int round = 0; round < 100; round++) {
      try (TestClient client = client()) {
        client.send(request("PING")).send(request("YIELD") + request("PING")).send("ping\r\n");
        client.endOutput();
        assertThat(client.reply()).isEqualTo("+PONG");
        assertThat(client.reply()).isEqualTo("+OK");
        assertThat(client.reply()).isEqualTo("+PONG");
        assertThat(client.reply()).isEqualTo("+PONG");
        assertThat(client.reply()).isEqualTo("<closed>");
      }
    }
  }

  @Test
  void queryBuffer_hasALimit() throws Exception {
    server.network.queryLimitBytes(100_000);
    try (TestClient client = client()) {
      try {
        client.send("*2\r\n$4\r\nECHO\r\n$1000000\r\n" + "x".repeat(500_000));
        assertThat(client.reply()).isEqualTo("<closed>");
      } catch (IOException _) {
        // Reset while it was still sending: closed, too.
      }
    }
    assertThat(server.closed.poll(10, TimeUnit.SECONDS)).startsWith("query buffer limit");
  }

  @Test
  void connectionThatFailed_isClosed_andTheOthersLive() throws Exception {
    try (TestClient client = client();
        TestClient other = client()) {
      assertThat(client.call("DIE")).isEqualTo("<closed>");
      assertThat(other.call("PING")).isEqualTo("+PONG");
    }
    assertThat(server.bugs.poll(10, TimeUnit.SECONDS)).hasMessage("asked to");
  }

  @Test
  void connectionsThatComeAndGo_leaveNothing() throws Exception {
    for (int i = 0; i < 200; i++) {
      try (TestClient client = client()) {
        client.send(request("PING"));
        if (i % 2 == 0) {
          assertThat(client.reply()).isEqualTo("+PONG");
        }
      }
    }
    await().until(() -> server.open.isEmpty() && server.network.connectionCount() == 0);
  }
}
