package carnelian.base;

import java.nio.charset.StandardCharsets;

/// A glob pattern as Redis matches them (`stringmatchlen`), for CONFIG GET and `include`: `*`, `?`,
/// `[a-z]`, `[^a]`, and `\` to take the next byte as it is. Commands match native memory with
/// `carnelian.memory.Glob`, by the same rules.
///
/// Bytes are compared, not characters. Every element but `*` takes exactly one byte, so it is
/// enough to come back to the last `*`: there is no recursion, and the work is bounded by pattern
/// length times subject length.
///
/// Immutable. Thread: any.
public final class GlobPattern {
  private final byte[] pattern;
  private final boolean ignoreCase;

  private GlobPattern(byte[] pattern, boolean ignoreCase) {
    this.pattern = pattern;
    this.ignoreCase = ignoreCase;
  }

  /// A pattern that distinguishes case. The array is kept, not copied.
  public static GlobPattern of(byte[] pattern) {
    return new GlobPattern(pattern, false);
  }

  /// A pattern for ASCII letters of either case. The array is kept, not copied.
  public static GlobPattern ignoringCase(byte[] pattern) {
    return new GlobPattern(pattern, true);
  }

  /// Whether the bytes of a pattern hold none of `*?[\`, so that it can match only itself.
  public static boolean isLiteral(byte[] pattern) {
    for (byte b : pattern) {
      if (b == '*' || b == '?' || b == '[' || b == '\\') {
        return false;
      }
    }
    return true;
  }

  /// Whether it is a lone `*`, which callers answer without looking at the subject.
  public boolean matchesEverything() {
    return pattern.length == 1 && pattern[0] == '*';
  }

  /// Matches a text of single-byte characters.
  public boolean matches(String latin1) {
    return matches(latin1.getBytes(StandardCharsets.ISO_8859_1));
  }

  /// Matches bytes.
  ///
  /// An empty subject is matched only by an empty pattern, as in Redis: not even by `*`.
  public boolean matches(byte[] subject) {
    int length = subject.length;
    int p = 0;
    int s = 0;
    int afterStar = -1;
    int starAt = 0;
    while (s < length) {
      if (p < pattern.length && pattern[p] == '*') {
        p = skipStars(p);
        if (p == pattern.length) {
          return true;
        }
        afterStar = p;
        starAt = s;
        continue;
      }
      if (p < pattern.length && matchesOne(p, subject[s])) {
        p = next(p);
        s++;
        continue;
      }
      if (afterStar < 0) {
        return false;
      }
      starAt++;
      s = starAt;
      p = afterStar;
    }
    return (length == 0 ? p : skipStars(p)) == pattern.length;
  }

  private int skipStars(int from) {
    int p = from;
    while (p < pattern.length && pattern[p] == '*') {
      p++;
    }
    return p;
  }

  /// Where the element that follows the one at `p` starts.
  private int next(int p) {
    if (pattern[p] == '\\') {
      return p + (p + 1 < pattern.length ? 2 : 1);
    }
    if (pattern[p] != '[') {
      return p + 1;
    }
    int at = p + 1;
    if (at < pattern.length && pattern[at] == '^') {
      at++;
    }
    while (at < pattern.length && pattern[at] != ']') {
      at = nextInClass(at);
    }
    return Math.min(at + 1, pattern.length);
  }

  private int nextInClass(int at) {
    int left = pattern.length - at;
    if (left >= 2 && pattern[at] == '\\') {
      return at + 2;
    }
    return left >= 3 && pattern[at + 1] == '-' ? at + 3 : at + 1;
  }

  private boolean matchesOne(int p, byte b) {
    return switch (pattern[p]) {
      case '?' -> true;
      case '[' -> matchesClass(p + 1, b);
      case '\\' -> same(pattern[p + 1 < pattern.length ? p + 1 : p], b);
      default -> same(pattern[p], b);
    };
  }

  private boolean matchesClass(int from, byte b) {
    int at = from;
    boolean negated = at < pattern.length && pattern[at] == '^';
    if (negated) {
      at++;
    }
    boolean found = false;
    while (at < pattern.length && pattern[at] != ']') {
      int left = pattern.length - at;
      if (left >= 2 && pattern[at] == '\\') {
        found |= pattern[at + 1] == b; // Redis folds no case here.
      } else if (left >= 3 && pattern[at + 1] == '-') {
        found |= within(pattern[at], pattern[at + 2], b);
      } else {
        found |= same(pattern[at], b);
      }
      at = nextInClass(at);
    }
    return found != negated;
  }

  private boolean within(byte one, byte other, byte b) {
    int from = fold(Math.min(one & 0xFF, other & 0xFF));
    int to = fold(Math.max(one & 0xFF, other & 0xFF));
    int value = fold(b & 0xFF);
    return from <= value && value <= to;
  }

  private boolean same(byte one, byte other) {
    return one == other || (ignoreCase && fold(one & 0xFF) == fold(other & 0xFF));
  }

  private int fold(int b) {
    return ignoreCase && b >= 'A' && b <= 'Z' ? b + ('a' - 'A') : b;
  }

  @Override
  public String toString() {
    return new String(pattern, StandardCharsets.ISO_8859_1);
  }
}
