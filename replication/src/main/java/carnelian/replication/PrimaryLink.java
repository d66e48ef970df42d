package carnelian.replication;

import carnelian.base.Clock;
import carnelian.base.OsError;
import carnelian.memory.Memory;
import carnelian.memory.NativeBuffer;
import carnelian.persistence.log.Position;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One connection to the primary, from its beginning to its end, on a thread of its own: drives the
/// [Handshake], receives a snapshot into a file, and hands on what comes of the stream.
///
/// What was handed on and not yet executed is bounded; beyond that the primary waits. What is sent
/// back (how far this replica is) is taken from [#acknowledge] when there is room for it, so the
/// engine never waits for the network.
final class PrimaryLink implements Runnable {
  private static final Logger LOG = LoggerFactory.getLogger(PrimaryLink.class);

  private static final int WINDOW_BYTES = 64 << 10;
  private static final int MAX_LINE_BYTES = 1024;

  /// Pieces of the stream that wait to be executed.
  private static final int MAX_PIECES = 16;

  private static final long TURN_MILLIS = 100;
  private static final long NOTHING = -1;
  private static final int MARK_BYTES = FullSync.MARK_BYTES;

  private final Follower follower;
  private final Clock clock;
  private final Settings settings;
  private final ByteBuffer in = ByteBuffer.allocate(WINDOW_BYTES).flip();
  private final Semaphore pieces = new Semaphore(MAX_PIECES);
  private final Semaphore loaded = new Semaphore(0);
  private volatile @Nullable Selector waker;
  private volatile boolean closed;
  private volatile long acknowledged = NOTHING;
  private volatile boolean newline;
  private volatile long lastReadNanos;
  private volatile long snapshotBytes = NOTHING;
  private volatile long receivedBytes;

  /// What a link is made with.
  ///
  /// @param source address to connect from; empty: any
  /// @param file where a snapshot is put
  /// @param timeoutSeconds silence after which the primary is given up
  record Settings(
      String host,
      int port,
      String source,
      Handshake.Policy handshake,
      Path file,
      long timeoutSeconds) {}

  PrimaryLink(Follower follower, Clock clock, Settings settings) {
    this.follower = follower;
    this.clock = clock;
    this.settings = settings;
    lastReadNanos = clock.monotonicNanos();
  }

  // ---- Any thread ------------------------------------------------------------------------------

  /// Ends the link soon; nothing more is handed on that the follower listens to.
  void close() {
    closed = true;
    loaded.release();
    pieces.release();
    wake();
  }

  /// Tells the primary how far this replica is, soon.
  void acknowledge(long offset) {
    acknowledged = offset;
    wake();
  }

  /// Lets the primary know that this replica is busy and alive.
  void sendNewline() {
    newline = true;
    wake();
  }

  /// The snapshot is in place: the stream may come.
  void snapshotLoaded() {
    loaded.release();
  }

  /// A piece of the stream has been executed.
  void pieceDone() {
    pieces.release();
  }

  long lastReadNanos() {
    return lastReadNanos;
  }

  /// Length of the snapshot; -1 if it is not known or there is none.
  long snapshotBytes() {
    return snapshotBytes;
  }

  /// How much of the snapshot has come.
  long receivedBytes() {
    return receivedBytes;
  }

  private void wake() {
    Selector selector = waker;
    if (selector != null) {
      selector.wakeup();
    }
  }

  // ---- The link's thread -----------------------------------------------------------------------

  @Override
  public void run() {
    String reason;
    try (SocketChannel channel = SocketChannel.open();
        Selector selector = Selector.open()) {
      waker = selector;
      connect(channel);
      channel.configureBlocking(false);
      SelectionKey key = channel.register(selector, SelectionKey.OP_READ);
      reason = follow(new Wire(channel, selector, key));
    } catch (IOException e) {
      reason = OsError.text(e);
    } finally {
      waker = null;
    }
    try {
      Files.deleteIfExists(settings.file());
    } catch (IOException e) {
      LOG.warn("A snapshot of the primary is left behind: {}", e.toString());
    }
    follower.ended(this, reason);
  }

