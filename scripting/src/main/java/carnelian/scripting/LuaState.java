package carnelian.scripting;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import carnelian.memory.NativeBuffer;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// One Lua machine with its sandbox.
///
/// ## Errors and Java
///
/// Lua raises errors by `longjmp`, which must not cross a frame of Java. So a function of ours
/// never raises one: it returns a negative number, with the error on the stack, and [RaisingCode]
/// raises that. Where there is none, functions return what a wrapper written in Lua (prelude.lua)
/// makes of it: nil and their values, or the error.
///
/// ## What keeps a script in
///
/// The host's memory: [LuaMemory]. Time: the hook, which Lua calls every so many instructions, and
/// which can make every further instruction fail ([#kill]). The stack of the thread: Lua's own
/// limit of nested calls, and ours of a pattern's length ([#LONGEST_PATTERN_BYTES]). The library:
/// prelude.lua lists what there is, and its tables cannot be changed.
final class LuaState implements AutoCloseable {
  /// Calls from Lua to Java and back that may be nested.
  private static final int DEEPEST_NESTING = 40;

  private static final int HOOK_INSTRUCTIONS = 10_000;

  /// The part of all memory that a collection has to leave free.
  private static final int ROOM_AFTER_COLLECTION = 8;

  private static final String PRELUDE = "prelude.lua";

  /// Lua's pattern functions take up to 80 bytes of the thread's stack for each character of the
  /// pattern, which is 16 MiB on a loop (Network). A search for a plain text is bounded by it, too.
  static final int LONGEST_PATTERN_BYTES = 64 << 10;

  private static final List<String> PATTERN_FUNCTIONS = List.of("find", "match", "gmatch", "gsub");

  /// Hears of the time that passes in a script; see [#hook].
  interface Watch {
    /// Some thousand instructions have run, or what else was asked for has happened, which the
    /// activation record tells that is at the address; 0 if a function of ours takes its time. True
    /// if the script has to stop.
    boolean passed(long running, long record);

    /// A function of the library `redis` raises this error.
    default void raises(String text) {}
  }

  private final Arena arena = Arena.ofShared();
  private final LuaMemory memory;
  private final NativeBuffer scratch = new NativeBuffer(256);
  private final List<LuaFunction> functions = new ArrayList<>();
  private final @Nullable RaisingCode raising;
  private final long state;
  private final long stub;
  private final long hook;
  private final long raise = LuaLibrary.address("lua_error");
  private final int handler;
  private final int globals;
  private final int realGlobals;
  private final int loader;
  private final int status;
  private Watch watch = (_, _) -> false;
  private boolean killed;
  private @Nullable Throwable bug;
  private int depth;

  /// A state that may take so much memory. Whether [RaisingCode] is to raise errors is a choice
  /// only for tests.
  LuaState(long limitBytes, boolean raisesInPlace, Libraries libraries) {
    memory = new LuaMemory(arena, limitBytes);
    memory.lenient();
    long entered =
        LuaLibrary.callback(
            bound("enter", MethodType.methodType(int.class, long.class)),
            FunctionDescriptor.of(JAVA_INT, JAVA_LONG),
            arena);
    hook =
        LuaLibrary.callback(
            bound("hook", MethodType.methodType(void.class, long.class, long.class)),
            FunctionDescriptor.ofVoid(JAVA_LONG, JAVA_LONG),
            arena);
    state = LuaLibrary.newState(memory.allocator());
    if (state == 0) {
      throw new OutOfMemoryError("no memory for a Lua state");
    }
    open("luaopen_base", "");
    open("luaopen_table", "table");
    open("luaopen_string", "string");
    open("luaopen_math", "math");
    open("luaopen_debug", "debug");
    raising =
        raisesInPlace ? new RaisingCode(entered, LONGEST_PATTERN_BYTES, patternFunctions()) : null;
    stub = raising == null ? entered : raising.raising();
    define("patternTooLong", LuaState::refusePattern);
    libraries.define(this);
    // The prelude takes the functions of ours and makes the sandbox; it returns what Java keeps.
    runPrelude();
    status = LuaLibrary.reference(state);
    loader = LuaLibrary.reference(state);
    realGlobals = LuaLibrary.reference(state);
    globals = LuaLibrary.reference(state);
    handler = LuaLibrary.reference(state);
    LuaLibrary.top(state, 0);
    LuaLibrary.setHook(state, hook, LuaLibrary.MASK_COUNT, HOOK_INSTRUCTIONS);
  }

