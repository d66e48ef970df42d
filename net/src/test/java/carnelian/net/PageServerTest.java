package carnelian.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PageServerTest {
  private static final int PATIENCE_MILLIS = 20_000;

  private final PageServer server;

  PageServerTest() throws ListenException {
    server = new PageServer(List.of("127.0.0.1", "-::1"), 0, "pages", PageServerTest::page);
  }

  private static CompletionStage<PageServer.Page> page(String path, boolean local) {
    return switch (path) {
      case "/never" -> new CompletableFuture<>();
      case "/broken" -> CompletableFuture.failedStage(new IllegalStateException("broken"));
      default -> CompletableFuture.completedStage(PageServer.Page.text(200, path + " " + local));
    };
  }

  @AfterEach
  void close() {
    server.close();
  }

  private Socket connect() throws IOException {
    Socket socket = new Socket(InetAddress.ofLiteral("127.0.0.1"), server.port());
    socket.setSoTimeout(PATIENCE_MILLIS);
    return socket;
  }

  /// Everything up to the end of the connection.
  private String exchange(String request) throws IOException {
    try (Socket socket = connect()) {
      socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
    }
  }

  @Test
  void get_isAnsweredWithThePage() throws IOException {
    assertThat(exchange("GET /x?query=1 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"))
        .startsWith("HTTP/1.1 200 OK\r\n")
        .contains("content-type: text/plain; charset=utf-8\r\n")
        .contains("content-length: 8\r\n")
        .endsWith("\r\n\r\n/x true\n");
    assertThat(exchange("GET /x HTTP/1.0\r\n\r\n")).endsWith("/x true\n");
  }

  @Test
  void connection_staysForTheNextRequest() throws IOException {
    try (Socket socket = connect()) {
      for (int i = 0; i < 3; i++) {
        socket
            .getOutputStream()
            .write("GET /x HTTP/1.1\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        assertThat(readPage(socket.getInputStream())).endsWith("/x true\n");
      }
    }
  }

  private static String readPage(InputStream input) throws IOException {
    StringBuilder text = new StringBuilder();
    while (text.indexOf(" true\n") < 0) {
      int next = input.read();
      assertThat(next).isNotNegative();
      text.append((char) next);
    }
    return text.toString();
  }

  @Test
  void whatIsNoGet_isRefused() throws IOException {
    for (String method : List.of("POST", "HEAD", "PUT", "DELETE", "OPTIONS", "CONNECT", "ODD")) {
      assertThat(exchange(method + " /x HTTP/1.1\r\n\r\n"))
          .as(method)
          .startsWith("HTTP/1.1 405 ")
          .contains("allow: GET\r\n");
    }
    assertThat(exchange("GET /x HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc"))
        .startsWith("HTTP/1.1 413 ");
    assertThat(exchange("GET /x HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n"))
        .startsWith("HTTP/1.1 413 ");
  }

  @Test
  void whatIsTooLongOrNoHttp_isRefused() throws IOException {
    assertThat(exchange("GET /" + "x".repeat(2000) + " HTTP/1.1\r\n\r\n"))
        .startsWith("HTTP/1.1 400 ");
    assertThat(exchange("GET / HTTP/1.1\r\nA: " + "x".repeat(20_000) + "\r\n\r\n"))
        .startsWith("HTTP/1.1 400 ");
    assertThat(exchange("*1\r\n$4\r\nPING\r\n\r\n\r\n")).startsWith("HTTP/1.1 400 ");
  }

  @Test
  void failure_isNotAvailable() throws IOException {
    assertThat(exchange("GET /broken HTTP/1.1\r\nConnection: close\r\n\r\n"))
        .startsWith("HTTP/1.1 503 ");
  }

  @Test
  void secondRequestBeforeTheFirstReply_endsTheConnection() throws IOException {
    assertThat(exchange("GET /never HTTP/1.1\r\n\r\nGET /x HTTP/1.1\r\n\r\n")).isEmpty();
  }

  @Test
  void connections_areFew_andThereIsRoomAgainWhenSomeHaveGone() throws IOException {
    List<Socket> sockets = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      sockets.add(connect());
    }
    int closed = 0;
    for (Socket socket : sockets.subList(16, 40)) {
      closed += socket.getInputStream().read() < 0 ? 1 : 0;
    }
    assertThat(closed).isEqualTo(24);
    for (Socket socket : sockets) {
      socket.close();
    }
    Awaitility.await()
        .atMost(20, TimeUnit.SECONDS)
        .ignoreExceptions()
        .until(() -> exchange("GET /x HTTP/1.0\r\n\r\n").endsWith("/x true\n"));
  }

  @Test
  void portThatIsTaken_isNamed() {
    assertThatThrownBy(
            () ->
                new PageServer(List.of("127.0.0.1"), server.port(), "pages", PageServerTest::page))
        .isInstanceOf(ListenException.class)
        .hasMessage("Failed listening on port " + server.port() + " (HTTP)");
    assertThatThrownBy(
            () -> new PageServer(List.of("no.such.host.invalid"), 0, "pages", PageServerTest::page))
        .isInstanceOf(ListenException.class);
  }

  // ---- Queue times -----------------------------------------------------------------------------

  @Test
  void queueTimes_areCountedInPowersOfTwo() {
    QueueTimes times = new QueueTimes();
    times.add(0);
    times.add(1023);
    times.add(1024);
    times.add(5_000_000);
    times.add(Long.MAX_VALUE / 4);

    assertThat(times.count(0)).isEqualTo(2);
    assertThat(times.count(1)).isEqualTo(1);
    assertThat(times.count(13)).isEqualTo(1);
    assertThat(times.count(QueueTimes.BUCKETS - 1)).isEqualTo(1);
    assertThat(times.count()).isEqualTo(5);
    assertThat(times.percentileMicros(50)).isEqualTo(2);
    assertThat(times.takeLongestNanos()).isEqualTo(Long.MAX_VALUE / 4);
    assertThat(times.takeLongestNanos()).isZero();
    assertThat(times.longestNanos()).isEqualTo(Long.MAX_VALUE / 4);
    times.reset();
    assertThat(times.count()).isZero();
    assertThat(times.percentileMicros(99)).isZero();
  }
}
