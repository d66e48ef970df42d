package carnelian.net;

import java.util.List;

/// The `tls-*` directives, as text; empty where not set.
///
/// @param certFile chain of the server's certificate, PEM
/// @param keyFile its private key, PEM: PKCS#8 or PKCS#1 or SEC1, encrypted or not
/// @param keyPassword of an encrypted key
/// @param caFile certificates that clients are checked against, PEM
/// @param caDirectory directory of such files
/// @param clientAuth whether clients must show a certificate
/// @param protocols such as `TLSv1.2`, `TLSv1.3`; empty for both
/// @param ciphers of TLS 1.2, by their OpenSSL or Java names, separated by colons
/// @param cipherSuites of TLS 1.3, separated by colons
/// @param preferServerCiphers whether the server's order of ciphers counts
public record TlsSettings(
    String certFile,
    String keyFile,
    String keyPassword,
    String caFile,
    String caDirectory,
    ClientAuthentication clientAuth,
    List<String> protocols,
    String ciphers,
    String cipherSuites,
    boolean preferServerCiphers) {

  /// `tls-auth-clients`.
  public enum ClientAuthentication {
    NO,
    OPTIONAL,
    YES
  }
}
