package carnelian.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.X509Certificate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PemTest {
  @ParameterizedTest
  @CsvSource({
    "rsa-pkcs8.key,           '',     rsa.pem, SHA256withRSA",
    "rsa-pkcs1.key,           '',     rsa.pem, SHA256withRSA",
    "rsa-pkcs8-encrypted.key, secret, rsa.pem, SHA256withRSA",
    "rsa-pkcs1-encrypted.key, secret, rsa.pem, SHA256withRSA",
    "ec-sec1.key,             '',     ec.pem,  SHA256withECDSA",
  })
  void privateKey_ofEveryForm_fitsItsCertificate(
      String key, String password, String certificate, String algorithm) throws Exception {
    PrivateKey read = Pem.privateKey(TlsFiles.path(key), password);
    X509Certificate chain = Pem.certificates(TlsFiles.path(certificate)).getFirst();
    Signature signature = Signature.getInstance(algorithm);
    signature.initSign(read);
    signature.update(new byte[] {1, 2, 3});
    byte[] signed = signature.sign();
    signature.initVerify(chain);
    signature.update(new byte[] {1, 2, 3});
    assertThat(signature.verify(signed)).isTrue();
  }

  @Test
  void edwardsKey_isRead() throws Exception {
    assertThat(Pem.privateKey(TlsFiles.path("ed25519.key"), "").getAlgorithm()).isEqualTo("EdDSA");
  }

  @Test
  void whatIsNoKeyOrCertificate_isNamedInTheError(@TempDir Path directory) throws Exception {
    Path file = Files.writeString(directory.resolve("junk.pem"), "junk");
    assertThatThrownBy(() -> Pem.privateKey(file, ""))
        .hasMessageContaining("Failed to load private key: " + file);
    assertThatThrownBy(() -> Pem.certificates(file))
        .hasMessageContaining("Failed to load certificate: " + file);
    assertThatThrownBy(() -> Pem.privateKey(TlsFiles.path("rsa-pkcs8-encrypted.key"), "wrong"))
        .hasMessageContaining("Failed to load private key");
    assertThatThrownBy(() -> Pem.privateKey(TlsFiles.path("rsa-pkcs1-encrypted.key"), "wrong"))
        .hasMessageContaining("Failed to load private key");
  }
}
