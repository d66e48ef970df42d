package carnelian.memory;

import java.nio.ByteBuffer;

/// Bytes and words at absolute addresses, little-endian, alignment not needed. Stateless.
///
/// A wrong address is a crash or silent damage in production, so tests run with
/// `-Dcarnelian.memory.checked=true`: then every access must lie inside a live block of a [Heap], a
/// [NativeBuffer] or memory that was admitted, and a write while a snapshot is open must have been
/// announced to [Heap#touch]; otherwise [MemoryViolation] is thrown.
public final class Memory {
  /// From here on the vectorised comparison of the JDK is faster than a loop over words.
  private static final int VECTOR_FROM_BYTES = 128;

  private Memory() {}

  /// Links the calls into the C library, which the first heap or buffer of a process would do: some
  /// 100 ms. May be called on any thread, to do it while something else starts.
  public static void load() {
    NativeCalls.link();
  }

  /// True in checked mode.
  public static boolean isChecked() {
    return AddressStates.ON;
  }

  /// Lets checked mode know of memory that somebody else owns, such as a network buffer; nothing
  /// otherwise. Until [#retire].
  public static void admit(long at, long bytes) {
    if (AddressStates.ON) {
      AddressStates.admit(at, bytes);
    }
  }

  public static void retire(long at, long bytes) {
    if (AddressStates.ON) {
      AddressStates.retire(at, bytes);
    }
  }

  public static byte getByte(long at) {
    if (AddressStates.ON) {
      AddressStates.checkRead(at, Byte.BYTES);
    }
    return Raw.getByte(at);
  }

  public static short getShort(long at) {
    if (AddressStates.ON) {
      AddressStates.checkRead(at, Short.BYTES);
    }
    return Raw.getShort(at);
  }

  public static int getInt(long at) {
    if (AddressStates.ON) {
      AddressStates.checkRead(at, Integer.BYTES);
    }
    return Raw.getInt(at);
  }

  public static long getLong(long at) {
    if (AddressStates.ON) {
      AddressStates.checkRead(at, Long.BYTES);
    }
    return Raw.getLong(at);
  }

  public static double getDouble(long at) {
    if (AddressStates.ON) {
      AddressStates.checkRead(at, Double.BYTES);
    }
    return Raw.getDouble(at);
  }

  public static void putByte(long at, byte value) {
    if (AddressStates.ON) {
      AddressStates.checkWrite(at, Byte.BYTES);
    }
    Raw.putByte(at, value);
  }

  public static void putShort(long at, short value) {
    if (AddressStates.ON) {
      AddressStates.checkWrite(at, Short.BYTES);
    }
    Raw.putShort(at, value);
  }

  public static void putInt(long at, int value) {
    if (AddressStates.ON) {
      AddressStates.checkWrite(at, Integer.BYTES);
    }
    Raw.putInt(at, value);
  }

  public static void putLong(long at, long value) {
    if (AddressStates.ON) {
      AddressStates.checkWrite(at, Long.BYTES);
    }
    Raw.putLong(at, value);
  }

  public static void putDouble(long at, double value) {
    if (AddressStates.ON) {
      AddressStates.checkWrite(at, Double.BYTES);
    }
    Raw.putDouble(at, value);
  }

  /// Copies as if through an intermediate buffer: the ranges may overlap.
  public static void copy(long from, long to, long bytes) {
    if (AddressStates.ON) {
      AddressStates.checkRead(from, bytes);
      AddressStates.checkWrite(to, bytes);
    }
    Raw.copy(from, to, bytes);
  }

  public static void copyIn(byte[] from, int offset, long to, int bytes) {
    if (AddressStates.ON) {
      AddressStates.checkWrite(to, bytes);
    }
    Raw.copyIn(from, offset, to, bytes);
  }

  public static void copyOut(long from, byte[] to, int offset, int bytes) {
    if (AddressStates.ON) {
      AddressStates.checkRead(from, bytes);
    }
    Raw.copyOut(from, to, offset, bytes);
  }

  public static void fill(long at, long bytes, byte value) {
    if (AddressStates.ON) {
      AddressStates.checkWrite(at, bytes);
    }
    Raw.fill(at, bytes, value);
  }

  public static boolean equal(long a, long b, long bytes) {
    if (AddressStates.ON) {
      AddressStates.checkRead(a, bytes);
      AddressStates.checkRead(b, bytes);
    }
    if (bytes < Long.BYTES) {
      return equalFew(a, b, (int) bytes);
    }
    return bytes < VECTOR_FROM_BYTES ? equalWords(a, b, bytes) : Raw.mismatch(a, b, bytes) < 0;
  }

  private static boolean equalWords(long a, long b, long bytes) {
    long last = bytes - Long.BYTES;
    for (long i = 0; i < last; i += Long.BYTES) {
      if (Raw.getLong(a + i) != Raw.getLong(b + i)) {
        return false;
      }
    }
    return Raw.getLong(a + last) == Raw.getLong(b + last);
  }

  private static boolean equalFew(long a, long b, int bytes) {
    if (bytes >= Integer.BYTES) {
      int last = bytes - Integer.BYTES;
      return Raw.getInt(a) == Raw.getInt(b) && Raw.getInt(a + last) == Raw.getInt(b + last);
    }
    for (int i = 0; i < bytes; i++) {
      if (Raw.getByte(a + i) != Raw.getByte(b + i)) {
        return false;
      }
    }
    return true;
  }

  /// Orders byte strings by their unsigned bytes, as `memcmp`; of two that agree, the shorter
  /// first.
  public static int compare(long a, long aBytes, long b, long bBytes) {
    if (AddressStates.ON) {
      AddressStates.checkRead(a, aBytes);
      AddressStates.checkRead(b, bBytes);
    }
    long common = Math.min(aBytes, bBytes);
    long i = 0;
    if (common >= VECTOR_FROM_BYTES) {
      i = Raw.mismatch(a, b, common);
      if (i < 0) {
        return Long.compare(aBytes, bBytes);
      }
    }
    for (; i <= common - Long.BYTES; i += Long.BYTES) {
      long x = Raw.getLong(a + i);
      long y = Raw.getLong(b + i);
      if (x != y) {
        return Long.compareUnsigned(Long.reverseBytes(x), Long.reverseBytes(y));
      }
    }
    for (; i < common; i++) {
      int difference = (Raw.getByte(a + i) & 0xFF) - (Raw.getByte(b + i) & 0xFF);
      if (difference != 0) {
        return difference;
      }
    }
    return Long.compare(aBytes, bBytes);
  }

  /// A buffer over the memory, for channels. Valid as long as the memory is.
  public static ByteBuffer asByteBuffer(long at, int bytes) {
    if (AddressStates.ON) {
      AddressStates.checkRead(at, bytes);
    }
    return Raw.asByteBuffer(at, bytes);
  }
}
