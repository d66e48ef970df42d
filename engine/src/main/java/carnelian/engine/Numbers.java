package carnelian.engine;

import carnelian.memory.Memory;
import carnelian.memory.Slice;

/// Reads doubles as C's `strtod` does when all of the text has to be one.
final class Numbers {
  /// Up to so many digits an integer is exact in a double.
  private static final int EXACT_DIGITS = 15;

  private static final double[] POWERS_OF_TEN = {
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15
  };

  /// Longer texts are refused unread; the longest double without loss takes some 770 digits.
  private static final int LONGEST = 4096;

  private Numbers() {}

  /// The double, or NaN if the bytes are none (also if they say `nan`).
  static double parse(long at, int length) {
    if (length <= 0 || length > LONGEST) {
      return Double.NaN;
    }
    double simple = parseSimple(at, length);
    return Double.isNaN(simple) ? parseAny(new Slice().set(at, length).toString()) : simple;
  }

  /// Digits with at most one point, so few that one division is exact; else NaN. Allocates nothing.
  private static double parseSimple(long at, int length) {
    boolean negative = Memory.getByte(at) == '-';
    long digits = 0;
    int digitCount = 0;
    int fractionDigits = -1;
    for (int i = negative ? 1 : 0; i < length; i++) {
      int c = Memory.getByte(at + i);
      if (c >= '0' && c <= '9') {
        digits = digits * 10 + (c - '0');
        if (++digitCount > EXACT_DIGITS) {
          return Double.NaN;
        }
        fractionDigits += fractionDigits >= 0 ? 1 : 0;
      } else if (c == '.' && fractionDigits < 0) {
        fractionDigits = 0;
      } else {
        return Double.NaN;
      }
    }
    if (digitCount == 0) {
      return Double.NaN;
    }
    double value = fractionDigits > 0 ? digits / POWERS_OF_TEN[fractionDigits] : digits;
    return negative ? -value : value;
  }

  private static double parseAny(String text) {
    String unsigned = text.startsWith("-") || text.startsWith("+") ? text.substring(1) : text;
    if (unsigned.equalsIgnoreCase("inf") || unsigned.equalsIgnoreCase("infinity")) {
      return text.startsWith("-") ? Double.NEGATIVE_INFINITY : Double.POSITIVE_INFINITY;
    }
    if (unsigned.isEmpty() || !startsLikeNumber(unsigned) || endsLikeJava(unsigned)) {
      return Double.NaN;
    }
    boolean hexadecimal = unsigned.startsWith("0x") || unsigned.startsWith("0X");
    boolean exponent = unsigned.indexOf('p') >= 0 || unsigned.indexOf('P') >= 0;
    try {
      double value = Double.parseDouble(hexadecimal && !exponent ? text + "p0" : text);
      return isOutOfRange(value, unsigned) ? Double.NaN : value;
    } catch (NumberFormatException _) {
      return Double.NaN; // The caller has an error reply for whatever is not a number.
    }
  }

  /// Whether a finite number was too large, or one that is not zero too small.
  private static boolean isOutOfRange(double value, String unsigned) {
    return Double.isInfinite(value)
        || (value == 0
            && unsigned
                .chars()
                .takeWhile(c -> c != 'e' && c != 'E')
                .anyMatch(c -> c >= '1' && c <= '9'));
  }

  private static boolean startsLikeNumber(String unsigned) {
    char first = unsigned.charAt(0);
    return first == '.' || (first >= '0' && first <= '9');
  }

  /// Java takes `1d`, `1f` and blanks at the end; C does not. Hexadecimal digits may end so.
  private static boolean endsLikeJava(String unsigned) {
    char last = unsigned.charAt(unsigned.length() - 1);
    boolean hexadecimal = unsigned.startsWith("0x") || unsigned.startsWith("0X");
    boolean digitOrPoint = last == '.' || (last >= '0' && last <= '9');
    boolean hexadecimalDigit =
        hexadecimal
            && unsigned.indexOf('p') < 0
            && unsigned.indexOf('P') < 0
            && Character.digit(last, 16) >= 0;
    return !digitOrPoint && !hexadecimalDigit;
  }
}
