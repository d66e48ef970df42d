package carnelian.memory;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;

/// The calls into the C library: `mmap`, `munmap`, `madvise`, `malloc`, `realloc`, `free`. All
/// addresses are plain `long`s. The numbers are Linux's.
final class NativeCalls {
  static final int ADVISE_DONT_NEED = 4;
  static final int ADVISE_HUGE_PAGE = 14;

  /// Linux 5.14 and later; older kernels answer `EINVAL`.
  static final int ADVISE_POPULATE_WRITE = 23;

  private static final int PROTECTION_READ_WRITE = 1 | 2;
  private static final int MAP_PRIVATE = 0x02;
  private static final int MAP_ANONYMOUS = 0x20;
  private static final int MAP_NORESERVE = 0x4000;

  private static final StructLayout CAPTURED = Linker.Option.captureStateLayout();
  private static final VarHandle ERRNO =
      CAPTURED.varHandle(MemoryLayout.PathElement.groupElement("errno"));

  private static final MethodHandle MMAP =
      handle(
          "mmap",
          FunctionDescriptor.of(
              JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG),
          Linker.Option.captureCallState("errno"));
  private static final MethodHandle MUNMAP =
      handle("munmap", FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_LONG));
  private static final MethodHandle MADVISE =
      handle("madvise", FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_INT));
  private static final MethodHandle MALLOC =
      handle("malloc", FunctionDescriptor.of(JAVA_LONG, JAVA_LONG));
  private static final MethodHandle REALLOC =
      handle("realloc", FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, JAVA_LONG));
  private static final MethodHandle FREE = handle("free", FunctionDescriptor.ofVoid(JAVA_LONG));

  private NativeCalls() {}

  @SuppressWarnings("restricted")
  private static MethodHandle handle(
      String name, FunctionDescriptor descriptor, Linker.Option... options) {
    Linker linker = Linker.nativeLinker();
    MemorySegment function =
        linker
            .defaultLookup()
            .find(name)
            .orElseThrow(() -> new UnsupportedOperationException(name + ": not in the C library"));
    return linker.downcallHandle(function, descriptor, options);
  }

  /// Reserves address space without memory behind it. Pages appear, zeroed, when first written.
  static long reserve(long bytes) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment captured = arena.allocate(CAPTURED);
      long at =
          (long)
              MMAP.invokeExact(
                  captured,
                  0L,
                  bytes,
                  PROTECTION_READ_WRITE,
                  MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
                  -1,
                  0L);
      if (at == -1L) {
        throw new ReservationException(bytes, (int) ERRNO.get(captured, 0L));
      }
      return at;
    } catch (Throwable t) {
      throw sneak(t);
    }
  }

  static void release(long at, long bytes) {
    try {
      int result = (int) MUNMAP.invokeExact(at, bytes);
      if (result != 0) {
        throw new IllegalStateException(
            "munmap: failed at 0x" + Long.toHexString(at) + ", " + bytes + " bytes");
      }
    } catch (Throwable t) {
      throw sneak(t);
    }
  }

  /// True if the kernel took the advice.
  static boolean advise(long at, long bytes, int advice) {
    try {
      return (int) MADVISE.invokeExact(at, bytes, advice) == 0;
    } catch (Throwable t) {
      throw sneak(t);
    }
  }

  static long malloc(long bytes) {
    try {
      return allocated((long) MALLOC.invokeExact(bytes), bytes);
    } catch (Throwable t) {
      throw sneak(t);
    }
  }

  static long realloc(long at, long bytes) {
    try {
      return allocated((long) REALLOC.invokeExact(at, bytes), bytes);
    } catch (Throwable t) {
      throw sneak(t);
    }
  }

  static void free(long at) {
    try {
      FREE.invokeExact(at);
    } catch (Throwable t) {
      throw sneak(t);
    }
  }

  private static long allocated(long at, long bytes) {
    if (at == 0) {
      throw new OutOfMemoryError("malloc: " + bytes + " bytes refused by the operating system");
    }
    return at;
  }

  private static RuntimeException sneak(Throwable t) {
    if (t instanceof RuntimeException e) {
      return e;
    }
    if (t instanceof Error e) {
      throw e;
    }
    return new IllegalStateException("native call failed", t);
  }
}
