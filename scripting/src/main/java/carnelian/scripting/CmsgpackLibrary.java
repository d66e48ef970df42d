package carnelian.scripting;

import java.util.Map;

/// The library `cmsgpack`, version 0.4.0 as Redis has it.
final class CmsgpackLibrary {
  private static final Map<String, String> CONSTANTS =
      Map.of(
          "_NAME", "cmsgpack",
          "_VERSION", "lua-cmsgpack 0.4.0",
          "_COPYRIGHT", "Copyright (C) 2012, Salvatore Sanfilippo",
          "_DESCRIPTION", "MessagePack C implementation for Lua");

  private CmsgpackLibrary() {}

  static void define(LuaState lua) {
    lua.define("cmsgpack.constants", CmsgpackLibrary::constants);
    lua.define("cmsgpack.pack", CmsgpackLibrary::pack);
    lua.define("cmsgpack.unpack", (l, state) -> unpack(l, state, 0, 0));
    lua.define("cmsgpack.unpack_one", CmsgpackLibrary::unpackOne);
    lua.define("cmsgpack.unpack_limit", CmsgpackLibrary::unpackLimit);
  }

  private static int constants(LuaState lua, long state) {
    LuaLibrary.createTable(state, 0, CONSTANTS.size());
    CONSTANTS.forEach(
        (name, value) -> {
          lua.push(state, name);
          lua.push(state, value);
          LuaLibrary.rawSet(state, -3);
        });
    return 1;
  }

  private static int pack(LuaState lua, long state) {
    int count = LuaLibrary.top(state);
    if (count == 0) {
      throw CheckedArguments.wrong(lua, state, 0, "MessagePack pack needs input.");
    }
    if (!LuaLibrary.reserve(state, count)) {
      throw CheckedArguments.wrong(lua, state, 0, "Too many arguments for MessagePack pack.");
    }
    try (LuaOutput out = new LuaOutput(lua, state)) {
      MessagePacker packer = new MessagePacker(state, out);
      for (int i = 1; i <= count; i++) {
        packer.pack(i);
      }
      LuaLibrary.top(state, 0);
      out.push();
    }
    return 1;
  }

  private static int unpackOne(LuaState lua, long state) {
    long offset = CheckedArguments.integer(lua, state, 2, 0);
    return unpack(lua, state, 1, offset);
  }

  private static int unpackLimit(LuaState lua, long state) {
    long limit = CheckedArguments.integer(lua, state, 2);
    long offset = CheckedArguments.integer(lua, state, 3, 0);
    return unpack(lua, state, limit, offset);
  }

  /// Without limit and offset all there is; else where to go on comes before the values.
  private static int unpack(LuaState lua, long state, long limit, long offset) {
    boolean all = limit == 0 && offset == 0;
    if (!all) {
      LuaLibrary.top(state, Math.min(LuaLibrary.top(state), 1));
    }
    long data = CheckedArguments.string(lua, state, 1);
    long length = LuaLibrary.length(state, 1);
    if (offset < 0 || limit < 0) {
      // The limit it names is the length, in Redis too.
      throw LuaError.at(
          "Invalid request to unpack with offset of "
              + (int) offset
              + " and limit of "
              + length
              + ".");
    }
    if (offset > length) {
      throw LuaError.at(
          "Start offset " + (int) offset + " greater than input length " + length + ".");
    }
    MessageUnpacker unpacker = new MessageUnpacker(lua, state, data + offset, data + length);
    long most = all ? Integer.MAX_VALUE : limit;
    int values = 0;
    while (!unpacker.isAtEnd() && values < most) {
      unpacker.unpack();
      values++;
    }
    if (all) {
      return values;
    }
    if (!LuaLibrary.reserve(state, 1)) {
      throw LuaError.at("stack overflow (in function mp_unpack_full)");
    }
    LuaLibrary.pushNumber(state, unpacker.isAtEnd() ? -1 : (double) (unpacker.at() - data));
    LuaLibrary.insert(state, 2);
    return values + 1;
  }
}
