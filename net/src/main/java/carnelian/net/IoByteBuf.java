package carnelian.net;

import carnelian.memory.Memory;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.buffer.UnpooledDirectByteBuf;
import org.jspecify.annotations.Nullable;

/// Netty's view of memory that is not Netty's: made once for a piece of memory and lent again and
/// again. It owns nothing; its reference count only says when Netty is done, which the borrower is
/// told once. Confined to the connection's I/O loop, so the count is a plain int.
final class IoByteBuf extends UnpooledDirectByteBuf {
  /// Hears that Netty has let go of the buffer.
  interface Borrower {
    void returned();
  }

  private final long address;
  private int references;
  private @Nullable Borrower borrower;

  IoByteBuf(long address, int capacity) {
    super(UnpooledByteBufAllocator.DEFAULT, Memory.asByteBuffer(address, capacity), capacity);
    this.address = address;
  }

  /// Hands the buffer to Netty, once: with content up to `content`, read up to `from`.
  IoByteBuf lend(int from, int content, Borrower to) {
    references = 1;
    borrower = to;
    setIndex(from, content);
    return this;
  }

  @Override
  public boolean hasMemoryAddress() {
    return true;
  }

  @Override
  public long memoryAddress() {
    return address;
  }

  @Override
  public ByteBuf capacity(int newCapacity) {
    throw new UnsupportedOperationException("lent memory does not grow");
  }

  @Override
  public int refCnt() {
    return references;
  }

  @Override
  public ByteBuf retain() {
    references++;
    return this;
  }

  @Override
  public ByteBuf retain(int increment) {
    references += increment;
    return this;
  }

  @Override
  public boolean release() {
    return release(1);
  }

  @Override
  public boolean release(int decrement) {
    references -= decrement;
    Borrower told = borrower;
    if (references > 0 || told == null) {
      return false;
    }
    borrower = null;
    told.returned();
    return true;
  }

  @Override
  public ByteBuf touch() {
    return this;
  }

  @Override
  public ByteBuf touch(Object hint) {
    return this;
  }
}
