package carnelian.interop;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// What two servers hold, by DEBUG DIGEST alone, which is quick, or in full with the encodings.
/// Nothing but the time is changed by asking, except that full comparisons remove what has expired.
final class DataComparison {
  private static final int DATABASES = 16;

  /// Of sets, which have one more in 7.2.
  private static final RespValue LISTPACK = new RespValue.Bulk("listpack");

  private static final RespValue INTSET = new RespValue.Bulk("intset");
  private static final RespValue HASHTABLE = new RespValue.Bulk("hashtable");

  /// Of a HyperLogLog that was loaded and since then only counted, by which Redis makes it raw.
  private static final RespValue EMBSTR = new RespValue.Bulk("embstr");

  private static final int MOST_LINES = 10;

  private final RespConnection redis;
  private final RespConnection carnelian;
  private final long deadlinesApartMillis;

  DataComparison(RespConnection redis, RespConnection carnelian, long deadlinesApartMillis) {
    this.redis = redis;
    this.carnelian = carnelian;
    this.deadlinesApartMillis = deadlinesApartMillis;
  }

  /// Redis's digest counts what has expired and was not found yet, ours does not.
  boolean digestsDiffer() {
    redis.send("DEBUG", "DIGEST");
    redis.flush();
    RespValue ours = carnelian.call("DEBUG", "DIGEST");
    return !ours.equals(redis.read());
  }

  /// One line for each key that differs, at most a few; empty if none does. Both connections are at
  /// database 0 then.
  List<String> differences() {
    Map<String, KeyspaceImage.Entry> expected = KeyspaceImage.read(redis, DATABASES);
    Map<String, KeyspaceImage.Entry> actual = KeyspaceImage.read(carnelian, DATABASES);
    List<String> lines = new ArrayList<>();
    lines.addAll(KeyspaceImage.differences(expected, actual, deadlinesApartMillis));
    if (lines.isEmpty()) {
      addOf(new String[] {"DEBUG", "DIGEST-VALUE"}, actual, lines);
      addOf(new String[] {"OBJECT", "ENCODING"}, actual, lines);
    }
    redis.call("SELECT", "0").text();
    carnelian.call("SELECT", "0").text();
    return lines;
  }

  private void addOf(
      String[] question, Map<String, KeyspaceImage.Entry> image, List<String> lines) {
    image.forEach(
        (path, entry) -> {
          RespValue theirs = ask(redis, question, path);
          RespValue ours = ask(carnelian, question, path);
          if (!isNamed(entry, theirs, ours) && !theirs.equals(ours) && lines.size() < MOST_LINES) {
            lines.add("%s: expected %s, found %s of %s".formatted(path, theirs, ours, entry));
          }
        });
  }

  private static boolean isNamed(KeyspaceImage.Entry entry, RespValue theirs, RespValue ours) {
    return entry.type().equals("set")
            && (ours.equals(LISTPACK) || theirs.equals(INTSET) && ours.equals(HASHTABLE))
        || entry.contents().startsWith("HYLL") && ours.equals(EMBSTR);
  }

  private static RespValue ask(RespConnection from, String[] question, String path) {
    int slash = path.indexOf('/');
    from.call("SELECT", path.substring(0, slash)).text();
    return from.call(question[0], question[1], path.substring(slash + 1));
  }

  /// Restores at each server what the other has dumped of a key, and says how the results differ;
  /// empty if they do not.
  List<String> exchange(String key) {
    RespValue theirs = redis.call("DUMP", key);
    RespValue ours = carnelian.call("DUMP", key);
    if (!(theirs instanceof RespValue.Bulk(String payload))
        || !(ours instanceof RespValue.Bulk(String other))) {
      return theirs.equals(ours) ? List.of() : List.of("DUMP: " + theirs + " and " + ours);
    }
    String[][] questions = {{"DEBUG", "DIGEST-VALUE", "a-dump"}, {"OBJECT", "ENCODING", "a-dump"}};
    List<String> lines = new ArrayList<>();
    RespValue here = carnelian.call("RESTORE", "a-dump", "0", payload, "REPLACE");
    RespValue there = redis.call("RESTORE", "a-dump", "0", other, "REPLACE");
    if (!here.equals(there)) {
      lines.add("RESTORE of each other's %s: %s and %s".formatted(key, there, here));
    }
    for (String[] question : questions) {
      RespValue expected = redis.call(question);
      RespValue actual = carnelian.call(question);
      if (!expected.equals(actual) && !actual.equals(LISTPACK)) {
        lines.add("%s of a copy of %s: %s and %s".formatted(question[1], key, expected, actual));
      }
    }
    redis.call("DEL", "a-dump").number();
    carnelian.call("DEL", "a-dump").number();
    return lines;
  }
}
