package carnelian.keyspace;

import carnelian.memory.Memory;

/// The root of a large sorted set, as it lies in off-heap memory.
///
/// | offset | size | field   | meaning                                                      |
/// |-------:|-----:|---------|--------------------------------------------------------------|
/// |      0 |    8 | `table` | hash table of the members' entries, whose value is the score |
/// |      8 |    8 | `tree`  | counted tree of the same entries by (score, member)          |
///
/// In memory only. Written once, when the set is made; both references stay as long as it.
final class SortedSetLayout {
  static final int BYTES = 16;

  private static final int TABLE = 0;
  private static final int TREE = 8;

  private SortedSetLayout() {}

  static long table(long root) {
    return Memory.getLong(root + TABLE);
  }

  static long tree(long root) {
    return Memory.getLong(root + TREE);
  }

  static void write(long root, long table, long tree) {
    Memory.putLong(root + TABLE, table);
    Memory.putLong(root + TREE, tree);
  }
}
