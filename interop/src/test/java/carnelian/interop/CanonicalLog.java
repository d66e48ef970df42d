package carnelian.interop;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// Propagated commands in a form in which two servers can be compared.
final class CanonicalLog {
  private static final long MILLIS_NOW = 1_000_000_000_000L;
  private static final char SEPARATOR = '\u001f';

  private CanonicalLog() {}

  /// One line for each command.
  static List<String> of(List<List<String>> commands) {
    List<String> lines = new ArrayList<>();
    for (List<String> command : commands) {
      if (isCompared(command)) {
        List<String> words = new ArrayList<>(command);
        words.set(1, words.get(1).toUpperCase(Locale.ROOT)); // Redis calls GEOADD's `zadd`.
        lines.add(String.join(Character.toString(SEPARATOR), words));
      }
    }
    return lines;
  }

  /// What docs/compatibility.md names is not: consumers that come into being without an entry, and
  /// a BITFIELD that has only made its string grow.
  private static boolean isCompared(List<String> command) {
    return switch (command.get(1)) {
      case "PUBLISH", "SPUBLISH" -> false; // In our log, which is the replication stream as well.
      case "XGROUP" -> !command.get(2).equals("CREATECONSUMER");
      case "BITFIELD" -> !command.contains("FAIL");
      default -> true;
    };
  }

  /// Whether two lines are equal but for times that are a little apart.
  static boolean equal(String one, String other, long apartMillis) {
    if (one.equals(other)) {
      return true;
    }
    String[] words = one.split(Character.toString(SEPARATOR), -1);
    String[] others = other.split(Character.toString(SEPARATOR), -1);
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
