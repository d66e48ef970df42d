package carnelian.datatypes;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import carnelian.structures.Element;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// The 80-bit floating-point numbers of C's `long double`, in which Redis adds for INCRBYFLOAT and
/// HINCRBYFLOAT: a significand of 64 bits. Immutable; [#INFINITY] stands for both infinities.
///
/// Values are kept as exact decimals that have been rounded to such a significand, so a sum comes
/// out to the last printed digit as Redis's. Numbers below the smallest normal one are not told
/// from each other: they print as 0 anyway.
final class LongDouble {
  private static final int SIGNIFICAND_BITS = 64;

  /// Of a `long double`; a greater decimal exponent is out of its range.
  private static final int MAX_DECIMAL_EXPONENT = 4932;

  /// Digits after the point in Redis's replies.
  private static final int PRINTED_DIGITS = 17;

  /// Redis reads no longer number.
  private static final int LONGEST_TEXT = 5 * 1024;

  static final LongDouble ZERO = new LongDouble(BigDecimal.ZERO);

  /// What is added to it stays infinite, which no command stores. Its decimal means nothing.
  static final LongDouble INFINITY = new LongDouble(BigDecimal.ZERO);

  private final BigDecimal value;

  private LongDouble(BigDecimal value) {
    this.value = value;
  }

  /// The number that the text says, or null if it says none or one out of range.
  static @Nullable LongDouble parse(Element text) {
    if (text.isInteger()) {
      return new LongDouble(BigDecimal.valueOf(text.integer()));
    }
    if (text.length() == 0 || text.length() > LONGEST_TEXT) {
      return null;
    }
    return parse(new String(text.toBytes(), ISO_8859_1));
  }

  static @Nullable LongDouble parse(String text) {
    if (text.length() > LONGEST_TEXT) {
      return null;
    }
    try {
      String unsigned = text.startsWith("-") || text.startsWith("+") ? text.substring(1) : text;
      if (unsigned.toLowerCase(Locale.ROOT).startsWith("0x")) {
        BigDecimal magnitude = new BigDecimal(new BigInteger(unsigned.substring(2), 16));
        return rounded(text.startsWith("-") ? magnitude.negate() : magnitude);
      }
      return isInfinity(unsigned) ? INFINITY : inRange(new BigDecimal(text));
    } catch (NumberFormatException _) {
      return null; // The caller has an error reply for whatever is not a number.
    }
  }

  private static boolean isInfinity(String unsigned) {
    return unsigned.equalsIgnoreCase("inf") || unsigned.equalsIgnoreCase("infinity");
  }

  boolean isFinite() {
    return this != INFINITY;
  }

  LongDouble plus(LongDouble other) {
    return isFinite() && other.isFinite() ? rounded(value.add(other.value)) : INFINITY;
  }

  /// A finite double as Redis prints it as a `long double`.
  static String text(double value) {
    return text(new BigDecimal(value));
  }

  /// Fixed notation with up to 17 digits after the point and no trailing zeros, of a finite number.
  @Override
  public String toString() {
    return text(value);
  }

  private static String text(BigDecimal value) {
    BigDecimal printed = value.setScale(PRINTED_DIGITS, RoundingMode.HALF_EVEN);
    if (printed.signum() == 0) {
      return "0"; // Also of a negative number that is too small to be seen.
    }
    return printed.stripTrailingZeros().toPlainString();
  }

  private static @Nullable LongDouble inRange(BigDecimal exact) {
    long exponent = (long) exact.precision() - exact.scale() - 1;
    if (exact.signum() == 0 || exponent < -MAX_DECIMAL_EXPONENT) {
      return ZERO;
    }
    return exponent > MAX_DECIMAL_EXPONENT ? null : rounded(exact);
  }

  /// Rounds to 64 binary digits, half to even.
  private static LongDouble rounded(BigDecimal exact) {
    if (exact.signum() == 0) {
      return ZERO;
    }
    BigInteger numerator = exact.unscaledValue().abs();
    BigInteger denominator = BigInteger.ONE;
    if (exact.scale() > 0) {
      denominator = BigInteger.TEN.pow(exact.scale());
    } else {
      numerator = numerator.multiply(BigInteger.TEN.pow(-exact.scale()));
    }
    // Two digits more than needed, and a third that says whether anything follows.
    int shift = SIGNIFICAND_BITS + 2 - (numerator.bitLength() - denominator.bitLength());
    BigInteger[] quotient =
        (shift >= 0 ? numerator.shiftLeft(shift) : numerator)
            .divideAndRemainder(shift >= 0 ? denominator : denominator.shiftLeft(-shift));
    BigInteger digits = quotient[0].shiftLeft(1);
    if (quotient[1].signum() != 0) {
      digits = digits.setBit(0);
    }
    int excess = digits.bitLength() - SIGNIFICAND_BITS;
    BigDecimal significand =
        new BigDecimal(digits)
            .divide(new BigDecimal(BigInteger.ONE.shiftLeft(excess)))
            .setScale(0, RoundingMode.HALF_EVEN);
    int exponent = excess - shift - 1;
    BigDecimal power = new BigDecimal(BigInteger.ONE.shiftLeft(Math.abs(exponent)));
    BigDecimal magnitude = exponent >= 0 ? significand.multiply(power) : significand.divide(power);
    return new LongDouble(exact.signum() < 0 ? magnitude.negate() : magnitude);
  }
}