  /// Who says which functions of ours there are.
  interface Libraries {
    void define(LuaState lua);
  }

  private MethodHandle bound(String method, MethodType type) {
    try {
      return MethodHandles.lookup().findVirtual(LuaState.class, method, type).bindTo(this);
    } catch (NoSuchMethodException | IllegalAccessException e) {
      throw new IllegalStateException(e);
    }
  }

  private void open(String function, String name) {
    LuaLibrary.pushClosure(state, LuaLibrary.address(function), 0);
    push(name);
    check(LuaLibrary.protectedCall(state, 1, 0, 0));
  }

  /// The addresses of Lua's own.
  private long[] patternFunctions() {
    long[] addresses = new long[PATTERN_FUNCTIONS.size()];
    push("string");
    LuaLibrary.rawGet(state, LuaLibrary.GLOBALS_INDEX);
    for (int i = 0; i < addresses.length; i++) {
      push(PATTERN_FUNCTIONS.get(i));
      LuaLibrary.rawGet(state, -2);
      addresses[i] = LuaLibrary.functionAt(state, -1);
      LuaLibrary.pop(state, 1);
    }
    LuaLibrary.pop(state, 1);
    return addresses;
  }

  /// Pushes a table of the guarded pattern functions, or false where there is no [RaisingCode].
  private void pushGuarded(@Nullable RaisingCode code) {
    if (code == null) {
      LuaLibrary.pushBoolean(state, false);
      return;
    }
    LuaLibrary.createTable(state, 0, PATTERN_FUNCTIONS.size());
    for (int i = 0; i < PATTERN_FUNCTIONS.size(); i++) {
      push(PATTERN_FUNCTIONS.get(i));
      LuaLibrary.pushNumber(state, names.indexOf("patternTooLong"));
      LuaLibrary.pushClosure(state, code.guarded(i), 1);
      LuaLibrary.rawSet(state, -3);
    }
  }

  private static int refusePattern(LuaState lua, long state) {
    throw LuaError.at("pattern too long");
  }

  private void check(int status) {
    if (status != 0) {
      throw new IllegalStateException("prelude: " + text(-1));
    }
  }

