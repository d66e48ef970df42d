package carnelian.server;

import carnelian.base.Clock;
import java.io.EOFException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.concurrent.TimeUnit;

/// A connection to the server that MIGRATE moves keys to. Its caller waits, but for nothing longer
/// than the time-out. On the engine's thread.
final class MigrateTarget implements AutoCloseable {
  private static final int LONGEST_LINE = 1024;
  private static final int CHUNK_BYTES = 16 << 10;

  private final Clock clock;
  private final SocketChannel channel;
  private final Selector selector;
  private final SelectionKey selection;
  private final ByteBuffer input = ByteBuffer.allocate(CHUNK_BYTES).limit(0);
  private long lastDatabase = -1;
  private long usedNanos;

  private MigrateTarget(Clock clock, SocketChannel channel, Selector selector) throws IOException {
    this.clock = clock;
    this.channel = channel;
    this.selector = selector;
    selection = channel.register(selector, 0);
    used();
  }

  static MigrateTarget connect(Clock clock, String host, int port, long timeoutMillis)
      throws IOException {
    InetSocketAddress address = new InetSocketAddress(host, port);
    if (address.isUnresolved()) {
      throw new ConnectException("unknown host: " + host);
    }
    SocketChannel channel = SocketChannel.open();
    try {
      channel.configureBlocking(false);
      channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
      MigrateTarget target = new MigrateTarget(clock, channel, Selector.open());
      if (!channel.connect(address)) {
        target.await(SelectionKey.OP_CONNECT, timeoutMillis);
        boolean _ = channel.finishConnect();
      }
      return target;
    } catch (IOException e) {
      channel.close();
      throw e;
    }
  }

  /// The database that was selected last; -1 if that is not known.
  long lastDatabase() {
    return lastDatabase;
  }

  void lastDatabase(long database) {
    lastDatabase = database;
  }

  void used() {
    usedNanos = clock.monotonicNanos();
  }

  long idleNanos() {
    return clock.monotonicNanos() - usedNanos;
  }

  void write(ByteBuffer bytes, long timeoutMillis) throws IOException {
    while (bytes.hasRemaining()) {
      if (channel.write(bytes) == 0) {
        await(SelectionKey.OP_WRITE, timeoutMillis);
      }
    }
  }

  /// A line without its end.
  String readLine(long timeoutMillis) throws IOException {
    StringBuilder line = new StringBuilder();
    while (true) {
      while (input.hasRemaining()) {
        char next = (char) (input.get() & 0xff);
        if (next == '\n') {
          int end = line.length();
          return line.substring(0, end > 0 && line.charAt(end - 1) == '\r' ? end - 1 : end);
        }
        if (line.length() == LONGEST_LINE) {
          throw new IOException("a reply of more than " + LONGEST_LINE + " bytes");
        }
        line.append(next);
      }
      fill(timeoutMillis);
    }
  }

  private void fill(long timeoutMillis) throws IOException {
    input.clear();
    int read = channel.read(input);
    if (read == 0) {
      await(SelectionKey.OP_READ, timeoutMillis);
      read = channel.read(input);
    }
    input.flip();
    if (read < 0) {
      throw new EOFException("the target closed the connection");
    }
  }

  private void await(int operation, long timeoutMillis) throws IOException {
    selection.interestOps(operation);
    long end = clock.monotonicNanos() + TimeUnit.MILLISECONDS.toNanos(timeoutMillis);
    while (selector.select(Math.max(1, timeoutMillis)) == 0) {
      if (clock.monotonicNanos() >= end) {
        throw new SocketTimeoutException("no answer in " + timeoutMillis + " ms");
      }
    }
    selector.selectedKeys().clear();
  }

  @Override
  public void close() {
    try {
      selector.close();
      channel.close();
    } catch (IOException _) {
      // It is given up either way.
    }
  }
}
