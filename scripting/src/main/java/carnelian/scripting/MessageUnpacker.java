package carnelian.scripting;

import java.util.Arrays;

/// Reads MessagePack as `cmsgpack.unpack` does, without recursion: how deep tables go is the data's
/// choice, up to what Lua's stack has room for.
final class MessageUnpacker {
  /// More than the parts of an empty table that fills an element of another.
  private static final int LEAST_VALUE_BYTES = 128;

  /// What the innermost open table waits for.
  private enum Awaited {
    ELEMENT,
    KEY,
    VALUE
  }

  private final LuaState lua;
  private final long state;
  private final long end;
  private long at;
  private int steps;

  private Awaited[] awaited = new Awaited[16];
  private long[] missing = new long[16];
  private int[] elements = new int[16];
  private int depth;

  MessageUnpacker(LuaState lua, long state, long at, long end) {
    this.lua = lua;
    this.state = state;
    this.at = at;
    this.end = end;
  }

  boolean isAtEnd() {
    return at == end;
  }

  long at() {
    return at;
  }

  /// Pushes the next value.
  void unpack() {
    boolean complete = begin();
    while (true) {
      if (complete) {
        if (depth == 0) {
          return;
        }
        take();
      }
      int top = depth - 1;
      if (missing[top] == 0 && awaited[top] != Awaited.VALUE) {
        depth--;
        complete = true;
      } else {
        if (awaited[top] == Awaited.ELEMENT) {
          LuaLibrary.pushNumber(state, ++elements[top]);
        }
        complete = begin();
      }
    }
  }

  /// A value is complete: puts it into the innermost table.
  private void take() {
    int top = depth - 1;
    switch (awaited[top]) {
      case ELEMENT -> {
        LuaLibrary.rawSet(state, -3);
        missing[top]--;
      }
      case KEY -> awaited[top] = Awaited.VALUE;
      case VALUE -> {
        requireKey();
        LuaLibrary.rawSet(state, -3);
        missing[top]--;
        awaited[top] = Awaited.KEY;
      }
    }
  }

  private void requireKey() {
    int type = LuaLibrary.type(state, -2);
    if (type == LuaLibrary.NIL) {
      throw lua.raised(state, "table index is nil");
    }
    if (type == LuaLibrary.NUMBER && Double.isNaN(LuaLibrary.toNumber(state, -2))) {
      throw lua.raised(state, "table index is NaN");
    }
  }

  private void requireStack(String function) {
    if (!LuaLibrary.reserve(state, 1)) {
      throw LuaError.at("stack overflow (" + function + ")");
    }
  }

  /// Bytes that have to be there, counted from the tag on.
  private void require(long bytes) {
    if (end - at < bytes) {
      throw LuaError.at("Missing bytes in input.");
    }
  }

  /// Reads a value and pushes it; false if it is a table that is to be filled.
  private boolean begin() {
    require(1);
    requireStack("too many return values at once; use unpack_one or unpack_limit instead.");
    lua.requireMemory(state, LEAST_VALUE_BYTES);
    if ((++steps & LuaOutput.STEPS_BETWEEN_BREATHS) == 0) {
      lua.breathe(state);
    }
    int tag = LuaLibrary.byteAt(at);
    switch (tag) {
      case 0xC0 -> {
        LuaLibrary.pushNil(state);
        at++;
      }
      case 0xC2, 0xC3 -> {
        LuaLibrary.pushBoolean(state, tag == 0xC3);
        at++;
      }
      case 0xCA -> number(Float.intBitsToFloat((int) unsigned(4)), 4);
      case 0xCB -> number(Double.longBitsToDouble(unsigned(8)), 8);
      case 0xCC -> number((double) unsigned(1), 1);
      case 0xCD -> number((double) unsigned(2), 2);
      case 0xCE -> number((double) unsigned(4), 4);
      case 0xCF, 0xD3 -> number((double) unsigned(8), 8); // Both signed, as in Redis.
      case 0xD0 -> number((byte) unsigned(1), 1);
      case 0xD1 -> number((short) unsigned(2), 2);
      case 0xD2 -> number((int) unsigned(4), 4);
      case 0xD9 -> string(1, unsigned(1));
      case 0xDA -> string(2, unsigned(2));
      case 0xDB -> string(4, unsigned(4));
      case 0xDC, 0xDE -> {
        return table(tag == 0xDC, 2, unsigned(2));
      }
      case 0xDD, 0xDF -> {
        return table(tag == 0xDD, 4, unsigned(4));
      }
      default -> {
        return fixed(tag);
      }
    }
    return true;
  }

  /// The tags that hold a number, a length or a count themselves.
  private boolean fixed(int tag) {
    if (tag <= 0x7F || tag >= 0xE0) {
      number((byte) tag, 0);
    } else if (tag >= 0xA0 && tag <= 0xBF) {
      string(0, tag & 0x1F);
    } else if (tag <= 0x9F) {
      return table(tag >= 0x90, 0, tag & 0xF);
    } else {
      throw LuaError.at("Bad data format in input.");
    }
    return true;
  }

  /// The big-endian number behind the tag.
  private long unsigned(int bytes) {
    require(1 + bytes);
    long value = 0;
    for (int i = 1; i <= bytes; i++) {
      value = value << 8 | LuaLibrary.byteAt(at + i);
    }
    return value;
  }

  private void number(double value, int bytes) {
    LuaLibrary.pushNumber(state, value);
    at += 1 + bytes;
  }

  private void string(int headerBytes, long length) {
    require(1 + headerBytes + length);
    at += 1 + headerBytes;
    lua.requireMemory(state, length);
    LuaLibrary.pushString(state, at, length);
    at += length;
  }

  private boolean table(boolean array, int headerBytes, long count) {
    at += 1 + headerBytes;
    LuaLibrary.createTable(state, 0, 0);
    if (array) {
      requireStack("in function mp_decode_to_lua_array");
    }
    if (depth == missing.length) {
      awaited = Arrays.copyOf(awaited, depth * 2);
      missing = Arrays.copyOf(missing, depth * 2);
      elements = Arrays.copyOf(elements, depth * 2);
    }
    awaited[depth] = array ? Awaited.ELEMENT : Awaited.KEY;
    missing[depth] = count;
    elements[depth] = 0;
    depth++;
    return false;
  }
}
