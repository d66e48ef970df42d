package carnelian.scripting.debugger;

import carnelian.memory.Memory;

/// Shows a reply of the server in one line, until the text is full.
final class ReplyText {
  private final BoundedText text;
  private long at;

  private ReplyText(BoundedText text, long at) {
    this.text = text;
    this.at = at;
  }

  /// Adds the reply that stands at the address.
  static void add(BoundedText text, long address) {
    new ReplyText(text, address).add();
  }

  private void add() {
    if (text.isFull()) {
      return;
    }
    switch (Memory.getByte(at)) {
      case ':' -> text.add(line().substring(1));
      case '$' -> addBulk();
      case '+', '-' -> addQuotedLine();
      case '*' -> addElements("[", "]", 1, ",");
      case '~' -> addElements("~(", ")", 1, ",");
      case '%' -> addElements("{", "}", 2, " => ");
      case '_' -> {
        line();
        text.add("(null)");
      }
      case '#' -> text.add(line().startsWith("#t") ? "#true" : "#false");
      case ',' -> text.add("(double) ").add(line().substring(1));
      default -> {} // As in Redis: nothing, and what follows of an array is not found.
    }
  }

  private String line() {
    StringBuilder line = new StringBuilder();
    byte b;
    while ((b = Memory.getByte(at++)) != '\r') {
      line.append((char) (b & 0xFF));
    }
    at++;
    return line.toString();
  }

  private void addQuotedLine() {
    text.add("\"");
    byte b;
    while ((b = Memory.getByte(at++)) != '\r') {
      if (!text.isFull()) {
        text.addEscaped(b);
      }
    }
    at++;
    text.add("\"");
  }

  private void addBulk() {
    int length = Integer.parseInt(line().substring(1));
    if (length < 0) {
      text.add("NULL");
      return;
    }
    text.add("\"");
    for (int i = 0; i < length && !text.isFull(); i++) {
      text.addEscaped(Memory.getByte(at + i));
    }
    text.add("\"");
    at += length + 2L;
  }

  /// Elements in groups of `each`; within a group they are parted by `inner`.
  private void addElements(String open, String close, int each, String inner) {
    int count = Integer.parseInt(line().substring(1));
    if (count < 0) {
      text.add("NULL");
      return;
    }
    text.add(open);
    for (int i = 0; i < count && !text.isFull(); i++) {
      text.add(i == 0 ? "" : ",");
      add();
      if (each == 2) {
        text.add(inner);
        add();
      }
    }
    text.add(close);
  }
}