  private void runPrelude() {
    try (InputStream in = LuaState.class.getResourceAsStream(PRELUDE)) {
      if (in == null) {
        throw new IllegalStateException(PRELUDE + ": missing");
      }
      String refused = load(in.readAllBytes(), "=prelude");
      if (refused != null) {
        throw new IllegalStateException(refused);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    LuaLibrary.createTable(state, 0, functions.size());
    for (int i = 0; i < names.size(); i++) {
      push(names.get(i));
      LuaLibrary.pushNumber(state, i);
      LuaLibrary.pushClosure(state, stub, 1);
      LuaLibrary.rawSet(state, -3);
    }
    pushGuarded(raising);
    check(LuaLibrary.protectedCall(state, 2, 5, 0));
  }

  private final List<String> names = new ArrayList<>();

  /// Adds a function under its name in a library.
  void define(String name, LuaFunction function) {
    names.add(name);
    functions.add(function);
  }

  // ---- From Lua --------------------------------------------------------------------------------

  /// Where all functions of ours are entered; which one stands in the closure.
  int enter(long caller) {
    memory.lenient();
    depth++;
    boolean wrapped = raising == null;
    try {
      int index = (int) LuaLibrary.toNumber(caller, LuaLibrary.GLOBALS_INDEX - 1);
      if (depth > DEEPEST_NESTING) {
        throw LuaError.at("stack overflow");
      }
      int results = functions.get(index).call(this, caller);
      if (wrapped) {
        LuaLibrary.pushNil(caller);
        LuaLibrary.insert(caller, -results - 1);
        return results + 1;
      }
      return results;
    } catch (LuaError error) {
      return fail(caller, error);
    } catch (Throwable t) {
      // Nothing may leave through Lua's frames. The script ends, and then this goes on.
      bug = t;
      kill(caller);
      return fail(caller, LuaError.at("internal error"));
    } finally {
      depth--;
      memory.strict();
    }
  }

  private int fail(long caller, LuaError error) {
    if (error.isOnStack()) {
      LuaLibrary.insert(caller, 1);
      LuaLibrary.top(caller, 1);
    } else {
      LuaLibrary.top(caller, 0);
      if (error.isTable()) {
        watch.raises(new String(error.bytes(), StandardCharsets.ISO_8859_1));
        LuaLibrary.createTable(caller, 0, 1);
        push(caller, "err");
        push(caller, error.bytes());
        LuaLibrary.rawSet(caller, -3);
      } else if (raising == null) {
        push(caller, error.bytes()); // The wrapper adds the place.
      } else {
        LuaLibrary.where(caller, 1);
        push(caller, error.bytes());
        LuaLibrary.concat(caller, 2);
      }
    }
    return raising == null ? 1 : -1;
  }

  void hook(long running, long record) {
    memory.lenient();
    try {
      if (killed || watch.passed(running, record)) {
        kill(running);
      }
    } catch (Throwable t) {
      bug = t;
      kill(running);
    } finally {
      memory.strict();
    }
  }

  /// A function of ours makes this error, whether it raises it or not.
  void raises(String text) {
    watch.raises(text);
  }

  /// Lets every further instruction fail, so that nothing in the script can go on after the error.
  /// The hook itself cannot raise it; but `lua_error` takes the place of the hook.
  private void kill(long running) {
    showKilled(running, true);
    LuaLibrary.setHook(running, raise, LuaLibrary.MASK_COUNT, 1);
    LuaLibrary.setHook(state, raise, LuaLibrary.MASK_COUNT, 1);
  }

  /// Tells the prelude's functions that catch errors.
  private void showKilled(long running, boolean yes) {
    killed = yes;
    LuaLibrary.rawGet(running, LuaLibrary.REGISTRY_INDEX, status);
    push(running, "killed");
    LuaLibrary.pushBoolean(running, yes);
    LuaLibrary.rawSet(running, -3);
    LuaLibrary.pop(running, 1);
  }

  // ---- What long functions of ours have to ask for ---------------------------------------------

  /// Raises Lua's error if so many bytes more would be too many. What Java asks Lua for is never
  /// refused, so a function asks here before it makes anything whose size the script determines.
  ///
  /// Garbage is collected first, if that makes so much room that it is not done again soon.
  void requireMemory(long running, long bytes) {
    if (memory.hasRoom(bytes)) {
      return;
    }
    int _ = LuaLibrary.collectGarbage(running, LuaLibrary.COLLECT, 0);
    if (!memory.hasRoom(bytes + memory.limitBytes() / ROOM_AFTER_COLLECTION)) {
      throw raised(running, "not enough memory");
    }
  }

  /// What the state may take in all.
  long limitBytes() {
    return memory.limitBytes();
  }

  /// An error without the place in the script, as Lua itself raises some.
  LuaError raised(long running, String text) {
    LuaLibrary.top(running, 0);
    push(running, text);
    return LuaError.ON_STACK;
  }

  /// To be called now and then by what takes long, as Lua calls the hook.
  void breathe(long running) {
    hook(running, 0);
    if (killed) {
      throw LuaError.at("stopped");
    }
  }

  /// Whether our functions raise errors themselves; if not, Lua calls them through a wrapper.
  boolean raisesInPlace() {
    return raising != null;
  }

  /// Pushes the function of that name with the `values` at the top of the stack, which it takes, as
  /// its upvalues from the second on.
  void pushFunction(long running, String name, int values) {
    LuaLibrary.pushNumber(running, names.indexOf(name));
    LuaLibrary.insert(running, -values - 1);
    LuaLibrary.pushClosure(running, stub, values + 1);
  }

  // ---- To Lua ----------------------------------------------------------------------------------

  long state() {
    return state;
  }

  long usedBytes() {
    return memory.usedBytes();
  }

  void watch(Watch observer) {
    watch(observer, LuaLibrary.MASK_COUNT, HOOK_INSTRUCTIONS);
  }

  /// As [#watch(Watch)], for these events, one of which is that so many instructions have run.
  void watch(Watch observer, int events, int instructions) {
    watch = observer;
    LuaLibrary.setHook(state, hook, events, instructions);
  }

  /// Runs code on a thread of Lua of its own, from within the hook of another, which leaves nothing
  /// but one value at the top of that thread's stack: what the code returns, or the error. Returns
  /// whether it could run; the reader sees the value before it is lost.
  void runApart(long running, List<byte[]> attempts, String chunkName, Apart reader) {
    boolean _ = LuaLibrary.reserve(running, 1);
    long apart = LuaLibrary.newThread(running);
    LuaLibrary.setHook(apart, hook, LuaLibrary.MASK_COUNT, HOOK_INSTRUCTIONS);
    int status = 1;
    for (byte[] code : attempts) {
      LuaLibrary.top(apart, 0);
      status = compile(apart, code, chunkName);
      if (status == 0) {
        break;
      }
    }
    if (status == 0) {
      int lenience = memory.lenience();
      memory.lenience(0);
      status = LuaLibrary.protectedCall(apart, 0, 1, 0);
      memory.lenience(lenience);
    }
    reader.read(apart, status == 0);
    LuaLibrary.pop(running, 1);
  }

  /// Reads what [#runApart] has left.
  interface Apart {
    void read(long apart, boolean succeeded);
  }

  /// Compiles a chunk and leaves it on the stack as a function in the sandbox. Null, or why it is
  /// not one; then nothing is left.
  @Nullable String load(byte[] code, String chunkName) {
    int status = compile(state, code, chunkName);
    if (status == 0) {
      return null;
    }
    String reason = text(-1);
    LuaLibrary.pop(state, 1);
    return reason;
  }

  private int compile(long running, byte[] code, String chunkName) {
    scratch.clear();
    scratch.put(code);
    int nameAt = scratch.length();
    scratch.put(chunkName.getBytes(StandardCharsets.ISO_8859_1));
    scratch.putByte(0);
    long at = scratch.address();
    int status = LuaLibrary.loadBuffer(running, at, code.length, at + nameAt);
    shrinkScratch();
    return status;
  }

  /// Calls the function below `arguments` values at the top of the stack, which it and they leave
  /// for one result, or for the error: a table, or a string when Lua could not even make one.
  int call(int arguments) {
    int base = LuaLibrary.top(state) - arguments;
    LuaLibrary.rawGet(state, LuaLibrary.REGISTRY_INDEX, handler);
    LuaLibrary.insert(state, base);
    int lenience = memory.lenience();
    memory.lenience(0);
    int status = LuaLibrary.protectedCall(state, arguments, 1, base);
    memory.lenience(lenience);
    LuaLibrary.remove(state, base);
    if (killed) {
      showKilled(state, false);
      LuaLibrary.setHook(state, hook, LuaLibrary.MASK_COUNT, HOOK_INSTRUCTIONS);
    }
    Throwable thrown = bug;
    if (thrown != null) {
      bug = null;
      LuaLibrary.top(state, 0);
      throw LuaLibrary.impossible(thrown);
    }
    return status;
  }

  /// While a library is loaded it sees nothing but what it needs to register its functions.
  void loading(boolean on) {
    LuaLibrary.rawGet(state, LuaLibrary.REGISTRY_INDEX, loader);
    LuaLibrary.pushBoolean(state, on);
    check(LuaLibrary.protectedCall(state, 1, 0, 0));
  }

  /// Pushes the table that scripts see their globals through.
  void pushGlobals() {
    LuaLibrary.rawGet(state, LuaLibrary.REGISTRY_INDEX, globals);
  }

  /// Pushes the table that the globals stand in.
  void pushRealGlobals() {
    pushRealGlobals(state);
  }

  void pushRealGlobals(long running) {
    LuaLibrary.rawGet(running, LuaLibrary.REGISTRY_INDEX, realGlobals);
  }

  void push(String text) {
    push(state, text.getBytes(StandardCharsets.ISO_8859_1));
  }

  void push(long running, String text) {
    push(running, text.getBytes(StandardCharsets.ISO_8859_1));
  }

  void push(long running, byte[] bytes) {
    scratch.clear();
    scratch.put(bytes);
    LuaLibrary.pushString(running, scratch.address(), bytes.length);
    shrinkScratch();
  }

  private void shrinkScratch() {
    if (scratch.capacity() > 1 << 20) {
      scratch.clear();
      scratch.shrinkTo(0);
    }
  }

  /// The string or number at the index, in Latin-1; of anything else its type.
  String text(int index) {
    return text(state, index);
  }

  static String text(long running, int index) {
    int type = LuaLibrary.type(running, index);
    if (type == LuaLibrary.STRING || type == LuaLibrary.NUMBER) {
      return new String(LuaLibrary.bytes(running, index), StandardCharsets.ISO_8859_1);
    }
    return "execution failure";
  }

  @Override
  public void close() {
    LuaLibrary.close(state);
    if (raising != null) {
      raising.close();
    }
    scratch.close();
    arena.close();
  }
}
