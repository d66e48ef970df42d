package carnelian.server;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/// One more connection to a [TestInstance].
final class Peer implements AutoCloseable {
  private final SocketChannel channel;

  Peer(Path directory) throws IOException {
    channel = SocketChannel.open(StandardProtocolFamily.UNIX);
    channel.connect(UnixDomainSocketAddress.of(directory.resolve("s")));
  }

  Peer(int port) throws IOException {
    channel = SocketChannel.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
  }

  void send(String text) throws Exception {
    channel.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.ISO_8859_1)));
  }

  String line() throws Exception {
    return upTo("\r\n").stripTrailing();
  }

  String ask(String command) throws Exception {
    send(command + "\r\n");
    return line();
  }

  /// Asks until the answer begins like this.
  void await(String command, String expected) throws Exception {
    while (!ask(command).startsWith(expected)) {
      Thread.onSpinWait();
    }
  }

  /// What comes up to and with this.
  String upTo(String end) throws Exception {
    StringBuilder text = new StringBuilder();
    ByteBuffer one = ByteBuffer.allocate(1);
    while (text.indexOf(end) < 0 && channel.read(one.clear()) >= 0) {
      text.append((char) one.get(0));
    }
    return text.toString();
  }

  /// What comes before the server closes the connection.
  String rest() throws Exception {
    StringBuilder text = new StringBuilder();
    ByteBuffer some = ByteBuffer.allocate(1000);
    while (channel.read(some.clear()) >= 0) {
      text.append(StandardCharsets.ISO_8859_1.decode(some.flip()));
    }
    return text.toString();
  }

  void endOutput() throws IOException {
    channel.shutdownOutput();
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
