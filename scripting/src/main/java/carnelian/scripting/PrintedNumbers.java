package carnelian.scripting;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import org.jspecify.annotations.Nullable;

/// Numbers as C's `printf` writes them with `%.*g`, which is how Lua and its libraries do.
final class PrintedNumbers {
  private static final int LEAST_EXPONENT = -4;

  /// As many as every double keeps.
  private static final int SURE_DIGITS = 15;

  private PrintedNumbers() {}

  static String general(double value, int digits) {
    if (Double.isNaN(value)) {
      return Double.doubleToRawLongBits(value) < 0 ? "-nan" : "nan";
    }
    if (Double.isInfinite(value)) {
      return value < 0 ? "-inf" : "inf";
    }
    if (value == 0) {
      return 1 / value < 0 ? "-0" : "0";
    }
    int precision = Math.max(digits, 1);
    String quick = precision <= SURE_DIGITS ? fromShortest(value, precision) : null;
    if (quick != null) {
      return quick;
    }
    BigDecimal rounded =
        new BigDecimal(value).round(new MathContext(precision, RoundingMode.HALF_EVEN));
    int exponent = rounded.precision() - rounded.scale() - 1;
    BigDecimal stripped = rounded.stripTrailingZeros();
    if (exponent >= LEAST_EXPONENT && exponent < precision) {
      return stripped.toPlainString();
    }
    String unscaled = stripped.unscaledValue().abs().toString();
    StringBuilder text = new StringBuilder(value < 0 ? "-" : "");
    return scientific(text, unscaled, exponent);
  }

  private static String scientific(StringBuilder text, CharSequence digits, int exponent) {
    text.append(digits.charAt(0));
    if (digits.length() > 1) {
      text.append('.').append(digits, 1, digits.length());
    }
    text.append('e').append(exponent < 0 ? '-' : '+');
    int magnitude = Math.abs(exponent);
    if (magnitude < 10) {
      text.append('0');
    }
    return text.append(magnitude).toString();
  }

  /// From the shortest digits that mean the number. They round as the number itself does, because a
  /// halfway point between the two would have been shorter; null if they are one themselves.
  private static @Nullable String fromShortest(double value, int precision) {
    if (Math.abs(value) < Double.MIN_NORMAL) {
      return null;
    }
    String shortest = Double.toString(Math.abs(value));
    int mark = shortest.indexOf('E');
    int end = mark < 0 ? shortest.length() : mark;
    int point = shortest.indexOf('.');
    int exponent = point - 1;
    if (mark >= 0) {
      exponent += Integer.parseInt(shortest, mark + 1, shortest.length(), 10);
    }
    StringBuilder digits = new StringBuilder(end);
    digits.append(shortest, 0, point).append(shortest, point + 1, end);
    int zeros = 0;
    while (digits.charAt(zeros) == '0') {
      zeros++;
    }
    digits.delete(0, zeros);
    exponent -= zeros;
    stripZeros(digits); // 45.0 has two digits, and is halfway between two of one.
    if (digits.length() > precision) {
      if (digits.length() == precision + 1 && digits.charAt(precision) == '5') {
        return null;
      }
      boolean up = digits.charAt(precision) >= '5';
      digits.setLength(precision);
      if (up && !increment(digits)) {
        exponent++;
      }
    }
    stripZeros(digits);
    StringBuilder text = new StringBuilder(value < 0 ? "-" : "");
    if (exponent < LEAST_EXPONENT || exponent >= precision) {
      return scientific(text, digits, exponent);
    }
    return plain(text, digits, exponent);
  }

  private static void stripZeros(StringBuilder digits) {
    int length = digits.length();
    while (length > 1 && digits.charAt(length - 1) == '0') {
      length--;
    }
    digits.setLength(length);
  }

  /// Adds one to the last digit; false if all were nines, which leaves one digit with zeros.
  private static boolean increment(StringBuilder digits) {
    int at = digits.length() - 1;
    while (at >= 0 && digits.charAt(at) == '9') {
      digits.setCharAt(at--, '0');
    }
    if (at < 0) {
      digits.setCharAt(0, '1');
      return false;
    }
    digits.setCharAt(at, (char) (digits.charAt(at) + 1));
    return true;
  }

  private static String plain(StringBuilder text, CharSequence digits, int exponent) {
    if (exponent < 0) {
      return text.append("0.").repeat('0', -exponent - 1).append(digits).toString();
    }
    int whole = exponent + 1;
    if (digits.length() <= whole) {
      return text.append(digits).repeat('0', whole - digits.length()).toString();
    }
    return text.append(digits, 0, whole)
        .append('.')
        .append(digits, whole, digits.length())
        .toString();
  }
}
