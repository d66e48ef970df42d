package carnelian.scripting.debugger;

import java.nio.charset.StandardCharsets;
import java.util.List;

/// The script's text by lines, the first of which is 1.
final class Source {
  private final List<String> lines;

  Source(byte[] script) {
    int end = script.length;
    while (end > 0 && (script[end - 1] == '\n' || script[end - 1] == '\r')) {
      end--;
    }
    String text = new String(script, 0, end, StandardCharsets.ISO_8859_1);
    lines = text.isEmpty() ? List.of() : List.of(text.split("\n", -1));
  }

  int lines() {
    return lines.size();
  }

  boolean has(long line) {
    return line >= 1 && line <= lines.size();
  }

  /// The line with its number, behind what tells whether the script is there and stops there.
  String shown(int line, int current, Breakpoints breakpoints) {
    boolean stops = breakpoints.contains(line);
    String mark = line == current ? stops ? "->#" : "-> " : stops ? "  #" : "   ";
    String text = has(line) ? lines.get(line - 1) : "<out of range source code line>";
    StringBuilder shown = new StringBuilder(mark).append(line);
    while (shown.length() < mark.length() + 3) {
      shown.append(' ');
    }
    return shown.append(' ').append(text).toString();
  }
}
