package carnelian.datatypes;

import java.util.List;

/// What BITFIELD makes of a number that does not fit its field. A type is the field's bits,
/// negative if it is unsigned.
enum BitOverflow {
  /// The low bits.
  WRAP,
  /// The nearest number that fits.
  SAT,
  /// Nothing is written.
  FAIL;

  static final List<BitOverflow> VALUES = List.of(values());

  private static final long SIGN = Long.MIN_VALUE;

  /// The sum as the field can hold it.
  long apply(int type, long base, long increment) {
    int direction = direction(type, base, increment);
    if (direction == 0) {
      return base + increment;
    }
    return switch (this) {
      case WRAP -> wrapped(type, base + increment);
      case SAT, FAIL -> direction > 0 ? greatest(type) : least(type);
    };
  }

  /// Above 0 if the sum is too great for the field, below if it is too small. An unsigned base that
  /// does not come from a field is read as an unsigned number, so that -1 is too great.
  static int direction(int type, long base, long increment) {
    long greatest = greatest(type);
    long least = least(type);
    if (type < 0) {
      if (base + SIGN > greatest + SIGN) {
        return 1;
      }
    } else if (base > greatest || (type < Long.SIZE && greatest - base < 0)) {
      // The second is Redis's, whose subtraction overflows: far below is too great as well.
      return 1;
    } else if (base < least) {
      return -1;
    }
    long sum = base + increment;
    boolean overflowed = ((base ^ sum) & (increment ^ sum)) < 0;
    if (increment > 0 && (overflowed || sum > greatest)) {
      return 1;
    }
    return increment < 0 && (overflowed || sum < least) ? -1 : 0;
  }

  private static long greatest(int type) {
    return (1L << (type < 0 ? -type : type - 1)) - 1;
  }

  private static long least(int type) {
    return type < 0 ? 0 : ~greatest(type);
  }

  private static long wrapped(int type, long sum) {
    int unused = Long.SIZE - Math.abs(type);
    return type < 0 ? sum << unused >>> unused : sum << unused >> unused;
  }
}
