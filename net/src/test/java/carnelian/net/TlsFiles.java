package carnelian.net;

import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Path;

/// Keys and certificates made with OpenSSL for these tests: one authority, a server's key in every
/// form, a client's.
final class TlsFiles {
  private TlsFiles() {}

  static Path path(String name) {
    URL resource = TlsFiles.class.getResource("tls/" + name);
    if (resource == null) {
      throw new IllegalArgumentException("no test file tls/" + name);
    }
    try {
      return Path.of(resource.toURI());
    } catch (URISyntaxException e) {
      throw new IllegalArgumentException(e);
    }
  }

  static String name(String name) {
    return path(name).toString();
  }
}
