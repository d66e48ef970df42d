package carnelian.resp;

import carnelian.memory.Memory;

/// Writes numbers as decimal text into native memory, without garbage.
///
/// Doubles as Redis 7.2 writes scores: an integer if the value is one and below 2^52, else the
/// shortest digits that read back as the same double, plain or with an exponent as its `d2string`.
/// (Redis 7.0 wrote seventeen digits.) Values whose shortest form has more than fifteen digits go
/// through `Double.toString`, which allocates.
public final class Decimals {
  /// Most bytes of a long: a sign and nineteen digits.
  public static final int LONG_BYTES = 20;

  /// Most bytes of a double: a sign, seventeen digits, a point and `e-308`; or zeros after a point.
  public static final int DOUBLE_BYTES = 32;

  private static final long[] POWERS = powers();
  private static final double[] DOUBLE_POWERS = doublePowers();

  /// Beyond half of a long's range Redis does not take a double for an integer.
  private static final double INTEGER_BOUND = 0x1p62;

  /// A decimal of up to fifteen digits survives the way to a double and back.
  private static final long EXACT_BOUND = 1_000_000_000_000_000L;

  private Decimals() {}

  /// Bytes that [#write] of a long takes.
  public static int length(long value) {
    if (value < 0) {
      return value == Long.MIN_VALUE ? LONG_BYTES : 1 + digits(-value);
    }
    return digits(value);
  }

  /// Writes the value and returns the bytes written, at most [#LONG_BYTES].
  public static int write(long at, long value) {
    if (value >= 0 && value < 10) {
      Memory.putByte(at, (byte) ('0' + value));
      return 1;
    }
    if (value == Long.MIN_VALUE) {
      Memory.putByte(at, (byte) '-');
      Memory.putByte(at + 1, (byte) '9');
      writeDigits(at + 2, 223372036854775808L, 18);
      return LONG_BYTES;
    }
    long magnitude = Math.abs(value);
    int digits = digits(magnitude);
    int sign = 0;
    if (value < 0) {
      Memory.putByte(at, (byte) '-');
      sign = 1;
    }
    writeDigits(at + sign, magnitude, digits);
    return sign + digits;
  }

  /// Writes the value and returns the bytes written, at most [#DOUBLE_BYTES].
  public static int write(long at, double value) {
    double magnitude = Math.abs(value);
    if (magnitude < INTEGER_BOUND && value == (long) value) {
      return value == 0 && 1 / value < 0 ? writeAscii(at, "-0") : write(at, (long) value);
    }
    if (Double.isNaN(value)) {
      return writeAscii(at, "nan");
    }
    if (Double.isInfinite(value)) {
      return writeAscii(at, value > 0 ? "inf" : "-inf");
    }
    int sign = 0;
    if (value < 0) {
      Memory.putByte(at, (byte) '-');
      sign = 1;
    }
    return sign + writeFraction(at + sign, magnitude);
  }

  /// Tries ever more decimals: the first for which the rounded decimal divides back to the value is
  /// the shortest, since quotients of integers below 2^53 and powers up to 10^22 are rounded once.
  private static int writeFraction(long at, double magnitude) {
    for (int decimals = 1; decimals < DOUBLE_POWERS.length; decimals++) {
      double scaled = Math.rint(magnitude * DOUBLE_POWERS[decimals]);
      if (scaled >= EXACT_BOUND) {
        break;
      }
      if (scaled / DOUBLE_POWERS[decimals] == magnitude) {
        return layOut(at, (long) scaled, -decimals);
      }
    }
    return writeAnyFraction(at, magnitude);
  }

  private static int writeAnyFraction(long at, double magnitude) {
    String text = Double.toString(magnitude);
    int mantissaEnd = text.indexOf('E');
    int exponent = 0;
    if (mantissaEnd < 0) {
      mantissaEnd = text.length();
    } else {
      exponent = Integer.parseInt(text, mantissaEnd + 1, text.length(), 10);
    }
    int point = text.indexOf('.');
    long digits = 0;
    for (int i = 0; i < mantissaEnd; i++) {
      if (i != point) {
        digits = digits * 10 + (text.charAt(i) - '0');
      }
    }
    exponent -= mantissaEnd - point - 1;
    while (digits % 10 == 0) {
      digits /= 10;
      exponent++;
    }
    if (digits >= 10 && digits < 100) {
      // Double.toString gives two digits where one may do, as in 4.9E-324.
      long rounded = (digits + 5) / 10;
      if (Double.parseDouble(rounded + "e" + (exponent + 1)) == magnitude) {
        return layOut(at, rounded, exponent + 1);
      }
    }
    return layOut(at, digits, exponent);
  }

  /// Writes digits * 10^exponent, digits not ending in 0: plain while that is short, else
  /// scientific.
  private static int layOut(long at, long digits, int exponent) {
    int count = digits(digits);
    int scientific = Math.abs(exponent + count - 1);
    if (exponent >= 0 && scientific < count + 7) {
      writeDigits(at, digits, count);
      Memory.fill(at + count, exponent, (byte) '0');
      return count + exponent;
    }
    if (exponent < 0 && (exponent > -7 || scientific < 4)) {
      return layOutPoint(at, digits, count, -exponent);
    }
    long to = at;
    if (count == 1) {
      Memory.putByte(to++, (byte) ('0' + digits));
    } else {
      writeDigits(to + 1, digits, count);
      Memory.putByte(to, Memory.getByte(to + 1));
      Memory.putByte(to + 1, (byte) '.');
      to += count + 1;
    }
    Memory.putByte(to++, (byte) 'e');
    Memory.putByte(to++, (byte) (exponent + count - 1 < 0 ? '-' : '+'));
    to += write(to, (long) scientific);
    return (int) (to - at);
  }

  private static int layOutPoint(long at, long digits, int count, int decimals) {
    int whole = count - decimals;
    if (whole <= 0) {
      Memory.putByte(at, (byte) '0');
      Memory.putByte(at + 1, (byte) '.');
      Memory.fill(at + 2, -whole, (byte) '0');
      writeDigits(at + 2 - whole, digits, count);
      return 2 - whole + count;
    }
    long scale = POWERS[decimals];
    writeDigits(at, digits / scale, whole);
    Memory.putByte(at + whole, (byte) '.');
    writeDigits(at + whole + 1, digits % scale, decimals);
    return count + 1;
  }

  /// Writes exactly `count` digits, the last of the value, from the end.
  private static void writeDigits(long at, long value, int count) {
    long rest = value;
    for (long to = at + count - 1; to >= at; to--) {
      long tens = rest / 10;
      Memory.putByte(to, (byte) ('0' + (rest - tens * 10)));
      rest = tens;
    }
  }

  private static int digits(long value) {
    // 1233 / 4096 is just above log10(2).
    int guess = ((Long.SIZE - Long.numberOfLeadingZeros(value | 1)) * 1233) >>> 12;
    return value < POWERS[guess] ? Math.max(guess, 1) : guess + 1;
  }

  private static int writeAscii(long at, String text) {
    for (int i = 0; i < text.length(); i++) {
      Memory.putByte(at + i, (byte) text.charAt(i));
    }
    return text.length();
  }

  private static long[] powers() {
    long[] powers = new long[19];
    powers[0] = 1;
    for (int i = 1; i < powers.length; i++) {
      powers[i] = powers[i - 1] * 10;
    }
    return powers;
  }

  private static double[] doublePowers() {
    double[] powers = new double[23];
    powers[0] = 1;
    for (int i = 1; i < powers.length; i++) {
      powers[i] = powers[i - 1] * 10;
    }
    return powers;
  }
}
