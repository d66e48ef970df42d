package carnelian.net;

import carnelian.memory.Memory;
import carnelian.memory.NativeBuffer;
import carnelian.resp.RequestParser;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.ChannelConfig;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.util.UncheckedBooleanSupplier;
import org.jspecify.annotations.Nullable;

/// The query buffer of one connection. Netty reads straight into it: as the channel's receive
/// allocator this class lends out the free end of the buffer, so that nothing is copied and nothing
/// allocated for a read.
///
/// (1) While a read is under way (`target`) the memory it goes to neither moves nor is given back:
/// with io_uring the kernel writes there at any time. (2) While a batch is with the engine on
/// another thread (`frozen`) the query buffer neither moves nor is given back; what arrives
/// meanwhile goes to `overflow` and is appended afterwards: by copying alone if the next read into
/// `overflow` is already under way, for that may wait for bytes that never come. (3) Otherwise an
/// empty buffer goes back to the pool at the end of each round of reads.
///
/// Used on the connection's I/O loop; the engine only asks for sizes.
final class QueryInput
    implements RecvByteBufAllocator, RecvByteBufAllocator.ExtendedHandle, IoByteBuf.Borrower {
  /// A read is not worth a system call into less room than this.
  private static final int LEAST_ROOM_BYTES = 1024;

  /// A big argument that is announced gets its memory in steps, as it arrives.
  private static final int GROWTH_STEP_BYTES = 1024 * 1024;

  /// Reads of one connection before the others have their turn.
  private static final int READS_PER_ROUND = 16;

  private final BufferPool pool;
  private final RequestParser parser;
  private @Nullable IoBuffer query;
  private @Nullable IoBuffer overflow;

  /// Bytes at the front of the overflow that are in the query buffer already.
  private int takenBytes;

  private @Nullable IoBuffer target;
  private boolean frozen;
  private boolean closed;
  private int attemptedBytes;
  private int lastBytes;
  private int reads;
  private int mostUnreadBytes = Integer.MAX_VALUE;

  QueryInput(BufferPool pool, RequestParser parser) {
    this.pool = pool;
    this.parser = parser;
  }

  /// The bytes to parse, or null if there are none.
  @Nullable NativeBuffer query() {
    IoBuffer buffer = query;
    return buffer == null ? null : buffer.bytes;
  }

  /// Takes in what Netty has read: into lent memory, or decrypted into its own.
  @SuppressWarnings("ReferenceEquality") // Of buffers: the very one that was lent.
  int received(ByteBuf read) {
    IoBuffer into = target;
    if (into != null && read == into.view()) {
      int bytes = read.readableBytes();
      into.bytes.length(read.writerIndex());
      read.release();
      return bytes;
    }
    int bytes = read.readableBytes();
    try {
      NativeBuffer to = frozen ? overflowBytes() : queryBytesForWriting();
      read.readBytes(Memory.asByteBuffer(to.reserve(bytes), bytes));
      to.advance(bytes);
    } finally {
      read.release();
    }
    return bytes;
  }

  /// As [#received], but what was read is handed out and does not stay.
  byte[] taken(ByteBuf read) {
    byte[] bytes = new byte[read.readableBytes()];
    read.readBytes(bytes);
    read.release();
    return bytes;
  }

  /// Netty has let go of the memory that it was lent, with or without having read anything.
  @Override
  public void returned() {
    target = null;
    if (closed) {
      close();
    } else if (!frozen) {
      takeOverflow();
    }
  }

  /// The end of a round of reads.
  @SuppressWarnings("ReferenceEquality") // Of buffers: the very one that is written to.
  void rest() {
    IoBuffer buffer = query;
    if (buffer != null && target != buffer && !frozen) {
      parser.discard(buffer.bytes);
      if (buffer.bytes.isEmpty()) {
        pool.give(buffer);
        query = null;
      }
    }
  }

  /// A batch of slices of the query buffer goes to the engine.
  void freeze() {
    frozen = true;
  }

  /// The engine is done with the batch.
  void thaw() {
    frozen = false;
    if (closed) {
      close();
    } else {
      takeOverflow();
    }
  }

  /// Forgets what was read but not parsed.
  void drop() {
    IoBuffer buffer = query;
    if (buffer != null && target == null && !frozen) {
      parser.rewind(0);
      buffer.bytes.clear();
    }
  }

  /// Gives the memory back, as soon as nobody writes to it or reads from it.
  void close() {
    closed = true;
    if (target == null && !frozen) {
      pool.give(query);
      pool.give(overflow);
      query = null;
      overflow = null;
    }
  }

  /// Bytes that were read and not yet consumed. From another thread: of a moment ago.
  int unreadBytes() {
    IoBuffer buffer = query;
    IoBuffer more = overflow;
    int bytes = buffer == null ? 0 : Math.max(0, buffer.bytes.length() - parser.consumedBytes());
    return bytes + (more == null ? 0 : Math.max(0, more.bytes.length() - takenBytes));
  }

  /// From now on no more is read once so many bytes are there that were not executed. True if there
  /// are fewer.
  boolean mayKeep(int unreadBytes) {
    mostUnreadBytes = unreadBytes;
    return unreadBytes() < unreadBytes;
  }

  /// Room in the query buffer. From another thread: of a moment ago.
  int freeBytes() {
    IoBuffer buffer = query;
    return buffer == null ? 0 : Math.max(0, buffer.bytes.capacity() - buffer.bytes.length());
  }

  @SuppressWarnings("ReferenceEquality") // Of buffers: the very one that is written to.
  private void takeOverflow() {
    IoBuffer more = overflow;
    if (more == null) {
      return;
    }
    int length = more.bytes.length();
    if (length > takenBytes) {
      queryBytesForWriting().put(more.bytes.address() + takenBytes, length - takenBytes);
    }
    takenBytes = length;
    if (target != more) {
      overflow = null;
      takenBytes = 0;
      pool.give(more);
    }
  }

  private NativeBuffer overflowBytes() {
    IoBuffer buffer = overflow;
    if (buffer == null) {
      buffer = pool.take();
      overflow = buffer;
    }
    return buffer.bytes;
  }

  private NativeBuffer queryBytesForWriting() {
    IoBuffer buffer = query;
    if (buffer == null) {
      buffer = pool.take();
      query = buffer;
    }
    parser.discard(buffer.bytes);
    return buffer.bytes;
  }

  private void makeRoom(NativeBuffer bytes) {
    int missing = frozen ? 0 : parser.missingBytes(bytes);
    if (missing > 0) {
      bytes.reserve(Math.min(missing, Math.max(GROWTH_STEP_BYTES, bytes.length())));
    } else {
      bytes.reserve(
          bytes.length() < BufferPool.BUFFER_BYTES ? LEAST_ROOM_BYTES : BufferPool.BUFFER_BYTES);
    }
  }

  // ---- What Netty asks -----------------------------------------------------------------------

  @Override
  public QueryInput newHandle() {
    return this;
  }

  @Override
  public ByteBuf allocate(ByteBufAllocator ignored) {
    NativeBuffer bytes = frozen ? overflowBytes() : queryBytesForWriting();
    makeRoom(bytes);
    IoBuffer to = frozen ? overflow : query;
    if (to == null) {
      throw new IllegalStateException("no buffer to read into");
    }
    target = to;
    int content = bytes.length();
    return to.view().lend(content, content, this);
  }

  @Override
  public int guess() {
    return BufferPool.BUFFER_BYTES;
  }

  @Override
  public void reset(ChannelConfig config) {
    reads = 0;
  }

  @Override
  public void incMessagesRead(int count) {
    reads += count;
  }

  @Override
  public void lastBytesRead(int bytes) {
    lastBytes = bytes;
  }

  @Override
  public int lastBytesRead() {
    return lastBytes;
  }

  @Override
  public void attemptedBytesRead(int bytes) {
    attemptedBytes = bytes;
  }

  @Override
  public int attemptedBytesRead() {
    return attemptedBytes;
  }

  @Override
  public boolean continueReading() {
    return lastBytes > 0 && lastBytes == attemptedBytes && mayReadOn();
  }

  @Override
  public boolean continueReading(UncheckedBooleanSupplier maybeMore) {
    return lastBytes > 0 && maybeMore.get() && mayReadOn();
  }

  private boolean mayReadOn() {
    return reads < READS_PER_ROUND && !frozen && unreadBytes() < mostUnreadBytes;
  }

  @Override
  public void readComplete() {
    // Nothing to settle here: rest() is called when the pipeline has seen the end of the round.
  }
}
