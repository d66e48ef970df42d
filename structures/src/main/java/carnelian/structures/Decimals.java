package carnelian.structures;

import carnelian.memory.Memory;

/// 64-bit integers as Redis writes them, read from and written to native memory.
///
/// Canonical means: exactly the bytes that printing the integer gives. No plus sign, no leading
/// zero, no `-0`, no blanks. Only canonical text may be stored as an integer, because only then
/// does reading it back give the same bytes.
public final class Decimals {
  /// The longest integer, `-9223372036854775808`.
  public static final int MAX_LENGTH = 20;

  private static final int MAX_DIGITS = 19;

  private Decimals() {}

  /// Whether the bytes are the canonical form of some 64-bit integer.
  public static boolean isCanonical(long at, int length) {
    if (length <= 0 || length > MAX_LENGTH) {
      return false;
    }
    byte first = Memory.getByte(at);
    boolean negative = first == '-';
    int digits = negative ? length - 1 : length;
    if (digits == 0 || digits > MAX_DIGITS) {
      return false;
    }
    long digitsAt = at + (negative ? 1 : 0);
    byte leading = Memory.getByte(digitsAt);
    if (leading == '0') {
      return length == 1;
    }
    if (leading < '1' || leading > '9') {
      return false;
    }
    long value = (long) leading - '0';
    for (int i = 1; i < digits; i++) {
      byte digit = Memory.getByte(digitsAt + i);
      if (digit < '0' || digit > '9') {
        return false;
      }
      value = value * 10 + (digit - '0');
    }
    // Nineteen digits stay below 2^64, so an overflow shows as a negative number.
    return value >= 0 || (negative && value == Long.MIN_VALUE);
  }

  /// The integer whose canonical form the bytes are; meaningless for other bytes.
  public static long parse(long at, int length) {
    boolean negative = Memory.getByte(at) == '-';
    long value = 0;
    for (int i = negative ? 1 : 0; i < length; i++) {
      value = value * 10 + (Memory.getByte(at + i) - '0');
    }
    return negative ? -value : value;
  }

  /// Bytes that the canonical form of `value` takes.
  public static int length(long value) {
    int length = value < 0 ? 2 : 1;
    long negative = value < 0 ? value : -value;
    long bound = -10;
    for (int digits = 1; digits < MAX_DIGITS; digits++) {
      if (negative > bound) {
        return length;
      }
      length++;
      bound *= 10;
    }
    return length;
  }

  /// Writes the canonical form of `value` and returns its length.
  public static int write(long value, long to) {
    int length = length(value);
    if (value < 0) {
      Memory.putByte(to, (byte) '-');
    }
    // Negative all the way, because the smallest integer has no positive twin.
    long rest = value < 0 ? value : -value;
    long at = to + length;
    do {
      long quotient = rest / 10;
      at--;
      Memory.putByte(at, (byte) ('0' + (quotient * 10 - rest)));
      rest = quotient;
    } while (rest != 0);
    return length;
  }
}