  private void connect(SocketChannel channel) throws IOException {
    int millis = (int) Math.min(TimeUnit.SECONDS.toMillis(settings.timeoutSeconds()), 1 << 30);
    channel.socket().setTcpNoDelay(true);
    if (!settings.source().isEmpty()) {
      channel.bind(new InetSocketAddress(settings.source(), 0));
    }
    channel.socket().connect(new InetSocketAddress(settings.host(), settings.port()), millis);
  }

  /// Returns why it ended.
  private String follow(Wire wire) throws IOException {
    Handshake.State state = new Handshake.State.Connecting();
    Handshake.Event event = new Handshake.Event.Connected();
    while (true) {
      Handshake.Step step = Handshake.step(state, event, settings.handshake());
      state = step.next();
      for (Handshake.Action action : step.actions()) {
        String end = perform(wire, action);
        if (end != null) {
          return end;
        }
      }
      event = new Handshake.Event.Line(wire.line());
    }
  }

  /// Null if the handshake goes on, else why the link ended.
  private @Nullable String perform(Wire wire, Handshake.Action action) throws IOException {
    switch (action) {
      case Handshake.Action.Send(List<String> words) -> wire.send(words);
      case Handshake.Action.Say(String text) -> LOG.info("{}", text);
      case Handshake.Action.GiveUp(String reason) -> {
        return reason;
      }
      case Handshake.Action.ReceiveSnapshot(Position cut) -> {
        receiveSnapshot(wire, cut);
        return stream(wire);
      }
      case Handshake.Action.Follow(String newId) -> {
        follower.continues(this, newId);
        return stream(wire);
      }
    }
    return null;
  }

  // ---- The snapshot ----------------------------------------------------------------------------

  private void receiveSnapshot(Wire wire, Position cut) throws IOException {
    String head = wire.line();
    while (head.isEmpty()) {
      head = wire.line();
    }
    follower.receiving(this);
    try (FileChannel file =
        FileChannel.open(
            settings.file(),
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE)) {
      if (head.startsWith("$EOF:") && head.length() == 5 + MARK_BYTES) {
        LOG.info("MASTER <-> REPLICA sync: receiving streamed RDB from master with EOF to disk");
        receiveUpTo(wire, file, head.substring(5).getBytes(StandardCharsets.ISO_8859_1));
      } else if (head.matches("\\$[0-9]{1,18}")) {
        snapshotBytes = Long.parseLong(head.substring(1));
        LOG.info("MASTER <-> REPLICA sync: receiving {} bytes from master to disk", snapshotBytes);
        receiveAll(wire, file, snapshotBytes);
      } else {
        throw new IOException("Bad protocol from MASTER, the first byte is not '$'");
      }
    }
    follower.received(this, settings.file(), cut);
    // The stream does not begin to be executed before the snapshot is in place.
    wire.awaitLoaded();
  }

  private void receiveAll(Wire wire, FileChannel file, long bytes) throws IOException {
    long left = bytes;
    while (left > 0) {
      wire.await();
      int piece = (int) Math.min(left, in.remaining());
      ByteBuffer taken = in.slice(in.position(), piece);
      in.position(in.position() + piece);
      put(file, taken);
      left -= piece;
      receivedBytes = bytes - left;
    }
  }

