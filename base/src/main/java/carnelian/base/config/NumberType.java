package carnelian.base.config;

import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// A number in a range. For one below `leastTaken` or above `mostTaken` the nearest is taken.
record NumberType<N extends Number>(
    Class<N> boxed,
    Set<Form> forms,
    String unit,
    long lowest,
    long highest,
    long leastTaken,
    long mostTaken)
    implements DirectiveType<N> {

  /// What else may be written than plain digits, and how the bounds compare.
  enum Form {
    MEMORY,
    PERCENT,
    OCTAL,
    UNSIGNED
  }

  static NumberType<Integer> ints(String unit) {
    return ints(unit, EnumSet.noneOf(Form.class));
  }

  private static NumberType<Integer> ints(String unit, Set<Form> forms) {
    return new NumberType<>(
        Integer.class, forms, unit, 0, Integer.MAX_VALUE, Long.MIN_VALUE, Long.MAX_VALUE);
  }

  static NumberType<Long> longs(String unit, Form... forms) {
    Set<Form> set = EnumSet.noneOf(Form.class);
    set.addAll(List.of(forms));
    return new NumberType<>(
        Long.class, set, unit, 0, Long.MAX_VALUE, Long.MIN_VALUE, Long.MAX_VALUE);
  }

  static NumberType<Integer> octal(String unit) {
    return ints(unit, EnumSet.of(Form.OCTAL));
  }

  NumberType<N> between(long least, long most) {
    return new NumberType<>(boxed, forms, unit, least, most, leastTaken, mostTaken);
  }

  /// Whatever is in the range may be written; what is taken lies between these.
  NumberType<N> taken(long least, long most) {
    return new NumberType<>(boxed, forms, unit, lowest, highest, least, most);
  }

  @Override
  public N parse(List<String> words, N current) throws InvalidValueException {
    long value = number(DirectiveType.one(words));
    check(value);
    long taken = Math.clamp(value, leastTaken, mostTaken);
    Object number = boxed == Integer.class ? Math.toIntExact(taken) : (Object) taken;
    return boxed.cast(number);
  }

  @Override
  public String format(N number) {
    long value = number.longValue();
    if (isPercent(value)) {
      return -value + "%";
    }
    if (forms.contains(Form.OCTAL)) {
      return Long.toOctalString(value);
    }
    return forms.contains(Form.MEMORY) ? Long.toUnsignedString(value) : Long.toString(value);
  }

  @Override
  public List<String> lines(N number) {
    long value = number.longValue();
    boolean bytes = forms.contains(Form.MEMORY) && !isPercent(value);
    return List.of(bytes ? MemorySize.format(value) : format(number));
  }

  @Override
  public String describe() {
    String most = highest == Long.MAX_VALUE || highest == Integer.MAX_VALUE ? "" : text(highest);
    String range = most.isEmpty() ? "at least " + text(lowest) : text(lowest) + " to " + most;
    return unit + (lowest == Integer.MIN_VALUE ? "" : ", " + range);
  }

  private boolean isPercent(long value) {
    return forms.contains(Form.PERCENT) && value < 0;
  }

  private long number(String text) throws InvalidValueException {
    Long value = null;
    if (forms.contains(Form.MEMORY)) {
      value = memory(text);
    }
    if (value == null && forms.contains(Form.PERCENT) && text.endsWith("%")) {
      Long percent = decimal(text.substring(0, text.length() - 1));
      value = percent == null || percent < 0 ? null : Long.valueOf(-percent);
    }
    if (forms.contains(Form.OCTAL)) {
      value = octalNumber(text);
    }
    boolean plain = !forms.contains(Form.MEMORY) && !forms.contains(Form.OCTAL);
    if (value == null && plain) {
      value = decimal(text);
    }
    if (value == null) {
      throw new InvalidValueException(complaint());
    }
    return value;
  }

  private String complaint() {
    if (forms.contains(Form.MEMORY)) {
      return forms.contains(Form.PERCENT)
          ? "argument must be a memory or percent value"
          : "argument must be a memory value";
    }
    return forms.contains(Form.OCTAL)
        ? "argument couldn't be parsed as an octal number"
        : "argument couldn't be parsed into an integer";
  }

  private void check(long value) throws InvalidValueException {
    if (isPercent(value)) {
      if (value < lowest) {
        throw new InvalidValueException("percentage argument must be less or equal to " + -lowest);
      }
      return;
    }
    boolean unsigned = forms.contains(Form.UNSIGNED);
    boolean fits =
        unsigned
            ? Long.compareUnsigned(value, lowest) >= 0 && Long.compareUnsigned(value, highest) <= 0
            : value >= lowest && value <= highest;
    if (!fits) {
      throw new InvalidValueException(
          "argument must be between " + text(lowest) + " and " + text(highest) + " inclusive");
    }
  }

  private String text(long bound) {
    if (forms.contains(Form.OCTAL)) {
      return Long.toOctalString(bound);
    }
    return forms.contains(Form.UNSIGNED) ? Long.toUnsignedString(bound) : Long.toString(bound);
  }

  private static @Nullable Long memory(String text) {
    try {
      return MemorySize.parse(text);
    } catch (InvalidValueException _) { // It may still be a percentage.
      return null;
    }
  }

  private static @Nullable Long octalNumber(String text) {
    try {
      return text.isEmpty() ? Long.valueOf(0) : Long.valueOf(Long.parseLong(text, 8));
    } catch (NumberFormatException _) { // The caller complains.
      return null;
    }
  }

  /// Strictly: no `+`, no leading zero, no space.
  private static @Nullable Long decimal(String text) {
    String digits = text.startsWith("-") ? text.substring(1) : text;
    boolean padded = digits.startsWith("0") && !text.equals("0");
    if (padded || !isDigits(digits)) {
      return null;
    }
    try {
      return Long.valueOf(text);
    } catch (NumberFormatException _) { // Empty, or more than 64 bits.
      return null;
    }
  }

  private static boolean isDigits(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) < '0' || text.charAt(i) > '9') {
        return false;
      }
    }
    return true;
  }
}
