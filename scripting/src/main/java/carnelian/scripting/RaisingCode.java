package carnelian.scripting;

import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Locale;

/// Machine code that calls a function of ours and, if that returns a negative number, `lua_error`
/// in its place: so Lua's jump starts where no frame of Java is left.
///
/// Twelve instructions, the same ones that a C compiler would make of
///
/// ```
/// int raising(lua_State *L, void *more) {
///   int results = ours(L, more);
///   return results < 0 ? lua_error(L) : results;
/// }
/// ```
///
/// Beside it stands code before Lua's pattern functions, which recurse with the pattern's length
/// ([#guarded]):
///
/// ```
/// int guarded(lua_State *L) {
///   return lua_objlen(L, 2) > LONGEST ? raising(L) : original(L);
/// }
/// ```
///
/// Where this is not known for a machine ([#isKnown]), wrappers in Lua raise the errors instead;
/// then the place of an error is lost in a tail call of one of our functions.
final class RaisingCode implements AutoCloseable {
  private static final int PAGE_BYTES = 4096;
  private static final long READ_WRITE = 1 | 2;
  private static final long READ_EXECUTE = 1 | 4;

  /// `MAP_PRIVATE` and `MAP_ANONYMOUS` of Linux.
  private static final long MAP_FLAGS = 0x02 | 0x20;

  private static final int[] X86_64 = {
    0x53, // push rbx: keeps the stack aligned, too
    0x48, 0x89, 0xFB, // mov rbx, rdi
    0x48, 0xB8, 0, 0, 0, 0, 0, 0, 0, 0, // mov rax, ours
    0xFF, 0xD0, // call rax
    0x85, 0xC0, // test eax, eax
    0x78, 0x02, // js failed
    0x5B, // pop rbx
    0xC3, // ret
    0x48, 0x89, 0xDF, // failed: mov rdi, rbx
    0x5B, // pop rbx
    0x48, 0xB8, 0, 0, 0, 0, 0, 0, 0, 0, // mov rax, lua_error
    0xFF, 0xE0, // jmp rax
  };

  private static final int[] X86_64_GUARD = {
    0x53, // push rbx
    0x48, 0x89, 0xFB, // mov rbx, rdi
    0xBE, 0x02, 0, 0, 0, // mov esi, 2
    0x48, 0xB8, 0, 0, 0, 0, 0, 0, 0, 0, // mov rax, lua_objlen
    0xFF, 0xD0, // call rax
    0x48, 0x89, 0xDF, // mov rdi, rbx
    0x5B, // pop rbx
    0x48, 0x3D, 0, 0, 0, 0, // cmp rax, longest
    0x77, 0x0C, // ja too long
    0x48, 0xB8, 0, 0, 0, 0, 0, 0, 0, 0, // mov rax, original
    0xFF, 0xE0, // jmp rax
    0x48, 0xB8, 0, 0, 0, 0, 0, 0, 0, 0, // too long: mov rax, raising
    0xFF, 0xE0, // jmp rax
  };

  private static final int LENGTH_AT = 11;
  private static final int LONGEST_AT = 27;
  private static final int ORIGINAL_AT = 35;
  private static final int TOO_LONG_AT = 47;

  private static final int OURS_AT = 6;
  private static final int RAISE_AT = 28;
  private static final int SLOT_BYTES = 64;

  private static final MethodHandle MAP = LuaLibrary.systemCall("mmap");
  private static final MethodHandle PROTECT = LuaLibrary.systemCall("mprotect");
  private static final MethodHandle UNMAP = LuaLibrary.systemCall("munmap");

  private final long page;

  /// Code for a function of ours, and for functions of Lua whose second argument may not be longer
  /// than so many bytes; if it is, the function of ours is called.
  RaisingCode(long ours, int longestBytes, long... guarded) {
    page = call(MAP, 0, PAGE_BYTES, READ_WRITE, MAP_FLAGS, -1);
    if (page == -1) {
      throw new OutOfMemoryError("mmap: no page for scripts");
    }
    write(raising(), X86_64);
    write(raising() + OURS_AT, ours);
    write(raising() + RAISE_AT, LuaLibrary.address("lua_error"));
    for (int i = 0; i < guarded.length; i++) {
      long at = guarded(i);
      write(at, X86_64_GUARD);
      write(at + LENGTH_AT, LuaLibrary.address("lua_objlen"));
      LuaLibrary.ALL.set(ValueLayout.JAVA_INT_UNALIGNED, at + LONGEST_AT, longestBytes);
      write(at + ORIGINAL_AT, guarded[i]);
      write(at + TOO_LONG_AT, raising());
    }
    if ((int) call(PROTECT, page, PAGE_BYTES, READ_EXECUTE, 0, 0) != 0) {
      close();
      throw new IllegalStateException("mprotect: no executable page for scripts");
    }
  }

  static boolean isKnown() {
    String arch = System.getProperty("os.arch", "").toLowerCase(Locale.ROOT);
    String os = System.getProperty("os.name", "");
    return (arch.equals("amd64") || arch.equals("x86_64")) && os.equals("Linux");
  }

  private static void write(long at, int[] code) {
    for (int i = 0; i < code.length; i++) {
      LuaLibrary.ALL.set(ValueLayout.JAVA_BYTE, at + i, (byte) code[i]);
    }
  }

  private static void write(long at, long word) {
    LuaLibrary.ALL.set(ValueLayout.JAVA_LONG_UNALIGNED, at, word);
  }

  /// The address of the code that calls the function of ours.
  long raising() {
    return page;
  }

  /// The address of the code before the guarded function of that index.
  long guarded(int index) {
    return page + (index + 1L) * SLOT_BYTES;
  }

  private static long call(MethodHandle function, long a, long b, long c, long d, long e) {
    try {
      return (long) function.invokeExact(a, b, c, d, e, 0L);
    } catch (Throwable t) {
      throw LuaLibrary.impossible(t);
    }
  }

  @Override
  public void close() {
    long _ = call(UNMAP, page, PAGE_BYTES, 0, 0, 0);
  }
}
