package carnelian.memory;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;

/// The calls into the C library: `mmap`, `munmap`, `madvise`, `malloc`, `realloc`, `free`,
/// `setpriority`, `sched_setattr`, and what a process ends with. All addresses are plain `long`s.
/// The numbers are Linux's.
final class NativeCalls {
  static final int ADVISE_DONT_NEED = 4;
  static final int ADVISE_HUGE_PAGE = 14;
  static final int ADVISE_NO_HUGE_PAGE = 15;

  /// Linux 5.14 and later; older kernels answer `EINVAL`.
  static final int ADVISE_POPULATE_WRITE = 23;

  private static final long PROTECTION_READ_WRITE = 1 | 2;

  /// `MAP_PRIVATE`, `MAP_ANONYMOUS`, `MAP_NORESERVE`.
  private static final long MAP_FLAGS = 0x02 | 0x20 | 0x4000;

  private static final long FAILED = -1;
  private static final long RELEASE_SLICE_BYTES = 16L << 20;

  private static final Linker LINKER = Linker.nativeLinker();

  /// One shape for all calls, because each further one costs 8 ms of start-up, even with an AOT
  /// cache: six words in, one out. All six stand in registers on x86-64 and AArch64, where a callee
  /// ignores those it does not know and the upper half of an `int`.
  private static final FunctionDescriptor SHAPE =
      FunctionDescriptor.of(
          JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG);

  private static final MethodHandle MMAP = handle("mmap");
  private static final MethodHandle MUNMAP = handle("munmap");
  private static final MethodHandle MADVISE = handle("madvise");
  private static final MethodHandle MALLOC = handle("malloc");
  private static final MethodHandle REALLOC = handle("realloc");
  private static final MethodHandle FREE = handle("free");

  private NativeCalls() {}

  /// Sets the nice value of the calling thread; on Linux it is the thread's, not the process's.
  /// False if the system refuses.
  static boolean nice(int value) {
    try {
      // Linked at the first call: most starts need none.
      return (int) (long) handle("setpriority").invokeExact(0L, 0L, (long) value, 0L, 0L, 0L) == 0;
    } catch (Throwable t) {
      throw sneak(t);
    }
  }

  /// Sets nice value and time slice of the calling thread by `sched_setattr`, which older C
  /// libraries have no function for. False if the system refuses, or its number is not known here.
  static boolean schedule(int nice, long sliceNanos) {
    long number =
        switch (System.getProperty("os.arch")) {
          case "amd64" -> 314;
          case "aarch64" -> 274;
          default -> -1;
        };
    if (number < 0) {
      return false;
    }
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment attributes = arena.allocate(SchedulingLayout.LAYOUT);
      SchedulingLayout.fill(attributes, nice, sliceNanos);
      MethodHandle syscall = handle("syscall");
      return (long) syscall.invokeExact(number, 0L, attributes.address(), 0L, 0L, 0L) == 0;
    } catch (Throwable t) {
      throw sneak(t);
    }
  }

  /// Calls a function that is called once in the life of a process.
  static long call(String function, long first, long second) {
    try {
      return (long) handle(function).invokeExact(first, second, 0L, 0L, 0L, 0L);
    } catch (Throwable t) {
      throw sneak(t);
    }
  }

  @SuppressWarnings("restricted")
  private static MethodHandle handle(String name, Linker.Option... options) {
    return LINKER.downcallHandle(LINKER.defaultLookup().findOrThrow(name), SHAPE, options);
  }

  /// Does nothing but what loading the class does.
  static void link() {}

  /// Reserves address space without memory behind it. Pages appear, zeroed, when first written.
  static long reserve(long bytes) {
    try {
      long at = (long) MMAP.invokeExact(0L, bytes, PROTECTION_READ_WRITE, MAP_FLAGS, -1L, 0L);
      return at == FAILED ? reserveOrExplain(bytes) : at;
    } catch (Throwable t) {
      throw sneak(t);
    }
  }

  /// Asks once more, with a handle that keeps `errno`.
  private static long reserveOrExplain(long bytes) throws Throwable {
    StructLayout captured = Linker.Option.captureStateLayout();
    VarHandle errno = captured.varHandle(MemoryLayout.PathElement.groupElement("errno"));
    MethodHandle mmap = handle("mmap", Linker.Option.captureCallState("errno"));
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(captured);
      long at =
          (long) mmap.invokeExact(state, 0L, bytes, PROTECTION_READ_WRITE, MAP_FLAGS, -1L, 0L);
      if (at == FAILED) {
        throw new ReservationException(bytes, (int) errno.get(state, 0L));
      }
      return at;
    }
  }

  static void release(long at, long bytes) {
    try {
      long result = (long) MUNMAP.invokeExact(at, bytes, 0L, 0L, 0L, 0L);
      if ((int) result != 0) {
        throw new IllegalStateException(
            "munmap: failed at 0x" + Long.toHexString(at) + ", " + bytes + " bytes");
      }
    } catch (Throwable t) {
      throw sneak(t);
    }
  }

  /// As [#release] for memory whose first `resident` bytes were used. In slices, because one call
  /// would hold the lock of the address space for as long as it takes: some 30 ms a GiB.
  static void releaseInSlices(long at, long resident, long bytes) {
    for (long done = 0; done < resident; done += RELEASE_SLICE_BYTES) {
      var _ = advise(at + done, Math.min(RELEASE_SLICE_BYTES, bytes - done), ADVISE_DONT_NEED);
    }
    release(at, bytes);
  }

  /// True if the kernel took the advice.
  static boolean advise(long at, long bytes, int advice) {
    try {
      long result = (long) MADVISE.invokeExact(at, bytes, (long) advice, 0L, 0L, 0L);
      return (int) result == 0;
    } catch (Throwable t) {
      throw sneak(t);
    }
  }

  static long malloc(long bytes) {
    try {
      return allocated((long) MALLOC.invokeExact(bytes, 0L, 0L, 0L, 0L, 0L), bytes);
    } catch (Throwable t) {
      throw sneak(t);
    }
  }

  static long realloc(long at, long bytes) {
    try {
      return allocated((long) REALLOC.invokeExact(at, bytes, 0L, 0L, 0L, 0L), bytes);
    } catch (Throwable t) {
      throw sneak(t);
    }
  }

  static void free(long at) {
    try {
      var _ = (long) FREE.invokeExact(at, 0L, 0L, 0L, 0L, 0L);
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
