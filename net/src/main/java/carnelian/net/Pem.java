package carnelian.net;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.MessageDigest;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.KeySpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.crypto.Cipher;
import javax.crypto.EncryptedPrivateKeyInfo;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.PBEKeySpec;
import javax.crypto.spec.SecretKeySpec;

/// Certificates and private keys from PEM files, in all forms that OpenSSL writes: Java by itself
/// reads only PKCS#8.
final class Pem {
  private static final Pattern BLOCK =
      Pattern.compile("-----BEGIN ([A-Z0-9 ]+)-----(.*?)-----END \\1-----", Pattern.DOTALL);

  private static final Pattern OLD_ENCRYPTION =
      Pattern.compile("DEK-Info: *(AES-(128|192|256)-CBC),([0-9A-Fa-f]+)");

  private static final long LARGEST_FILE_BYTES = 1 << 20;

  /// `AlgorithmIdentifier` of RSA: OID 1.2.840.113549.1.1.1, NULL.
  private static final byte[] RSA = HexFormat.of().parseHex("300d06092a864886f70d0101010500");

  /// OID 1.2.840.10045.2.1, an elliptic curve's key.
  private static final byte[] EC = HexFormat.of().parseHex("06072a8648ce3d0201");

  private Pem() {}

  static List<X509Certificate> certificates(Path file)
      throws IOException, GeneralSecurityException {
    CertificateFactory factory = CertificateFactory.getInstance("X.509");
    List<X509Certificate> certificates = new ArrayList<>();
    try {
      Matcher block = BLOCK.matcher(text(file));
      while (block.find()) {
        if (block.group(1).endsWith("CERTIFICATE")) {
          Certificate certificate =
              factory.generateCertificate(new ByteArrayInputStream(decode(block.group(2))));
          certificates.add((X509Certificate) certificate);
        }
      }
    } catch (CertificateException | IllegalArgumentException e) {
      throw new GeneralSecurityException("Failed to load certificate: " + file, e);
    }
    if (certificates.isEmpty()) {
      throw new GeneralSecurityException("Failed to load certificate: " + file + ": none in it");
    }
    return certificates;
  }

  static boolean holdsCertificate(Path file) throws IOException {
    return Files.size(file) <= LARGEST_FILE_BYTES && text(file).contains("CERTIFICATE-----");
  }

  static PrivateKey privateKey(Path file, String password)
      throws IOException, GeneralSecurityException {
    Matcher block = BLOCK.matcher(text(file));
    while (block.find()) {
      try {
        switch (block.group(1)) {
          case "PRIVATE KEY" -> {
            return key(decode(block.group(2)));
          }
          case "ENCRYPTED PRIVATE KEY" -> {
            return key(decrypt(decode(block.group(2)), password));
          }
          case "RSA PRIVATE KEY" -> {
            return key(wrap(RSA, oldForm(block.group(2), password)));
          }
          case "EC PRIVATE KEY" -> {
            byte[] key = oldForm(block.group(2), password);
            return key(wrap(element(0x30, EC, curve(key)), key));
          }
          default -> {
            // Parameters or certificates beside the key.
          }
        }
      } catch (IllegalArgumentException | GeneralSecurityException e) {
        throw new GeneralSecurityException("Failed to load private key: " + file, e);
      }
    }
    throw new GeneralSecurityException("Failed to load private key: " + file + ": none in it");
  }

  private static PrivateKey key(byte[] pkcs8) throws GeneralSecurityException {
    KeySpec spec = new PKCS8EncodedKeySpec(pkcs8);
    for (String algorithm : new String[] {"RSA", "EC", "EdDSA"}) {
      try {
        return KeyFactory.getInstance(algorithm).generatePrivate(spec);
      } catch (InvalidKeySpecException _) {
        // Not this kind of key; the next one may fit.
      }
    }
    throw new InvalidKeySpecException("neither RSA nor EC nor EdDSA");
  }

