package carnelian.harness;

import carnelian.command.CommandFlag;
import carnelian.engine.CommandEntry;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// A session with a [TestStore] as text: what is sent, what is replied, and what else follows.
///
/// ```text
/// SADD s a              -> 1
/// SPOP s                -> a           >> DEL s         !! spop s, del s
/// b> BLPOP l 0          -> blocked
/// RPUSH l x             -> 1           >> RPUSH l x; LPOP l
/// b>                    -> [l x]
/// advance 1500          >> DEL k
/// ```
///
/// | part | meaning |
/// |---|---|
/// | `b>` | another client of that name; one whose name begins with 3 speaks RESP3 |
/// | `b@9>` | the client is on database 9 from here on |
/// | `->` | the reply: `+OK`, `-ERR …`, `12`, `nil`, `word` or `"text"` as a bulk, `[…]` an array, `nil*` a null array; of RESP3 `{k: v}`, `{…}` a set, `_`, `,1.5`, `#t`, `=text`, `>[…]` |
/// | `-> ~[…]` | the elements in any order |
/// | `-> *` | any reply |
/// | `>>` | what is propagated, parted by `;`. If it is missing: what is a write and succeeds is propagated as it stands, all else not at all. `>> nothing` is a write that is not |
/// | `!!` | the keyspace events. If no line has any, they are not looked at |
/// | `"…"` | an argument with blanks, or with `\r`, `\n`, `\0`, `\xNN` |
/// | `x*300` | an argument of 300 letters x |
/// | `@+500`, `@s+5` | Unix time in ms or seconds, from now; also where such times are shown |
/// | `advance 500` | lets 500 ms pass |
final class Transcript {
  private static final Pattern LINE =
      Pattern.compile("(.*?)(?:\\s+-> (.*?))?(?:\\s+>> (.*?))?(?:\\s+!! (.*?))?\\s*");
  private static final Pattern CLIENT = Pattern.compile("(\\w+)(?:@(\\d+))?>(?: (.*))?");
  private static final Pattern WORD = Pattern.compile("\"((?:[^\"\\\\]|\\\\.)*)\"|(\\S+)");
  private static final Pattern REPEATED = Pattern.compile("(\\w)\\*(\\d+)");
  private static final Pattern MOMENT = Pattern.compile("@(s?)([+-]\\d+)");
  private static final Pattern SHOWN_MILLIS = Pattern.compile("(?<![\\w.])1[67]\\d{11}(?![\\w.])");
  private static final Pattern PLAIN = Pattern.compile("[A-Za-z_][\\w:.-]*");
  private static final int COLUMN = 30;

  private final TestStore store;
  private final boolean showsEvents;
  private final Map<String, TestClient> clients = new HashMap<>();
  private final List<String> expected = new ArrayList<>();
  private final List<String> actual = new ArrayList<>();

  private Transcript(TestStore store, String text) {
    this.store = store;
    showsEvents = text.contains(" !! ");
  }

  /// Runs it; throws with expected and actual text if they differ.
  static void check(TestStore store, String text) {
    Transcript transcript = new Transcript(store, text);
    for (String line : text.lines().toList()) {
      if (!line.isBlank() && !line.startsWith("#")) {
        transcript.run(line.strip());
      }
    }
    if (!transcript.actual.equals(transcript.expected)) {
      throw new AssertionError(transcript.difference());
    }
  }

  private String difference() {
    StringBuilder text = new StringBuilder("not as written (- expected, + actual):\n");
    for (int i = 0; i < actual.size(); i++) {
      if (expected.get(i).equals(actual.get(i))) {
        text.append("  ").append(actual.get(i)).append('\n');
      } else {
        text.append("- ").append(expected.get(i)).append('\n');
        text.append("+ ").append(actual.get(i)).append('\n');
      }
    }
    return text.toString();
  }

