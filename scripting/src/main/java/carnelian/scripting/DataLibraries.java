package carnelian.scripting;

/// The libraries that only compute: `bit`, `cjson`, `cmsgpack` and `struct`.
final class DataLibraries {
  private DataLibraries() {}

  static void define(LuaState lua) {
    BitLibrary.define(lua);
    new CjsonLibrary().define(lua);
    CmsgpackLibrary.define(lua);
    StructLibrary.define(lua);
  }
}
