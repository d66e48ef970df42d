package carnelian.scripting;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Locale;

/// The C interface of Lua 5.1, whose native library comes with the LuaJava project; nothing else of
/// that project is used. Loaded by the first script.
///
/// Lua reports errors by `longjmp`, which must never pass through a frame of Java. Hence only
/// functions that cannot fail, or that protect themselves (`lua_pcall`, `luaL_loadbuffer`), stand
/// here; what may run a metamethod does not. Running out of memory is the one error that every
/// allocation might raise: the allocator never refuses Java's own calls; see [LuaMemory].
final class LuaLibrary {
  static final int GLOBALS_INDEX = -10002;
  static final int REGISTRY_INDEX = -10000;

  static final int NONE = -1;
  static final int NIL = 0;
  static final int BOOLEAN = 1;
  static final int LIGHT_USERDATA = 2;
  static final int NUMBER = 3;
  static final int STRING = 4;
  static final int TABLE = 5;
  static final int FUNCTION = 6;
  static final int USERDATA = 7;
  static final int THREAD = 8;

  static final int MASK_LINE = 4;
  static final int MASK_COUNT = 8;
  static final int COLLECT = 2;
  static final int STEP = 5;

  /// All that Java can address.
  @SuppressWarnings("restricted")
  static final MemorySegment ALL = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);

  private static final Linker LINKER = Linker.nativeLinker();

  /// One shape for all calls without a floating point number: six words in, one out. See
  /// NativeCalls of memory. Of an `int` only the lower half counts.
  private static final FunctionDescriptor WORDS =
      FunctionDescriptor.of(
          JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG);

  private static final SymbolLookup LIBRARY = load();

  private static final MethodHandle NEW_STATE = handle("lua_newstate");
  private static final MethodHandle CLOSE = handle("lua_close");
  private static final MethodHandle SET_TOP = handle("lua_settop");
  private static final MethodHandle GET_TOP = handle("lua_gettop");
  private static final MethodHandle CHECK_STACK = handle("lua_checkstack");
  private static final MethodHandle PUSH_VALUE = handle("lua_pushvalue");
  private static final MethodHandle REMOVE = handle("lua_remove");
  private static final MethodHandle INSERT = handle("lua_insert");
  private static final MethodHandle REPLACE = handle("lua_replace");
  private static final MethodHandle TYPE = handle("lua_type");
  private static final MethodHandle TO_BOOLEAN = handle("lua_toboolean");
  private static final MethodHandle TO_STRING = handle("lua_tolstring");
  private static final MethodHandle TO_C_FUNCTION = handle("lua_tocfunction");
  private static final MethodHandle OBJECT_LENGTH = handle("lua_objlen");
  private static final MethodHandle PUSH_NIL = handle("lua_pushnil");
  private static final MethodHandle PUSH_BOOLEAN = handle("lua_pushboolean");
  private static final MethodHandle PUSH_STRING = handle("lua_pushlstring");
  private static final MethodHandle PUSH_CLOSURE = handle("lua_pushcclosure");
  private static final MethodHandle CREATE_TABLE = handle("lua_createtable");
  private static final MethodHandle RAW_GET = handle("lua_rawget");
  private static final MethodHandle RAW_GET_INDEX = handle("lua_rawgeti");
  private static final MethodHandle RAW_SET = handle("lua_rawset");
  private static final MethodHandle RAW_SET_INDEX = handle("lua_rawseti");
  private static final MethodHandle NEXT = handle("lua_next");
  private static final MethodHandle PROTECTED_CALL = handle("lua_pcall");
  private static final MethodHandle LOAD_BUFFER = handle("luaL_loadbuffer");
  private static final MethodHandle REFERENCE = handle("luaL_ref");
  private static final MethodHandle FORGET = handle("luaL_unref");
  private static final MethodHandle COLLECT_GARBAGE = handle("lua_gc");
  private static final MethodHandle SET_HOOK = handle("lua_sethook");
  private static final MethodHandle WHERE = handle("luaL_where");
  private static final MethodHandle IS_NUMBER = handle("lua_isnumber");
  private static final MethodHandle TO_USERDATA = handle("lua_touserdata");
  private static final MethodHandle PUSH_LIGHT_USERDATA = handle("lua_pushlightuserdata");
  private static final MethodHandle GET_STACK = handle("lua_getstack");
  private static final MethodHandle GET_INFO = handle("lua_getinfo");
  private static final MethodHandle CONCAT = handle("lua_concat");
  private static final MethodHandle GET_LOCAL = handle("lua_getlocal");
  private static final MethodHandle TO_POINTER = handle("lua_topointer");
  private static final MethodHandle NEW_THREAD = handle("lua_newthread");

  private static final MethodHandle PUSH_NUMBER =
      handle("lua_pushnumber", FunctionDescriptor.ofVoid(JAVA_LONG, JAVA_DOUBLE));
  private static final MethodHandle TO_NUMBER =
      handle("lua_tonumber", FunctionDescriptor.of(JAVA_DOUBLE, JAVA_LONG, JAVA_LONG));

  private LuaLibrary() {}

  // ---- Loading ---------------------------------------------------------------------------------

  @SuppressWarnings("restricted")
  private static SymbolLookup load() {
    String name = fileName();
    try (InputStream in = LuaLibrary.class.getResourceAsStream("/" + name)) {
      if (in == null) {
        throw new UnsupportedOperationException(name + ": no Lua for this machine");
      }
      Path file = Files.createTempFile("carnelian-", "-" + name);
      try {
        Files.copy(in, file, StandardCopyOption.REPLACE_EXISTING);
        return SymbolLookup.libraryLookup(file, Arena.global());
      } finally {
        // What is mapped stays; the name is not needed any more.
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String fileName() {
    String arch = System.getProperty("os.arch", "").toLowerCase(Locale.ROOT);
    String os = System.getProperty("os.name", "").toLowerCase(Locale.ROOT);
    String suffix = arch.equals("aarch64") ? "arm64" : "64";
    return os.startsWith("mac") ? "liblua51" + suffix + ".dylib" : "liblua51" + suffix + ".so";
  }

  private static MethodHandle handle(String name) {
    return handle(name, WORDS);
  }

  @SuppressWarnings("restricted")
  private static MethodHandle handle(String name, FunctionDescriptor shape) {
    return LINKER.downcallHandle(LIBRARY.findOrThrow(name), shape);
  }

  /// The address of a function of the library.
  static long address(String name) {
    return LIBRARY.findOrThrow(name).address();
  }

  /// A C function that calls Java. Lives as long as the arena.
  @SuppressWarnings("restricted")
  static long callback(MethodHandle target, FunctionDescriptor shape, Arena arena) {
    return LINKER.upcallStub(target, shape, arena).address();
  }

  /// A function of the C library.
  @SuppressWarnings("restricted")
  static MethodHandle systemCall(String name) {
    return LINKER.downcallHandle(LINKER.defaultLookup().findOrThrow(name), WORDS);
  }

  private static long call(MethodHandle function, long state, long a, long b, long c, long d) {
    try {
      return (long) function.invokeExact(state, a, b, c, d, 0L);
    } catch (Throwable t) {
      throw impossible(t);
    }
  }

  /// C functions throw nothing.
  static RuntimeException impossible(Throwable t) {
    if (t instanceof Error error) {
      throw error;
    }
    return new IllegalStateException(t);
  }

  // ---- States ----------------------------------------------------------------------------------

  static long newState(long allocator) {
    return call(NEW_STATE, allocator, 0, 0, 0, 0);
  }

  static void close(long state) {
    call(CLOSE, state, 0, 0, 0, 0);
  }

  static int collectGarbage(long state, int what, int data) {
    return (int) call(COLLECT_GARBAGE, state, what, data, 0, 0);
  }

  static void setHook(long state, long hook, int mask, int count) {
    call(SET_HOOK, state, hook, mask, count, 0);
  }

  // ---- Stack -----------------------------------------------------------------------------------

  static int top(long state) {
    return (int) call(GET_TOP, state, 0, 0, 0, 0);
  }

  static void top(long state, int index) {
    call(SET_TOP, state, index, 0, 0, 0);
  }

  static void pop(long state, int count) {
    call(SET_TOP, state, -count - 1, 0, 0, 0);
  }

  /// False if the stack has no room for so many more.
  static boolean reserve(long state, int slots) {
    return (int) call(CHECK_STACK, state, slots, 0, 0, 0) != 0;
  }

  static void pushValue(long state, int index) {
    call(PUSH_VALUE, state, index, 0, 0, 0);
  }

  static void remove(long state, int index) {
    call(REMOVE, state, index, 0, 0, 0);
  }

  static void insert(long state, int index) {
    call(INSERT, state, index, 0, 0, 0);
  }

  static void replace(long state, int index) {
    call(REPLACE, state, index, 0, 0, 0);
  }

  // ---- Reading ---------------------------------------------------------------------------------

  static int type(long state, int index) {
    return (int) call(TYPE, state, index, 0, 0, 0);
  }

  static boolean toBoolean(long state, int index) {
    return (int) call(TO_BOOLEAN, state, index, 0, 0, 0) != 0;
  }

  /// Whether it is a number or a string that reads as one.
  static boolean isNumber(long state, int index) {
    return (int) call(IS_NUMBER, state, index, 0, 0, 0) != 0;
  }

  /// The pointer that the value is, or 0.
  static long toUserdata(long state, int index) {
    return call(TO_USERDATA, state, index, 0, 0, 0);
  }

  /// What tells a table, a function, a thread from others.
  static long toPointer(long state, int index) {
    return call(TO_POINTER, state, index, 0, 0, 0);
  }

  static double toNumber(long state, int index) {
    try {
      return (double) TO_NUMBER.invokeExact(state, (long) index);
    } catch (Throwable t) {
      throw impossible(t);
    }
  }

  /// The address of the string's bytes; a number becomes a string in its place.
  static long stringAt(long state, int index) {
    return call(TO_STRING, state, index, 0, 0, 0);
  }

  /// The address of a function that is written in C; 0 if it is another value.
  static long functionAt(long state, int index) {
    return call(TO_C_FUNCTION, state, index, 0, 0, 0);
  }

  /// Bytes of a string, elements of a table.
  static int length(long state, int index) {
    return (int) Math.min(call(OBJECT_LENGTH, state, index, 0, 0, 0), Integer.MAX_VALUE);
  }

  static byte[] bytes(long state, int index) {
    long at = stringAt(state, index);
    int length = length(state, index);
    byte[] bytes = new byte[length];
    MemorySegment.copy(ALL, JAVA_BYTE, at, bytes, 0, length);
    return bytes;
  }

  static int byteAt(long at) {
    return ALL.get(JAVA_BYTE, at) & 0xFF;
  }

  // ---- Writing ---------------------------------------------------------------------------------

  static void byteAt(long at, int b) {
    ALL.set(JAVA_BYTE, at, (byte) b);
  }

  static void pushNil(long state) {
    call(PUSH_NIL, state, 0, 0, 0, 0);
  }

  static void pushBoolean(long state, boolean value) {
    call(PUSH_BOOLEAN, state, value ? 1 : 0, 0, 0, 0);
  }

  static void pushNumber(long state, double value) {
    try {
      PUSH_NUMBER.invokeExact(state, value);
    } catch (Throwable t) {
      throw impossible(t);
    }
  }

  static void pushLightUserdata(long state, long pointer) {
    call(PUSH_LIGHT_USERDATA, state, pointer, 0, 0, 0);
  }

  static void pushString(long state, long at, long length) {
    call(PUSH_STRING, state, at, length, 0, 0);
  }

  /// Pushes the place in the script where the function of that level is, as errors begin.
  static void where(long state, int level) {
    call(WHERE, state, level, 0, 0, 0);
  }

  /// Joins the strings at the top of the stack.
  static void concat(long state, int strings) {
    call(CONCAT, state, strings, 0, 0, 0);
  }

  /// Takes the `values` at the top of the stack with it.
  static void pushClosure(long state, long function, int values) {
    call(PUSH_CLOSURE, state, function, values, 0, 0);
  }

  static void createTable(long state, int elements, int fields) {
    call(CREATE_TABLE, state, elements, fields, 0, 0);
  }

  static void rawGet(long state, int index) {
    call(RAW_GET, state, index, 0, 0, 0);
  }

  static void rawGet(long state, int index, int element) {
    call(RAW_GET_INDEX, state, index, element, 0, 0);
  }

  static void rawSet(long state, int index) {
    call(RAW_SET, state, index, 0, 0, 0);
  }

  static void rawSet(long state, int index, int element) {
    call(RAW_SET_INDEX, state, index, element, 0, 0);
  }

  /// Replaces the key at the top by the next key and its value; false at the end.
  static boolean next(long state, int index) {
    return (int) call(NEXT, state, index, 0, 0, 0) != 0;
  }

  /// The index in the registry of what was at the top of the stack.
  static int reference(long state) {
    return (int) call(REFERENCE, state, REGISTRY_INDEX, 0, 0, 0);
  }

  static void forget(long state, int reference) {
    call(FORGET, state, REGISTRY_INDEX, reference, 0, 0);
  }

  // ---- Running ---------------------------------------------------------------------------------

  static int protectedCall(long state, int arguments, int results, int handler) {
    return (int) call(PROTECTED_CALL, state, arguments, results, handler, 0);
  }

  /// Finds the activation record of that level; false if there are not so many.
  static boolean getStack(long state, int level, long record) {
    return (int) call(GET_STACK, state, level, record, 0, 0) != 0;
  }

  /// Fills in what of an activation record the zero-terminated text asks for.
  static void getInfo(long state, long what, long record) {
    call(GET_INFO, state, what, record, 0, 0);
  }

  /// Pushes the local variable of that index, from 1 on, of an activation record, and returns the
  /// address of its name; 0, and nothing is pushed, if there are not so many.
  static long getLocal(long state, long record, int index) {
    return call(GET_LOCAL, state, record, index, 0, 0);
  }

  /// Pushes a thread of Lua, which shares all but the stack, and returns its state.
  static long newThread(long state) {
    return call(NEW_THREAD, state, 0, 0, 0, 0);
  }

  static int loadBuffer(long state, long at, long length, long name) {
    return (int) call(LOAD_BUFFER, state, at, length, name, 0);
  }
}
