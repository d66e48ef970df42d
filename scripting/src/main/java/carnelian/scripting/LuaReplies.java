package carnelian.scripting;

import carnelian.memory.Memory;
import carnelian.memory.NativeBuffer;
import carnelian.resp.Reply;
import java.nio.charset.StandardCharsets;

/// Turns replies of commands into values of Lua, and what a script returns into a reply.
///
/// | RESP | Lua | |
/// |---|---|---|
/// | integer | number | a number loses its fraction on the way back |
/// | bulk string | string | |
/// | array | table | on the way back up to the first nil |
/// | status, error | table with `ok`, with `err` | |
/// | nil of RESP2 | false | |
/// | map, set, double, big number, verbatim text | table with one field of that name | RESP3 |
/// | boolean, null of RESP3 | boolean, nil | true goes back as 1 in RESP2 |
final class LuaReplies {
  /// As deep as Redis goes before it gives up.
  private static final int DEEPEST = 200;

  private static final int SLOTS = 10;

  private final LuaState lua;
  private final Runnable knownError;
  private long at;

  /// `knownError` is run when a script replies with an error that has been counted.
  LuaReplies(LuaState lua, Runnable knownError) {
    this.lua = lua;
    this.knownError = knownError;
  }

  // ---- To Lua ----------------------------------------------------------------------------------

  /// Pushes the reply that the buffer holds.
  void push(long state, NativeBuffer reply) {
    at = reply.address();
    push(state);
  }

  private void push(long state) {
    if (!LuaLibrary.reserve(state, SLOTS)) {
      throw LuaError.at("reply is nested too deeply");
    }
    byte kind = Memory.getByte(at++);
    switch (kind) {
      case ':' -> LuaLibrary.pushNumber(state, (double) header());
      case '$' -> pushBulk(state);
      case '*', '>' -> pushArray(state, header());
      case '+' -> pushField(state, "ok", line());
      case '-' -> pushError(state);
      case '%' -> pushMap(state);
      case '~' -> pushSet(state);
      case ',' -> pushDouble(state, line());
      case '#' -> LuaLibrary.pushBoolean(state, line()[0] == 't');
      case '_' -> {
        line();
        LuaLibrary.pushNil(state);
      }
      case '(' -> pushField(state, "big_number", line());
      case '=' -> pushVerbatim(state);
      case '|' -> {
        skip(state, 2 * header());
        push(state); // Scripts see what the attributes belong to.
      }
      default -> throw new IllegalStateException("a reply begins with " + kind);
    }
  }

  private void skip(long state, long values) {
    for (long i = 0; i < values; i++) {
      push(state);
      LuaLibrary.pop(state, 1);
    }
  }

  private long header() {
    boolean negative = Memory.getByte(at) == '-';
    if (negative) {
      at++;
    }
    long value = 0;
    byte digit;
    while ((digit = Memory.getByte(at++)) != '\r') {
      value = value * 10 + digit - '0';
    }
    at++;
    return negative ? -value : value;
  }

  private byte[] line() {
    long from = at;
    while (Memory.getByte(at) != '\r') {
      at++;
    }
    byte[] line = new byte[(int) (at - from)];
    Memory.copyOut(from, line, 0, line.length);
    at += 2;
    return line;
  }

  private void pushBulk(long state) {
    long length = header();
    if (length < 0) {
      LuaLibrary.pushBoolean(state, false);
      return;
    }
    LuaLibrary.pushString(state, at, length);
    at += length + 2;
  }

  private void pushArray(long state, long elements) {
    if (elements < 0) {
      LuaLibrary.pushBoolean(state, false);
      return;
    }
    LuaLibrary.createTable(state, (int) elements, 0);
    for (int i = 1; i <= elements; i++) {
      push(state);
      LuaLibrary.rawSet(state, -2, i);
    }
  }

  private void pushField(long state, String field, byte[] value) {
    LuaLibrary.createTable(state, 0, 1);
    lua.push(state, field);
    lua.push(state, value);
    LuaLibrary.rawSet(state, -3);
  }

  /// The command has counted the error, so the script's reply must not count it again.
  private void pushError(long state) {
    pushField(state, "err", line());
    markCounted(lua, state);
  }