  private static void put(FileChannel file, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      int _ = file.write(bytes);
    }
  }

  /// The mark ends what the primary sends until it has been answered, so it is looked for at the
  /// end of what has come.
  private void receiveUpTo(Wire wire, FileChannel file, byte[] mark) throws IOException {
    byte[] tail = new byte[MARK_BYTES];
    long total = 0;
    while (true) {
      wire.await();
      int come = in.remaining();
      int fresh = Math.min(come, MARK_BYTES);
      System.arraycopy(tail, fresh, tail, 0, MARK_BYTES - fresh);
      in.get(in.limit() - fresh, tail, MARK_BYTES - fresh, fresh);
      put(file, in);
      total += come;
      receivedBytes = total;
      if (total >= MARK_BYTES && Arrays.equals(tail, mark)) {
        file.truncate(total - MARK_BYTES);
        return;
      }
    }
  }

  // ---- The stream ------------------------------------------------------------------------------

  private String stream(Wire wire) throws IOException {
    while (true) {
      wire.await();
      pieces.acquireUninterruptibly();
      if (closed) {
        return "closed";
      }
      int bytes = in.remaining();
      NativeBuffer piece = new NativeBuffer(bytes);
      Memory.asByteBuffer(piece.reserve(bytes), bytes).put(in);
      piece.advance(bytes);
      follower.streamed(this, piece);
    }
  }

  /// The socket, without blocking for ever.
  private final class Wire {
    private final SocketChannel channel;
    private final Selector selector;
    private final SelectionKey key;
    private ByteBuffer out = ByteBuffer.allocate(0);

    Wire(SocketChannel channel, Selector selector, SelectionKey key) {
      this.channel = channel;
      this.selector = selector;
      this.key = key;
    }

    /// Waits until there is something to read, and sends meanwhile what is to be sent.
    void await() throws IOException {
      while (!in.hasRemaining()) {
        sendWhatWaits();
        int interest = out.hasRemaining() ? SelectionKey.OP_WRITE : 0;
        key.interestOps(SelectionKey.OP_READ | interest);
        int _ = selector.select(TURN_MILLIS);
        selector.selectedKeys().clear();
        if (closed) {
          throw new IOException("the link is closed");
        }
        int read = channel.read(in.clear());
        in.flip();
        long now = clock.monotonicNanos();
        if (read < 0) {
          throw new IOException("Connection with master lost.");
        }
        if (read > 0) {
          lastReadNanos = now;
          follower.countReceived(read);
        } else if (now - lastReadNanos > TimeUnit.SECONDS.toNanos(settings.timeoutSeconds())) {
          throw new IOException("MASTER timeout: no data nor PING received...");
        }
      }
    }

    void awaitLoaded() throws IOException {
      try {
        while (!loaded.tryAcquire(TURN_MILLIS, TimeUnit.MILLISECONDS)) {
          sendWhatWaits();
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IOException(e);
      }
    }

    private void sendWhatWaits() throws IOException {
      if (!out.hasRemaining()) {
        long offset = acknowledged;
        if (offset != NOTHING) {
          acknowledged = NOTHING;
          out = encoded(List.of("REPLCONF", "ACK", Long.toString(offset)));
        } else if (newline) {
          newline = false;
          out = ByteBuffer.wrap(new byte[] {'\n'});
        }
      }
      int _ = channel.write(out);
    }

    void send(List<String> words) throws IOException {
      ByteBuffer request = encoded(words);
      while (request.hasRemaining()) {
        if (channel.write(request) == 0) {
          key.interestOps(SelectionKey.OP_WRITE);
          if (selector.select(TimeUnit.SECONDS.toMillis(settings.timeoutSeconds())) == 0) {
            throw new IOException("the primary does not read");
          }
          selector.selectedKeys().clear();
        }
      }
    }

    private static ByteBuffer encoded(List<String> words) {
      StringBuilder request = new StringBuilder("*" + words.size() + "\r\n");
      for (String word : words) {
        int bytes = word.getBytes(StandardCharsets.ISO_8859_1).length;
        request.append('$').append(bytes).append("\r\n").append(word).append("\r\n");
      }
      return ByteBuffer.wrap(request.toString().getBytes(StandardCharsets.ISO_8859_1));
    }

    String line() throws IOException {
      StringBuilder line = new StringBuilder();
      while (true) {
        await();
        char letter = (char) (in.get() & 0xff);
        if (letter == '\n') {
          int length = line.length();
          boolean carriage = length > 0 && line.charAt(length - 1) == '\r';
          return line.substring(0, carriage ? length - 1 : length);
        }
        line.append(letter);
        if (line.length() > MAX_LINE_BYTES) {
          throw new IOException("a line of the primary that does not end");
        }
      }
    }
  }
}
