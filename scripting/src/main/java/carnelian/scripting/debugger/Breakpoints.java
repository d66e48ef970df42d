package carnelian.scripting.debugger;

import java.util.ArrayList;
import java.util.List;

/// The lines that a script stops at, in the order in which the user has named them.
final class Breakpoints {
  private static final int MOST = 64;

  private final List<Integer> lines = new ArrayList<>();

  List<Integer> lines() {
    return lines;
  }

  boolean contains(int line) {
    return !lines.isEmpty() && lines.contains(line);
  }

  boolean isFull() {
    return lines.size() == MOST;
  }

  /// False if there is one already.
  boolean add(int line) {
    return !lines.contains(line) && !isFull() && lines.add(line);
  }

  /// False if there was none.
  boolean remove(long line) {
    return lines.removeIf(each -> each == line);
  }

  void clear() {
    lines.clear();
  }
}
