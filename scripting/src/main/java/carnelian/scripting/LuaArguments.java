package carnelian.scripting;

import java.nio.charset.StandardCharsets;

/// Reads the arguments of a function of ours, with Lua's own complaints.
final class LuaArguments {
  private static final String[] TYPES = {
    "nil", "boolean", "userdata", "number", "string", "table", "function", "userdata", "thread"
  };

  private LuaArguments() {}

  /// The type as Lua names it.
  static String typeName(long state, int index) {
    int type = LuaLibrary.type(state, index);
    return type < 0 ? "no value" : TYPES[type];
  }

  static LuaError wrongType(long state, int index, String function, String expected) {
    return LuaError.argument(
        index, function, expected + " expected, got " + typeName(state, index));
  }

  static boolean isNumber(long state, int index) {
    int type = LuaLibrary.type(state, index);
    if (type == LuaLibrary.NUMBER) {
      return true;
    }
    if (type != LuaLibrary.STRING) {
      return false;
    }
    // Lua reads a string that is none as 0.
    return LuaLibrary.toNumber(state, index) != 0 || isZero(bytes(state, index));
  }

  private static boolean isZero(byte[] text) {
    String trimmed = new String(text, StandardCharsets.ISO_8859_1).trim();
    return trimmed.matches("[+-]?(0[xX])?0*\\.?0+([eE][+-]?\\d+)?|[+-]?0+\\.");
  }

  static double number(long state, int index, String function) {
    if (!isNumber(state, index)) {
      throw wrongType(state, index, function, "number");
    }
    return LuaLibrary.toNumber(state, index);
  }

  static long integer(long state, int index, String function) {
    return (long) number(state, index, function);
  }

  static boolean isNone(long state, int index) {
    return LuaLibrary.type(state, index) <= LuaLibrary.NIL;
  }

  static byte[] string(long state, int index, String function) {
    int type = LuaLibrary.type(state, index);
    if (type != LuaLibrary.STRING && type != LuaLibrary.NUMBER) {
      throw wrongType(state, index, function, "string");
    }
    return bytes(state, index);
  }

  static byte[] bytes(long state, int index) {
    return LuaLibrary.bytes(state, index);
  }
}
