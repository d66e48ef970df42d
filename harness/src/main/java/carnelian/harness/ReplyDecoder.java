package carnelian.harness;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Reads replies from the bytes of an output buffer.
///
/// | on the wire | in Java |
/// |---|---|
/// | `+` `$` `=` | String, Latin-1 (a verbatim text without its format) |
/// | `:` | Long |
/// | `-` | [ErrorReply] |
/// | `*` | List |
/// | `%` | LinkedHashMap |
/// | `~` | LinkedHashSet |
/// | `>` | [Push] |
/// | `,` | Double |
/// | `#` | Boolean |
/// | `(` | BigInteger |
/// | `_` `$-1` `*-1` | null |
final class ReplyDecoder {
  private final byte[] bytes;
  private int at;

  ReplyDecoder(byte[] bytes) {
    this.bytes = bytes;
  }

  boolean hasMore() {
    return at < bytes.length;
  }

  /// Where the next reply begins.
  int position() {
    return at;
  }

  @Nullable Object next() {
    char type = (char) bytes[at++];
    return switch (type) {
      case '+' -> line();
      case '-' -> new ErrorReply(line());
      case ':' -> Long.parseLong(line());
      case ',' -> decimal(line());
      case '(' -> new BigInteger(line());
      case '#' -> line().equals("t");
      case '_' -> {
        line();
        yield null;
      }
      case '$' -> bulk();
      case '=' -> verbatim();
      case '*' -> array();
      case '~' -> set();
      case '>' -> new Push(elements(Integer.parseInt(line())));
      case '%' -> map();
      default -> throw new AssertionError("not a reply: '" + type + "' at byte " + (at - 1));
    };
  }

  private static double decimal(String text) {
    return switch (text) {
      case "inf" -> Double.POSITIVE_INFINITY;
      case "-inf" -> Double.NEGATIVE_INFINITY;
      case "nan" -> Double.NaN;
      default -> Double.parseDouble(text);
    };
  }

  private String line() {
    int start = at;
    while (bytes[at] != '\r') {
      at++;
    }
    String line = new String(bytes, start, at - start, StandardCharsets.ISO_8859_1);
    expectLineEnd();
    return line;
  }

  private void expectLineEnd() {
    if (bytes[at] != '\r' || bytes[at + 1] != '\n') {
      throw new AssertionError("line end expected at byte " + at);
    }
    at += 2;
  }

  private @Nullable String bulk() {
    int length = Integer.parseInt(line());
    if (length < 0) {
      return null;
    }
    String text = new String(bytes, at, length, StandardCharsets.ISO_8859_1);
    at += length;
    expectLineEnd();
    return text;
  }

  private String verbatim() {
    String text = bulk();
    if (text == null || text.length() < 4 || text.charAt(3) != ':') {
      throw new AssertionError("not a verbatim text: " + text);
    }
    return text.substring(4);
  }

  private @Nullable List<@Nullable Object> array() {
    int length = Integer.parseInt(line());
    return length < 0 ? null : elements(length);
  }

  private List<@Nullable Object> elements(int count) {
    List<@Nullable Object> list = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      list.add(next());
    }
    return list;
  }

  private Set<@Nullable Object> set() {
    int count = Integer.parseInt(line());
    Set<@Nullable Object> set = new LinkedHashSet<>();
    for (int i = 0; i < count; i++) {
      Object member = next();
      if (!set.add(member)) {
        throw new AssertionError("twice in a set: " + member);
      }
    }
    return set;
  }

  private Map<@Nullable Object, @Nullable Object> map() {
    int count = Integer.parseInt(line());
    Map<@Nullable Object, @Nullable Object> map = new LinkedHashMap<>();
    for (int i = 0; i < count; i++) {
      Object key = next();
      map.put(key, next());
    }
    return map;
  }
}
