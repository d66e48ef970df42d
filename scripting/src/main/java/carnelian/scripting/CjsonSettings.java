package carnelian.scripting;

/// What `cjson` can be told, one set for each `cjson.new()`.
final class CjsonSettings {
  private static final int COUNT = 9;

  private final int[] values = new int[COUNT + 1];

  /// One setting: the index in a table of Lua, and its value before a script changes it.
  enum Setting {
    SPARSE_CONVERT(1, 0),
    SPARSE_RATIO(2, 2),
    SPARSE_SAFE(3, 10),
    ENCODE_MAX_DEPTH(4, 1000),
    DECODE_MAX_DEPTH(5, 1000),
    ENCODE_INVALID_NUMBERS(6, 0),
    DECODE_INVALID_NUMBERS(7, 1),
    ENCODE_KEEP_BUFFER(8, 1),
    NUMBER_PRECISION(9, 14);

    private final int index;
    private final int first;

    Setting(int index, int first) {
      this.index = index;
      this.first = first;
    }
  }

  CjsonSettings() {
    for (Setting setting : Setting.values()) {
      values[setting.index] = setting.first;
    }
  }

  int get(Setting setting) {
    return values[setting.index];
  }

  void set(Setting setting, int value) {
    values[setting.index] = value;
  }

  /// Pushes a table of the settings.
  void push(long state) {
    LuaLibrary.createTable(state, COUNT, 0);
    int table = LuaLibrary.top(state);
    write(state, table);
  }

  /// Takes the settings from the table at the index.
  void read(long state, int table) {
    for (int i = 1; i <= COUNT; i++) {
      LuaLibrary.rawGet(state, table, i);
      values[i] = (int) LuaLibrary.toNumber(state, -1);
      LuaLibrary.pop(state, 1);
    }
  }

  void write(long state, int table) {
    for (int i = 1; i <= COUNT; i++) {
      LuaLibrary.pushNumber(state, values[i]);
      LuaLibrary.rawSet(state, table, i);
    }
  }
}
