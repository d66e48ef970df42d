package carnelian.keyspace;

import carnelian.memory.Memory;

/// One node of a stream: some entries in a listpack, in Redis's bytes. The tree that holds the node
/// has the milliseconds of its ID, which is that of the first entry it was made for.
///
/// | offset | size | field      | meaning                       |
/// |-------:|-----:|------------|-------------------------------|
/// |      0 |    8 | `sequence` | of the node's ID              |
/// |      8 |    8 | `listpack` | the entries; it moves at will |
///
/// The listpack begins with the *master entry*: `count`, `deleted`, `number of fields`, the fields,
/// 0. Then come the entries, each: `flags`, `ms` and `sequence` as differences from the node's ID,
/// then the values alone if its fields are the master entry's (flag 2), else number of fields,
/// field, value, …; at last the number of elements since the flags, to go backwards by. Flag 1
/// marks a deleted entry.
///
/// The layout here is in memory only, the listpack's is that of RDB files: it must never change.
final class StreamNodeLayout {
  static final int BYTES = 16;

  /// The entry is deleted.
  static final int DELETED = 1;

  /// The entry has the fields of the master entry.
  static final int SAME_FIELDS = 2;

  private static final int LISTPACK = 8;

  private StreamNodeLayout() {}

  static long sequence(long node) {
    return Memory.getLong(node);
  }

  static long listpack(long node) {
    return Memory.getLong(node + LISTPACK);
  }

  static void listpack(long node, long listpack) {
    Memory.putLong(node + LISTPACK, listpack);
  }

  static void write(long node, long sequence, long listpack) {
    Memory.putLong(node, sequence);
    Memory.putLong(node + LISTPACK, listpack);
  }
}
