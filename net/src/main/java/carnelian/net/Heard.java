package carnelian.net;

import io.netty.buffer.ByteBuf;
import java.io.ByteArrayOutputStream;

/// What a client says to a command that listens: filled by the I/O loop, emptied by the engine's.
public final class Heard {
  private final Connection connection;
  private final ByteArrayOutputStream said = new ByteArrayOutputStream();

  Heard(Connection connection) {
    this.connection = connection;
  }

  /// What the client has said since the last time; empty if nothing.
  public byte[] take() {
    byte[] bytes = taken();
    if (bytes.length > 0) {
      connection.wasHeard();
    }
    return bytes;
  }

  /// Whether the client will say nothing more.
  public boolean isOver() {
    return connection.isSilent();
  }

  /// What comes from now on are commands again.
  public void close() {
    connection.stopListening();
  }

  private synchronized byte[] taken() {
    byte[] bytes = said.toByteArray();
    said.reset();
    return bytes;
  }

  /// Takes in what Netty has read; returns how much.
  synchronized int received(QueryInput input, ByteBuf read) {
    byte[] bytes = input.taken(read);
    said.writeBytes(bytes);
    return bytes.length;
  }

  synchronized int bytes() {
    return said.size();
  }
}
