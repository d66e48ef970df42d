package carnelian.interop;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// Propagated commands in a form in which two servers can be compared.
final class CanonicalLog {
  private static final long MILLIS_NOW = 1_000_000_000_000L;
  private static final String SEPARATOR = "\u001f";

  /// Of LMOVE, whose words are the client's or, where 7.0 wakes a BLMOVE, the server's.
  private static final Map<String, String> SIDES = Map.of("left", "LEFT", "right", "RIGHT");

  private CanonicalLog() {}

  /// One line for each command.
  static List<String> of(List<List<String>> commands) {
    List<List<String>> kept = new ArrayList<>();
    int left = 0;
    for (List<String> command : commands) {
      List<String> words = new ArrayList<>(command);
      words.set(1, words.get(1).toUpperCase(Locale.ROOT)); // Redis calls GEOADD's `zadd`.
      dropLimit(words);
      if (!isCompared(words) || repeatsClaim(words, kept)) {
        left++;
        continue;
      }
      if (words.get(1).equals("RESTORE")) {
        words.set(4, "payload"); // Versions compress and encode differently.
      } else if (words.get(1).equals("LMOVE")) {
        words.replaceAll(word -> SIDES.getOrDefault(word.toLowerCase(Locale.ROOT), word));
      }
      kept.add(words);
      if (words.get(1).equals("MULTI")) {
        left = 0;
      } else if (words.get(1).equals("EXEC") && left > 0) {
        unwrap(kept);
      }
    }
    dropRemovalsBeforeDeletion(kept);
    sortDeletions(kept);
    return kept.stream().map(words -> String.join(SEPARATOR, words)).toList();
  }

  /// Which members SPOP removes is random; CommandMaterial.POPS then deletes the set.
  private static void dropRemovalsBeforeDeletion(List<List<String>> commands) {
    for (int i = commands.size() - 2; i >= 0; i--) {
      List<String> next = commands.get(i + 1);
      if (isDeletion(next)
          && commands.get(i).size() > 3
          && commands.get(i).subList(1, 3).equals(List.of("SREM", next.get(2)))
          && commands.get(i).getFirst().equals(next.getFirst())) {
        commands.remove(i);
      }
    }
  }

  /// SCAN comes across keys that have expired in the order of a hash table.
  private static void sortDeletions(List<List<String>> commands) {
    for (int from = 0, to = 0; from < commands.size(); from = to + 1) {
      to = from;
      while (to < commands.size() && isDeletion(commands.get(to))) {
        to++;
      }
      commands.subList(from, to).sort(Comparator.comparing(words -> words.getLast()));
    }
  }

  private static boolean isDeletion(List<String> words) {
    return words.size() == 3 && words.get(1).equals("DEL");
  }

  /// Whether the words set the position of a group that the XCLAIM before them has set already: 7.2
  /// says so after what XREADGROUP delivers, because XCLAIM does not tell the number of entries
  /// read.
  private static boolean repeatsClaim(List<String> words, List<List<String>> before) {
    if (!words.get(1).equals("XGROUP") || before.isEmpty() || words.size() != 8) {
      return false;
    }
    List<String> claim = before.getLast();
    return claim.get(1).equals("XCLAIM")
        && claim.getFirst().equals(words.getFirst())
        && claim.subList(2, 4).equals(words.subList(3, 5))
        && claim.subList(claim.size() - 2, claim.size()).equals(List.of("LASTID", words.get(5)));
  }

  /// A transaction is one only where it has several commands; so much for what was left out.
  private static void unwrap(List<List<String>> kept) {
    int last = kept.size() - 1;
    if (last >= 1 && kept.get(last - 1).get(1).equals("MULTI")) {
      kept.subList(last - 1, last + 1).clear();
    } else if (last >= 2 && kept.get(last - 2).get(1).equals("MULTI")) {
      kept.remove(last);
      kept.remove(last - 2);
    }
  }

  /// A limit of what XADD and XTRIM cut off, which a copy that cuts off exactly has to ignore.
  private static void dropLimit(List<String> words) {
    int at = words.indexOf("LIMIT");
    if (words.get(1).startsWith("X") && at > 3 && words.get(at - 2).equals("=")) {
      words.subList(at, at + 2).clear();
    }
  }

  /// What docs/compatibility.md names is not: consumers that come into being without an entry (and
  /// of which therefore only one server has to tell that they go), and a BITFIELD that has only
  /// made its string grow.
  private static boolean isCompared(List<String> command) {
    return switch (command.get(1)) {
      case "PUBLISH", "SPUBLISH" -> false; // In our log, which is the replication stream as well.
      case "XGROUP" -> !command.get(2).toUpperCase(Locale.ROOT).endsWith("CONSUMER");
      case "BITFIELD" -> !command.contains("FAIL");
      default -> true;
    };
  }

  /// The name of a line's command.
  static String name(String line) {
    String[] words = line.split(SEPARATOR, -1);
    return words.length > 1 ? words[1] : line;
  }

  /// Whether two lines are equal but for times that are a little apart.
  static boolean equal(String one, String other, long apartMillis) {
    if (one.equals(other)) {
      return true;
    }
    String[] words = one.split(SEPARATOR, -1);
    String[] others = other.split(SEPARATOR, -1);
    if (words.length != others.length) {
      return false;
    }
    for (int i = 0; i < words.length; i++) {
      if (!words[i].equals(others[i]) && !areNear(words[i], others[i], apartMillis)) {
        return false;
      }
    }
    return true;
  }

  private static boolean areNear(String one, String other, long apartMillis) {
    if (!one.matches("[0-9]{13}") || !other.matches("[0-9]{13}")) {
      return false;
    }
    long first = Long.parseLong(one);
    return first > MILLIS_NOW && Math.abs(first - Long.parseLong(other)) <= apartMillis;
  }
}
