package carnelian.memory;

import java.nio.charset.StandardCharsets;

/// Glob-style patterns as Redis has them: `*`, `?`, `[a-z]`, `[^x]` and `\` before any of these.
///
/// Works byte by byte and allocates nothing. Takes at most the product of both lengths, because
/// only the last `*` is ever tried again. Where a pattern is malformed the outcome is Redis's: a
/// class that does not end matches to the end of the pattern, and nothing but the empty pattern
/// matches the empty text. As in Redis, a pattern of more than a thousand stars between other
/// characters matches nothing.
public final class Glob {
  private static final int NO_MATCH = -1;
  private static final int MOST_STARS = 1000;

  private Glob() {}

  public static boolean matches(Slice pattern, Slice text) {
    return matches(pattern.at, pattern.length, text.at, text.length, false);
  }

  /// The same for ASCII letters in any case.
  public static boolean matchesIgnoringCase(Slice pattern, Slice text) {
    return matches(pattern.at, pattern.length, text.at, text.length, true);
  }

  /// For names that are strings, in any case; not for hot paths.
  public static boolean matchesIgnoringCase(Slice pattern, String latin1Text) {
    byte[] bytes = latin1Text.getBytes(StandardCharsets.ISO_8859_1);
    try (NativeBuffer text = new NativeBuffer(Math.max(bytes.length, 1))) {
      text.put(bytes);
      return matches(pattern.at, pattern.length, text.address(), bytes.length, true);
    }
  }

  public static boolean matches(
      long pattern, int patternLength, long text, int textLength, boolean ignoringCase) {
    if (textLength == 0) {
      return patternLength == 0;
    }
    int p = 0;
    int t = 0;
    int afterStar = -1;
    int starText = 0;
    int stars = 0;
    while (t < textLength) {
      if (p < patternLength && Memory.getByte(pattern + p) == '*') {
        p = skipStars(pattern, patternLength, p);
        if (p == patternLength) {
          return true;
        }
        if (++stars > MOST_STARS) {
          return false;
        }
        afterStar = p;
        starText = t;
        continue;
      }
      int next = one(pattern, patternLength, p, Memory.getByte(text + t), ignoringCase);
      if (next != NO_MATCH) {
        p = next;
        t++;
      } else if (afterStar >= 0) {
        p = afterStar;
        t = ++starText;
      } else {
        return false;
      }
    }
    return skipStars(pattern, patternLength, p) == patternLength;
  }

  private static int skipStars(long pattern, int length, int from) {
    int p = from;
    while (p < length && Memory.getByte(pattern + p) == '*') {
      p++;
    }
    return p;
  }

  /// Where the pattern goes on if what stands at `p` matches the byte, else NO_MATCH.
  private static int one(long pattern, int length, int p, byte b, boolean ignoringCase) {
    if (p == length) {
      return NO_MATCH;
    }
    byte expected = Memory.getByte(pattern + p);
    int next = p + 1;
    if (expected == '?') {
      return next;
    }
    if (expected == '[') {
      return oneOfClass(pattern, length, next, b, ignoringCase);
    }
    if (expected == '\\' && next < length) {
      expected = Memory.getByte(pattern + next);
      next++;
    }
    return same(expected, b, ignoringCase) ? next : NO_MATCH;
  }

  private static int oneOfClass(long pattern, int length, int from, byte b, boolean ignoringCase) {
    int p = from;
    boolean isNegated = p < length && Memory.getByte(pattern + p) == '^';
    if (isNegated) {
      p++;
    }
    boolean isIn = false;
    while (p < length && Memory.getByte(pattern + p) != ']') {
      byte first = Memory.getByte(pattern + p);
      if (first == '\\' && p + 1 < length) {
        isIn |= Memory.getByte(pattern + p + 1) == b;
        p += 2;
      } else if (p + 2 < length && Memory.getByte(pattern + p + 1) == '-') {
        isIn |= isBetween(first, Memory.getByte(pattern + p + 2), b, ignoringCase);
        p += 3;
      } else {
        isIn |= same(first, b, ignoringCase);
        p++;
      }
    }
    if (isIn == isNegated) {
      return NO_MATCH;
    }
    return Math.min(p + 1, length);
  }

  private static boolean isBetween(byte from, byte to, byte b, boolean ignoringCase) {
    int low = ignoringCase ? lower(from) : from & 0xFF;
    int high = ignoringCase ? lower(to) : to & 0xFF;
    int value = ignoringCase ? lower(b) : b & 0xFF;
    return value >= Math.min(low, high) && value <= Math.max(low, high);
  }

  private static boolean same(byte a, byte b, boolean ignoringCase) {
    return a == b || (ignoringCase && lower(a) == lower(b));
  }

  private static int lower(byte b) {
    return b >= 'A' && b <= 'Z' ? b + ('a' - 'A') : b & 0xFF;
  }
}