  /// Says of the error at the top that the statistics know of it.
  static void markCounted(LuaState lua, long state) {
    lua.push(state, "ignore_error_stats_update");
    LuaLibrary.pushBoolean(state, true);
    LuaLibrary.rawSet(state, -3);
  }

  private void pushMap(long state) {
    long entries = header();
    LuaLibrary.createTable(state, 0, 1);
    lua.push(state, "map");
    LuaLibrary.createTable(state, 0, (int) entries);
    for (long i = 0; i < entries; i++) {
      push(state);
      push(state);
      LuaLibrary.rawSet(state, -3);
    }
    LuaLibrary.rawSet(state, -3);
  }

  private void pushSet(long state) {
    long members = header();
    LuaLibrary.createTable(state, 0, 1);
    lua.push(state, "set");
    LuaLibrary.createTable(state, 0, (int) members);
    for (long i = 0; i < members; i++) {
      push(state);
      LuaLibrary.pushBoolean(state, true);
      LuaLibrary.rawSet(state, -3);
    }
    LuaLibrary.rawSet(state, -3);
  }

  private void pushDouble(long state, byte[] text) {
    String number = new String(text, StandardCharsets.US_ASCII);
    double value =
        switch (number) {
          case "inf" -> Double.POSITIVE_INFINITY;
          case "-inf" -> Double.NEGATIVE_INFINITY;
          case "nan" -> Double.NaN;
          default -> Double.parseDouble(number);
        };
    LuaLibrary.createTable(state, 0, 1);
    lua.push(state, "double");
    LuaLibrary.pushNumber(state, value);
    LuaLibrary.rawSet(state, -3);
  }

  private void pushVerbatim(long state) {
    int length = (int) header();
    LuaLibrary.createTable(state, 0, 1);
    lua.push(state, "verbatim_string");
    LuaLibrary.createTable(state, 0, 2);
    lua.push(state, "format");
    LuaLibrary.pushString(state, at, 3);
    LuaLibrary.rawSet(state, -3);
    lua.push(state, "string");
    LuaLibrary.pushString(state, at + 4, length - 4L);
    LuaLibrary.rawSet(state, -3);
    LuaLibrary.rawSet(state, -3);
    at += length + 2L;
  }

  // ---- From Lua --------------------------------------------------------------------------------

  /// Takes the value at the top of the main state's stack and replies with it. `scriptProtocol` is
  /// what the script has chosen for itself.
  void reply(Reply reply, int scriptProtocol) {
    reply(reply, scriptProtocol, 0);
  }

  private void reply(Reply reply, int scriptProtocol, int depth) {
    long state = lua.state();
    if (depth > DEEPEST || !LuaLibrary.reserve(state, SLOTS)) {
      reply.error("ERR reached lua stack limit");
      LuaLibrary.pop(state, 1);
      return;
    }
    switch (LuaLibrary.type(state, -1)) {
      case LuaLibrary.STRING -> {
        reply.bulk(LuaLibrary.bytes(state, -1));
      }
      case LuaLibrary.BOOLEAN -> {
        boolean value = LuaLibrary.toBoolean(state, -1);
        if (scriptProtocol == 3) {
          reply.bool(value);
        } else if (value) {
          reply.integer(1);
        } else {
          reply.nil();
        }
      }
      case LuaLibrary.NUMBER -> reply.integer(truncated(LuaLibrary.toNumber(state, -1)));
      case LuaLibrary.TABLE -> replyTable(state, reply, scriptProtocol, depth);
      default -> reply.nil();
    }
    LuaLibrary.pop(state, 1);
  }

  /// As a cast does in C on x86: what does not fit is the smallest number.
  private static long truncated(double value) {
    if (value >= -0x1p63 && value < 0x1p63) {
      return (long) value;
    }
    return Long.MIN_VALUE;
  }

