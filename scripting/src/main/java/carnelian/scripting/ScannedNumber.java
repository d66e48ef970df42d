package carnelian.scripting;

/// A number at the beginning of a text, as C's `strtod` reads one: decimal, hexadecimal with an
/// exponent of two, infinity, or not a number. The text ends with a zero byte.
final class ScannedNumber {
  /// More digits than decide how a double is rounded; of those behind them counts only whether one
  /// is not zero.
  private static final int KEPT_DIGITS = 800;

  private static final int KEPT_HEX_DIGITS = 32;
  private static final int HEX_DIGIT_BITS = 4;
  private static final int FAST_DIGITS = 15;
  private static final int FAST_EXPONENT = 22;
  private static final long GREATEST_EXPONENT = 1L << 40;
  private static final int OUT_OF_RANGE = 100_000;
  private static final long QUIET = 0x7FF8000000000000L;
  private static final long PAYLOAD = 0x0007FFFFFFFFFFFFL;

  private static final double[] POWERS = powers();

  private final StringBuilder digits = new StringBuilder();
  private double value;

  /// Of the digits that are kept: the power of ten, or of two, that they are to be multiplied with;
  /// whether there is any; whether one was left out that is not zero.
  private long exponent;

  private boolean any;
  private boolean more;

  private static double[] powers() {
    double[] powers = new double[FAST_EXPONENT + 1];
    powers[0] = 1;
    for (int i = 1; i < powers.length; i++) {
      powers[i] = powers[i - 1] * 10;
    }
    return powers;
  }

  double value() {
    return value;
  }

  /// Reads the number and returns where it ends, which is `from` if there is none.
  long read(long from) {
    int sign = LuaLibrary.byteAt(from);
    boolean negative = sign == '-';
    long at = negative || sign == '+' ? from + 1 : from;
    long end;
    if (isWord(at, "inf")) {
      value = Double.POSITIVE_INFINITY;
      end = isWord(at + 3, "inity") ? at + 8 : at + 3;
    } else if (isWord(at, "nan")) {
      end = notANumber(at + 3);
    } else if (LuaLibrary.byteAt(at) == '0'
        && (LuaLibrary.byteAt(at + 1) | 0x20) == 'x'
        && startsHex(at + 2)) {
      end = hexadecimal(at + 2);
    } else {
      end = decimal(at);
      if (end == at) {
        return from;
      }
    }
    if (negative) {
      value = Double.isNaN(value) ? negated(value) : -value;
    }
    return end;
  }

  private static double negated(double nan) {
    return Double.longBitsToDouble(Double.doubleToRawLongBits(nan) | Long.MIN_VALUE);
  }

  /// Whether the text begins with these letters, in capitals or not.
  static boolean isWord(long at, String word) {
    for (int i = 0; i < word.length(); i++) {
      int c = LuaLibrary.byteAt(at + i);
      if (Character.toLowerCase(c) != word.charAt(i)) {
        return false;
      }
    }
    return true;
  }

  // ---- Decimal ---------------------------------------------------------------------------------

  private long decimal(long from) {
    long at = digits(from, 10, KEPT_DIGITS, 1);
    if (!any) {
      return from;
    }
    long end = exponentEnd(at, 'e');
    if (end > at) {
      exponent += exponent(at);
    }
    value = decimalValue();
    return end;
  }

  /// Reads digits with a point among them; returns where they end.
  private long digits(long from, int radix, int keptDigits, int exponentOfDigit) {
    digits.setLength(0);
    exponent = 0;
    any = false;
    more = false;
    boolean fraction = false;
    long at = from;
    while (true) {
      int c = LuaLibrary.byteAt(at);
      if (c == '.' && !fraction) {
        fraction = true;
        at++;
        continue;
      }
      if (Character.digit(c, radix) < 0) {
        return at;
      }
      any = true;
      boolean kept = digits.length() < keptDigits;
      if (kept && (c != '0' || !digits.isEmpty())) {
        digits.append((char) c);
      }
      more |= !kept && c != '0';
      if (fraction && kept) {
        exponent -= exponentOfDigit;
      } else if (!fraction && !kept) {
        exponent += exponentOfDigit;
      }
      at++;
    }
  }

