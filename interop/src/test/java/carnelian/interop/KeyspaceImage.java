package carnelian.interop;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// Everything that a server's databases hold: for each key its deadline, its type and its contents
/// in one canonical text form, unordered types sorted. Two servers hold the same data if their
/// images are equal.
final class KeyspaceImage {
  private static final String PAGE = "500";
  private static final int MOST_LINES = 10;
  private static final int SHOWN = 300;

  private KeyspaceImage() {}

  /// What a key holds. `deadline` is in Unix ms, -1 for none.
  record Entry(String type, String contents, long deadline) {
    boolean equals(Entry that, long toleranceMillis) {
      return type.equals(that.type)
          && contents.equals(that.contents)
          && (deadline < 0) == (that.deadline < 0)
          && Math.abs(deadline - that.deadline) <= toleranceMillis;
    }

    @Override
    public String toString() {
      return from(0);
    }

    private String from(int start) {
      int end = Math.min(contents.length(), start + SHOWN);
      return type
          + (" until " + deadline + ": " + (start > 0 ? "…" : ""))
          + contents.substring(start, end)
          + (end < contents.length() ? "…" : "");
    }
  }

  /// Reads all databases. The keys are `database/key`.
  static Map<String, Entry> read(RespConnection from, int databases) {
    Map<String, Entry> image = new TreeMap<>();
    for (int database = 0; database < databases; database++) {
      from.call("SELECT", Integer.toString(database)).text();
      String cursor = "0";
      do {
        List<RespValue> page = from.call("SCAN", cursor, "COUNT", PAGE).items();
        cursor = page.get(0).text();
        readPage(from, database + "/", page.get(1).texts(), image);
      } while (!cursor.equals("0"));
    }
    return image;
  }

  private static void readPage(
      RespConnection from, String prefix, List<String> keys, Map<String, Entry> image) {
    for (String key : keys) {
      from.send("TYPE", key);
      from.send("PEXPIRETIME", key);
    }
    from.flush();
    List<String> types = new ArrayList<>();
    List<Long> expiries = new ArrayList<>();
    for (int i = 0; i < keys.size(); i++) {
      types.add(from.read().text());
      expiries.add(from.read().number());
    }
    for (int i = 0; i < keys.size(); i++) {
      from.send(contentsCommand(types.get(i), keys.get(i)));
    }
    from.flush();
    for (int i = 0; i < keys.size(); i++) {
      String contents = canonical(types.get(i), from.read());
      image.put(prefix + keys.get(i), new Entry(types.get(i), contents, expiries.get(i)));
    }
  }

  private static String[] contentsCommand(String type, String key) {
    return switch (type) {
      case "string" -> new String[] {"GET", key};
      case "list" -> new String[] {"LRANGE", key, "0", "-1"};
      case "set" -> new String[] {"SMEMBERS", key};
      case "zset" -> new String[] {"ZRANGE", key, "0", "-1", "WITHSCORES"};
      case "hash" -> new String[] {"HGETALL", key};
      case "stream" -> new String[] {"XRANGE", key, "-", "+"};
      default -> throw new AssertionError("type of " + key + ": " + type);
    };
  }

  private static String canonical(String type, RespValue contents) {
    return switch (type) {
      case "set" -> {
        List<String> members = new ArrayList<>(contents.texts());
        Collections.sort(members);
        yield members.toString();
      }
      case "hash" -> {
        Map<String, String> fields = new TreeMap<>();
        List<String> flat = contents.texts();
        for (int i = 0; i < flat.size(); i += 2) {
          fields.put(flat.get(i), flat.get(i + 1));
        }
        yield fields.toString();
      }
      case "zset" -> scored(contents.texts());
      case "string" -> contents.text();
      case "stream" -> contents.toString();
      default -> contents.texts().toString();
    };
  }

  /// Scores as numbers: Redis 7.0 writes 17 digits, 7.2 the shortest ones that say the same.
  private static String scored(List<String> flat) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < flat.size(); i += 2) {
      String score = flat.get(i + 1).replace("inf", "Infinity");
      text.append(flat.get(i)).append('=').append(Double.parseDouble(score)).append(' ');
    }
    return text.toString();
  }

  /// What differs between two images, one line a key; empty if they are equal. At most ten lines.
  /// Deadlines may be `toleranceMillis` apart.
  static List<String> differences(
      Map<String, Entry> expected, Map<String, Entry> actual, long toleranceMillis) {
    List<String> lines = new ArrayList<>();
    TreeSet<String> keys = new TreeSet<>(expected.keySet());
    keys.addAll(actual.keySet());
    for (String key : keys) {
      @Nullable Entry wanted = expected.get(key);
      @Nullable Entry found = actual.get(key);
      boolean same = wanted != null && found != null && wanted.equals(found, toleranceMillis);
      if (!same && lines.size() < MOST_LINES) {
        int start = wanted == null || found == null ? 0 : firstDifference(wanted, found);
        lines.add(key + ": expected " + from(wanted, start) + ", found " + from(found, start));
      }
    }
    return lines;
  }

  /// A few words before it.
  private static int firstDifference(Entry one, Entry other) {
    int at = Arrays.mismatch(one.contents.toCharArray(), other.contents.toCharArray());
    return Math.max(0, at - SHOWN / 3);
  }

  private static String from(@Nullable Entry entry, int start) {
    return entry == null ? "nothing" : entry.from(start);
  }
}