  private void replyTable(long state, Reply reply, int scriptProtocol, int depth) {
    if (field("err", LuaLibrary.STRING)) {
      byte[] text = LuaLibrary.bytes(state, -1);
      LuaLibrary.pop(state, 1);
      boolean counted = field("ignore_error_stats_update", LuaLibrary.BOOLEAN);
      if (counted) {
        LuaLibrary.pop(state, 1);
      }
      error(reply, new String(text, StandardCharsets.ISO_8859_1), counted);
    } else if (field("ok", LuaLibrary.STRING)) {
      String status = new String(LuaLibrary.bytes(state, -1), StandardCharsets.ISO_8859_1);
      reply.simple(status.replace('\r', ' ').replace('\n', ' '));
      LuaLibrary.pop(state, 1);
    } else if (field("double", LuaLibrary.NUMBER)) {
      reply.number(LuaLibrary.toNumber(state, -1));
      LuaLibrary.pop(state, 1);
    } else if (field("map", LuaLibrary.TABLE)) {
      replyMap(state, reply, scriptProtocol, depth);
    } else if (field("set", LuaLibrary.TABLE)) {
      replySet(state, reply, scriptProtocol, depth);
    } else if (field("big_number", LuaLibrary.STRING)) {
      String digits = new String(LuaLibrary.bytes(state, -1), StandardCharsets.ISO_8859_1);
      reply.bigNumber(digits.replace('\r', ' ').replace('\n', ' '));
      LuaLibrary.pop(state, 1);
    } else if (field("verbatim_string", LuaLibrary.TABLE)) {
      replyVerbatim(state, reply);
    } else {
      replyArray(state, reply, scriptProtocol, depth);
    }
  }

  /// Writes an error; `counted` if the statistics know of it already.
  void error(Reply reply, String text, boolean counted) {
    String line = text.startsWith("-") ? text.substring(1) : text;
    if (counted) {
      String clean = line.replace('\r', ' ').replace('\n', ' ').stripTrailing();
      knownError.run();
      reply.raw(("-" + clean + "\r\n").getBytes(StandardCharsets.ISO_8859_1));
    } else {
      reply.error(line);
    }
  }

  /// Pushes a field of the table at the top if it has the type.
  private boolean field(String name, int type) {
    long state = lua.state();
    lua.push(state, name);
    LuaLibrary.rawGet(state, -2);
    if (LuaLibrary.type(state, -1) == type) {
      return true;
    }
    LuaLibrary.pop(state, 1);
    return false;
  }

  private void replyMap(long state, Reply reply, int scriptProtocol, int depth) {
    int mark = reply.deferArray();
    int entries = 0;
    LuaLibrary.pushNil(state);
    while (LuaLibrary.next(state, -2)) {
      LuaLibrary.pushValue(state, -2);
      reply(reply, scriptProtocol, depth + 1);
      reply(reply, scriptProtocol, depth + 1);
      entries++;
    }
    reply.closeMap(mark, entries);
    LuaLibrary.pop(state, 1);
  }

  private void replySet(long state, Reply reply, int scriptProtocol, int depth) {
    int mark = reply.deferArray();
    int members = 0;
    LuaLibrary.pushNil(state);
    while (LuaLibrary.next(state, -2)) {
      LuaLibrary.pop(state, 1);
      LuaLibrary.pushValue(state, -1);
      reply(reply, scriptProtocol, depth + 1);
      members++;
    }
    reply.closeSet(mark, members);
    LuaLibrary.pop(state, 1);
  }

  private void replyVerbatim(long state, Reply reply) {
    boolean hasFormat = field("format", LuaLibrary.STRING);
    String format = "txt";
    if (hasFormat) {
      format = new String(LuaLibrary.bytes(state, -1), StandardCharsets.ISO_8859_1);
      LuaLibrary.pop(state, 1);
    }
    String text = "";
    if (field("string", LuaLibrary.STRING)) {
      text = new String(LuaLibrary.bytes(state, -1), StandardCharsets.ISO_8859_1);
      LuaLibrary.pop(state, 1);
    }
    reply.verbatim((format + "   ").substring(0, 3), text);
    LuaLibrary.pop(state, 1);
  }

  private void replyArray(long state, Reply reply, int scriptProtocol, int depth) {
    int mark = reply.deferArray();
    int elements = 0;
    while (true) {
      LuaLibrary.rawGet(state, -1, elements + 1);
      if (LuaLibrary.type(state, -1) == LuaLibrary.NIL) {
        LuaLibrary.pop(state, 1);
        break;
      }
      reply(reply, scriptProtocol, depth + 1);
      elements++;
    }
    reply.closeArray(mark, elements);
  }
}
