package carnelian.server;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/// A redis-server of its own, asked over one connection for the bytes of its replies.
final class Oracle implements AutoCloseable {
  private static final Path REDIS_SERVER = Path.of("/usr/bin/redis-server");
  private static final Duration START_LIMIT = Duration.ofSeconds(20);
  private static final int READ_LIMIT_MILLIS = 10_000;
  private static final String MARKER = "*1\r\n$4\r\nPING\r\n";
  private static final String MARKED = "+PONG\r\n";

  private final Process process;
  private final Socket socket;

  private Oracle(Process process, Socket socket) {
    this.process = process;
    this.socket = socket;
  }

  static boolean isInstalled() {
    return Files.isExecutable(REDIS_SERVER);
  }

  static Oracle start(Path directory) {
    try {
      int port;
      try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
        port = free.getLocalPort();
      }
      Process process =
          new ProcessBuilder(
                  REDIS_SERVER.toString(),
                  "--port",
                  Integer.toString(port),
                  "--bind",
                  "127.0.0.1",
                  "--save",
                  "",
                  "--dir",
                  directory.toString())
              .redirectErrorStream(true)
              .redirectOutput(directory.resolve("redis.log").toFile())
              .start();
      return new Oracle(process, connect(process, port));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Socket connect(Process process, int port) throws IOException {
    long deadline = System.nanoTime() + START_LIMIT.toNanos();
    while (true) {
      try {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.setSoTimeout(READ_LIMIT_MILLIS);
        return socket;
      } catch (IOException e) {
        if (System.nanoTime() > deadline || !process.isAlive()) {
          process.destroyForcibly();
          throw e;
        }
        LockSupport.parkNanos(Duration.ofMillis(10).toNanos());
      }
    }
  }

  /// The reply's bytes as Latin-1.
  String raw(Object... words) {
    StringBuilder request = new StringBuilder("*" + words.length + "\r\n");
    for (Object word : words) {
      String text = word.toString();
      request.append('$').append(text.length()).append("\r\n").append(text).append("\r\n");
    }
    request.append(MARKER);
    try {
      socket.getOutputStream().write(request.toString().getBytes(StandardCharsets.ISO_8859_1));
      ByteArrayOutputStream reply = new ByteArrayOutputStream();
      InputStream in = socket.getInputStream();
      byte[] chunk = new byte[4096];
      while (true) {
        int count = in.read(chunk);
        if (count < 0) {
          throw new IOException("redis-server hung up");
        }
        reply.write(chunk, 0, count);
        String text = reply.toString(StandardCharsets.ISO_8859_1);
        if (text.endsWith(MARKED)) {
          return text.substring(0, text.length() - MARKED.length());
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    try {
      socket.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      process.destroyForcibly();
    }
  }
}