  /// PKCS#8 encryption (PBES2).
  private static byte[] decrypt(byte[] encrypted, String password)
      throws IOException, GeneralSecurityException {
    EncryptedPrivateKeyInfo info = new EncryptedPrivateKeyInfo(encrypted);
    AlgorithmParameters parameters = info.getAlgParameters();
    String algorithm =
        "PBES2".equals(info.getAlgName()) ? parameters.toString() : info.getAlgName();
    Cipher cipher = Cipher.getInstance(algorithm);
    cipher.init(
        Cipher.DECRYPT_MODE,
        SecretKeyFactory.getInstance(algorithm)
            .generateSecret(new PBEKeySpec(password.toCharArray())),
        parameters);
    return info.getKeySpec(cipher).getEncoded();
  }

  /// PKCS#1 or SEC1, with OpenSSL's own encryption if the block has its header.
  private static byte[] oldForm(String body, String password) throws GeneralSecurityException {
    Matcher header = OLD_ENCRYPTION.matcher(body);
    if (!header.find()) {
      return decode(body);
    }
    byte[] iv = HexFormat.of().parseHex(header.group(3));
    byte[] key = new byte[Integer.parseInt(header.group(2)) / 8];
    byte[] digest = new byte[0];
    // OpenSSL's EVP_BytesToKey: MD5 over what came before, password and salt.
    MessageDigest md5 = MessageDigest.getInstance("MD5");
    for (int filled = 0; filled < key.length; filled += digest.length) {
      md5.update(digest);
      md5.update(password.getBytes(StandardCharsets.UTF_8));
      md5.update(iv, 0, 8);
      digest = md5.digest();
      System.arraycopy(digest, 0, key, filled, Math.min(digest.length, key.length - filled));
    }
    Cipher cipher = Cipher.getInstance("AES/CBC/PKCS5Padding");
    cipher.init(Cipher.DECRYPT_MODE, new SecretKeySpec(key, "AES"), new IvParameterSpec(iv));
    return cipher.doFinal(decode(body.substring(header.end())));
  }

  /// The curve's OID out of an `ECPrivateKey`: SEQUENCE { 1, OCTET STRING, [0] { OID }, … }.
  private static byte[] curve(byte[] key) throws GeneralSecurityException {
    for (int i = 2; i + 4 < key.length; i++) {
      boolean tagged = (key[i] & 0xFF) == 0xA0 && key[i + 2] == 0x06;
      if (tagged && key[i + 1] == key[i + 3] + 2 && i + 4 + key[i + 3] <= key.length) {
        byte[] oid = new byte[key[i + 3] + 2];
        System.arraycopy(key, i + 2, oid, 0, oid.length);
        return oid;
      }
    }
    throw new InvalidKeySpecException("an EC key without its curve");
  }

  /// `PrivateKeyInfo`: SEQUENCE { 0, algorithm, OCTET STRING { key } }.
  private static byte[] wrap(byte[] algorithm, byte[] key) {
    return element(0x30, new byte[] {0x02, 0x01, 0x00}, algorithm, element(0x04, key));
  }

  /// One DER element.
  private static byte[] element(int tag, byte[]... parts) {
    ByteArrayOutputStream content = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      content.writeBytes(part);
    }
    int length = content.size();
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(tag);
    if (length < 0x80) {
      out.write(length);
    } else if (length < 0x10000) {
      out.write(0x82);
      out.write(length >> 8);
      out.write(length);
    } else {
      out.write(0x83);
      out.write(length >> 16);
      out.write(length >> 8);
      out.write(length);
    }
    out.writeBytes(content.toByteArray());
    return out.toByteArray();
  }

  private static byte[] decode(String base64) {
    return Base64.getMimeDecoder().decode(base64.strip());
  }

  private static String text(Path file) throws IOException {
    if (Files.size(file) > LARGEST_FILE_BYTES) {
      throw new IOException(file + ": too large for a PEM file");
    }
    return Files.readString(file, StandardCharsets.ISO_8859_1);
  }
}
