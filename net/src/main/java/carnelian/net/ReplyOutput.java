package carnelian.net;

import carnelian.memory.NativeBuffer;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// The replies of one connection on their way out.
///
/// ```
/// engine: buffer ──stage──▶ staged ──▶ inFlight ──returned──▶ pool   I/O loop
/// ```
///
/// The buffer object stays the same for the connection's life; the memory in it changes: pooled
/// while a batch is executed, its own and small for what is written between batches, none when
/// idle. At most one piece is on its way; what is written meanwhile gathers in the buffer, so a
/// client that does not read costs what it was sent and not a buffer per message.
///
/// `writing` and `wanted` are how the two threads meet. The engine, finding `writing` set, sets
/// `wanted` and looks at `writing` again; the I/O loop clears `writing` and then looks at `wanted`:
/// one of them sees the other.
final class ReplyOutput implements IoByteBuf.Borrower {
  /// More memory than this is not kept between batches.
  private static final int KEPT_BYTES = 1024;

  /// A client may leave this much unread whatever its class's limit: buffers are addressed by int.
  private static final long UNREAD_BOUND_BYTES = 1L << 30;

  private final ClientSocket socket;
  private final BufferPool pool;

  /// Engine's thread.
  private final NativeBuffer buffer = new NativeBuffer(0);

  private @Nullable IoBuffer lender;
  private long overSoftLimitSinceNanos = Long.MIN_VALUE;

  @Nullable OutputSource source;

  /// Handed over with the WRITE signal.
  private @Nullable IoBuffer staged;

  /// I/O loop.
  private @Nullable IoBuffer inFlight;

  volatile boolean writing;
  volatile boolean wanted;
  private volatile int unsentBytes;

  ReplyOutput(ClientSocket socket, BufferPool pool) {
    this.socket = socket;
    this.pool = pool;
  }

  // ---- Engine's thread -----------------------------------------------------------------------

  NativeBuffer buffer() {
    return buffer;
  }

  boolean isEmpty() {
    return buffer.isEmpty();
  }

  private boolean isSourceReady() {
    OutputSource from = source;
    return from != null && from.isReady();
  }

  /// Whether there is anything for [#stage].
  boolean isReady() {
    return !buffer.isEmpty() || isSourceReady();
  }

  /// Bytes that the client has not taken yet, as far as the kernel lets us know.
  long bytes() {
    return (long) buffer.length() + unsentBytes;
  }

  /// Whether that is more than it may be, for a while or at all.
  boolean isOver(OutputLimits limits) {
    long bytes = bytes();
    if (bytes > UNREAD_BOUND_BYTES || (limits.hardBytes() > 0 && bytes > limits.hardBytes())) {
      return true;
    }
    if (limits.softBytes() <= 0 || bytes <= limits.softBytes()) {
      overSoftLimitSinceNanos = Long.MIN_VALUE;
      return false;
    }
    long now = System.nanoTime();
    if (overSoftLimitSinceNanos == Long.MIN_VALUE) {
      overSoftLimitSinceNanos = now;
    }
    return now - overSoftLimitSinceNanos > TimeUnit.SECONDS.toNanos(limits.softSeconds());
  }

  /// Puts pooled memory under the buffer for a batch.
  void prepare() {
    if (lender == null && buffer.isEmpty()) {
      IoBuffer taken = pool.take();
      buffer.close();
      taken.bytes.exchange(buffer);
      lender = taken;
    }
  }

  /// The batch is over: memory that holds nothing goes back.
  void rest() {
    IoBuffer taken = lender;
    if (taken != null && buffer.isEmpty()) {
      taken.bytes.exchange(buffer);
      pool.give(taken);
      lender = null;
    }
  }

  /// Takes what the buffer holds for the way out. Only if nothing is on its way.
  void stage() {
    OutputSource from = source;
    if (from != null) {
      prepare();
      from.fill(buffer);
    }
    IoBuffer piece = lender;
    if (piece != null) {
      piece.bytes.exchange(buffer);
      lender = null;
    } else {
      piece = pool.take();
      if (buffer.length() <= piece.bytes.capacity()) {
        piece.bytes.put(buffer.address(), buffer.length());
        buffer.clear();
        if (buffer.capacity() > KEPT_BYTES) {
          buffer.close();
        }
      } else {
        piece.bytes.exchange(buffer);
        buffer.close();
      }
    }
    staged = piece;
    unsentBytes = piece.bytes.length();
    writing = true;
    wanted = isSourceReady();
  }

  /// The connection is gone.
  void close() {
    IoBuffer taken = lender;
    if (taken != null) {
      taken.bytes.exchange(buffer);
      pool.give(taken);
      lender = null;
    }
    buffer.close();
  }

  // ---- I/O loop ------------------------------------------------------------------------------

  boolean isStaged() {
    return staged != null;
  }

  /// The staged bytes, lent to Netty until [#returned].
  @Nullable IoByteBuf take() {
    IoBuffer piece = staged;
    if (piece == null) {
      return null;
    }
    staged = null;
    inFlight = piece;
    return piece.view().lend(0, piece.bytes.length(), this);
  }

  /// Netty has sent the piece or given it up.
  @Override
  public void returned() {
    IoBuffer piece = inFlight;
    if (piece != null) {
      inFlight = null;
      socket.sent(piece.bytes.length());
      pool.give(piece);
    }
    unsentBytes = 0;
    writing = false;
    if (wanted) {
      wanted = false;
      socket.drained();
    }
  }

  /// The channel is closed: what was not taken is not sent any more.
  void abandon() {
    pool.give(staged);
    staged = null;
  }
}
