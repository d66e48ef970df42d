package carnelian.datatypes;

import carnelian.memory.Memory;
import carnelian.memory.Slice;

/// The string that a HyperLogLog is, in Redis's bytes: 16,384 registers of 0 to 63, each the most
/// leading zeros (plus one) of the hashes that fell to it. Reading, and what needs no change of
/// length; [HyperLogLogValue] does the rest. Stateless.
///
/// | offset | size | field       | meaning                                                     |
/// |-------:|-----:|-------------|-------------------------------------------------------------|
/// |      0 |    4 | magic       | `HYLL`                                                      |
/// |      4 |    1 | encoding    | 0 dense, 1 sparse                                           |
/// |      5 |    3 | (none)      |                                                             |
/// |      8 |    8 | cardinality | the last estimate, little-endian; top bit set: out of date  |
/// |     16 |    … | registers   |                                                             |
///
/// Dense registers take six bits each, the lowest first: 12,288 bytes. Sparse ones are runs:
///
/// | bytes               | meaning                            |
/// |---------------------|------------------------------------|
/// | `00xxxxxx`          | x + 1 registers that are 0         |
/// | `01xxxxxx yyyyyyyy` | (x and y together) + 1 that are 0  |
/// | `1vvvvvxx`          | x + 1 that are v + 1               |
///
/// A format of files and of the wire: it must never change. What it says is not trusted, since any
/// string may be given out as one.
final class HyperLogLog {
  static final int REGISTERS = 16384;
  static final int HEADER_BYTES = 16;
  static final int DENSE_BYTES = HEADER_BYTES + REGISTERS * 6 / 8;
  static final int EMPTY_SPARSE_BYTES = HEADER_BYTES + 2;

  /// The greatest register of a hash of 64 bits, 14 of which choose the register.
  static final int MAX_REGISTER = 51;

  static final int MAX_SPARSE_VALUE = 32;
  static final int MAX_VALUE_RUN = 4;
  static final int MAX_ZERO_RUN = 64;
  static final int MAX_LONG_ZERO_RUN = 16384;

  private static final int ENCODING = 4;
  private static final int CARDINALITY = 8;
  private static final byte DENSE = 0;
  private static final byte SPARSE = 1;
  private static final int MAGIC = 'H' | 'Y' << 8 | 'L' << 16 | 'L' << 24;

  private static final int INDEX_BITS = 14;
  private static final int REGISTER_BITS = 6;
  private static final int REGISTER_MASK = (1 << REGISTER_BITS) - 1;

  /// Four registers take three bytes.
  private static final int GROUP = 4;

  private static final int GROUP_BYTES = 3;

  /// Eight take six: an int and a short.
  private static final int WIDE_GROUP = 8;

  private static final int WIDE_GROUP_BYTES = 6;

  private static final int VALUE_BIT = 0x80;
  private static final int LONG_ZERO_BIT = 0x40;
  private static final int ZERO_RUN_MASK = 0x3f;
  private static final int VALUE_MASK = 0x1f;
  private static final int VALUE_RUN_MASK = 3;

  /// 1 / (2 ln 2), from Ertl's estimator.
  private static final double ALPHA = 0.7213475204444817;

  /// How often a register of the histogram occurs: one place for every six-bit value.
  private static final int HISTOGRAM = 1 << REGISTER_BITS;

  private HyperLogLog() {}

  // ---- Header ----------------------------------------------------------------------------------

  /// Whether the string may be a HyperLogLog, as far as the header tells.
  static boolean isValid(Slice value) {
    if (value.length < HEADER_BYTES || Memory.getInt(value.at) != MAGIC) {
      return false;
    }
    return Memory.getByte(value.at + ENCODING) == SPARSE
        || (isDense(value.at) && value.length == DENSE_BYTES);
  }

  static boolean isDense(long at) {
    return Memory.getByte(at + ENCODING) == DENSE;
  }

  static boolean isEstimateValid(long at) {
    return Memory.getLong(at + CARDINALITY) >= 0;
  }

  static long estimate(long at) {
    return Memory.getLong(at + CARDINALITY);
  }

  static void estimate(long at, long cardinality) {
    Memory.putLong(at + CARDINALITY, cardinality);
  }

  /// The registers have changed: the estimate is out of date. Redis changes the one byte only.
  static void invalidateEstimate(long at) {
    Memory.putLong(at + CARDINALITY, Memory.getLong(at + CARDINALITY) | Long.MIN_VALUE);
  }

