package carnelian.scripting;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;

/// The memory of one Lua state: counts it, and refuses to let a script have more than the limit.
///
/// What Java asks Lua for is never refused ([#lenient]), because Lua's answer would be a jump over
/// Java's frames; it counts all the same, so that the script's own next request fails.
final class LuaMemory {
  private static final MethodHandle REALLOCATE = LuaLibrary.systemCall("realloc");
  private static final MethodHandle FREE = LuaLibrary.systemCall("free");
  private static final FunctionDescriptor ALLOCATOR =
      FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG);

  private final long allocator;
  private final long limitBytes;
  private long usedBytes;
  private int lenient;

  LuaMemory(Arena arena, long limitBytes) {
    this.limitBytes = limitBytes;
    try {
      MethodHandle target =
          MethodHandles.lookup()
              .findVirtual(
                  LuaMemory.class,
                  "allocate",
                  MethodType.methodType(long.class, long.class, long.class, long.class, long.class))
              .bindTo(this);
      allocator = LuaLibrary.callback(target, ALLOCATOR, arena);
    } catch (NoSuchMethodException | IllegalAccessException e) {
      throw new IllegalStateException(e);
    }
  }

  /// The allocator's address, for `lua_newstate`.
  long allocator() {
    return allocator;
  }

  long usedBytes() {
    return usedBytes;
  }

  long limitBytes() {
    return limitBytes;
  }

  /// Whether so many bytes more would stay within the limit.
  boolean hasRoom(long bytes) {
    return usedBytes + bytes <= limitBytes;
  }

  /// Java calls Lua, or Lua has called Java, until [#strict].
  void lenient() {
    lenient++;
  }

  void strict() {
    lenient--;
  }

  int lenience() {
    return lenient;
  }

  void lenience(int depth) {
    lenient = depth;
  }

  /// As `lua_Alloc`: zero means refused.
  @SuppressWarnings("UnusedVariable") // The first word is Lua's, for who needs it.
  long allocate(long unused, long block, long oldBytes, long newBytes) {
    try {
      if (newBytes == 0) {
        if (block != 0) {
          usedBytes -= oldBytes;
          long _ = (long) FREE.invokeExact(block, 0L, 0L, 0L, 0L, 0L);
        }
        return 0;
      }
      long growth = newBytes - (block == 0 ? 0 : oldBytes);
      if (growth > 0 && lenient == 0 && usedBytes + growth > limitBytes) {
        return 0;
      }
      long moved = (long) REALLOCATE.invokeExact(block, newBytes, 0L, 0L, 0L, 0L);
      if (moved != 0) {
        usedBytes += growth;
      }
      return moved;
    } catch (Throwable t) {
      return 0; // Nothing in here throws; and nothing may leave.
    }
  }
}
