package carnelian.interop;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/// Propagated commands in a form in which two servers can be compared.
final class CanonicalLog {
  private static final long MILLIS_NOW = 1_000_000_000_000L;
  private static final char SEPARATOR = '\u001f';

  private CanonicalLog() {}

  /// In our log, which is the replication stream as well; Redis tells its replicas alone.
  private static final Set<String> NOT_IN_REDIS_FILE = Set.of("PUBLISH", "SPUBLISH");

  /// One line for each command. Redis forgets to propagate a BITFIELD that has only made its string
  /// grow.
  static List<String> of(List<List<String>> commands) {
    List<String> lines = new ArrayList<>();
    for (List<String> command : commands) {
      boolean mayHaveGrown = command.get(1).equals("BITFIELD") && command.contains("FAIL");
      if (!NOT_IN_REDIS_FILE.contains(command.get(1)) && !mayHaveGrown) {
        List<String> words = new ArrayList<>(command);
        words.set(1, words.get(1).toUpperCase(Locale.ROOT)); // Redis calls GEOADD's `zadd`.
        lines.add(String.join(Character.toString(SEPARATOR), words));
      }
    }
    return lines;
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
