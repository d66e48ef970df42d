package carnelian.scripting;

import carnelian.base.config.QuotedWords;
import carnelian.engine.JavaHeapBudget;
import carnelian.engine.ReplyError;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// The function libraries, and the functions that they register while they are loaded.
final class Functions {
  private static final String CHUNK = "@user_function";
  private static final String NAME_RULE =
      "Library names can only contain letters, numbers, or underscores(_) and must be at least one"
          + " character long";

  /// What a library or a function takes beside its code.
  private static final long OVERHEAD_BYTES = 200;

  /// One function.
  record Function(LuaRuntime.Code code, @Nullable String description) {}

  /// One library.
  static final class Library {
    private final String name;
    private final byte[] text;
    private final Map<String, Function> functions;

    Library(String name, byte[] text, Map<String, Function> functions) {
      this.name = name;
      this.text = text;
      this.functions = functions;
    }

    String name() {
      return name;
    }

    byte[] text() {
      return text;
    }

    Map<String, Function> functions() {
      return functions;
    }
  }

  /// What FUNCTION RESTORE does with the libraries that are there.
  enum Policy {
    FLUSH,
    APPEND,
    REPLACE
  }

  private final LuaRuntime runtime;
  private final JavaHeapBudget budget;
  private final Map<String, Library> libraries = new HashMap<>();
  private final Map<String, Function> functions = new HashMap<>();
  private @Nullable Map<String, Function> registering;

  /// Their texts count against the budget.
  Functions(LuaRuntime runtime, JavaHeapBudget budget) {
    this.runtime = runtime;
    this.budget = budget;
  }

  /// The libraries by name.
  List<Library> libraries() {
    List<Library> all = new ArrayList<>(libraries.values());
    all.sort((a, b) -> a.name().compareTo(b.name()));
    return all;
  }

  int functionCount() {
    return functions.size();
  }

  @Nullable Function function(String name) {
    return functions.get(folded(name));
  }

  /// Functions are found in any case of letters.
  private static String folded(String name) {
    return name.toLowerCase(Locale.ROOT);
  }

  /// Code and what it takes to keep it.
  long bytes() {
    long bytes = functions.size() * OVERHEAD_BYTES;
    for (Library library : libraries.values()) {
      bytes += library.text().length + OVERHEAD_BYTES;
    }
    return bytes;
  }

  // ---- Loading ---------------------------------------------------------------------------------

  /// Adds a library and returns its name.
  String load(byte[] text, boolean replace) {
    String name = libraryName(text);
    Library old = libraries.get(name);
    if (old != null && !replace) {
      throw ReplyError.err("Library '" + name + "' already exists");
    }
    if (old != null) {
      unlink(old);
    }
    try {
      link(compile(name, text));
    } catch (ReplyError refused) {
      if (old != null) {
        link(old);
      }
      throw refused;
    }
    if (old != null) {
      forget(old);
    }
    return name;
  }

  /// The first line names the engine and the library.
  private static String libraryName(byte[] text) {
    int end = 0;
    while (end < text.length && text[end] != '\n') {
      end++;
    }
    if (text.length < 2 || text[0] != '#' || text[1] != '!') {
      throw ReplyError.err("Missing library metadata");
    }
    if (end == text.length) {
      throw ReplyError.err("Invalid library metadata");
    }
    String line = new String(text, 2, end - 2, StandardCharsets.ISO_8859_1);
    List<String> words = QuotedWords.split(line);
    if (words == null || (words.isEmpty() && !line.isBlank())) {
      throw ReplyError.err("Invalid library metadata");
    }
    // The engine's name stands at once behind the mark.
    String engine =
        words.isEmpty() || Character.isWhitespace(line.charAt(0)) ? "" : words.getFirst();
    String name = null;
    for (String word : words.subList(engine.isEmpty() ? 0 : 1, words.size())) {
      if (!word.toLowerCase(Locale.ROOT).startsWith("name=")) {
        throw ReplyError.err("Invalid metadata value given: " + word);
      }
      if (name != null) {
        throw ReplyError.err("Invalid metadata value, name argument was given multiple times");
      }
      name = word.substring("name=".length());
    }
    if (name == null) {
      throw ReplyError.err("Library name was not given");
    }
    if (!isName(name)) {
      throw ReplyError.err(NAME_RULE);
    }
    if (!engine.equalsIgnoreCase("lua")) {
      throw ReplyError.err("Engine '" + engine + "' not found");
    }
    return name;
  }

