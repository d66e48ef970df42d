package carnelian.server;

import carnelian.base.Clock;
import carnelian.base.OsError;
import carnelian.base.RandomSource;
import carnelian.base.config.Config;
import carnelian.base.config.ConfigException;
import carnelian.base.config.ConfigFile;
import carnelian.base.config.InvalidValueException;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A start with a few commands and an end, for the AOT cache to learn which classes those need.
/// Runs once after each build, on a Unix socket in a temporary directory, and touches no data.
final class Training {
  private static final Logger LOG = LoggerFactory.getLogger(Training.class);

  /// What a client says first, and one command of each kind.
  private static final List<String> COMMANDS =
      List.of(
          "HELLO 3",
          "CLIENT SETINFO lib-name train",
          "PING",
          "COMMAND COUNT",
          "CONFIG GET save",
          "SET k v EX 100",
          "GET k",
          "INCR n",
          "HSET h f v",
          "RPUSH l a b",
          "LRANGE l 0 -1",
          "SADD s 1 2",
          "ZADD z 1 a",
          "ZRANGE z 0 -1 WITHSCORES",
          "EXPIRE l 100",
          "TTL l",
          "SCAN 0",
          "MULTI",
          "EXEC",
          "INFO",
          "DEL k",
          "FLUSHALL");

  private Training() {}

  /// An exit code.
  static int run(Config config) {
    try {
      Path directory = Files.createTempDirectory("carnelian-train");
      Path socket = directory.resolve("s");
      try {
        ConfigFile.read(
            config, null, null, "port 0\nsave \"\"\nunixsocket " + socket + "\ndir " + directory);
        Banner.starting(true);
        serve(config, socket);
        return 0;
      } finally {
        Files.deleteIfExists(socket);
        Files.deleteIfExists(directory);
      }
    } catch (IOException e) {
      LOG.warn("Training failed: {}", OsError.text(e));
    } catch (ConfigException | InvalidValueException e) {
      LOG.warn("Training failed: {}", e.getMessage());
    }
    return 1;
  }

  private static void serve(Config config, Path socket) throws IOException, InvalidValueException {
    Banner.listening(config);
    try (Instance instance =
        new Instance(config, Clock.system(), RandomSource.system(), new Unstoppable())) {
      instance.start();
      LOG.info("Ready to accept connections");
      try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
        channel.connect(UnixDomainSocketAddress.of(socket));
        ByteBuffer replies = ByteBuffer.allocate(64 << 10);
        for (String command : COMMANDS) {
          byte[] line = (command + "\r\n").getBytes(StandardCharsets.US_ASCII);
          channel.write(ByteBuffer.wrap(line));
          channel.read(replies.clear());
        }
      }
    }
  }

  /// The training ends by itself.
  private static final class Unstoppable implements Shutdown {
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
