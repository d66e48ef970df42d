package carnelian.persistence.rdb;

import carnelian.memory.Memory;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/// The checksum of RDB files and DUMP payloads: CRC-64 with Jones's polynomial, reflected, starting
/// at 0, without a final inversion. `123456789` gives `e9c6d914c4b8d9ca`.
///
/// Large inputs are taken as four streams side by side, because one table look-up has to wait for
/// the one before: the processor then works on four of them at once. Since the start value is 0,
/// the sum is linear, and the sums of neighbours combine by [#combine].
public final class Crc64 {
  /// x^64 + … of Jones, bits reversed.
  private static final long POLYNOMIAL = 0x95AC9329AC4BC9B5L;

  /// x^0 and x^8 where bit 63 stands for x^0.
  private static final long ONE = 1L << 63;

  private static final long X_8 = 1L << 55;

  /// Bytes that each of the four streams takes at a time.
  private static final int STREAM_BYTES = 2048;

  private static final int BLOCK_BYTES = 4 * STREAM_BYTES;

  private static final VarHandle LONG_OF_BYTES =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  // T0[b] is the sum of byte b; Tn[b] that of b with n zero bytes behind it. Eight arrays, because
  // the JIT drops the bounds check of a constant array with a masked index.
  private static final long[] T0 = bytewise();
  private static final long[] T1 = behindZero(T0);
  private static final long[] T2 = behindZero(T1);
  private static final long[] T3 = behindZero(T2);
  private static final long[] T4 = behindZero(T3);
  private static final long[] T5 = behindZero(T4);
  private static final long[] T6 = behindZero(T5);
  private static final long[] T7 = behindZero(T6);

  /// A sum with a stream's length of zero bytes behind it, by each of its bytes.
  private static final long[][] STREAM_SHIFT = streamShift();

  private Crc64() {}

  /// Goes on from `crc` (0 at the start) with `bytes` bytes of memory.
  public static long update(long crc, long at, long bytes) {
    long sum = crc;
    long from = at;
    long end = at + bytes;
    while (end - from >= BLOCK_BYTES) {
      sum = block(sum, from);
      from += BLOCK_BYTES;
    }
    while (end - from >= Long.BYTES) {
      sum = word(sum ^ Memory.getLong(from));
      from += Long.BYTES;
    }
    while (from < end) {
      sum = T0[(int) (sum ^ Memory.getByte(from)) & 0xff] ^ (sum >>> 8);
      from++;
    }
    return sum;
  }

  /// Goes on from `crc` with bytes of an array.
  public static long update(long crc, byte[] bytes, int offset, int length) {
    long sum = crc;
    int from = offset;
    int end = offset + length;
    while (end - from >= Long.BYTES) {
      sum = word(sum ^ (long) LONG_OF_BYTES.get(bytes, from));
      from += Long.BYTES;
    }
    while (from < end) {
      sum = T0[(int) (sum ^ bytes[from]) & 0xff] ^ (sum >>> 8);
      from++;
    }
    return sum;
  }

  /// The sum of two pieces one after the other, from the sum of each and the length of the second.
  public static long combine(long first, long second, long secondBytes) {
    return times(zeroBytes(secondBytes), first) ^ second;
  }

  private static long block(long crc, long at) {
    long a = crc;
    long b = 0;
    long c = 0;
    long d = 0;
    for (int i = 0; i < STREAM_BYTES; i += Long.BYTES) {
      a = word(a ^ Memory.getLong(at + i));
      b = word(b ^ Memory.getLong(at + STREAM_BYTES + i));
      c = word(c ^ Memory.getLong(at + 2 * STREAM_BYTES + i));
      d = word(d ^ Memory.getLong(at + 3 * STREAM_BYTES + i));
    }
    return shifted(shifted(shifted(a) ^ b) ^ c) ^ d;
  }

  /// In two halves and in pairs: fewer instructions, and fewer of them wait for another.
  private static long word(long word) {
    int low = (int) word;
    int high = (int) (word >>> 32);
    long first = T7[low & 0xff] ^ T6[(low >>> 8) & 0xff];
    long second = T5[(low >>> 16) & 0xff] ^ T4[low >>> 24];
    long third = T3[high & 0xff] ^ T2[(high >>> 8) & 0xff];
    long fourth = T1[(high >>> 16) & 0xff] ^ T0[high >>> 24];
    return (first ^ second) ^ (third ^ fourth);
  }

  private static long shifted(long crc) {
    long sum = 0;
    for (int i = 0; i < Long.BYTES; i++) {
      sum ^= STREAM_SHIFT[i][(int) (crc >>> (8 * i)) & 0xff];
    }
    return sum;
  }

  private static long[] bytewise() {
    long[] table = new long[256];
    for (int b = 0; b < table.length; b++) {
      long sum = b;
      for (int bit = 0; bit < 8; bit++) {
        sum = timesX(sum);
      }
      table[b] = sum;
    }
    return table;
  }

  private static long[] behindZero(long[] before) {
    long[] table = new long[256];
    for (int b = 0; b < table.length; b++) {
      table[b] = T0[(int) before[b] & 0xff] ^ (before[b] >>> 8);
    }
    return table;
  }

  private static long[][] streamShift() {
    long[][] shift = new long[Long.BYTES][256];
    long zeros = zeroBytes(STREAM_BYTES);
    for (int i = 0; i < Long.BYTES; i++) {
      for (int b = 0; b < 256; b++) {
        shift[i][b] = times(zeros, (long) b << (8 * i));
      }
    }
    return shift;
  }

  /// x^(8 · bytes) modulo the polynomial: by what bytes of zeros multiply a sum.
  private static long zeroBytes(long bytes) {
    long power = ONE;
    long square = X_8;
    for (long rest = bytes; rest != 0; rest >>>= 1) {
      if ((rest & 1) != 0) {
        power = times(power, square);
      }
      square = times(square, square);
    }
    return power;
  }

  private static long times(long a, long b) {
    long product = 0;
    long factor = b;
    for (long bit = ONE; bit != 0; bit >>>= 1) {
      if ((a & bit) != 0) {
        product ^= factor;
      }
      factor = timesX(factor);
    }
    return product;
  }

  private static long timesX(long a) {
    return (a & 1) != 0 ? (a >>> 1) ^ POLYNOMIAL : a >>> 1;
  }
}
