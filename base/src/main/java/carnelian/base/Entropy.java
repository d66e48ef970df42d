package carnelian.base;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;

/// Unpredictable bytes from the kernel. The device is read where there is one: to load the security
/// providers would cost the start 30 ms.
final class Entropy {
  private static final Path DEVICE = Path.of("/dev/urandom");

  private Entropy() {}

  static byte[] bytes(int count) {
    Invariant.check(count >= 0 && count <= 4096, "bytes of entropy: ", count);
    if (Files.isReadable(DEVICE)) {
      try (InputStream in = Files.newInputStream(DEVICE)) {
        byte[] bytes = in.readNBytes(count);
        Invariant.check(bytes.length == count, "the entropy device ended after ", bytes.length);
        return bytes;
      } catch (IOException e) {
        throw new UncheckedIOException("cannot read " + DEVICE, e);
      }
    }
    byte[] bytes = new byte[count];
    new SecureRandom().nextBytes(bytes);
    return bytes;
  }

  static long nextLong() {
    return ByteBuffer.wrap(bytes(Long.BYTES)).getLong();
  }
}
