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
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A start, some seconds of mixed commands, a save, an end, a start from what was saved, more
/// commands that are logged, and a start from the log, for the AOT cache to learn which classes
/// those need and how their methods behave: which branches are taken, and that the call of a
/// command's method leads to many of them. The compiler then need not find out by itself, does not
/// take the first client's commands for all there are, and does not throw the code of all writes
/// away when they first happen beside an open snapshot (a third of a second at half the speed).
/// Runs once after each build, on a Unix socket in a temporary directory, and touches no data.
final class Training {
  private static final Logger LOG = LoggerFactory.getLogger(Training.class);

  /// What a client says first, and one command of each kind. COMMAND LIST declares all families,
  /// which a server does before it serves.
  private static final List<String> COMMANDS =
      List.of(
          "HELLO 3",
          "CLIENT SETINFO lib-name train",
          "PING",
          "COMMAND LIST",
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

  /// What the exercise repeats: `#` is a number that grows, `@` one of a few.
  private static final List<String> EXERCISE =
      List.of(
          "SET key:# value-of-some-tens-of-bytes-as-they-are-common-in-caches-#",
          "SET key:@ #",
          "GET key:#",
          "GET key:@",
          "MSET a:@ 1 b:@ 2",
          "MGET key:@ key:#",
          "SETEX session:@ 100 value-#",
          "INCR counter:@",
          "APPEND text:@ x",
          "EXISTS key:#",
          "EXPIRE key:@ 1000",
          "TTL key:@",
          "HSET hash:@ field:# value",
          "HSET small:# a 1 b 2 c 3",
          "HGET hash:@ field:#",
          "HGETALL small:#",
          "HDEL hash:@ field:@",
          "LPUSH list:@ element-#",
          "RPUSH list:@ element-#",
          "LPOP list:@",
          "RPOP list:@",
          "LRANGE list:@ 0 9",
          "SADD set:@ member:#",
          "SADD numbers:@ #",
          "SISMEMBER set:@ member:#",
          "SREM set:@ member:@",
          "SPOP numbers:@",
          "ZADD board:@ # member:#",
          "ZADD one-board # member:#",
          "ZSCORE board:@ member:#",
          "ZRANGE board:@ 0 9 WITHSCORES",
          "ZINCRBY board:@ 1 member:@",
          "ZREM board:@ member:@",
          "DEL text:@",
          "UNLINK set:@",
          "PUBLISH channel message",
          "TYPE key:@");

  /// Some hundred thousand commands, a second or two.
  private static final int EXERCISES = 6_000;

  /// As many again are logged, and loaded from the log.
  private static final int LOGGED_EXERCISES = 3_000;

  private static final int FEW = 997;

  private static final int EXERCISES_BETWEEN_SAVES = 250;

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
        delete(directory);
      }
    } catch (IOException e) {
      LOG.warn("Training failed: {}", OsError.text(e));
    } catch (ConfigException | InvalidValueException e) {
      LOG.warn("Training failed: {}", e.getMessage());
    }
    return 1;
  }

  private static void delete(Path directory) throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    }
  }

  private static void serve(Config config, Path socket)
      throws IOException, ConfigException, InvalidValueException {
    try (Instance instance = start(config)) {
      Banner.listening(config);
      instance.awaitLoaded();
      LOG.info("Ready to accept connections");
      try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
        channel.connect(UnixDomainSocketAddress.of(socket));
        ByteBuffer replies = ByteBuffer.allocate(64 << 10);
        for (String command : COMMANDS) {
          say(channel, replies, command);
        }
        for (int number = 1; number <= EXERCISES; number++) {
          exercise(channel, replies, number);
          if (number % EXERCISES_BETWEEN_SAVES == 0) {
            say(channel, replies, "BGSAVE");
          }
        }
        say(channel, replies, "SAVE");
      }
    }
    ConfigFile.read(config, null, null, "appendonly yes");
    try (Instance logged = start(config)) {
      logged.awaitLoaded();
      try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
        channel.connect(UnixDomainSocketAddress.of(socket));
        ByteBuffer replies = ByteBuffer.allocate(64 << 10);
        for (int number = 1; number <= LOGGED_EXERCISES; number++) {
          exercise(channel, replies, number);
          if (number % EXERCISES_BETWEEN_SAVES == 0) {
            say(channel, replies, "BGREWRITEAOF");
          }
        }
      }
    }
    try (Instance again = start(config)) {
      again.awaitLoaded();
    }
  }

  private static Instance start(Config config) throws IOException, InvalidValueException {
    Instance instance =
        new Instance(config, Clock.system(), RandomSource.system(), new Unstoppable());
    instance.start();
    return instance;
  }

  private static void say(SocketChannel channel, ByteBuffer replies, String command)
      throws IOException {
    channel.write(ByteBuffer.wrap(ascii(command + "\r\n")));
    channel.read(replies.clear());
  }

  /// Every command of the exercise once, in one batch, whose replies end with its number.
  private static void exercise(SocketChannel channel, ByteBuffer replies, int number)
      throws IOException {
    StringBuilder batch = new StringBuilder();
    for (String template : EXERCISE) {
      String few = Integer.toString(number % FEW);
      String[] words =
          template.replace("#", Integer.toString(number)).replace("@", few).split(" ", -1);
      batch.append('*').append(words.length).append("\r\n");
      for (String word : words) {
        batch.append('$').append(word.length()).append("\r\n").append(word).append("\r\n");
      }
    }
    String end = "batch-" + number + "\r\n";
    batch.append("ECHO ").append(end);
    ByteBuffer request = ByteBuffer.wrap(ascii(batch.toString()));
    while (request.hasRemaining()) {
      channel.write(request);
    }
    replies.clear();
    do {
      if (!replies.hasRemaining()) {
        throw new IOException("the replies to " + batch.length() + " bytes are too long");
      }
      if (channel.read(replies) < 0) {
        throw new IOException("the connection ended in batch " + number);
      }
    } while (!endsWith(replies, end));
  }

  private static boolean endsWith(ByteBuffer replies, String end) {
    int from = replies.position() - end.length();
    return from >= 0
        && ByteBuffer.wrap(ascii(end)).equals(replies.duplicate().flip().position(from));
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
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