  private void run(String line) {
    Matcher parts = LINE.matcher(line);
    if (!parts.matches()) {
      throw new AssertionError("not a line of a transcript: " + line);
    }
    String command = parts.group(1).strip();
    String expectedReply = parts.group(2);
    String reply = reply(command, expectedReply);
    String defaultEffects = defaultEffects(command, reply);
    String effects = moments(effects());
    String expectedEffects = parts.group(3) == null ? defaultEffects : parts.group(3);
    if (expectedEffects.equals("nothing")) {
      expectedEffects = "";
    }
    String events = showsEvents ? events() : "";
    String expectedEvents = parts.group(4) == null ? "" : parts.group(4);
    expected.add(shown(command, expectedReply, expectedEffects, defaultEffects, expectedEvents));
    actual.add(shown(command, reply.isEmpty() ? null : reply, effects, defaultEffects, events));
  }

  private static String shown(
      String command,
      @Nullable String reply,
      String effects,
      String defaultEffects,
      String events) {
    StringBuilder line = new StringBuilder(command);
    pad(line, COLUMN);
    line.append(reply == null ? "" : " -> " + reply);
    if (!effects.equals(defaultEffects)) {
      pad(line, 2 * COLUMN);
      line.append(" >> ").append(effects.isEmpty() ? "nothing" : effects);
    }
    if (!events.isEmpty()) {
      pad(line, 3 * COLUMN);
      line.append(" !! ").append(events);
    }
    return line.toString().stripTrailing();
  }

  private static void pad(StringBuilder line, int column) {
    while (line.length() < column) {
      line.append(' ');
    }
  }

  // ---- Sending ---------------------------------------------------------------------------------

  private String reply(String line, @Nullable String expectedReply) {
    if (line.startsWith("advance ")) {
      store.advance(Long.parseLong(line.substring("advance ".length())));
      return "";
    }
    Matcher named = CLIENT.matcher(line);
    TestClient client = store.first();
    String command = line;
    if (named.matches()) {
      client = client(named.group(1));
      if (named.group(2) != null) {
        client.client().select(store.keyspace().database(Integer.parseInt(named.group(2))));
      }
      command = named.group(3) == null ? "" : named.group(3);
    }
    if (!command.isBlank()) {
      client.send(arguments(command));
    }
    String raw = client.rawReplies();
    if (raw.isEmpty()) {
      return client.isBlocked() ? "blocked" : "nothing";
    }
    return "*".equals(expectedReply)
        ? "*"
        : moments(new Rendering(raw, expectedReply != null && expectedReply.startsWith("~")).all());
  }

  private TestClient client(String name) {
    return clients.computeIfAbsent(
        name,
        _ -> {
          TestClient client = store.client();
          return name.startsWith("3") ? client.resp3() : client;
        });
  }

  private Object[] arguments(String command) {
    List<Object> arguments = new ArrayList<>();
    Matcher word = WORD.matcher(command);
    while (word.find()) {
      arguments.add(word.group(1) != null ? unquoted(word.group(1)) : argument(word.group(2)));
    }
    return arguments.toArray();
  }

  private String argument(String word) {
    Matcher repeated = REPEATED.matcher(word);
    if (repeated.matches()) {
      return repeated.group(1).repeat(Integer.parseInt(repeated.group(2)));
    }
    Matcher moment = MOMENT.matcher(word);
    if (moment.matches()) {
      long distance = Long.parseLong(moment.group(2));
      long now = store.nowMillis();
      return Long.toString(moment.group(1).isEmpty() ? now + distance : now / 1000 + distance);
    }
    return word;
  }