  private static boolean isName(String name) {
    return name.matches("[A-Za-z0-9_]+");
  }

  private Library compile(String name, byte[] text) {
    int start = 0;
    while (text[start] != '\n') {
      start++;
    }
    LuaState lua = runtime.lua();
    LuaLibrary.top(lua.state(), 0);
    String refused = lua.load(Arrays.copyOfRange(text, start, text.length), CHUNK);
    if (refused != null) {
      throw ReplyError.err("Error compiling function: " + refused);
    }
    Map<String, Function> made = new HashMap<>();
    registering = made;
    String failure;
    try {
      failure = runtime.register();
    } finally {
      registering = null;
    }
    Library library = new Library(name, text, made);
    if (failure != null) {
      forget(library);
      throw ReplyError.err("Error registering functions: " + failure);
    }
    if (made.isEmpty()) {
      throw ReplyError.err("No functions registered");
    }
    for (Function function : made.values()) {
      if (function(function.code().name()) != null) {
        forget(library);
        throw ReplyError.err("Function " + function.code().name() + " already exists");
      }
    }
    return library;
  }

  private static long heapBytes(Library library) {
    return library.text().length
        + 4L * JavaHeapBudget.OBJECT_BYTES * (1 + library.functions().size());
  }

  private void link(Library library) {
    budget.take(heapBytes(library));
    libraries.put(library.name(), library);
    functions.putAll(library.functions());
  }

  private void unlink(Library library) {
    libraries.remove(library.name());
    budget.giveBack(heapBytes(library));
    functions.keySet().removeAll(library.functions().keySet());
  }

  private void forget(Library library) {
    for (Function function : library.functions().values()) {
      runtime.forget(function.code());
    }
  }

  // ---- redis.register_function -----------------------------------------------------------------

  void define(LuaState lua) {
    lua.define("loading.register_function", this::register);
  }

  private int register(LuaState unused, long state) {
    Map<String, Function> made = registering;
    if (made == null) {
      throw LuaError.reply(
          "ERR redis.register_function can only be called on FUNCTION LOAD command");
    }
    int count = LuaLibrary.top(state);
    if (count < 1 || count > 2) {
      throw LuaError.reply("ERR wrong number of arguments to redis.register_function");
    }
    if (count == 1) {
      registerTable(state, made);
      return 0;
    }
    if (LuaLibrary.type(state, 1) != LuaLibrary.STRING) {
      throw LuaError.reply("ERR first argument to redis.register_function must be a string");
    }
    if (LuaLibrary.type(state, 2) != LuaLibrary.FUNCTION) {
      throw LuaError.reply("ERR second argument to redis.register_function must be a function");
    }
    add(made, text(state, 1), state, new TreeSet<>(), null);
    return 0;
  }

  /// Takes the function at the top of the stack.
  private static void add(
      Map<String, Function> made,
      String name,
      long state,
      Set<ScriptFlags.Flag> flags,
      @Nullable String description) {
    if (!isName(name)) {
      throw LuaError.reply("ERR " + NAME_RULE);
    }
    if (made.containsKey(folded(name))) {
      throw LuaError.reply("ERR Function already exists in the library");
    }
    LuaRuntime.Code code =
        new LuaRuntime.Code(name, LuaLibrary.reference(state), new ScriptFlags(true, flags));
    made.put(folded(name), new Function(code, description));
  }

  private static String text(long state, int index) {
    return new String(LuaLibrary.bytes(state, index), StandardCharsets.ISO_8859_1);
  }

