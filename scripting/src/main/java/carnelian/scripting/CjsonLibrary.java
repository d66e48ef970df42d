package carnelian.scripting;

import carnelian.scripting.CjsonSettings.Setting;
import java.nio.charset.StandardCharsets;
import java.util.List;

/// The library `cjson`, version 2.1.0 as Redis has it.
///
/// Neither Jackson nor another library is used: none takes apart what this one does (numbers in
/// hexadecimal, `NaN`, strings that are not UTF-8, an end at the first zero byte), and the error
/// texts name its tokens and the character where it gave up, which scripts may show to clients.
final class CjsonLibrary {
  /// Functions that each [#create] makes anew, for its own settings.
  private static final List<String> FUNCTIONS =
      List.of(
          "encode",
          "decode",
          "encode_sparse_array",
          "encode_max_depth",
          "decode_max_depth",
          "encode_number_precision",
          "encode_keep_buffer",
          "encode_invalid_numbers",
          "decode_invalid_numbers",
          "new");

  private static final List<String> SWITCH = List.of("off", "on");
  private static final List<String> INVALID_NUMBERS = List.of("off", "on", "null");
  private static final int MOST_DIGITS = 14;
  private static final int LONGEST_WORD = 1 << 16;

  /// Where a function made by [#create] has its settings; those of `cjson` itself stand in Java.
  private static final int SETTINGS = LuaLibrary.GLOBALS_INDEX - 2;

  private final CjsonSettings shared = new CjsonSettings();
  private final CjsonSettings own = new CjsonSettings();

  void define(LuaState lua) {
    lua.define("cjson.constants", CjsonLibrary::constants);
    lua.define("cjson.new", CjsonLibrary::create);
    lua.define("cjson.encode", this::encode);
    lua.define("cjson.decode", this::decode);
    lua.define("cjson.encode_sparse_array", this::sparseArray);
    lua.define(
        "cjson.encode_max_depth",
        (l, state) -> number(l, state, Setting.ENCODE_MAX_DEPTH, Integer.MAX_VALUE));
    lua.define(
        "cjson.decode_max_depth",
        (l, state) -> number(l, state, Setting.DECODE_MAX_DEPTH, Integer.MAX_VALUE));
    lua.define(
        "cjson.encode_number_precision",
        (l, state) -> number(l, state, Setting.NUMBER_PRECISION, MOST_DIGITS));
    lua.define(
        "cjson.encode_keep_buffer",
        (l, state) -> choice(l, state, Setting.ENCODE_KEEP_BUFFER, SWITCH));
    lua.define(
        "cjson.encode_invalid_numbers",
        (l, state) -> choice(l, state, Setting.ENCODE_INVALID_NUMBERS, INVALID_NUMBERS));
    lua.define(
        "cjson.decode_invalid_numbers",
        (l, state) -> choice(l, state, Setting.DECODE_INVALID_NUMBERS, SWITCH));
  }

  private static int constants(LuaState lua, long state) {
    LuaLibrary.createTable(state, 0, 3);
    pushConstants(lua, state);
    return 1;
  }

  private static void pushConstants(LuaState lua, long state) {
    lua.push(state, "null");
    LuaLibrary.pushLightUserdata(state, 0);
    LuaLibrary.rawSet(state, -3);
    lua.push(state, "_NAME");
    lua.push(state, "cjson");
    LuaLibrary.rawSet(state, -3);
    lua.push(state, "_VERSION");
    lua.push(state, "2.1.0");
    LuaLibrary.rawSet(state, -3);
  }

  /// A library of its own, with settings of its own.
  private static int create(LuaState lua, long state) {
    lua.requireMemory(state, 0);
    LuaLibrary.top(state, 0);
    LuaLibrary.createTable(state, 0, 0);
    new CjsonSettings().push(state);
    for (String name : FUNCTIONS) {
      lua.push(state, name);
      LuaLibrary.pushValue(state, 2);
      lua.pushFunction(state, "cjson." + name, 1);
      LuaLibrary.rawSet(state, 1);
    }
    LuaLibrary.top(state, 1);
    pushConstants(lua, state);
    return 1;
  }

  // ---- Settings --------------------------------------------------------------------------------

  private CjsonSettings settings(long state) {
    if (LuaLibrary.type(state, SETTINGS) != LuaLibrary.TABLE) {
      return shared;
    }
    own.read(state, SETTINGS);
    return own;
  }