  private static String unquoted(String text) {
    StringBuilder plain = new StringBuilder();
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c != '\\') {
        plain.append(c);
        continue;
      }
      c = text.charAt(++i);
      if (c == 'x') {
        plain.append((char) Integer.parseInt(text.substring(i + 1, i + 3), 16));
        i += 2;
      } else {
        plain.append(c == 'n' ? '\n' : c == 'r' ? '\r' : c == 't' ? '\t' : c == '0' ? '\0' : c);
      }
    }
    return plain.toString();
  }

  // ---- Effects ---------------------------------------------------------------------------------

  /// What is propagated if nothing is said.
  private String defaultEffects(String line, String reply) {
    Matcher named = CLIENT.matcher(line);
    String command = named.matches() ? named.group(3) : line;
    if (command == null || line.startsWith("advance ") || reply.startsWith("-")) {
      return "";
    }
    CommandEntry entry = store.engine().commands().find(command.split(" ", 2)[0]);
    boolean isWrite = entry != null && entry.has(CommandFlag.WRITE);
    if (!isWrite || reply.equals("+QUEUED") || reply.equals("blocked")) {
      return "";
    }
    List<String> words = new ArrayList<>();
    for (Object argument : arguments(command)) {
      words.add(argument.toString());
    }
    return moments(escaped(String.join(" ", words)));
  }

  private String effects() {
    List<String> propagated = new ArrayList<>(store.propagated());
    if (!propagated.isEmpty() && propagated.getFirst().equals("SELECT 0")) {
      propagated.removeFirst();
    }
    return escaped(String.join("; ", propagated));
  }

  private String events() {
    List<String> events = new ArrayList<>();
    for (String event : store.events()) {
      events.add(event.endsWith("@0") ? event.substring(0, event.length() - 2) : event);
    }
    return escaped(String.join(", ", events));
  }

  /// Times near now, as distances from it.
  private String moments(String text) {
    return SHOWN_MILLIS
        .matcher(text)
        .replaceAll(
            found ->
                String.format(
                    Locale.ROOT, "@%+d", Long.parseLong(found.group()) - store.nowMillis()));
  }

  private static String escaped(String text) {
    StringBuilder escaped = new StringBuilder();
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c < ' ' || c > '~') {
        escaped.append(String.format(Locale.ROOT, "\\x%02x", (int) c));
      } else {
        escaped.append(c);
      }
    }
    return escaped.toString();
  }

  // ---- Replies ---------------------------------------------------------------------------------

  /// Replies as they came, in short.
  private static final class Rendering {
    private final String raw;
    private final boolean sorts;
    private int at;

    Rendering(String raw, boolean sorts) {
      this.raw = raw;
      this.sorts = sorts;
    }

    String all() {
      List<String> replies = new ArrayList<>();
      while (at < raw.length()) {
        replies.add((sorts ? "~" : "") + next(sorts));
      }
      return String.join(" ", replies);
    }

    private String next(boolean sorted) {
      char type = raw.charAt(at++);
      String line = raw.substring(at, raw.indexOf("\r\n", at));
      at += line.length() + 2;
      return switch (type) {
        case '+', '-', ',', '#' -> type + line;
        case ':' -> line;
        case '(' -> "(" + line + ")";
        case '_' -> "_";
        case '$' -> line.equals("-1") ? "nil" : word(bytes(Integer.parseInt(line)));
        case '=' -> "=" + word(bytes(Integer.parseInt(line)).substring("txt:".length()));
        case '*' -> line.equals("-1") ? "nil*" : "[" + elements(line, 1, sorted) + "]";
        case '>' -> ">[" + elements(line, 1, sorted) + "]";
        case '~' -> "{" + elements(line, 1, sorted) + "}";
        case '%' -> "{" + elements(line, 2, sorted) + "}";
        default -> throw new AssertionError("not a reply: " + type + line);
      };
    }

    private String elements(String count, int each, boolean sorted) {
      List<String> elements = new ArrayList<>();
      for (int i = Integer.parseInt(count); i > 0; i--) {
        elements.add(each == 2 ? next(false) + ": " + next(false) : next(false));
      }
      if (sorted) {
        elements.sort(null);
      }
      return String.join(each == 2 ? ", " : " ", elements);
    }

    private String bytes(int length) {
      String text = raw.substring(at, at + length);
      at += length + 2;
      return text;
    }

    private static String word(String text) {
      boolean plain = PLAIN.matcher(text).matches() && !text.equals("nil");
      return plain ? text : '"' + escaped(text) + '"';
    }
  }
}
