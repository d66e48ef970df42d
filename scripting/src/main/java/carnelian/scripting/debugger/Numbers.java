package carnelian.scripting.debugger;

import java.util.OptionalLong;

/// Numbers as users write them.
final class Numbers {
  private static final int MOST_DIGITS = 19;

  private Numbers() {}

  /// The number that the text begins with, as `atoi` reads one; 0 if none. What is beyond an int is
  /// the largest or the smallest.
  static int leading(String text) {
    int at = 0;
    while (at < text.length() && (text.charAt(at) == ' ' || isSpace(text.charAt(at)))) {
      at++;
    }
    boolean negative = at < text.length() && text.charAt(at) == '-';
    if (negative || (at < text.length() && text.charAt(at) == '+')) {
      at++;
    }
    long value = 0;
    while (at < text.length() && isDigit(text.charAt(at)) && value <= Integer.MAX_VALUE) {
      value = value * 10 + text.charAt(at++) - '0';
    }
    long signed = negative ? -value : value;
    return Math.clamp(signed, Integer.MIN_VALUE, Integer.MAX_VALUE);
  }

  /// The whole text as a number, as the server writes them: no sign but a minus, no zeros before.
  static OptionalLong strict(String text) {
    int from = text.startsWith("-") ? 1 : 0;
    int digits = text.length() - from;
    if (digits < 1 || digits > MOST_DIGITS || !isDigits(text, from)) {
      return OptionalLong.empty();
    }
    if (text.charAt(from) == '0' && text.length() > 1) {
      return OptionalLong.empty();
    }
    try {
      return OptionalLong.of(Long.parseLong(text));
    } catch (NumberFormatException _) {
      return OptionalLong.empty(); // Too large.
    }
  }

  private static boolean isDigits(String text, int from) {
    for (int i = from; i < text.length(); i++) {
      if (!isDigit(text.charAt(i))) {
        return false;
      }
    }
    return true;
  }

  private static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }

  private static boolean isSpace(char c) {
    return c >= '\t' && c <= '\r';
  }
}
