package carnelian.structures;

import carnelian.memory.Heap;
import carnelian.memory.Memory;
import carnelian.memory.NativeBuffer;
import carnelian.memory.Slice;
import carnelian.memory.View;
import java.nio.charset.StandardCharsets;

/// Makes entries for tests and reads them back.
final class TestEntries implements AutoCloseable {
  private final Heap heap;
  private final NativeBuffer buffer = new NativeBuffer(64);
  private final Slice slice = new Slice();

  TestEntries(Heap heap) {
    this.heap = heap;
  }

  /// The key outside the heap; valid until the next call.
  Slice key(String key) {
    buffer.clear();
    buffer.put(key.getBytes(StandardCharsets.ISO_8859_1));
    return slice.set(buffer.address(), key.length());
  }

  /// A new entry with an 8-byte value.
  long entry(String key, long value) {
    Slice bytes = key(key);
    long entry = heap.allocate(EntryLayout.bytesFor(bytes.length, 8, false));
    EntryLayout.write(entry, 0, 0, bytes.at, bytes.length, 8);
    Memory.putLong(EntryLayout.value(entry), value);
    return entry;
  }

  static String keyOf(long entry) {
    byte[] key = new byte[EntryLayout.keyLength(entry)];
    Memory.copyOut(EntryLayout.key(entry), key, 0, key.length);
    return new String(key, StandardCharsets.ISO_8859_1);
  }

  static String keyOf(View view, long entry) {
    return keyOf(EntryLayout.pin(view, entry));
  }

  static long valueOf(long entry) {
    return Memory.getLong(EntryLayout.value(entry));
  }

  @Override
  public void close() {
    buffer.close();
  }
}