  private static void changed(long state, CjsonSettings settings) {
    if (LuaLibrary.type(state, SETTINGS) == LuaLibrary.TABLE) {
      settings.write(state, SETTINGS);
    }
  }

  private static void takeArguments(LuaState lua, long state, int most) {
    if (LuaLibrary.top(state) > most) {
      throw CheckedArguments.wrong(lua, state, most + 1, "found too many arguments");
    }
    LuaLibrary.top(state, most);
  }

  private int number(LuaState lua, long state, Setting setting, int most) {
    takeArguments(lua, state, 1);
    return numberAt(lua, state, 1, setting, 1, most);
  }

  private int numberAt(LuaState lua, long state, int index, Setting setting, int least, int most) {
    CjsonSettings settings = settings(state);
    if (!CheckedArguments.isAbsent(state, index)) {
      int value = (int) CheckedArguments.integer(lua, state, index);
      if (value < least || value > most) {
        throw CheckedArguments.wrong(
            lua, state, 1, "expected integer between " + least + " and " + most);
      }
      settings.set(setting, value);
      changed(state, settings);
    }
    LuaLibrary.pushNumber(state, settings.get(setting));
    return 1;
  }

  private int choice(LuaState lua, long state, Setting setting, List<String> options) {
    takeArguments(lua, state, 1);
    return choiceAt(lua, state, setting, options);
  }

  private int choiceAt(LuaState lua, long state, Setting setting, List<String> options) {
    CjsonSettings settings = settings(state);
    if (!CheckedArguments.isAbsent(state, 1)) {
      int value;
      if (LuaLibrary.type(state, 1) == LuaLibrary.BOOLEAN) {
        value = LuaLibrary.toBoolean(state, 1) ? 1 : 0;
      } else {
        String text = option(lua, state);
        value = options.indexOf(text);
        if (value < 0) {
          throw CheckedArguments.wrong(lua, state, 1, "invalid option '" + text + "'");
        }
      }
      settings.set(setting, value);
      changed(state, settings);
    }
    int value = settings.get(setting);
    if (value <= 1) {
      LuaLibrary.pushBoolean(state, value == 1);
    } else {
      lua.push(state, options.get(value));
    }
    return 1;
  }

  /// The word of a choice, up to its first zero byte. What is far too long for a word is cut.
  private static String option(LuaState lua, long state) {
    long at = CheckedArguments.string(lua, state, 1);
    int length = 0;
    while (length < LONGEST_WORD && LuaLibrary.byteAt(at + length) != 0) {
      length++;
    }
    byte[] word = new byte[length];
    for (int i = 0; i < length; i++) {
      word[i] = (byte) LuaLibrary.byteAt(at + i);
    }
    return new String(word, StandardCharsets.ISO_8859_1);
  }

  private int sparseArray(LuaState lua, long state) {
    takeArguments(lua, state, 3);
    int results = choiceAt(lua, state, Setting.SPARSE_CONVERT, SWITCH);
    results += numberAt(lua, state, 2, Setting.SPARSE_RATIO, 0, Integer.MAX_VALUE);
    results += numberAt(lua, state, 3, Setting.SPARSE_SAFE, 0, Integer.MAX_VALUE);
    return results;
  }

  // ---- JSON ------------------------------------------------------------------------------------

  private static void requireOneArgument(LuaState lua, long state) {
    if (LuaLibrary.top(state) != 1) {
      throw CheckedArguments.wrong(lua, state, 1, "expected 1 argument");
    }
  }

  private int encode(LuaState lua, long state) {
    requireOneArgument(lua, state);
    try (LuaOutput out = new LuaOutput(lua, state)) {
      new JsonEncoder(state, settings(state), out).encode();
      out.push();
    }
    return 1;
  }

  private int decode(LuaState lua, long state) {
    requireOneArgument(lua, state);
    long text = CheckedArguments.string(lua, state, 1);
    int length = LuaLibrary.length(state, 1);
    if (length >= 2 && (LuaLibrary.byteAt(text) == 0 || LuaLibrary.byteAt(text + 1) == 0)) {
      throw LuaError.at("JSON parser does not support UTF-16 or UTF-32");
    }
    CjsonSettings settings = settings(state);
    boolean takesInvalidNumbers = settings.get(Setting.DECODE_INVALID_NUMBERS) != 0;
    try (JsonTokens tokens = new JsonTokens(lua, state, text, takesInvalidNumbers)) {
      new JsonDecoder(lua, state, tokens, settings.get(Setting.DECODE_MAX_DEPTH)).decode();
    }
    return 1;
  }
}
