package carnelian.scripting;

import carnelian.memory.BufferLimitException;
import carnelian.memory.NativeBuffer;
import java.lang.foreign.MemorySegment;

/// Bytes that become a string of Lua: outside both heaps while they grow, and no more than a script
/// may have. Belongs to one call of a function.
final class LuaOutput implements AutoCloseable {
  /// One less than a power of two.
  static final int STEPS_BETWEEN_BREATHS = (1 << 14) - 1;

  private final LuaState lua;
  private final long state;
  private final NativeBuffer buffer;
  private int steps;

  LuaOutput(LuaState lua, long state) {
    this.lua = lua;
    this.state = state;
    buffer = new NativeBuffer(0, (int) Math.min(lua.limitBytes(), NativeBuffer.MAX_BYTES));
  }

  long address() {
    return buffer.address();
  }

  int length() {
    return buffer.length();
  }

  void clear() {
    buffer.clear();
  }

  /// To be called for each piece of work; lets others have a turn now and then.
  void step() {
    if ((++steps & STEPS_BETWEEN_BREATHS) == 0) {
      lua.breathe(state);
    }
  }

  void put(int b) {
    LuaLibrary.byteAt(room(1), b);
    buffer.advance(1);
  }

  void put(long at, int bytes) {
    MemorySegment.copy(LuaLibrary.ALL, at, LuaLibrary.ALL, room(bytes), bytes);
    buffer.advance(bytes);
  }

  void put(byte[] bytes) {
    long _ = room(bytes.length);
    buffer.put(bytes);
  }

  void putAscii(String text) {
    long _ = room(text.length());
    buffer.putAscii(text);
  }

  /// Puts so many bytes of a number; beyond eight they are zero.
  void putInteger(long bits, int size, boolean bigEndian) {
    long at = room(size);
    long rest = bits;
    for (int i = 0; i < size; i++) {
      LuaLibrary.byteAt(bigEndian ? at + size - 1 - i : at + i, (int) rest);
      rest >>>= 8;
    }
    buffer.advance(size);
  }

  private long room(int bytes) {
    try {
      return buffer.reserve(bytes);
    } catch (BufferLimitException e) {
      throw lua.raised(state, "not enough memory");
    }
  }

  /// Pushes what there is as a string.
  void push() {
    lua.requireMemory(state, buffer.length());
    LuaLibrary.pushString(state, buffer.address(), buffer.length());
  }

  @Override
  public void close() {
    buffer.close();
  }
}
