package carnelian.memory;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/// Access to any address, never checked: what [Memory] stands on, and what the allocator and the
/// page table use for their own metadata, which is in nobody's allocation.
///
/// One segment over all addresses costs what `Unsafe` costs; see docs/memory.md.
final class Raw {
  static final MemorySegment ALL = everything();

  private static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;
  private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED;
  private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED;
  private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED;
  private static final ValueLayout.OfDouble DOUBLE = ValueLayout.JAVA_DOUBLE_UNALIGNED;

  /// Aligned words that two threads share.
  private static final VarHandle SHARED_LONG = ValueLayout.JAVA_LONG.varHandle();

  private Raw() {}

  @SuppressWarnings("restricted")
  private static MemorySegment everything() {
    if (ByteOrder.nativeOrder() != ByteOrder.LITTLE_ENDIAN) {
      throw new UnsupportedOperationException(
          "byte order: big-endian (expected: little-endian; memory formats rely on it)");
    }
    return MemorySegment.NULL.reinterpret(Long.MAX_VALUE);
  }

  static byte getByte(long at) {
    return ALL.get(BYTE, at);
  }

  static short getShort(long at) {
    return ALL.get(SHORT, at);
  }

  static int getInt(long at) {
    return ALL.get(INT, at);
  }

  static long getLong(long at) {
    return ALL.get(LONG, at);
  }

  static double getDouble(long at) {
    return ALL.get(DOUBLE, at);
  }

  static void putByte(long at, byte value) {
    ALL.set(BYTE, at, value);
  }

  static void putShort(long at, short value) {
    ALL.set(SHORT, at, value);
  }

  static void putInt(long at, int value) {
    ALL.set(INT, at, value);
  }

  static void putLong(long at, long value) {
    ALL.set(LONG, at, value);
  }

  static void putDouble(long at, double value) {
    ALL.set(DOUBLE, at, value);
  }

  static long getLongAcquire(long at) {
    return (long) SHARED_LONG.getAcquire(ALL, at);
  }

  static void putLongRelease(long at, long value) {
    SHARED_LONG.setRelease(ALL, at, value);
  }

  /// Writes the word back as it is, atomically: makes its page resident without changing it.
  static void faultIn(long at) {
    var _ = (long) SHARED_LONG.getAndAdd(ALL, at, 0L);
  }

  static void copy(long from, long to, long bytes) {
    MemorySegment.copy(ALL, from, ALL, to, bytes);
  }

  static void copyIn(byte[] from, int offset, long to, int bytes) {
    MemorySegment.copy(from, offset, ALL, BYTE, to, bytes);
  }

  static void copyOut(long from, byte[] to, int offset, int bytes) {
    MemorySegment.copy(ALL, BYTE, from, to, offset, bytes);
  }

  static void fill(long at, long bytes, byte value) {
    ALL.asSlice(at, bytes).fill(value);
  }

  static ByteBuffer asByteBuffer(long at, int bytes) {
    return ALL.asSlice(at, bytes).asByteBuffer();
  }

  static MemorySegment segment(long at, long bytes) {
    return ALL.asSlice(at, bytes);
  }
}
