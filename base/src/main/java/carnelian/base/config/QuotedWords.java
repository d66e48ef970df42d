package carnelian.base.config;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// Words of a line with shell-like quotes, as Redis splits (`sdssplitargs`) and writes
/// (`sdscatrepr`) them: `"…"` knows `\n \r \t \b \a \" \\ \xHH`, `'…'` knows `\'`.
public final class QuotedWords {
  private final String line;
  private int at;

  private QuotedWords(String line) {
    this.line = line;
  }

  /// The words, or null if quotes are unbalanced or a closing quote is not followed by a space.
  public static @Nullable List<String> split(String line) {
    QuotedWords words = new QuotedWords(line);
    List<String> result = new ArrayList<>();
    while (words.skipSpace()) {
      StringBuilder word = new StringBuilder();
      if (!words.word(word)) {
        return null;
      }
      result.add(word.toString());
    }
    return result;
  }

  /// The text in double quotes, everything unprintable escaped.
  public static String quote(String text) {
    StringBuilder out = new StringBuilder(text.length() + 2).append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '\\', '"' -> out.append('\\').append(c);
        case '\n' -> out.append("\\n");
        case '\r' -> out.append("\\r");
        case '\t' -> out.append("\\t");
        case '\b' -> out.append("\\b");
        case 7 -> out.append("\\a");
        default -> {
          if (c >= ' ' && c < 127) {
            out.append(c);
          } else {
            out.append(String.format(Locale.ROOT, "\\x%02x", c & 0xFF));
          }
        }
      }
    }
    return out.append('"').toString();
  }

  private boolean skipSpace() {
    while (at < line.length() && isSpace(line.charAt(at))) {
      at++;
    }
    return at < line.length();
  }

  private boolean word(StringBuilder word) {
    while (at < line.length()) {
      char c = line.charAt(at++);
      switch (c) {
        case ' ', '\n', '\r', '\t', '\0' -> {
          return true;
        }
        case '"' -> {
          return doubleQuoted(word) && atWordEnd();
        }
        case '\'' -> {
          return singleQuoted(word) && atWordEnd();
        }
        default -> word.append(c);
      }
    }
    return true;
  }

  private boolean doubleQuoted(StringBuilder word) {
    while (at < line.length()) {
      char c = line.charAt(at++);
      if (c == '"') {
        return true;
      }
      if (c == '\\' && at < line.length()) {
        escape(word);
      } else {
        word.append(c);
      }
    }
    return false;
  }

  private void escape(StringBuilder word) {
    if (line.charAt(at) == 'x' && at + 2 < line.length()) {
      int high = Character.digit(line.charAt(at + 1), 16);
      int low = Character.digit(line.charAt(at + 2), 16);
      if (high >= 0 && low >= 0) {
        word.append((char) (high * 16 + low));
        at += 3;
        return;
      }
    }
    char c = line.charAt(at++);
    word.append(
        switch (c) {
          case 'n' -> '\n';
          case 'r' -> '\r';
          case 't' -> '\t';
          case 'b' -> '\b';
          case 'a' -> (char) 7;
          default -> c;
        });
  }

  private boolean singleQuoted(StringBuilder word) {
    while (at < line.length()) {
      char c = line.charAt(at++);
      if (c == '\'') {
        return true;
      }
      if (c == '\\' && at < line.length() && line.charAt(at) == '\'') {
        word.append('\'');
        at++;
      } else {
        word.append(c);
      }
    }
    return false;
  }

  private boolean atWordEnd() {
    return at == line.length() || isSpace(line.charAt(at));
  }

  private static boolean isSpace(char c) {
    return c == ' ' || (c >= '\t' && c <= '\r');
  }
}
