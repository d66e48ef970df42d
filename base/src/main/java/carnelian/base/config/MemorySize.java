package carnelian.base.config;

import java.util.Locale;

/// Sizes as operators write them: `100mb` is 100 times 1024 times 1024, `100m` is 100 million.
///
/// Values are unsigned 64-bit numbers held in a `long`.
public final class MemorySize {
  private static final long KIB = 1024;
  private static final long MIB = KIB * 1024;
  private static final long GIB = MIB * 1024;

  private MemorySize() {}

  /// The number of bytes.
  ///
  /// @throws InvalidValueException if it is no size, or more than 64 bits
  public static long parse(String text) throws InvalidValueException {
    int digits = 0;
    while (digits < text.length() && text.charAt(digits) >= '0' && text.charAt(digits) <= '9') {
      digits++;
    }
    long unit =
        switch (text.substring(digits).toLowerCase(Locale.ROOT)) {
          case "", "b" -> 1;
          case "k" -> 1000;
          case "kb" -> KIB;
          case "m" -> 1_000_000;
          case "mb" -> MIB;
          case "g" -> 1_000_000_000;
          case "gb" -> GIB;
          default -> 0;
        };
    if (unit == 0 || digits > 20) {
      throw notASize();
    }
    try {
      long value = digits == 0 ? 0 : Long.parseUnsignedLong(text.substring(0, digits));
      if (Long.compareUnsigned(value, Long.divideUnsigned(-1, unit)) > 0) {
        throw notASize();
      }
      return value * unit;
    } catch (NumberFormatException _) { // More than 64 bits.
      throw notASize();
    }
  }

  /// The shortest form that the configuration file may hold: `1gb`, `64mb`, `3000`.
  public static String format(long bytes) {
    if (bytes > 0 && bytes % GIB == 0) {
      return bytes / GIB + "gb";
    }
    if (bytes > 0 && bytes % MIB == 0) {
      return bytes / MIB + "mb";
    }
    if (bytes > 0 && bytes % KIB == 0) {
      return bytes / KIB + "kb";
    }
    return Long.toUnsignedString(bytes);
  }

  private static InvalidValueException notASize() {
    return new InvalidValueException("argument must be a memory value");
  }
}
