package carnelian.interop;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.SplittableRandom;

/// Makes random commands out of templates. A template is words; in it
///
/// | form | expands to |
/// |---|---|
/// | `[ … ]` | the words inside, or nothing |
/// | `( a \| b c \| d )` | one of the alternatives |
/// | `{ … }` | the words inside, one to four times |
/// | `{* … }` | the words inside, twenty to a hundred and fifty times |
/// | `$k` | a key of the template's own family |
/// | `$K` | a key of any family, except those that hold equal scores only |
/// | `$v` | a value: short, long, binary or an integer |
/// | `$m`, `$M` | a field or member out of few, out of many |
/// | `$w`, `$j`, `$g` | a short word out of many, a small integer, a number: nothing malformed |
/// | `$i` | an integer, at times extreme or malformed |
/// | `$d` | a floating-point number, at times extreme or malformed |
/// | `$x`, `$y` | a small index, often negative; one in a large collection |
/// | `$n` | a small count |
/// | `$s`, `$ms` | a long time to live in seconds, in milliseconds |
/// | `$at`, `$atms` | a far Unix time in seconds, in milliseconds |
/// | `$e` | an expiry that is refused or lies in the past, or is long |
/// | `$id`, `$auto` | a stream ID, mostly greater than those before; one without its second half |
/// | `$ids` | a stream ID of some range, or a recent one |
/// | `$base`, `$adds` | a time of greater IDs; a script that adds many entries from there on |
/// | `$r` | a bound of a range of stream IDs |
/// | `$o`, `$no`, `$f` | an offset in bits, in fields; a type of BITFIELD |
/// | `$lon`, `$lat` | a longitude, a latitude |
/// | `$lua`, `$lib` | a script of two keys and two arguments; a library of functions |
/// | `$pops`, `$picks` | scripts that check what a set gives away, what is picked at random |
/// | `$redump`, `$dists` | scripts that restore one key as another, that store rounded distances |
/// | `$dump`, `$rule` | a payload of RESTORE; a rule of a user |
/// | `$c` | a channel |
/// | `$b` | a score bound; `$l` a lexicographic bound; `$p` a pattern |
///
/// The brackets are words of their own, set off by blanks. One command in twelve is then spoilt: a
/// word is lost, comes twice, or is another one.
final class CommandGrammar {
  private static final int KEYS_PER_FAMILY = 6;
  private static final int MEMBERS = 40;
  private static final int MANY = 300;
  private static final int MANY_ADDED_MILLIS = 200;
  private static final int ONE_SPOILT_OF = 12;

  /// Never those of which a slightly different form waits for ever, replies what is random or is of
  /// one server, changes the connection, or makes a key live for a few seconds.
  private static final Set<String> NEVER_SPOILT =
      Set.of(
          "ACL",
          "AUTH",
          "BLMOVE",
          "BLMPOP",
          "BLPOP",
          "BRPOP",
          "BRPOPLPUSH",
          "BZMPOP",
          "BZPOPMAX",
          "BZPOPMIN",
          "CLIENT",
          "COMMAND",
          "CONFIG",
          "DUMP",
          "FUNCTION",
          "HELLO",
          "HRANDFIELD",
          "HSCAN",
          "LATENCY",
          "MEMORY",
          "RANDOMKEY",
          "REPLICAOF", // With a port, nothing could be written any more.
          "SCAN",
          "SLOWLOG",
          "SPOP",
          "SRANDMEMBER",
          "SSCAN",
          "WAIT",
          "XREAD",
          "ZRANDMEMBER",
          "ZSCAN");

  private final SplittableRandom random;
  private long lastMillis = 1;
  private final List<String> sharedFamilies;

  CommandGrammar(long seed, List<String> families) {
    this.random = new SplittableRandom(seed);
    this.sharedFamilies = families.stream().filter(f -> !f.equals("lex")).toList();
  }

  String[] expand(String family, String template) {
    List<String> out = new ArrayList<>();
    Cursor cursor = new Cursor(template.split(" "));
    sequence(cursor, family, out, true);
    if (random.nextInt(ONE_SPOILT_OF) == 0 && maySpoil(family, out.getFirst())) {
      spoil(out, family);
    }
    return out.toArray(String[]::new);
  }

  /// What writes to keys of equal scores must leave them equal.
  private static boolean maySpoil(String family, String command) {
    boolean storesScores = command.equals("ZADD") || command.equals("ZRANGESTORE");
    return !NEVER_SPOILT.contains(command) && !(family.equals("lex") && storesScores);
  }

