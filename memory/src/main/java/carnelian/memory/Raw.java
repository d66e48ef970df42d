package carnelian.memory;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import jdk.internal.misc.Unsafe;

/// Access to any address, never checked: what [Memory] stands on, and what the allocator and the
/// page table use for their own metadata, which is in nobody's allocation.
///
/// By the JDK's own `Unsafe` where the JVM was started with `--add-exports
/// java.base/jdk.internal.misc=ALL-UNNAMED`, as the launcher does it; else by one segment over all
/// addresses. Compiled to the end both cost the same, but until then a segment costs many times as
/// much, and the compiler works half as long again: docs/decisions/0004.
final class Raw {
  static final MemorySegment ALL = everything();

  /// Whether the JDK lets this class use its `Unsafe`. A constant to the compiler: its code holds
  /// one of the two ways.
  private static final boolean DIRECT =
      Object.class.getModule().isExported("jdk.internal.misc", Raw.class.getModule());

  /// Made when it is first used: who may not use it does not ask for it.
  private static final class Direct {
    static final Unsafe UNSAFE = Unsafe.getUnsafe();
  }

  private static final int COPIED_BY_WORDS = 32;

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
    return DIRECT ? Direct.UNSAFE.getByte(at) : ALL.get(BYTE, at);
  }

  static short getShort(long at) {
    return DIRECT ? Direct.UNSAFE.getShort(at) : ALL.get(SHORT, at);
  }

  static int getInt(long at) {
    return DIRECT ? Direct.UNSAFE.getInt(at) : ALL.get(INT, at);
  }

  static long getLong(long at) {
    return DIRECT ? Direct.UNSAFE.getLong(at) : ALL.get(LONG, at);
  }

  static double getDouble(long at) {
    return DIRECT ? Direct.UNSAFE.getDouble(at) : ALL.get(DOUBLE, at);
  }

  static void putByte(long at, byte value) {
    if (DIRECT) {
      Direct.UNSAFE.putByte(at, value);
    } else {
      ALL.set(BYTE, at, value);
    }
  }

  static void putShort(long at, short value) {
    if (DIRECT) {
      Direct.UNSAFE.putShort(at, value);
    } else {
      ALL.set(SHORT, at, value);
    }
  }

  static void putInt(long at, int value) {
    if (DIRECT) {
      Direct.UNSAFE.putInt(at, value);
    } else {
      ALL.set(INT, at, value);
    }
  }

  static void putLong(long at, long value) {
    if (DIRECT) {
      Direct.UNSAFE.putLong(at, value);
    } else {
      ALL.set(LONG, at, value);
    }
  }

  static void putDouble(long at, double value) {
    if (DIRECT) {
      Direct.UNSAFE.putDouble(at, value);
    } else {
      ALL.set(DOUBLE, at, value);
    }
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

  /// The ranges may overlap: what is short is read in full before it is written.
  static void copy(long from, long to, long bytes) {
    if (bytes > COPIED_BY_WORDS) {
      copyMany(from, to, bytes);
    } else if (bytes >= 2 * Long.BYTES) {
      copyWords(from, to, bytes);
    } else if (bytes >= Long.BYTES) {
      long head = getLong(from);
      long tail = getLong(from + bytes - Long.BYTES);
      putLong(to, head);
      putLong(to + bytes - Long.BYTES, tail);
    } else if (bytes >= Integer.BYTES) {
      int head = getInt(from);
      int tail = getInt(from + bytes - Integer.BYTES);
      putInt(to, head);
      putInt(to + bytes - Integer.BYTES, tail);
    } else if (bytes > 0) {
      byte head = getByte(from);
      byte middle = getByte(from + (bytes >>> 1));
      byte tail = getByte(from + bytes - 1);
      putByte(to, head);
      putByte(to + (bytes >>> 1), middle);
      putByte(to + bytes - 1, tail);
    }
  }

  private static void copyMany(long from, long to, long bytes) {
    if (DIRECT) {
      Direct.UNSAFE.copyMemory(from, to, bytes);
    } else {
      MemorySegment.copy(ALL, from, ALL, to, bytes);
    }
  }

  /// 16 to 32 bytes: the first two words and the last two, which may overlap.
  private static void copyWords(long from, long to, long bytes) {
    long tailFrom = from + bytes - 2 * Long.BYTES;
    long tailTo = to + bytes - 2 * Long.BYTES;
    long first = getLong(from);
    long second = getLong(from + Long.BYTES);
    long third = getLong(tailFrom);
    long fourth = getLong(tailFrom + Long.BYTES);
    putLong(to, first);
    putLong(to + Long.BYTES, second);
    putLong(tailTo, third);
    putLong(tailTo + Long.BYTES, fourth);
  }

  /// Index of the first byte that differs, or -1.
  static long mismatch(long a, long b, long bytes) {
    return MemorySegment.mismatch(ALL, a, a + bytes, ALL, b, b + bytes);
  }

  static void copyIn(byte[] from, int offset, long to, int bytes) {
    MemorySegment.copy(from, offset, ALL, BYTE, to, bytes);
  }

  static void copyOut(long from, byte[] to, int offset, int bytes) {
    MemorySegment.copy(ALL, BYTE, from, to, offset, bytes);
  }

  static void fill(long at, long bytes, byte value) {
    if (DIRECT) {
      Direct.UNSAFE.setMemory(at, bytes, value);
    } else {
      ALL.asSlice(at, bytes).fill(value);
    }
  }

  static ByteBuffer asByteBuffer(long at, int bytes) {
    return ALL.asSlice(at, bytes).asByteBuffer();
  }

  static MemorySegment segment(long at, long bytes) {
    return ALL.asSlice(at, bytes);
  }
}
