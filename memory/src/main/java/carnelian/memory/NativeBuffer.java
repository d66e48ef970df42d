package carnelian.memory;

import java.util.concurrent.atomic.AtomicLong;

/// Growable bytes outside the heap: queries, replies, scratch. One owner, one thread. What it holds
/// moves when it grows, so an address taken from it is good until the next `reserve` or `put`.
public final class NativeBuffer implements AutoCloseable {
  public static final int MAX_BYTES = Integer.MAX_VALUE - 7;

  private static final int MIN_BYTES = 64;
  private static final int DOUBLE_UP_TO_BYTES = 1 << 20;

  /// Counted in checked mode alone.
  private static final AtomicLong HOLDING = new AtomicLong();

  private final int limitBytes;
  private long address;
  private int capacity;
  private int length;

  public NativeBuffer(int initialBytes) {
    this(initialBytes, MAX_BYTES);
  }

  /// A buffer that refuses to grow beyond `limitBytes`. No memory is taken for 0 initial bytes.
  public NativeBuffer(int initialBytes, int limitBytes) {
    if (initialBytes < 0 || limitBytes < initialBytes || limitBytes > MAX_BYTES) {
      throw new IllegalArgumentException(
          "native buffer: "
              + initialBytes
              + " bytes, at most "
              + limitBytes
              + " (expected: 0 to "
              + MAX_BYTES
              + ")");
    }
    this.limitBytes = limitBytes;
    if (initialBytes > 0) {
      moveTo(initialBytes);
    }
  }

  /// How many buffers of this process hold memory, in checked mode; without it, 0. Any thread.
  public static long holding() {
    return HOLDING.get();
  }

  /// Where the bytes begin.
  public long address() {
    return address;
  }

  /// Where the next byte goes.
  public long end() {
    return address + length;
  }

  public int length() {
    return length;
  }

  /// Shortens the contents, or lengthens them by what was written to reserved space.
  public void length(int bytes) {
    if (bytes < 0 || bytes > capacity) {
      throw new IllegalArgumentException(
          "native buffer length: " + bytes + " (expected: 0 to " + capacity + ")");
    }
    length = bytes;
  }

  public int capacity() {
    return capacity;
  }

  public boolean isEmpty() {
    return length == 0;
  }

  /// Returns the address behind the contents, where at least `bytes` bytes may be written; then
  /// [#advance].
  public long reserve(int bytes) {
    if (bytes > capacity - length || bytes < 0) {
      grow(bytes);
    }
    return address + length;
  }

  /// Takes what was written to reserved space into the contents.
  public void advance(int bytes) {
    length(length + bytes);
  }

  public void putByte(int b) {
    Raw.putByte(reserve(1), (byte) b);
    length++;
  }

  public void putInt(int value) {
    Raw.putInt(reserve(Integer.BYTES), value);
    length += Integer.BYTES;
  }

  public void putLong(long value) {
    Raw.putLong(reserve(Long.BYTES), value);
    length += Long.BYTES;
  }

  public void put(long from, int bytes) {
    Memory.copy(from, reserve(bytes), bytes);
    length += bytes;
  }

  public void put(Slice from) {
    put(from.at, from.length);
  }

  public void put(byte[] from) {
    put(from, 0, from.length);
  }

  public void put(byte[] from, int offset, int bytes) {
    Raw.copyIn(from, offset, reserve(bytes), bytes);
    length += bytes;
  }

  /// Writes the low byte of each character.
  public void putAscii(String s) {
    int bytes = s.length();
    long to = reserve(bytes);
    for (int i = 0; i < bytes; i++) {
      Raw.putByte(to + i, (byte) s.charAt(i));
    }
    length += bytes;
  }

  public void clear() {
    length = 0;
  }

  /// Removes the first `bytes` bytes; what follows moves to the beginning.
  public void discard(int bytes) {
    if (bytes < 0 || bytes > length) {
      throw new IllegalArgumentException(
          "native buffer discard: " + bytes + " bytes (expected: 0 to " + length + ")");
    }
    if (bytes > 0 && bytes < length) {
      Raw.copy(address + bytes, address, length - bytes);
    }
    length -= bytes;
  }

  /// Gives memory back beyond `bytes` bytes or the contents, whichever is more.
  public void shrinkTo(int bytes) {
    int wanted = Math.max(bytes, length);
    if (wanted == 0) {
      close();
    } else if (wanted < capacity) {
      moveTo(wanted);
    }
  }

  /// Swaps contents and memory with another buffer; the limits stay.
  public void exchange(NativeBuffer other) {
    if (capacity > other.limitBytes || other.capacity > limitBytes) {
      throw new IllegalArgumentException(
          "native buffer exchange: " + capacity + " and " + other.capacity + " bytes");
    }
    long itsAddress = other.address;
    int itsCapacity = other.capacity;
    int itsLength = other.length;
    other.address = address;
    other.capacity = capacity;
    other.length = length;
    address = itsAddress;
    capacity = itsCapacity;
    length = itsLength;
  }

  public Slice slice(Slice into) {
    return into.set(address, length);
  }

  public byte[] toBytes() {
    byte[] bytes = new byte[length];
    Raw.copyOut(address, bytes, 0, length);
    return bytes;
  }

  /// Frees the memory. The buffer is empty then, and may be used again.
  @Override
  public void close() {
    if (capacity > 0) {
      Memory.retire(address, capacity);
      NativeCalls.free(address);
      count(-1);
    }
    address = 0;
    capacity = 0;
    length = 0;
  }

  private void grow(int bytes) {
    long needed = (long) length + bytes;
    if (bytes < 0 || needed > limitBytes) {
      throw bytes < 0
          ? new IllegalArgumentException("reserve: " + bytes + " bytes (expected: 0 or more)")
          : new BufferLimitException(needed, limitBytes);
    }
    long step = capacity < DOUBLE_UP_TO_BYTES ? capacity : capacity >>> 1;
    long wanted = Math.max(Math.max(needed, MIN_BYTES), capacity + step);
    moveTo((int) Math.min(wanted, limitBytes));
  }

  private static void count(int buffers) {
    if (AddressStates.ON) {
      HOLDING.addAndGet(buffers);
    }
  }

  private void moveTo(int bytes) {
    if (capacity > 0) {
      Memory.retire(address, capacity);
      address = NativeCalls.realloc(address, bytes);
    } else {
      address = NativeCalls.malloc(bytes);
      count(1);
    }
    capacity = bytes;
    Memory.admit(address, bytes);
  }
}