  /// An empty sparse one in [#EMPTY_SPARSE_BYTES] bytes.
  static void writeEmpty(long at) {
    Memory.putInt(at, MAGIC);
    Memory.putInt(at + ENCODING, SPARSE);
    Memory.putLong(at + CARDINALITY, 0);
    putLongZeros(at + HEADER_BYTES, REGISTERS);
  }

  /// Makes [#DENSE_BYTES] bytes that begin with a header into a dense one with these registers.
  static void writeDense(long at, byte[] registers) {
    Memory.putByte(at + ENCODING, DENSE);
    long to = at + HEADER_BYTES;
    for (int i = 0; i < REGISTERS; i += WIDE_GROUP) {
      long word = 0;
      for (int k = 0; k < WIDE_GROUP; k++) {
        word |= (long) registers[i + k] << REGISTER_BITS * k;
      }
      Memory.putInt(to, (int) word);
      Memory.putShort(to + Integer.BYTES, (short) (word >>> Integer.SIZE));
      to += WIDE_GROUP_BYTES;
    }
  }

  // ---- Elements --------------------------------------------------------------------------------

  /// The register that a hash belongs to.
  static int registerOf(long hash) {
    return (int) hash & (REGISTERS - 1);
  }

  /// What the hash makes of its register, unless that is greater already.
  static int valueOf(long hash) {
    long rest = hash >>> INDEX_BITS | 1L << (Long.SIZE - INDEX_BITS);
    return Long.numberOfTrailingZeros(rest) + 1;
  }

  // ---- Dense registers -------------------------------------------------------------------------

  static int dense(long at, int index) {
    long group = at + HEADER_BYTES + (long) (index / GROUP) * GROUP_BYTES;
    return groupAt(group) >>> REGISTER_BITS * (index % GROUP) & REGISTER_MASK;
  }

  /// Raises a register; false if it is as great already.
  static boolean raiseDense(long at, int index, int value) {
    if (dense(at, index) >= value) {
      return false;
    }
    long group = at + HEADER_BYTES + (long) (index / GROUP) * GROUP_BYTES;
    int shift = REGISTER_BITS * (index % GROUP);
    int changed = groupAt(group) & ~(REGISTER_MASK << shift) | value << shift;
    Memory.putShort(group, (short) changed);
    Memory.putByte(group + Short.BYTES, (byte) (changed >>> Short.SIZE));
    return true;
  }

  private static int groupAt(long group) {
    return Memory.getShort(group) & 0xffff | (Memory.getByte(group + Short.BYTES) & 0xff) << 16;
  }

  private static long wideGroupAt(long group) {
    return Integer.toUnsignedLong(Memory.getInt(group))
        | (long) (Memory.getShort(group + Integer.BYTES) & 0xffff) << Integer.SIZE;
  }

  // ---- Sparse runs -----------------------------------------------------------------------------

  static boolean isValueRun(long run) {
    return (Memory.getByte(run) & VALUE_BIT) != 0;
  }

  static boolean isLongZeroRun(long run) {
    return (Memory.getByte(run) & (VALUE_BIT | LONG_ZERO_BIT)) == LONG_ZERO_BIT;
  }

  static int runBytes(long run) {
    return isLongZeroRun(run) ? 2 : 1;
  }

  /// Whether the whole run lies before `end`.
  static boolean isWhole(long run, long end) {
    return run + runBytes(run) <= end;
  }

  /// How many registers the run stands for.
  static int runLength(long run) {
    int first = Memory.getByte(run);
    if (isValueRun(run)) {
      return (first & VALUE_RUN_MASK) + 1;
    }
    int length = first & ZERO_RUN_MASK;
    return isLongZeroRun(run)
        ? (length << Byte.SIZE | Memory.getByte(run + 1) & 0xff) + 1
        : length + 1;
  }

  static int runValue(long run) {
    return isValueRun(run) ? (Memory.getByte(run) >>> 2 & VALUE_MASK) + 1 : 0;
  }

  /// Writes a run of registers that are 0 and returns the address behind it.
  static long putZeros(long to, int length) {
    if (length > MAX_ZERO_RUN) {
      return putLongZeros(to, length);
    }
    Memory.putByte(to, (byte) (length - 1));
    return to + 1;
  }

  private static long putLongZeros(long to, int length) {
    Memory.putByte(to, (byte) (LONG_ZERO_BIT | (length - 1) >>> Byte.SIZE));
    Memory.putByte(to + 1, (byte) (length - 1));
    return to + 2;
  }

