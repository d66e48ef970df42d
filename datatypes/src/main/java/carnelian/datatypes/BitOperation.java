package carnelian.datatypes;

import carnelian.memory.Memory;
import java.util.List;

/// What BITOP does with the bits of its sources. A source that is shorter than the longest goes on
/// with zeros.
enum BitOperation {
  AND {
    @Override
    long of(long a, long b) {
      return a & b;
    }
  },
  OR {
    @Override
    long of(long a, long b) {
      return a | b;
    }
  },
  XOR {
    @Override
    long of(long a, long b) {
      return a ^ b;
    }
  },
  NOT {
    @Override
    long of(long a, long b) {
      return ~a;
    }
  };

  static final List<BitOperation> VALUES = List.of(values());

  /// So much of the result is made of all sources before the next part is begun, while it is in a
  /// near cache.
  private static final int PART_BYTES = 16 << 10;

  /// One word of the result; [#NOT] looks at the first alone.
  abstract long of(long a, long b);

  /// Combines the sources, which lie at `at` and have these lengths, into `length` bytes at `to`,
  /// which is not one of them.
  void combine(long[] at, int[] lengths, long to, int length) {
    for (int from = 0; from < length; from += PART_BYTES) {
      int bytes = Math.min(PART_BYTES, length - from);
      long part = to + from;
      begin(at[0] + from, present(lengths[0], from, bytes), part, bytes);
      for (int i = 1; i < at.length; i++) {
        merge(at[i] + from, present(lengths[i], from, bytes), part, bytes);
      }
      if (this == NOT) {
        merge(part, bytes, part, bytes);
      }
      if (bytes < PART_BYTES) {
        break; // The last part; adding to `from` could overflow.
      }
    }
  }

  /// How many of `bytes` bytes from `from` on a source of this length has.
  private static int present(int length, int from, int bytes) {
    return Math.clamp((long) length - from, 0, bytes);
  }

  private static void begin(long source, int present, long part, int bytes) {
    if (present > 0) {
      Memory.copy(source, part, present);
    }
    Memory.fill(part + present, bytes - present, (byte) 0);
  }

  private void merge(long source, int present, long part, int bytes) {
    int i = 0;
    for (; i + Long.BYTES <= present; i += Long.BYTES) {
      Memory.putLong(part + i, of(Memory.getLong(part + i), Memory.getLong(source + i)));
    }
    for (; i < present; i++) {
      Memory.putByte(part + i, (byte) of(Memory.getByte(part + i), Memory.getByte(source + i)));
    }
    if (this == AND) {
      Memory.fill(part + present, bytes - present, (byte) 0);
    }
  }
}
