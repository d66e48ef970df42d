package carnelian.server;

import carnelian.base.Clock;
import carnelian.base.RandomSource;
import carnelian.base.config.Config;
import carnelian.base.config.ConfigFile;
import carnelian.net.RequestHandler;
import carnelian.persistence.log.Disk;
import carnelian.persistence.log.SystemDisk;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.function.UnaryOperator;

/// A whole store of its own on a Unix socket, asked over one connection for the bytes of its
/// replies.
final class TestInstance implements AutoCloseable {
  private static final String MARKER = "*2\r\n$4\r\nECHO\r\n$8\r\nthat-was\r\n";
  private static final String MARKED = "$8\r\nthat-was\r\n";

  private final Instance instance;
  private final SocketChannel channel;

  private TestInstance(Instance instance, SocketChannel channel) {
    this.instance = instance;
    this.channel = channel;
  }

  /// Starts without waiting for the data.
  static TestInstance start(Path directory, String... directives) throws Exception {
    return start(new SystemDisk(), directory, directives);
  }

  /// The same with its log on a disk of the test's own.
  static TestInstance start(Disk disk, Path directory, String... directives) throws Exception {
    return start(disk, UnaryOperator.identity(), directory, directives);
  }

  /// The same with something between its network and its engine.
  static TestInstance start(
      UnaryOperator<RequestHandler> between, Path directory, String... directives)
      throws Exception {
    return start(new SystemDisk(), between, directory, directives);
  }

  private static TestInstance start(
      Disk disk, UnaryOperator<RequestHandler> between, Path directory, String... directives)
      throws Exception {
    Path socket = directory.resolve("s");
    Config config = new Config(directory);
    ConfigFile.read(
        config,
        null,
        null,
        "port 0\nsave \"\"\nenable-debug-command yes\nunixsocket "
            + socket
            + "\ndir "
            + directory
            + "\n"
            + String.join("\n", directives));
    Instance instance = new Instance(config, Clock.system(), RandomSource.system(), new NoEnd());
    instance.disk(disk);
    instance.interpose(between);
    try {
      instance.start();
      SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
      channel.connect(UnixDomainSocketAddress.of(socket));
      return new TestInstance(instance, channel);
    } catch (Exception e) {
      instance.close();
      throw e;
    }
  }

  Instance instance() {
    return instance;
  }

  /// The reply's bytes as Latin-1. The command must be one that may run.
  String raw(Object... words) {
    StringBuilder request = new StringBuilder("*" + words.length + "\r\n");
    for (Object word : words) {
      String text = word.toString();
      request.append('$').append(text.length()).append("\r\n").append(text).append("\r\n");
    }
    return exchange(request + MARKER, MARKED);
  }

  /// Sends a command and reads up to the end of a line, for times when markers are refused.
  String line(String command) {
    return exchange(command + "\r\n", "\r\n");
  }

  private String exchange(String request, String end) {
    try {
      ByteBuffer bytes = ByteBuffer.wrap(request.getBytes(StandardCharsets.ISO_8859_1));
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
      StringBuilder reply = new StringBuilder();
      ByteBuffer chunk = ByteBuffer.allocate(1 << 16);
      while (!reply.toString().endsWith(end)) {
        if (channel.read(chunk.clear()) < 0) {
          throw new IOException("hung up");
        }
        reply.append(StandardCharsets.ISO_8859_1.decode(chunk.flip()));
      }
      return reply.substring(0, reply.length() - end.length());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() throws IOException {
    channel.close();
    instance.close();
  }

  /// Tests end by themselves.
  private static final class NoEnd implements Shutdown {
    @Override
    public boolean begin(Request request) {
      return false;
    }

    @Override
    public boolean abort() {
      return false;
    }
  }
}
