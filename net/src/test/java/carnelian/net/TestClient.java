package carnelian.net;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;

/// A blocking client over a plain socket.
final class TestClient implements AutoCloseable {
  private static final int PATIENCE_MILLIS = 20_000;

  private final Socket socket;
  private final InputStream in;

  TestClient(int port) throws IOException {
    this(new Socket(InetAddress.getLoopbackAddress(), port));
  }

  TestClient(Socket socket) throws IOException {
    this.socket = socket;
    socket.setSoTimeout(PATIENCE_MILLIS);
    socket.setTcpNoDelay(true);
    in = new BufferedInputStream(socket.getInputStream(), 1 << 16);
  }

  TestClient send(String bytes) throws IOException {
    socket.getOutputStream().write(bytes.getBytes(ISO_8859_1));
    socket.getOutputStream().flush();
    return this;
  }

  /// A request as array of bulk strings.
  static String request(String... arguments) {
    StringBuilder bytes = new StringBuilder("*" + arguments.length + "\r\n");
    for (String argument : arguments) {
      bytes.append("$").append(argument.length()).append("\r\n").append(argument).append("\r\n");
    }
    return bytes.toString();
  }

  String call(String... arguments) throws IOException {
    return send(request(arguments)).reply();
  }

  /// The next reply: a line, or a bulk's content. `<closed>` at the end.
  String reply() throws IOException {
    String line = line();
    if (line.startsWith("$")) {
      byte[] content = in.readNBytes(Integer.parseInt(line.substring(1)));
      line();
      return new String(content, ISO_8859_1);
    }
    return line;
  }

  private String line() throws IOException {
    StringBuilder line = new StringBuilder();
    int b = in.read();
    while (b != '\n') {
      if (b < 0) {
        return line.isEmpty() ? "<closed>" : line + "<closed>";
      }
      if (b != '\r') {
        line.append((char) b);
      }
      b = in.read();
    }
    return line.toString();
  }

  void endOutput() throws IOException {
    socket.shutdownOutput();
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