  private static void registerTable(long state, Map<String, Function> made) {
    if (LuaLibrary.type(state, 1) != LuaLibrary.TABLE) {
      throw LuaError.reply(
          "ERR calling redis.register_function with a single argument is only applicable to Lua"
              + " table (representing named arguments).");
    }
    String name = null;
    String description = null;
    Set<ScriptFlags.Flag> flags = new TreeSet<>();
    boolean hasCallback = false;
    LuaLibrary.pushNil(state);
    LuaLibrary.pushNil(state);
    // Index 2 holds the callback, 3 and 4 the key and value at hand.
    while (LuaLibrary.next(state, 1)) {
      String field = LuaLibrary.type(state, 3) == LuaLibrary.STRING ? text(state, 3) : "";
      if (LuaLibrary.type(state, 3) != LuaLibrary.STRING) {
        throw LuaError.reply(
            "ERR named argument key given to redis.register_function is not a string");
      }
      switch (field.toLowerCase(Locale.ROOT)) {
        case "function_name" -> name = named(state, "function_name");
        case "description" -> description = named(state, "description");
        case "callback" -> {
          if (LuaLibrary.type(state, 4) != LuaLibrary.FUNCTION) {
            throw LuaError.reply(
                "ERR callback argument given to redis.register_function must be a function");
          }
          hasCallback = true;
          LuaLibrary.pushValue(state, 4);
          LuaLibrary.replace(state, 2);
        }
        case "flags" -> readFlags(state, flags);
        default -> throw LuaError.reply("ERR unknown argument given to redis.register_function");
      }
      LuaLibrary.pop(state, 1);
    }
    if (name == null) {
      throw LuaError.reply("ERR redis.register_function must get a function name argument");
    }
    if (!hasCallback) {
      throw LuaError.reply("ERR redis.register_function must get a callback argument");
    }
    LuaLibrary.top(state, 2);
    add(made, name, state, flags, description);
  }

  private static String named(long state, String field) {
    if (LuaLibrary.type(state, 4) != LuaLibrary.STRING) {
      throw LuaError.reply(
          "ERR " + field + " argument given to redis.register_function must be a string");
    }
    return text(state, 4);
  }

  private static void readFlags(long state, Set<ScriptFlags.Flag> flags) {
    if (LuaLibrary.type(state, 4) != LuaLibrary.TABLE) {
      throw LuaError.reply(
          "ERR flags argument to redis.register_function must be a table representing function"
              + " flags");
    }
    for (int i = 1; ; i++) {
      LuaLibrary.rawGet(state, 4, i);
      if (LuaLibrary.type(state, -1) == LuaLibrary.NIL) {
        LuaLibrary.pop(state, 1);
        return;
      }
      ScriptFlags.Flag flag =
          LuaLibrary.type(state, -1) == LuaLibrary.STRING
              ? ScriptFlags.flag(text(state, -1))
              : null;
      if (flag == null) {
        throw LuaError.reply("ERR unknown flag given");
      }
      flags.add(flag);
      LuaLibrary.pop(state, 1);
    }
  }

  // ---- Others ----------------------------------------------------------------------------------

  /// False if there is no such library.
  boolean delete(String name) {
    Library library = libraries.get(name);
    if (library == null) {
      return false;
    }
    unlink(library);
    forget(library);
    return true;
  }

  void flush() {
    for (Library library : libraries.values()) {
      budget.giveBack(heapBytes(library));
    }
    libraries.clear();
    functions.clear();
    runtime.close();
  }

  /// The code of all libraries.
  List<byte[]> dump() {
    List<byte[]> texts = new ArrayList<>();
    for (Library library : libraries()) {
      texts.add(library.text());
    }
    return texts;
  }

  /// Adds libraries: all of them, or none if one of them cannot be.
  void restore(List<byte[]> texts, Policy policy) {
    List<byte[]> before = dump();
    if (policy == Policy.FLUSH) {
      flush();
    }
    try {
      for (byte[] text : texts) {
        String name = libraryName(text);
        if (policy != Policy.REPLACE && libraries.containsKey(name)) {
          throw ReplyError.err("Library " + name + " already exists");
        }
        load(text, policy == Policy.REPLACE);
      }
    } catch (ReplyError refused) {
      flush();
      for (byte[] text : before) {
        load(text, false);
      }
      throw refused;
    }
  }
}