  /// Positive numbers come as they were at most, for times to live must stay long.
  private void spoil(List<String> words, String family) {
    int at = words.size() == 1 ? 0 : 1 + random.nextInt(words.size() - 1);
    switch (random.nextInt(6)) {
      case 0 -> words.set(0, words.getFirst().toLowerCase(Locale.ROOT));
      case 1 -> words.subList(Math.max(1, at), words.size()).clear();
      case 2 -> words.add(words.get(at));
      case 3 -> words.add(at, words.get(at));
      case 4 -> words.set(at, at == 0 ? "NOSUCH" : otherKey(family));
      default -> words.set(at, at == 0 ? "" : extreme());
    }
  }

  /// By the alphabet, only keys of equal scores have an order.
  private String otherKey(String family) {
    return value(family.equals("lex") ? "$k" : "$K", family);
  }

  private String extreme() {
    return pick(
        "",
        "0",
        "-1",
        "-2",
        "abc",
        "1.5e3x",
        "nan",
        "inf",
        "-inf",
        "-9223372036854775808",
        "9223372036854775807",
        "18446744073709551616",
        "-99999999999999999999999",
        "\u0000\u00ff\u0000",
        "m1\r\n",
        "(",
        "[",
        "WITHSCORES",
        "LIMIT",
        "GET");
  }

  /// Of any family but those that hold equal scores.
  String key() {
    return value("$K", "");
  }

  private static final class Cursor {
    final String[] words;
    int at;

    Cursor(String[] words) {
      this.words = words;
    }

    boolean atEndOfSequence() {
      return at >= words.length || "])}|".contains(words[at]);
    }
  }

  private void sequence(Cursor cursor, String family, List<String> out, boolean keep) {
    while (!cursor.atEndOfSequence()) {
      String word = cursor.words[cursor.at++];
      switch (word) {
        case "[" -> {
          sequence(cursor, family, out, keep && random.nextBoolean());
          cursor.at++;
        }
        case "{" -> repeated(cursor, family, out, keep, 1 + random.nextInt(4));
        case "{*" -> repeated(cursor, family, out, keep, 20 + random.nextInt(131));
        case "(" -> alternatives(cursor, family, out, keep);
        default -> {
          if (keep) {
            out.add(word.startsWith("$") ? value(word, family) : word);
          }
        }
      }
    }
  }

  private void repeated(Cursor cursor, String family, List<String> out, boolean keep, int times) {
    int start = cursor.at;
    for (int i = 0; i < times; i++) {
      cursor.at = start;
      sequence(cursor, family, out, keep);
    }
    cursor.at++;
  }

  private void alternatives(Cursor cursor, String family, List<String> out, boolean keep) {
    List<List<String>> all = new ArrayList<>();
    do {
      List<String> one = new ArrayList<>();
      sequence(cursor, family, one, true);
      all.add(one);
    } while (cursor.words[cursor.at++].equals("|"));
    if (keep) {
      out.addAll(all.get(random.nextInt(all.size())));
    }
  }

