package carnelian.resp;

import carnelian.memory.Memory;
import carnelian.memory.NativeBuffer;

/// Splits the line of an inline request into arguments, with the quoting of Redis's `sdssplitargs`:
/// double quotes with `\n \r \t \b \a \xHH` escapes, single quotes with `\'` only; a closing quote
/// must be followed by white space or the end; a NUL ends the line.
final class InlineRequest {
  private final long end;
  private long from;
  private long to;

  private InlineRequest(long line, int length, long to) {
    this.from = line;
    this.end = line + length;
    this.to = to;
  }

  /// Adds the line's arguments to the batch; false if quotes are unbalanced.
  static boolean split(long line, int length, RequestBatch batch) {
    NativeBuffer unquoted = batch.unquoted(length);
    InlineRequest request = new InlineRequest(line, length, unquoted.address());
    while (request.skipSpace()) {
      long start = request.to;
      if (!request.argument()) {
        return false;
      }
      batch.addArgument(start, (int) (request.to - start));
    }
    unquoted.length((int) (request.to - unquoted.address()));
    return true;
  }

  /// False at the end of the line.
  private boolean skipSpace() {
    while (from < end && isSpace(Memory.getByte(from))) {
      from++;
    }
    return from < end && Memory.getByte(from) != 0;
  }

  private boolean argument() {
    while (from < end) {
      byte b = Memory.getByte(from);
      if (b == 0 || isSpace(b)) {
        return true;
      }
      from++;
      if (b == '"') {
        return doubleQuoted();
      } else if (b == '\'') {
        return singleQuoted();
      }
      put(b);
    }
    return true;
  }

  private boolean doubleQuoted() {
    while (from < end) {
      byte b = Memory.getByte(from++);
      if (b == '"') {
        return closed();
      } else if (b == 0) {
        return false;
      } else if (b == '\\' && from < end && Memory.getByte(from) != 0) {
        escape(Memory.getByte(from++));
      } else {
        put(b);
      }
    }
    return false;
  }

  private void escape(byte b) {
    if (b == 'x' && end - from >= 2) {
      int high = Character.digit(Memory.getByte(from), 16);
      int low = Character.digit(Memory.getByte(from + 1), 16);
      if (high >= 0 && low >= 0) {
        put((byte) (high << 4 | low));
        from += 2;
        return;
      }
    }
    put(
        switch (b) {
          case 'n' -> (byte) '\n';
          case 'r' -> (byte) '\r';
          case 't' -> (byte) '\t';
          case 'b' -> (byte) '\b';
          case 'a' -> (byte) 7;
          default -> b;
        });
  }

  private boolean singleQuoted() {
    while (from < end) {
      byte b = Memory.getByte(from++);
      if (b == '\'') {
        return closed();
      } else if (b == 0) {
        return false;
      } else if (b == '\\' && from < end && Memory.getByte(from) == '\'') {
        from++;
        put((byte) '\'');
      } else {
        put(b);
      }
    }
    return false;
  }

  /// A closing quote ends the argument.
  private boolean closed() {
    return from == end || Memory.getByte(from) == 0 || isSpace(Memory.getByte(from));
  }

  private void put(byte b) {
    Memory.putByte(to++, b);
  }

  private static boolean isSpace(byte b) {
    return b == ' ' || (b >= '\t' && b <= '\r');
  }
}