  /// Writes a run of registers with a value and returns the address behind it.
  static long putValues(long to, int value, int length) {
    Memory.putByte(to, (byte) (VALUE_BIT | (value - 1) << 2 | (length - 1)));
    return to + 1;
  }

  // ---- All registers ---------------------------------------------------------------------------

  /// Raises each register to that of a value whose header is valid; false if its runs are corrupt.
  static boolean mergeInto(byte[] registers, Slice value) {
    return isDense(value.at) ? mergeDense(registers, value.at) : mergeSparse(registers, value);
  }

  private static boolean mergeDense(byte[] registers, long at) {
    long from = at + HEADER_BYTES;
    for (int i = 0; i < REGISTERS; i += WIDE_GROUP) {
      long word = wideGroupAt(from);
      for (int k = 0; k < WIDE_GROUP; k++) {
        byte register = (byte) (word >>> REGISTER_BITS * k & REGISTER_MASK);
        if (register > registers[i + k]) {
          registers[i + k] = register;
        }
      }
      from += WIDE_GROUP_BYTES;
    }
    return true;
  }

  private static boolean mergeSparse(byte[] registers, Slice value) {
    long end = value.end();
    int index = 0;
    for (long run = value.at + HEADER_BYTES; run < end; run += runBytes(run)) {
      if (!isWhole(run, end) || index + runLength(run) > REGISTERS) {
        return false;
      }
      int length = runLength(run);
      byte register = (byte) runValue(run);
      for (int i = index; register > 0 && i < index + length; i++) {
        if (register > registers[i]) {
          registers[i] = register;
        }
      }
      index += length;
    }
    return index == REGISTERS;
  }

  // ---- Cardinality -----------------------------------------------------------------------------

  /// The estimate for a value whose header is valid; -1 if its runs are corrupt.
  static long count(Slice value) {
    int[] histogram = new int[HISTOGRAM];
    if (isDense(value.at)) {
      countDense(value.at, histogram);
    } else if (!countSparse(value, histogram)) {
      return -1;
    }
    return estimate(histogram);
  }

  /// The estimate for registers that several values were merged into.
  static long count(byte[] registers) {
    int[] histogram = new int[HISTOGRAM];
    for (byte register : registers) {
      histogram[register]++;
    }
    return estimate(histogram);
  }

  private static void countDense(long at, int[] histogram) {
    long from = at + HEADER_BYTES;
    for (int i = 0; i < REGISTERS; i += WIDE_GROUP) {
      long word = wideGroupAt(from);
      for (int k = 0; k < WIDE_GROUP; k++) {
        histogram[(int) (word >>> REGISTER_BITS * k) & REGISTER_MASK]++;
      }
      from += WIDE_GROUP_BYTES;
    }
  }

  private static boolean countSparse(Slice value, int[] histogram) {
    long end = value.end();
    int index = 0;
    for (long run = value.at + HEADER_BYTES; run < end; run += runBytes(run)) {
      if (!isWhole(run, end) || index + runLength(run) > REGISTERS) {
        return false;
      }
      histogram[runValue(run)] += runLength(run);
      index += runLength(run);
    }
    return index == REGISTERS;
  }

  /// Otmar Ertl's improved raw estimator ("New cardinality estimation algorithms for HyperLogLog
  /// sketches", 2017, algorithm 6), as in Redis since 5.0.
  private static long estimate(int[] histogram) {
    double m = REGISTERS;
    double z = m * tau((m - histogram[MAX_REGISTER]) / m);
    for (int value = MAX_REGISTER - 1; value >= 1; value--) {
      z = (z + histogram[value]) * 0.5;
    }
    z += m * sigma(histogram[0] / m);
    return Math.round(ALPHA * m * m / z);
  }

  private static double sigma(double x) {
    if (x == 1) {
      return Double.POSITIVE_INFINITY;
    }
    double power = x;
    double weight = 1;
    double sum = x;
    double before;
    do {
      power *= power;
      before = sum;
      sum += power * weight;
      weight += weight;
    } while (sum != before);
    return sum;
  }

  private static double tau(double x) {
    if (x == 0 || x == 1) {
      return 0;
    }
    double root = x;
    double weight = 1;
    double sum = 1 - x;
    double before;
    do {
      root = Math.sqrt(root);
      before = sum;
      weight *= 0.5;
      sum -= (1 - root) * (1 - root) * weight;
    } while (sum != before);
    return sum / 3;
  }
}
