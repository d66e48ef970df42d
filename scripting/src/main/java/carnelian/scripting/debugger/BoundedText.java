package carnelian.scripting.debugger;

/// Text of bytes (Latin-1) that stops to grow a little after its limit: whoever writes to it looks
/// at [#isFull], so that showing a huge value takes no more time and room than its beginning does.
public final class BoundedText {
  private static final char[] HEX = "0123456789abcdef".toCharArray();

  private final StringBuilder text = new StringBuilder();
  private final int limit;

  BoundedText(int limit) {
    this.limit = limit;
  }

  /// Whether there is more than the limit, so that nothing that follows can be seen.
  public boolean isFull() {
    return text.length() > limit;
  }

  public BoundedText add(String more) {
    int room = limit + 1 - text.length();
    if (room > 0) {
      text.append(more, 0, Math.min(room, more.length()));
    }
    return this;
  }

  /// Adds a byte of a text in quotes, as C would write it.
  public void addEscaped(int b) {
    switch (b & 0xFF) {
      case '\\', '"' -> text.append('\\').append((char) b);
      case '\n' -> text.append("\\n");
      case '\r' -> text.append("\\r");
      case '\t' -> text.append("\\t");
      case 7 -> text.append("\\a");
      case '\b' -> text.append("\\b");
      default -> {
        if (b >= ' ' && b < 0x7F) {
          text.append((char) b);
        } else {
          text.append("\\x").append(HEX[b >> 4 & 15]).append(HEX[b & 15]);
        }
      }
    }
  }

  /// The text up to the limit.
  String kept() {
    return text.substring(0, Math.min(text.length(), limit));
  }
}
