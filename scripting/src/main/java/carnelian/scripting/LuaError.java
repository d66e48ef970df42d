package carnelian.scripting;

import java.nio.charset.StandardCharsets;

/// An error that a function of ours raises in the script that called it.
final class LuaError extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /// What the script gets.
  private enum Kind {
    STRING,
    TABLE,
    ON_STACK
  }

  /// The error is the value at the top of the stack.
  static final LuaError ON_STACK = new LuaError("", Kind.ON_STACK);

  private final Kind kind;

  private LuaError(String text, Kind kind) {
    super(text, null, false, false);
    this.kind = kind;
  }

  /// As Lua's own libraries raise one: a string, before which Lua puts the place in the script.
  static LuaError at(String text) {
    return new LuaError(text, Kind.STRING);
  }

  /// As Redis's library raises one: a table whose field `err` is the text, code first.
  static LuaError reply(String codeAndText) {
    return new LuaError(codeAndText, Kind.TABLE);
  }

  /// As `luaL_argerror`.
  static LuaError argument(int number, String function, String what) {
    return at("bad argument #" + number + " to '" + function + "' (" + what + ")");
  }

  boolean isTable() {
    return kind == Kind.TABLE;
  }

  boolean isOnStack() {
    return kind == Kind.ON_STACK;
  }

  byte[] bytes() {
    return String.valueOf(getMessage()).getBytes(StandardCharsets.ISO_8859_1);
  }
}
