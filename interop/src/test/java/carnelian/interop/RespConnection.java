package carnelian.interop;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;

/// A plain blocking connection that shows what is on the wire, which client libraries hide. One
/// thread uses it. Arguments and replies are latin-1 text standing for bytes.
final class RespConnection implements AutoCloseable {
  private static final int READ_TIMEOUT_MILLIS = 300_000;

  private final Socket socket;
  private final InputStream in;
  private final OutputStream out;

  RespConnection(int port) {
    try {
      socket = new Socket(InetAddress.getLoopbackAddress(), port);
      socket.setTcpNoDelay(true);
      socket.setSoTimeout(READ_TIMEOUT_MILLIS);
      in = new BufferedInputStream(socket.getInputStream(), 1 << 16);
      out = new BufferedOutputStream(socket.getOutputStream(), 1 << 16);
    } catch (IOException e) {
      throw new UncheckedIOException("connect to port " + port, e);
    }
  }

  /// Sends one command and waits for its reply.
  RespValue call(String... args) {
    send(args);
    flush();
    return read();
  }

  /// Queues one command; [#flush] sends what is queued.
  void send(String... args) {
    try {
      header('*', args.length);
      for (String arg : args) {
        header('$', arg.length());
        out.write(arg.getBytes(ISO_8859_1));
        out.write('\r');
        out.write('\n');
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  void sendRaw(String bytes) {
    try {
      out.write(bytes.getBytes(ISO_8859_1));
      out.flush();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  void flush() {
    try {
      out.flush();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void header(char type, int count) throws IOException {
    out.write(type);
    out.write(Integer.toString(count).getBytes(ISO_8859_1));
    out.write('\r');
    out.write('\n');
  }

  /// Whether there is something to read already.
  boolean hasInput() {
    try {
      return in.available() > 0;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  RespValue read() {
    try {
      return readValue();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// So many replies.
  List<RespValue> read(int count) {
    List<RespValue> replies = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      replies.add(read());
    }
    return replies;
  }

  private RespValue readValue() throws IOException {
    String line = readLine();
    char type = line.charAt(0);
    String rest = line.substring(1);
    return switch (type) {
      case '+' -> new RespValue.Simple(rest);
      case '-' -> new RespValue.Failure(rest);
      case ':' -> new RespValue.Int(Long.parseLong(rest));
      case '_' -> new RespValue.Nil();
      case ',', '#', '(' -> new RespValue.Scalar(type, rest);
      case '$' -> rest.equals("-1") ? new RespValue.NilBulk() : new RespValue.Bulk(readBytes(rest));
      case '=', '!' -> new RespValue.Scalar(type, readBytes(rest));
      case '*', '~', '>' ->
          rest.equals("-1") ? new RespValue.NilArray() : readItems(type, Integer.parseInt(rest));
      case '%', '|' -> readItems(type, 2 * Integer.parseInt(rest));
      default -> throw new IOException("unexpected reply line: " + line);
    };
  }

  private RespValue readItems(char type, int count) throws IOException {
    List<RespValue> items = new ArrayList<>(Math.min(count, 1024));
    for (int i = 0; i < count; i++) {
      items.add(readValue());
    }
    return new RespValue.Aggregate(type, items);
  }

  private String readBytes(String length) throws IOException {
    byte[] bytes = in.readNBytes(Integer.parseInt(length));
    if (in.read() != '\r' || in.read() != '\n') {
      throw new IOException("no CRLF after " + length + " bytes");
    }
    return new String(bytes, ISO_8859_1);
  }

  private String readLine() throws IOException {
    StringBuilder line = new StringBuilder();
    for (int b = in.read(); b != '\r'; b = in.read()) {
      if (b < 0) {
        throw new EOFException("connection closed after: " + line);
      }
      line.append((char) b);
    }
    if (in.read() != '\n') {
      throw new IOException("CR without LF after: " + line);
    }
    return line.toString();
  }

  @Override
  public void close() {
    try {
      socket.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
