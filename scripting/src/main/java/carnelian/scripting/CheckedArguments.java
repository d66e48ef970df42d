package carnelian.scripting;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/// Arguments as the `luaL_check…` functions take them, whose complaints name the function as the
/// script has called it.
final class CheckedArguments {
  private static final String[] TYPES = {
    "nil", "boolean", "userdata", "number", "string", "table", "function", "userdata", "thread"
  };

  private CheckedArguments() {}

  // ---- Values ----------------------------------------------------------------------------------

  static double number(LuaState lua, long state, int index) {
    double value = LuaLibrary.toNumber(state, index);
    if (value == 0 && !LuaLibrary.isNumber(state, index)) {
      throw wrongType(lua, state, index, "number");
    }
    return value;
  }

  static long integer(LuaState lua, long state, int index) {
    return truncated(number(lua, state, index));
  }

  static long integer(LuaState lua, long state, int index, long absent) {
    return isAbsent(state, index) ? absent : integer(lua, state, index);
  }

  /// Makes sure of a string, into which a number is turned in its place; returns its address. It
  /// ends with a zero byte that does not count.
  static long string(LuaState lua, long state, int index) {
    int type = LuaLibrary.type(state, index);
    if (type != LuaLibrary.STRING && type != LuaLibrary.NUMBER) {
      throw wrongType(lua, state, index, "string");
    }
    return LuaLibrary.stringAt(state, index);
  }

  /// Nil, or not there at all.
  static boolean isAbsent(long state, int index) {
    return LuaLibrary.type(state, index) <= LuaLibrary.NIL;
  }

  static String typeName(long state, int index) {
    int type = LuaLibrary.type(state, index);
    return type < 0 ? "no value" : TYPES[type];
  }

  /// As a C compiler for x86 casts a double to a signed word: what does not fit becomes the
  /// smallest number.
  static long truncated(double value) {
    if (value >= -0x1p63 && value < 0x1p63) {
      return (long) value;
    }
    return Long.MIN_VALUE;
  }

  /// As a C compiler for x86 casts a double to an unsigned word.
  static long truncatedUnsigned(double value) {
    if (value >= 0x1p63) {
      return truncated(value - 0x1p63) ^ Long.MIN_VALUE;
    }
    return truncated(value);
  }

  /// As a C compiler for x86 casts a double to an `int`.
  static int truncatedInt(double value) {
    double whole = value < 0 ? Math.ceil(value) : Math.floor(value);
    if (whole >= Integer.MIN_VALUE && whole <= Integer.MAX_VALUE) {
      return (int) whole;
    }
    return Integer.MIN_VALUE;
  }

  // ---- Complaints ------------------------------------------------------------------------------

  static LuaError wrongType(LuaState lua, long state, int index, String expected) {
    return wrong(lua, state, index, expected + " expected, got " + typeName(state, index));
  }

  static LuaError wrong(LuaState lua, long state, int argument, String what) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment record = arena.allocate(ActivationRecord.BYTES);
      int level = lua.raisesInPlace() ? 0 : 1;
      if (!LuaLibrary.getStack(state, level, record.address())) {
        return LuaError.at("bad argument #" + argument + " (" + what + ")");
      }
      LuaLibrary.getInfo(state, arena.allocateFrom("n").address(), record.address());
      String name = ActivationRecord.name(record.address());
      boolean method = "method".equals(ActivationRecord.nameKind(record.address()));
      if (method && argument == 1) {
        return LuaError.at("calling '" + name + "' on bad self (" + what + ")");
      }
      return LuaError.argument(method ? argument - 1 : argument, name == null ? "?" : name, what);
    }
  }
}
