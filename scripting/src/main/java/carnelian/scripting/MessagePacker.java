package carnelian.scripting;

/// Writes values of Lua as `cmsgpack.pack` does: whole numbers as short as they can be, other
/// numbers as a float if nothing is lost. A table is an array if its keys are 1 to n. What has no
/// counterpart is nil, and so is a table more than 16 deep.
final class MessagePacker {
  private static final int MOST_NESTING = 16;

  private static final int FIXED_STRING_BYTES = 31;
  private static final int FIXED_ELEMENTS = 15;

  private final long state;
  private final LuaOutput out;

  /// Redis has on the stack what it has packed so far, which may be what makes it overflow.
  private int results;

  MessagePacker(long state, LuaOutput out) {
    this.state = state;
    this.out = out;
  }

  /// Writes the argument of that index.
  void pack(int index) {
    requireStack(1, "mp_check");
    LuaLibrary.pushValue(state, index);
    value(0);
    results++;
  }

  private void requireStack(int slots, String function) {
    if (!LuaLibrary.reserve(state, results + slots)) {
      throw LuaError.at("stack overflow (in function " + function + ")");
    }
  }

  /// Writes the value at the top of the stack and takes it off.
  private void value(int level) {
    out.step();
    switch (LuaLibrary.type(state, -1)) {
      case LuaLibrary.STRING -> string();
      case LuaLibrary.BOOLEAN -> out.put(LuaLibrary.toBoolean(state, -1) ? 0xC3 : 0xC2);
      case LuaLibrary.NUMBER -> number(LuaLibrary.toNumber(state, -1));
      case LuaLibrary.TABLE -> {
        if (level == MOST_NESTING) {
          out.put(0xC0);
        } else {
          table(level);
        }
      }
      default -> out.put(0xC0);
    }
    LuaLibrary.pop(state, 1);
  }

  private void string() {
    long at = LuaLibrary.stringAt(state, -1);
    int length = LuaLibrary.length(state, -1);
    if (length <= FIXED_STRING_BYTES) {
      out.put(0xA0 | length);
    } else if (length <= 0xFF) {
      tagged(0xD9, length, 1);
    } else if (length <= 0xFFFF) {
      tagged(0xDA, length, 2);
    } else {
      tagged(0xDB, length, 4);
    }
    out.put(at, length);
  }

  private void tagged(int tag, long bits, int size) {
    out.put(tag);
    out.putInteger(bits, size, true);
  }

  private void number(double value) {
    long whole = CheckedArguments.truncated(value);
    if (whole == value) {
      integer(whole);
      return;
    }
    float single = (float) value;
    if (single == value) {
      tagged(0xCA, Float.floatToRawIntBits(single), Float.BYTES);
    } else {
      tagged(0xCB, Double.doubleToRawLongBits(value), Double.BYTES);
    }
  }

  private void integer(long n) {
    if (n >= -32 && n <= 127) {
      out.put((int) n);
    } else if (n >= 0) {
      if (n <= 0xFF) {
        tagged(0xCC, n, 1);
      } else if (n <= 0xFFFF) {
        tagged(0xCD, n, 2);
      } else if (n <= 0xFFFFFFFFL) {
        tagged(0xCE, n, 4);
      } else {
        tagged(0xCF, n, 8);
      }
    } else if (n >= Byte.MIN_VALUE) {
      tagged(0xD0, n, 1);
    } else if (n >= Short.MIN_VALUE) {
      tagged(0xD1, n, 2);
    } else if (n >= Integer.MIN_VALUE) {
      tagged(0xD2, n, 4);
    } else {
      tagged(0xD3, n, 8);
    }
  }

  // ---- Tables ----------------------------------------------------------------------------------

  private void table(int level) {
    if (isArray()) {
      array(level);
    } else {
      map(level);
    }
  }

  private boolean isArray() {
    requireStack(2, "table_is_an_array");
    int top = LuaLibrary.top(state);
    int count = 0;
    int greatest = 0;
    LuaLibrary.pushNil(state);
    while (LuaLibrary.next(state, -2)) {
      out.step();
      LuaLibrary.pop(state, 1);
      double key =
          LuaLibrary.type(state, -1) == LuaLibrary.NUMBER ? LuaLibrary.toNumber(state, -1) : 0;
      if (key <= 0 || key != (int) key) {
        LuaLibrary.top(state, top);
        return false;
      }
      greatest = Math.max(greatest, (int) key);
      count++;
    }
    LuaLibrary.top(state, top);
    return greatest == count;
  }

  private void array(int level) {
    int length = LuaLibrary.length(state, -1);
    header(length, 0x90, 0xDC);
    requireStack(1, "mp_encode_lua_table_as_array");
    for (int i = 1; i <= length; i++) {
      LuaLibrary.rawGet(state, -1, i);
      value(level + 1);
    }
  }

  private void map(int level) {
    requireStack(3, "mp_encode_lua_table_as_map");
    int entries = 0;
    LuaLibrary.pushNil(state);
    while (LuaLibrary.next(state, -2)) {
      out.step();
      LuaLibrary.pop(state, 1);
      entries++;
    }
    header(entries, 0x80, 0xDE);
    LuaLibrary.pushNil(state);
    while (LuaLibrary.next(state, -2)) {
      LuaLibrary.pushValue(state, -2);
      value(level + 1);
      value(level + 1);
    }
  }

  private void header(int count, int fixed, int tag) {
    if (count <= FIXED_ELEMENTS) {
      out.put(fixed | count);
    } else if (count <= 0xFFFF) {
      tagged(tag, count, 2);
    } else {
      tagged(tag + 1, count, 4);
    }
  }
}
