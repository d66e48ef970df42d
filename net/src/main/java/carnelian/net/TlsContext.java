package carnelian.net;

import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.SupportedCipherSuiteFilter;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;

/// Keys, certificates and rules of TLS connections, read and checked once. Immutable: a change of
/// the configuration makes a new one.
public final class TlsContext {
  private final SslContext context;
  private final boolean preferServerCiphers;

  private TlsContext(SslContext context, boolean preferServerCiphers) {
    this.context = context;
    this.preferServerCiphers = preferServerCiphers;
  }

  /// Reads the files that the settings name. The exception says which one is wrong.
  public static TlsContext load(TlsSettings settings) throws IOException, GeneralSecurityException {
    X509Certificate[] chain =
        Pem.certificates(Path.of(settings.certFile())).toArray(X509Certificate[]::new);
    SslContextBuilder builder =
        SslContextBuilder.forServer(
                Pem.privateKey(Path.of(settings.keyFile()), settings.keyPassword()), chain)
            .sslProvider(SslProvider.JDK)
            .clientAuth(
                switch (settings.clientAuth()) {
                  case NO -> ClientAuth.NONE;
                  case OPTIONAL -> ClientAuth.OPTIONAL;
                  case YES -> ClientAuth.REQUIRE;
                });
    List<X509Certificate> authorities = authorities(settings);
    if (!authorities.isEmpty()) {
      builder.trustManager(authorities.toArray(X509Certificate[]::new));
    } else if (settings.clientAuth() != TlsSettings.ClientAuthentication.NO) {
      throw new GeneralSecurityException(
          "Either tls-ca-cert-file or tls-ca-cert-dir must be specified when tls-cluster, "
              + "tls-replication or tls-auth-clients are enabled!");
    }
    if (!settings.protocols().isEmpty()) {
      builder.protocols(settings.protocols().toArray(String[]::new));
    }
    List<String> ciphers = ciphers(settings);
    if (!ciphers.isEmpty()) {
      builder.ciphers(ciphers, SupportedCipherSuiteFilter.INSTANCE);
    }
    return new TlsContext(builder.build(), settings.preferServerCiphers());
  }

  SslHandler handler(ByteBufAllocator allocator) {
    SslHandler handler = context.newHandler(allocator);
    if (preferServerCiphers) {
      SSLEngine engine = handler.engine();
      SSLParameters parameters = engine.getSSLParameters();
      parameters.setUseCipherSuitesOrder(true);
      engine.setSSLParameters(parameters);
    }
    return handler;
  }

  private static List<X509Certificate> authorities(TlsSettings settings)
      throws IOException, GeneralSecurityException {
    List<X509Certificate> authorities = new ArrayList<>();
    if (!settings.caFile().isEmpty()) {
      authorities.addAll(Pem.certificates(Path.of(settings.caFile())));
    }
    if (!settings.caDirectory().isEmpty()) {
      try (DirectoryStream<Path> files =
          Files.newDirectoryStream(Path.of(settings.caDirectory()))) {
        for (Path file : files) {
          if (Files.isRegularFile(file) && Pem.holdsCertificate(file)) {
            authorities.addAll(Pem.certificates(file));
          }
        }
      }
    }
    return authorities;
  }

  /// The ciphers by Java's names. OpenSSL's words for groups (`HIGH`, `DEFAULT`, `!MEDIUM`) name
  /// nothing here; a list of only such words leaves Java's own choice.
  private static List<String> ciphers(TlsSettings settings) {
    List<String> names = new ArrayList<>();
    for (String name : settings.cipherSuites().split(":", -1)) {
      if (name.startsWith("TLS_")) {
        names.add(name);
      }
    }
    boolean anySuite = !names.isEmpty();
    boolean anyCipher = false;
    for (String name : settings.ciphers().split(":", -1)) {
      String java = javaName(name);
      if (!java.isEmpty()) {
        names.add(java);
        anyCipher = true;
      }
    }
    if (anyCipher && !anySuite) {
      // Naming TLS 1.2's ciphers says nothing of TLS 1.3's.
      names.addAll(
          0,
          List.of(
              "TLS_AES_256_GCM_SHA384", "TLS_AES_128_GCM_SHA256", "TLS_CHACHA20_POLY1305_SHA256"));
    }
    return names;
  }

  /// `ECDHE-RSA-AES128-GCM-SHA256` is `TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256`; empty if the word
  /// does not look like a cipher.
  private static String javaName(String openSsl) {
    String name = openSsl.trim().toUpperCase(Locale.ROOT);
    if (name.startsWith("TLS_")) {
      return name;
    }
    if (name.startsWith("!") || name.startsWith("-") || name.startsWith("@")) {
      return "";
    }
    int cipher = name.indexOf("AES");
    if (cipher < 0) {
      cipher = name.indexOf("CHACHA20");
    }
    if (cipher < 0 || name.indexOf('-') < 0) {
      return "";
    }
    String exchange = cipher == 0 ? "RSA" : name.substring(0, cipher - 1).replace('-', '_');
    String bulk = name.substring(cipher).replace('-', '_');
    bulk = bulk.replaceFirst("^AES(128|256)", "AES_$1");
    if (bulk.startsWith("CHACHA20_POLY1305") && !bulk.endsWith("SHA256")) {
      bulk += "_SHA256";
    } else if (!bulk.contains("GCM") && !bulk.contains("CBC")) {
      bulk = bulk.replaceFirst("_SHA", "_CBC_SHA");
    }
    return "TLS_" + exchange + "_WITH_" + bulk;
  }
}
