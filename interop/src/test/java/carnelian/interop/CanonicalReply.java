package carnelian.interop;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Pattern;

/// Replies in a form in which two servers can be compared: what hash tables order is sorted, and
/// numbers are written as Redis 7.2 writes them.
final class CanonicalReply {
  private static final double INTEGER_BOUND = 0x1p62;
  private static final int LONGEST_DOUBLE_DIGITS = 17;
  private static final Pattern DECIMAL = Pattern.compile("-?[0-9]+\\.[0-9]+");
  private static final Pattern EXPONENT = Pattern.compile("-?[0-9](\\.[0-9]+)?e\\+[0-9]+");

  private CanonicalReply() {}

  static RespValue of(String[] command, RespValue reply) {
    return withPlainNumbers(ordered(command, reply));
  }

  /// Redis 7.0 writes a great double with an exponent where 7.2, and Carnelian, write its digits,
  /// and up to seventeen digits where they write the shortest that mean the same.
  private static RespValue withPlainNumbers(RespValue reply) {
    return switch (reply) {
      case RespValue.Aggregate(char type, List<RespValue> items) ->
          new RespValue.Aggregate(
              type, items.stream().map(CanonicalReply::withPlainNumbers).toList());
      case RespValue.Bulk(String bytes) when EXPONENT.matcher(bytes).matches() ->
          new RespValue.Bulk(plain(bytes));
      case RespValue.Scalar(char type, String text) when EXPONENT.matcher(text).matches() ->
          new RespValue.Scalar(type, plain(text));
      case RespValue.Bulk(String bytes) when isLongDecimal(bytes) ->
          new RespValue.Bulk(shortest(bytes));
      case RespValue.Scalar(char type, String text) when isLongDecimal(text) ->
          new RespValue.Scalar(type, shortest(text));
      case RespValue.Bulk _, RespValue.Scalar _, RespValue.Simple _, RespValue.Failure _ -> reply;
      case RespValue.Int _, RespValue.NilBulk _, RespValue.NilArray _, RespValue.Nil _ -> reply;
    };
  }

  /// What is within half of a long's range is written as the integer that the double is.
  private static String plain(String exponential) {
    double number = Double.parseDouble(exponential);
    BigDecimal exact = new BigDecimal(number);
    boolean isInteger = Math.abs(number) < INTEGER_BOUND && exact.stripTrailingZeros().scale() <= 0;
    return (isInteger ? exact : new BigDecimal(exponential)).toPlainString();
  }

  private static boolean isLongDecimal(String text) {
    return DECIMAL.matcher(text).matches()
        && new BigDecimal(text).precision() == LONGEST_DOUBLE_DIGITS;
  }

  private static String shortest(String decimal) {
    String shortest = Double.toString(Double.parseDouble(decimal));
    return new BigDecimal(shortest).stripTrailingZeros().toPlainString();
  }

  private static RespValue ordered(String[] command, RespValue reply) {
    // The queued commands are not known here, so the order inside their replies is not compared.
    boolean unordered =
        command[0].equals("EXEC")
            || CommandTemplates.UNORDERED.contains(command[0])
            || command[0].startsWith("SORT") && hasNoOrder(List.of(command));
    if (!unordered || !(reply instanceof RespValue.Aggregate(char type, List<RespValue> items))) {
      return reply;
    }
    List<RespValue> sorted = items.stream().map(CanonicalReply::sorted).toList();
    RespValue inside = new RespValue.Aggregate(type, sorted);
    return command[0].equals("EXEC") ? inside : sorted(inside);
  }

  /// Redis leaves open how elements are ordered whose weights are equal words.
  private static boolean hasNoOrder(List<String> sort) {
    return sort.contains("nosort") || sort.contains("BY") && sort.contains("ALPHA");
  }

  /// Sorted at every depth.
  private static RespValue sorted(RespValue reply) {
    if (!(reply instanceof RespValue.Aggregate(char type, List<RespValue> items))) {
      return reply;
    }
    List<RespValue> copy = new ArrayList<>();
    items.forEach(item -> copy.add(sorted(item)));
    copy.sort(Comparator.comparing(RespValue::toString));
    return new RespValue.Aggregate(type, copy);
  }
}
