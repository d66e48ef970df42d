package carnelian.engine;

import carnelian.memory.Memory;
import carnelian.memory.NativeBuffer;
import carnelian.memory.Slice;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// Commands that are kept to be run later: those of a transaction, or the one that a blocked client
/// waits to repeat. Their arguments are copied, because the query buffer is reused.
///
/// Each command is one run of bytes: the number of arguments, then length and bytes of each.
final class CommandQueue implements AutoCloseable {
  private static final int INITIAL_BYTES = 256;

  private final NativeBuffer bytes = new NativeBuffer(INITIAL_BYTES);
  private final List<CommandEntry> entries = new ArrayList<>(4);
  private int[] starts = new int[4];
  private int flags;
  private int commonFlags = -1;

  int size() {
    return entries.size();
  }

  /// The flags that every command in it has.
  int commonFlags() {
    return commonFlags;
  }

  /// The flags of all commands in it, together.
  int flags() {
    return flags;
  }

  /// What the arguments take in memory.
  long memoryBytes() {
    return bytes.capacity() + (long) starts.length * Integer.BYTES;
  }

  /// Bytes of arguments in it.
  int usedBytes() {
    return bytes.length();
  }

  CommandEntry entry(int index) {
    return entries.get(index);
  }

  void add(Call call) {
    int size = entries.size();
    if (size == starts.length) {
      starts = Arrays.copyOf(starts, size * 2);
    }
    starts[size] = bytes.length();
    putInt(call.argc());
    for (int i = 0; i < call.argc(); i++) {
      Slice argument = call.arg(i);
      putInt(argument.length);
      bytes.put(argument.at, argument.length);
    }
    entries.add(call.entry());
    flags |= call.admissionFlags();
    commonFlags &= call.admissionFlags();
  }

  /// Points the call at the arguments of a command; they are valid until something is added or the
  /// queue is cleared.
  void load(int index, Call call) {
    long at = bytes.address() + starts[index];
    int argc = Memory.getInt(at);
    at += Integer.BYTES;
    call.ownArguments(argc);
    for (int i = 0; i < argc; i++) {
      int length = Memory.getInt(at);
      at += Integer.BYTES;
      call.arg(i).set(at, length);
      at += length;
    }
  }

  void clear() {
    bytes.clear();
    entries.clear();
    flags = 0;
    commonFlags = -1;
  }

  @Override
  public void close() {
    clear();
    bytes.close();
  }

  private void putInt(int value) {
    Memory.putInt(bytes.reserve(Integer.BYTES), value);
    bytes.advance(Integer.BYTES);
  }
}
