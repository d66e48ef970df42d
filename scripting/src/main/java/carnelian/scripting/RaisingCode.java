package carnelian.scripting;

import java.lang.foreign.MemorySegment;
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

  private static final int OURS_AT = 6;
  private static final int RAISE_AT = 28;
  private static final int SLOT_BYTES = 64;

  private static final MethodHandle MAP = LuaLibrary.systemCall("mmap");
  private static final MethodHandle PROTECT = LuaLibrary.systemCall("mprotect");
  private static final MethodHandle UNMAP = LuaLibrary.systemCall("munmap");

  private final long page;

  /// Code for each of the functions.
  RaisingCode(long... ours) {
    page = call(MAP, 0, PAGE_BYTES, READ_WRITE, MAP_FLAGS, -1);
    if (page == -1) {
      throw new OutOfMemoryError("mmap: no page for scripts");
    }
    long raise = LuaLibrary.address("lua_error");
    MemorySegment all = LuaLibrary.ALL;
    for (int slot = 0; slot < ours.length; slot++) {
      long at = at(slot);
      for (int i = 0; i < X86_64.length; i++) {
        all.set(ValueLayout.JAVA_BYTE, at + i, (byte) X86_64[i]);
      }
      all.set(ValueLayout.JAVA_LONG_UNALIGNED, at + OURS_AT, ours[slot]);
      all.set(ValueLayout.JAVA_LONG_UNALIGNED, at + RAISE_AT, raise);
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

  /// The address of the code for the function of that index.
  long at(int slot) {
    return page + (long) slot * SLOT_BYTES;
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