  private double decimalValue() {
    if (digits.isEmpty()) {
      return 0;
    }
    if (digits.length() <= FAST_DIGITS && Math.abs(exponent) <= FAST_EXPONENT) {
      double whole = Long.parseLong(digits, 0, digits.length(), 10);
      int power = (int) exponent;
      return power < 0 ? whole / POWERS[-power] : whole * POWERS[power];
    }
    if (more) {
      digits.append('1');
      exponent--;
    }
    long bounded = Math.clamp(exponent, -OUT_OF_RANGE, OUT_OF_RANGE);
    return Double.parseDouble(digits.append('E').append(bounded).toString());
  }

  // ---- Exponents -------------------------------------------------------------------------------

  /// Where an exponent ends that begins with the letter, or `at` if there is none.
  private static long exponentEnd(long at, char letter) {
    if ((LuaLibrary.byteAt(at) | 0x20) != letter) {
      return at;
    }
    long digit = at + 1;
    int sign = LuaLibrary.byteAt(digit);
    if (sign == '-' || sign == '+') {
      digit++;
    }
    long end = digit;
    while (isDigit(LuaLibrary.byteAt(end))) {
      end++;
    }
    return end == digit ? at : end;
  }

  private static long exponent(long at) {
    long digit = at + 1;
    int sign = LuaLibrary.byteAt(digit);
    if (sign == '-' || sign == '+') {
      digit++;
    }
    long exponent = 0;
    for (int c = LuaLibrary.byteAt(digit); isDigit(c); c = LuaLibrary.byteAt(++digit)) {
      exponent = Math.min(exponent * 10 + c - '0', GREATEST_EXPONENT);
    }
    return sign == '-' ? -exponent : exponent;
  }

  private static boolean isDigit(int c) {
    return c >= '0' && c <= '9';
  }

  // ---- Hexadecimal -----------------------------------------------------------------------------

  private static boolean startsHex(long at) {
    int c = LuaLibrary.byteAt(at);
    return Character.digit(c == '.' ? LuaLibrary.byteAt(at + 1) : c, 16) >= 0;
  }

  private long hexadecimal(long from) {
    long at = digits(from, 16, KEPT_HEX_DIGITS, HEX_DIGIT_BITS);
    long end = exponentEnd(at, 'p');
    if (end > at) {
      exponent += exponent(at);
    }
    value = hexadecimalValue();
    return end;
  }

  private double hexadecimalValue() {
    if (digits.isEmpty()) {
      return 0;
    }
    if (more) {
      digits.append('1');
      exponent -= HEX_DIGIT_BITS;
    }
    long bounded = Math.clamp(exponent, -OUT_OF_RANGE, OUT_OF_RANGE);
    return Double.parseDouble("0x" + digits + "p" + bounded);
  }

  // ---- Not a number ----------------------------------------------------------------------------

  /// What may stand in parentheses behind it becomes its lowest bits, if it is a number.
  private long notANumber(long at) {
    value = Double.longBitsToDouble(QUIET);
    if (LuaLibrary.byteAt(at) != '(') {
      return at;
    }
    long end = at + 1;
    int c = LuaLibrary.byteAt(end);
    while (c == '_' || c < 0x80 && Character.digit(c, 36) >= 0) {
      c = LuaLibrary.byteAt(++end);
    }
    if (c != ')') {
      return at;
    }
    value = Double.longBitsToDouble(QUIET | payload(at + 1, end) & PAYLOAD);
    return end + 1;
  }

  /// As `strtoull` with base 0 reads all of it; 0 if it does not.
  private static long payload(long from, long end) {
    int base = 10;
    long at = from;
    if (end - at > 2 && LuaLibrary.byteAt(at) == '0' && (LuaLibrary.byteAt(at + 1) | 0x20) == 'x') {
      base = 16;
      at += 2;
    } else if (LuaLibrary.byteAt(at) == '0') {
      base = 8;
    }
    long value = 0;
    for (; at < end; at++) {
      int digit = Character.digit(LuaLibrary.byteAt(at), base);
      if (digit < 0) {
        return 0;
      }
      boolean overflows = Long.compareUnsigned(value, Long.divideUnsigned(-1L - digit, base)) > 0;
      value = overflows ? -1 : value * base + digit;
      if (overflows) {
        return value;
      }
    }
    return value;
  }
}
