package carnelian.keyspace;

import carnelian.memory.Heap;
import carnelian.memory.Memory;
import carnelian.structures.EntryLayout;

/// Entries without a key, which hold a collection while it is built and before it is stored or
/// thrown away.
final class Detached {
  private Detached() {}

  static long create(Heap heap, Encoding encoding, long reference) {
    long entry = heap.allocate(EntryLayout.bytesFor(0, Database.REFERENCE_BYTES, false));
    EntryLayout.write(
        entry, encoding.type().code(), encoding.code(), entry, 0, Database.REFERENCE_BYTES);
    Memory.putLong(EntryLayout.value(entry), reference);
    return entry;
  }
}
