package carnelian.interop;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/// Replies in a form in which two servers can be compared: what hash tables order is sorted, and
/// numbers are written as Redis 7.2 writes them.
final class CanonicalReply {
  private static final double INTEGER_BOUND = 0x1p62;
  private static final int LONGEST_DOUBLE_DIGITS = 17;
  private static final Pattern DECIMAL = Pattern.compile("-?[0-9]+\\.[0-9]+");
  private static final Pattern EXPONENT = Pattern.compile("-?[0-9](\\.[0-9]+)?e\\+[0-9]+");

  private static final Pattern FROM_ZERO_BYTE = Pattern.compile("\u0000[^']*'");

  private static final Set<String> REMAINING = Set.of("TTL", "PTTL", "EXPIRETIME", "PEXPIRETIME");

  /// What XINFO says of consumers, which 7.2 creates earlier, and of how a stream is stored.
  private static final Set<String> NOT_COMPARED =
      Set.of("consumers", "radix-tree-keys", "radix-tree-nodes");

  private CanonicalReply() {}

  /// `queued` are the commands that a reply of EXEC tells of.
  static RespValue of(String[] command, List<String[]> queued, RespValue reply) {
    if (!name(command).equals("EXEC")
        || !(reply instanceof RespValue.Aggregate(char type, List<RespValue> items))
        || items.size() != queued.size()) {
      return of(command, reply);
    }
    List<RespValue> each = new ArrayList<>();
    for (int i = 0; i < items.size(); i++) {
      each.add(of(queued.get(i), items.get(i)));
    }
    return new RespValue.Aggregate(type, each);
  }

  private static RespValue of(String[] command, RespValue reply) {
    return withPlainNumbers(ordered(command, withoutClock(command, withoutZeroes(reply))));
  }

  /// Redis ends what it quotes of unknown commands and groups at its first zero byte.
  private static RespValue withoutZeroes(RespValue reply) {
    return reply instanceof RespValue.Failure(String text)
            && (text.startsWith("ERR unknown ") || text.startsWith("NOGROUP "))
        ? new RespValue.Failure(FROM_ZERO_BYTE.matcher(text).replaceAll("'"))
        : reply;
  }

  private static String name(String[] command) {
    return command[0].toUpperCase(Locale.ROOT);
  }

  /// Deadlines are compared at the end; how long something has been pending cannot be.
  private static RespValue withoutClock(String[] command, RespValue reply) {
    String name = name(command);
    if (name.equals("XGROUP") && createsConsumer(command) && reply instanceof RespValue.Int _) {
      return new RespValue.Int(1); // Unless an earlier command has, in 7.2.
    }
    if (REMAINING.contains(name) && reply instanceof RespValue.Int(long value) && value > 0) {
      return new RespValue.Int(1);
    }
    if (!(reply instanceof RespValue.Aggregate(char type, List<RespValue> items))) {
      return reply;
    }
    if (name.startsWith("XREAD") && List.of(command).contains("BLOCK")) {
      return hasNoEntries(type, items) ? noReply(type) : reply;
    }
    if (name.equals("XPENDING") && command.length > 3) {
      return new RespValue.Aggregate(type, items.stream().map(CanonicalReply::pending).toList());
    }
    return name.equals("XINFO") ? withoutStorage(type, items) : reply;
  }

  private static boolean createsConsumer(String[] command) {
    return command.length > 1 && command[1].equalsIgnoreCase("CREATECONSUMER");
  }

  /// redis-server 7.0 wakes who waits for a stream of which nothing is left; 7.2, and Carnelian,
  /// let them wait.
  private static boolean hasNoEntries(char type, List<RespValue> streams) {
    List<RespValue> pair = type == '*' ? streams.getFirst().items() : streams;
    return pair.get(1).items().isEmpty();
  }

  private static RespValue noReply(char type) {
    return type == '*' ? new RespValue.NilArray() : new RespValue.Nil();
  }

  /// An entry without its idle time.
  private static RespValue pending(RespValue entry) {
    if (!(entry instanceof RespValue.Aggregate(char type, List<RespValue> items))) {
      return entry;
    }
    return new RespValue.Aggregate(type, List.of(items.get(0), items.get(1), items.get(3)));
  }

  private static RespValue withoutStorage(char type, List<RespValue> items) {
    List<RespValue> kept = new ArrayList<>();
    for (int i = 0; i < items.size(); i++) {
      RespValue item = items.get(i);
      if (item instanceof RespValue.Bulk(String text) && NOT_COMPARED.contains(text)) {
        i++;
      } else {
        kept.add(
            item instanceof RespValue.Aggregate(char inner, List<RespValue> group)
                ? withoutStorage(inner, group)
                : item);
      }
    }
    return new RespValue.Aggregate(type, kept);
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
    return (isInteger ? exact : new BigDecimal(Double.toString(number))).toPlainString();
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
    String name = name(command);
    boolean unordered =
        CommandTemplates.UNORDERED.contains(name)
            || name.startsWith("SORT") && hasNoOrder(List.of(command));
    if (!unordered || !(reply instanceof RespValue.Aggregate(char type, List<RespValue> items))) {
      return reply;
    }
    if (name.startsWith("SORT") && isAnyPart(List.of(command))) {
      return new RespValue.Int(items.size());
    }
    List<RespValue> sorted = items.stream().map(CanonicalReply::sorted).toList();
    return sorted(new RespValue.Aggregate(type, sorted));
  }

  /// Redis leaves open how elements are ordered whose weights are equal words, or that have none.
  private static boolean hasNoOrder(List<String> sort) {
    return isNotSorted(sort) || sort.contains("BY") && sort.contains("ALPHA");
  }

  private static boolean isNotSorted(List<String> sort) {
    int by = sort.indexOf("BY");
    return by > 0 && by + 1 < sort.size() && !sort.get(by + 1).contains("*");
  }

  /// Of a set that is not sorted, LIMIT takes some members, and who knows which; a key of any name
  /// may hold one.
  private static boolean isAnyPart(List<String> sort) {
    return isNotSorted(sort) && sort.contains("LIMIT");
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
