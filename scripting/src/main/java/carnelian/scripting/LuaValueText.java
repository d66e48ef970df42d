package carnelian.scripting;

import carnelian.scripting.debugger.BoundedText;

/// Shows a value of Lua in one line: tables by their elements, all else that has no text by its
/// address. Looks at tables raw, and no longer than there is room to show anything.
final class LuaValueText {
  private static final int DEEPEST = 10;

  /// Key and value of each table that is open, and the copy of a key.
  private static final int SLOTS = 2 * DEEPEST + 4;

  private LuaValueText() {}

  /// Adds the value at the top of the stack, and leaves it there.
  static void add(BoundedText text, long state) {
    if (LuaLibrary.reserve(state, SLOTS)) {
      add(text, state, -1, 0);
    } else {
      text.add("<max lua stack reached>");
    }
  }

  private static void add(BoundedText text, long state, int index, int depth) {
    if (text.isFull()) {
      return;
    }
    if (depth == DEEPEST) {
      text.add("<max recursion level reached! Nested table?>");
      return;
    }
    switch (LuaLibrary.type(state, index)) {
      case LuaLibrary.STRING -> addString(text, state, index);
      case LuaLibrary.BOOLEAN -> text.add(LuaLibrary.toBoolean(state, index) ? "true" : "false");
      case LuaLibrary.NUMBER ->
          text.add(PrintedNumbers.general(LuaLibrary.toNumber(state, index), 6));
      case LuaLibrary.NIL -> text.add("nil");
      case LuaLibrary.TABLE -> addTable(text, state, index, depth + 1);
      case LuaLibrary.FUNCTION -> addAddress(text, "function", state, index);
      case LuaLibrary.USERDATA -> addAddress(text, "userdata", state, index);
      case LuaLibrary.THREAD -> addAddress(text, "thread", state, index);
      case LuaLibrary.LIGHT_USERDATA -> addAddress(text, "light-userdata", state, index);
      default -> text.add("\"<unknown-lua-type>\"");
    }
  }

  private static void addString(BoundedText text, long state, int index) {
    long at = LuaLibrary.stringAt(state, index);
    int length = LuaLibrary.length(state, index);
    text.add("\"");
    for (int i = 0; i < length && !text.isFull(); i++) {
      text.addEscaped(LuaLibrary.byteAt(at + i));
    }
    text.add("\"");
  }

  private static void addAddress(BoundedText text, String type, long state, int index) {
    String address = Long.toHexString(LuaLibrary.toPointer(state, index));
    text.add("\"").add(type).add("@0x").add(address).add("\"");
  }

  private static void addTable(BoundedText text, long state, int index, int depth) {
    boolean list = isList(state, index);
    text.add("{");
    boolean first = true;
    LuaLibrary.pushNil(state);
    while (LuaLibrary.next(state, index - 1)) {
      text.add(first ? "" : "; ");
      first = false;
      if (!list) {
        text.add("[");
        add(text, state, -2, depth);
        text.add("]=");
      }
      add(text, state, -1, depth);
      LuaLibrary.pop(state, 1);
      if (text.isFull()) {
        LuaLibrary.pop(state, 1);
        return;
      }
    }
    text.add("}");
  }

  /// Whether the keys are 1, 2, 3 and so on, in this order.
  private static boolean isList(long state, int index) {
    int expected = 1;
    LuaLibrary.pushNil(state);
    while (LuaLibrary.next(state, index - 1)) {
      LuaLibrary.pop(state, 1);
      if (LuaLibrary.type(state, -1) != LuaLibrary.NUMBER
          || LuaLibrary.toNumber(state, -1) != expected++) {
        LuaLibrary.pop(state, 1);
        return false;
      }
    }
    return true;
  }
}
