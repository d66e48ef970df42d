package carnelian.scripting;

import carnelian.engine.Dialogue;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;

/// Talks with the debugger: sends one thing after the other, and keeps what is answered, a line
/// each. What is sent stands there as well, behind `> `.
final class DebuggerUser implements Dialogue {
  private final Deque<String> toSay = new ArrayDeque<>();
  private final StringBuilder seen = new StringBuilder();
  private boolean leaves = true;

  /// Says these, then leaves.
  DebuggerUser(String... commands) {
    toSay.addAll(java.util.List.of(commands));
  }

  /// Says nothing more in the end, but stays.
  DebuggerUser staying() {
    leaves = false;
    return this;
  }

  void leave() {
    leaves = true;
    toSay.clear();
  }

  /// All that was said so far.
  String seen() {
    return seen.toString();
  }

  @Override
  public void say(byte[] bytes) {
    String text = new String(bytes, StandardCharsets.ISO_8859_1);
    String[] lines = text.split("\r\n", -1);
    if (!lines[0].equals("*" + (lines.length - 2))) {
      throw new AssertionError("not an array of lines: " + text);
    }
    for (int i = 1; i < lines.length - 1; i++) {
      if (!lines[i].startsWith("+")) {
        throw new AssertionError("not a status: " + lines[i]);
      }
      seen.append(lines[i], 1, lines[i].length()).append('\n');
    }
  }

  @Override
  public byte[] hear() {
    String next = toSay.poll();
    if (next == null) {
      return new byte[0];
    }
    seen.append("> ").append(next).append('\n');
    return next.startsWith("raw ") ? raw(next.substring(4)) : request(next.split(" ", -1));
  }

  @Override
  public boolean isOver() {
    return leaves && toSay.isEmpty();
  }

  @Override
  public void close() {}

  static byte[] request(String... words) {
    StringBuilder request = new StringBuilder("*" + words.length + "\r\n");
    for (String word : words) {
      request.append('$').append(word.length()).append("\r\n").append(word).append("\r\n");
    }
    return request.toString().getBytes(StandardCharsets.ISO_8859_1);
  }

  private static byte[] raw(String text) {
    return text.replace("\\r", "\r")
        .replace("\\n", "\n")
        .replace("\\x00", "\0")
        .getBytes(StandardCharsets.ISO_8859_1);
  }
}
