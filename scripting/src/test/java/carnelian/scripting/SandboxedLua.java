package carnelian.scripting;

import java.nio.charset.StandardCharsets;

/// A Lua state with its sandbox and the libraries that only compute, without a store.
final class SandboxedLua implements AutoCloseable {
  final LuaState lua;

  SandboxedLua(long limitBytes, boolean raisesInPlace) {
    lua = new LuaState(limitBytes, raisesInPlace, SandboxedLua::define);
    lua.pushGlobals();
    LuaLibrary.replace(lua.state(), LuaLibrary.GLOBALS_INDEX);
  }

  private static void define(LuaState lua) {
    lua.define(
        "constants",
        (_, state) -> {
          LuaLibrary.createTable(state, 0, 0);
          return 1;
        });
    DataLibraries.define(lua);
  }

  /// What a script returns of the arguments, as text, or the text of its error.
  String run(String script, byte[]... arguments) {
    long state = lua.state();
    String refused = lua.load(script.getBytes(StandardCharsets.ISO_8859_1), "@script");
    if (refused != null) {
      throw new AssertionError(refused);
    }
    for (byte[] argument : arguments) {
      lua.push(state, argument);
    }
    int status = lua.call(arguments.length);
    if (status != 0 && LuaLibrary.type(state, -1) == LuaLibrary.TABLE) {
      lua.push("err");
      LuaLibrary.rawGet(state, -2);
    }
    String text = lua.text(-1);
    LuaLibrary.top(state, 0);
    return text;
  }

  @Override
  public void close() {
    lua.close();
  }
}
