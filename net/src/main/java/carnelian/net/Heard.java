package carnelian.net;

import java.io.ByteArrayOutputStream;

/// What a client says to a command that listens: filled by the I/O loop, emptied by the engine's.
final class Heard {
  private final ByteArrayOutputStream said = new ByteArrayOutputStream();

  synchronized void add(byte[] bytes) {
    said.writeBytes(bytes);
  }

  synchronized byte[] take() {
    byte[] bytes = said.toByteArray();
    said.reset();
    return bytes;
  }

  synchronized int bytes() {
    return said.size();
  }
}
