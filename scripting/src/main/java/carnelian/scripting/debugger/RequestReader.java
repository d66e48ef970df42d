package carnelian.scripting.debugger;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// Reads the debugger's commands: arrays of bulk strings, which are small. What stands before an
/// array is passed over.
final class RequestReader {
  /// More than this is not kept of a command that is not complete.
  private static final int MOST_PENDING_BYTES = 1 << 20;

  /// Of the words of a command, and of the bytes of a word.
  private static final int MOST = 1024;

  /// What [#next] has found.
  sealed interface Found {
    /// A command.
    record Words(List<byte[]> words) implements Found {}

    /// There is no whole command yet.
    record Incomplete() implements Found {}

    /// It can be none.
    record Broken() implements Found {}
  }

  private static final Found INCOMPLETE = new Found.Incomplete();
  private static final Found BROKEN = new Found.Broken();

  private byte[] pending = new byte[0];

  /// The part of `pending` that is looked at.
  private int at;

  /// Takes in what the user has sent. False if that is too much.
  boolean add(byte[] bytes) {
    if ((long) pending.length + bytes.length > MOST_PENDING_BYTES) {
      pending = new byte[0];
      return false;
    }
    int old = pending.length;
    pending = Arrays.copyOf(pending, old + bytes.length);
    System.arraycopy(bytes, 0, pending, old, bytes.length);
    return true;
  }

  /// The next command, which is consumed if it is whole.
  Found next() {
    at = 0;
    if (pending.length == 0) {
      return INCOMPLETE;
    }
    while (at < pending.length && pending[at] != '*') {
      at++;
    }
    if (at == pending.length) {
      return BROKEN;
    }
    int end = endOfLine();
    if (end < 0) {
      return INCOMPLETE;
    }
    int count = number(at + 1, end);
    at = end + 2;
    return count < 1 || count > MOST ? BROKEN : words(count);
  }

  private Found words(int count) {
    List<byte[]> words = new ArrayList<>();
    while (words.size() < count) {
      if (at == pending.length) {
        return INCOMPLETE;
      }
      if (pending[at] != '$') {
        return BROKEN;
      }
      int end = endOfLine();
      if (end < 0) {
        return INCOMPLETE;
      }
      int length = number(at + 1, end);
      if (length < 1 || length > MOST) {
        return BROKEN;
      }
      int from = end + 2;
      int to = from + length;
      if (to + 2 > pending.length) {
        return INCOMPLETE;
      }
      if (pending[to] != '\r' || pending[to + 1] != '\n') {
        return BROKEN;
      }
      words.add(Arrays.copyOfRange(pending, from, to));
      at = to + 2;
    }
    pending = Arrays.copyOfRange(pending, at, pending.length);
    return new Found.Words(words);
  }

  /// Where the line that begins at [#at] ends; negative if it does not.
  private int endOfLine() {
    for (int i = at; i + 1 < pending.length; i++) {
      if (pending[i] == '\r' && pending[i + 1] == '\n') {
        return i;
      }
    }
    return -1;
  }

  private int number(int from, int to) {
    int end = Math.min(to, from + MOST);
    return Numbers.leading(new String(pending, from, end - from, StandardCharsets.ISO_8859_1));
  }
}