  /// Times to live lie at least 200 s apart, so that two servers that execute the same commands
  /// some seconds after one another agree which of two deadlines is the later.
  private String value(String placeholder, String family) {
    return switch (placeholder) {
      case "$k" -> family + keyIndex();
      case "$K" -> sharedFamilies.get(random.nextInt(sharedFamilies.size())) + keyIndex();
      case "$v" -> bytes();
      case "$m" -> "m" + random.nextInt(MEMBERS);
      case "$M" -> "m" + random.nextInt(MANY);
      case "$w" -> word();
      case "$j" -> Integer.toString(random.nextInt(-MANY / 2, MANY / 2));
      case "$g" -> Double.toString(random.nextInt(-4000, 4000) / 16.0);
      case "$i" -> integer();
      case "$d" -> floating();
      case "$x" -> Integer.toString(random.nextInt(-12, 12));
      case "$y" -> Integer.toString(random.nextInt(-MANY / 2, MANY / 2));
      case "$n" -> Integer.toString(random.nextInt(6) - (random.nextInt(10) == 0 ? 3 : 0));
      case "$s" -> Integer.toString(100_000 + 200 * random.nextInt(1000));
      case "$ms" -> Integer.toString(100_000_000 + 200_000 * random.nextInt(1000));
      case "$at" -> Long.toString(4_000_000_000L + random.nextInt(1000));
      case "$atms" -> Long.toString(4_000_000_000_000L + random.nextInt(1000));
      case "$e" -> pick("0", "-1", "9223372036854775807", "abc", "100000");
      case "$b" -> bound();
      case "$l" -> pick("-", "+", "[m" + random.nextInt(MEMBERS), "(m" + random.nextInt(MEMBERS));
      case "$id" -> newId();
      case "$auto" -> lastMillis + random.nextInt(3) + "-*";
      case "$ids" -> random.nextBoolean() ? id() : recentId();
      case "$base" -> Long.toString((lastMillis += MANY_ADDED_MILLIS) - MANY_ADDED_MILLIS);
      case "$r" -> pick("-", "+", "-", "+", "(" + id(), id());
      case "$o" -> pick(small(40), small(3000), small(60_000), "-1", "4294967296", "x");
      case "$no" -> "#" + small(40);
      case "$f" -> pick("i", "u") + (1 + random.nextInt(63));
      case "$lon" -> Double.toString(random.nextInt(-180_000, 180_000) / 1000.0);
      case "$lat" -> Double.toString(random.nextInt(-85_000, 85_000) / 1000.0);
      case "$" -> "$"; // A stream's last ID.
      case "$lua" -> CommandMaterial.SCRIPTS.get(random.nextInt(CommandMaterial.SCRIPTS.size()));
      case "$lib" ->
          CommandMaterial.LIBRARIES.get(random.nextInt(CommandMaterial.LIBRARIES.size()));
      case "$adds" -> CommandMaterial.ADDS;
      case "$pops" -> CommandMaterial.POPS;
      case "$picks" -> CommandMaterial.PICKS;
      case "$dists" -> CommandMaterial.DISTANCES;
      case "$redump" -> CommandMaterial.REDUMP;
      case "$dump" -> CommandMaterial.payload(random.nextInt(1000));
      case "$rule" -> CommandMaterial.RULES.get(random.nextInt(CommandMaterial.RULES.size()));
      case "$c" -> pick("a", "b", "news", "news1");
      case "$p" -> pick("*", "m*", "m?", "[a-m]*", "*1", "\\m*", "nothing");
      default -> throw new AssertionError("placeholder " + placeholder);
    };
  }

  private String newId() {
    lastMillis += random.nextInt(3);
    return random.nextInt(8) == 0
        ? id()
        : lastMillis + "-" + random.nextInt(random.nextBoolean() ? 3 : 1000);
  }

  private String recentId() {
    return "%d-%d".formatted(Math.max(1, lastMillis - random.nextInt(MANY)), random.nextInt(3));
  }

  private String id() {
    return "%d-%d".formatted(1 + random.nextInt(300), random.nextInt(3));
  }

  private String small(int bound) {
    return Integer.toString(random.nextInt(bound));
  }

  private int keyIndex() {
    return random.nextInt(KEYS_PER_FAMILY);
  }

  private String pick(String... choices) {
    return choices[random.nextInt(choices.length)];
  }

  /// Some are as long as a limit of compact values, or a byte longer or shorter.
  private String word() {
    return switch (random.nextInt(8)) {
      case 0 -> Integer.toString(random.nextInt(1000));
      case 1 -> "z".repeat(random.nextInt(18));
      case 2 -> "z".repeat(63 + random.nextInt(3));
      default -> "v" + random.nextInt(MANY);
    };
  }

  private String bytes() {
    if (random.nextInt(100) == 0) {
      return "y".repeat(random.nextInt(30_000));
    }
    return switch (random.nextInt(8)) {
      case 0 -> "";
      case 1 -> Integer.toString(random.nextInt(1000));
      case 2 -> Long.toString(random.nextLong());
      case 3 -> "x".repeat(40 + random.nextInt(60));
      case 4 -> "\u0001\u00ff\r\n" + random.nextInt(9);
      default -> "v" + random.nextInt(20);
    };
  }

  private String integer() {
    return switch (random.nextInt(12)) {
      case 0 -> "9223372036854775807";
      case 1 -> "-9223372036854775808";
      case 2 -> pick("9223372036854775808", "1.0", "abc", "", " 1", "+1", "-0", "01");
      default -> Integer.toString(random.nextInt(-20, 60));
    };
  }

  private String floating() {
    return switch (random.nextInt(10)) {
      case 0 -> pick("inf", "-inf", "+inf", "1e15", "-0.5");
      case 1 -> pick("nan", "abc", "", "0x10", "1e400");
      case 2, 3 -> Integer.toString(random.nextInt(-20, 20));
      default -> Double.toString(random.nextInt(-4000, 4000) / 16.0);
    };
  }

  private String bound() {
    String number = Integer.toString(random.nextInt(-25, 25));
    return pick("-inf", "+inf", number, number, "(" + number, "(" + number, "bad");
  }
}
