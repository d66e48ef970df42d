package carnelian.keyspace;

import carnelian.memory.Heap;
import carnelian.memory.Memory;
import carnelian.memory.View;

/// The bytes of a raw string that is too large for its entry, in an allocation of their own.
///
/// | offset | size | field    | meaning                                       |
/// |-------:|-----:|----------|-----------------------------------------------|
/// |      0 |    4 | `length` | bytes that are used; the rest is room to grow |
/// |      4 |    4 | (none)   | keeps the bytes aligned                       |
/// |      8 |    … | bytes    |                                               |
///
/// In memory only. Belongs to the one entry that refers to it.
final class BlobLayout {
  static final int HEADER_BYTES = 8;

  private BlobLayout() {}

  static int length(long blob) {
    return Memory.getInt(blob);
  }

  static void length(long blob, int length) {
    Memory.putInt(blob, length);
  }

  static long bytes(long blob) {
    return blob + HEADER_BYTES;
  }

  /// A new blob with these bytes and room for `capacity`.
  static long create(Heap heap, long from, int length, long capacity) {
    long blob = heap.allocate(HEADER_BYTES + capacity);
    Memory.putLong(blob, length);
    Memory.copy(from, bytes(blob), length);
    return blob;
  }

  /// The whole blob, as the view sees it.
  static long pin(View view, long blob) {
    int length = length(view.pin(blob, HEADER_BYTES));
    return view.pin(blob, HEADER_BYTES + length);
  }
}
