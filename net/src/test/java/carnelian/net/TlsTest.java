package carnelian.net;

import static carnelian.net.TestClient.request;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import carnelian.net.TlsSettings.ClientAuthentication;
import java.io.IOException;
import java.net.InetAddress;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/// TLS connections over every transport and both ways of threading.
@ParameterizedClass
@MethodSource("carnelian.net.NetworkTest#networks")
class TlsTest {
  private static final char[] NO_PASSWORD = new char[0];

  private final NetworkOptions options;
  private TestServer server;

  TlsTest(NetworkOptions options) {
    this.options = options;
  }

  @BeforeEach
  void start() throws ListenException {
    server = new TestServer(options);
  }

  @AfterEach
  void stop() {
    server.close();
    assertThat(server.bugs).isEmpty();
  }

  private static TlsSettings settings(ClientAuthentication authentication) {
    return new TlsSettings(
        TlsFiles.name("rsa.pem"),
        TlsFiles.name("rsa-pkcs1.key"),
        "",
        TlsFiles.name("ca.pem"),
        "",
        authentication,
        List.of(),
        "",
        "",
        true);
  }

  private int listen(TlsSettings settings) throws Exception {
    server.network.listeners().tlsContext(TlsContext.load(settings));
    server.network.listeners().tls(List.of("127.0.0.1"), TestServer.freePort(), 16);
    return server.network.listeners().ports(Connection.Kind.TLS).getFirst();
  }

  /// A socket that trusts the test authority and shows the client's certificate if asked to.
  private static SSLSocket connect(int port, boolean withCertificate) throws Exception {
    KeyStore trusted = KeyStore.getInstance(KeyStore.getDefaultType());
    trusted.load(null, null);
    trusted.setCertificateEntry("ca", Pem.certificates(TlsFiles.path("ca.pem")).getFirst());
    TrustManagerFactory trust =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(trusted);
    KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    KeyStore own = KeyStore.getInstance(KeyStore.getDefaultType());
    own.load(null, null);
    if (withCertificate) {
      own.setKeyEntry(
          "client",
          Pem.privateKey(TlsFiles.path("client.key"), ""),
          NO_PASSWORD,
          Pem.certificates(TlsFiles.path("client.pem")).toArray(X509Certificate[]::new));
    }
    keys.init(own, NO_PASSWORD);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
    SSLSocket socket =
        (SSLSocket) context.getSocketFactory().createSocket(InetAddress.getLoopbackAddress(), port);
    socket.startHandshake();
    return socket;
  }

  @Test
  void requests_areAnswered_andBigOnesArrive() throws Exception {
    int port = listen(settings(ClientAuthentication.NO));
    try (TestClient client = new TestClient(connect(port, false))) {
      assertThat(client.call("PING")).isEqualTo("+PONG");
      String value = "0123456789".repeat(300_000);
      assertThat(client.call("ECHO", value).equals(value)).isTrue();
      assertThat(client.call("BIG", "10000000")).hasSize(10_000_000);
      client.send(request("ECHO", "a").repeat(2000));
      for (int i = 0; i < 2000; i++) {
        assertThat(client.reply()).isEqualTo("a");
      }
      long id = Long.parseLong(client.call("ID").substring(1));
      assertThat(server.connection(id).kind()).isEqualTo(Connection.Kind.TLS);
      assertThat(client.call("QUIT")).isEqualTo("+OK");
      assertThat(client.reply()).isEqualTo("<closed>");
    }
  }

  @Test
  void clientCertificate_isDemanded_ifClientsAreToAuthenticate() throws Exception {
    int port = listen(settings(ClientAuthentication.YES));
    try (TestClient client = new TestClient(connect(port, true))) {
      assertThat(client.call("PING")).isEqualTo("+PONG");
    }
    assertThatThrownBy(
            () -> {
              // TLS 1.3 tells the client only when it reads.
              try (TestClient client = new TestClient(connect(port, false))) {
                client.call("PING");
                throw new IllegalStateException("was let in");
              }
            })
        .isInstanceOf(IOException.class);
  }

  @Test
  void plainTextOnTheTlsPort_isRefused_andOthersLive() throws Exception {
    int port = listen(settings(ClientAuthentication.OPTIONAL));
    try (TestClient plain = new TestClient(port);
        TestClient client = new TestClient(connect(port, false))) {
      plain.send(request("PING"));
      assertThat(plain.reply()).isNotEqualTo("+PONG");
      assertThat(client.call("PING")).isEqualTo("+PONG");
    }
  }

  @Test
  void protocolsAndCiphers_areThoseNamed() throws Exception {
    TlsSettings plain = settings(ClientAuthentication.NO);
    int port =
        listen(
            new TlsSettings(
                plain.certFile(),
                plain.keyFile(),
                "",
                "",
                "",
                ClientAuthentication.NO,
                List.of("TLSv1.2"),
                "ECDHE-RSA-AES128-GCM-SHA256:!MEDIUM",
                "",
                true));
    SSLSocket socket = connect(port, false);
    assertThat(socket.getSession().getProtocol()).isEqualTo("TLSv1.2");
    assertThat(socket.getSession().getCipherSuite())
        .isEqualTo("TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256");
    try (TestClient client = new TestClient(socket)) {
      assertThat(client.call("PING")).isEqualTo("+PONG");
    }
  }
}
