package carnelian.keyspace;

import carnelian.memory.Memory;

/// The root of a hash of which some fields have a deadline, as it lies in off-heap memory.
///
/// | offset | size | field    | meaning                                                             |
/// |-------:|-----:|----------|---------------------------------------------------------------------|
/// |      0 |    8 | `fields` | listpack of field, value and deadline, or hash table of entries     |
/// |      8 |    8 | `tree`   | counted tree of the table's entries with a deadline, by (it, entry) |
/// |     16 |    8 | `due`    | Unix time in ms, not after any field's deadline                     |
///
/// In a listpack fields stand in the order of their deadlines, those without (0) at the end, as in
/// Redis; then there is no tree (0). `due` is the word by which the hash stands in its database's
/// index of field deadlines: it may be earlier than the first deadline, never later.
///
/// In memory only. Belongs to the hash; whoever writes touches it first.
final class VolatileHashLayout {
  static final int BYTES = 24;

  private static final int FIELDS = 0;
  private static final int TREE = 8;
  private static final int DUE = 16;

  private VolatileHashLayout() {}

  static long fields(long root) {
    return Memory.getLong(root + FIELDS);
  }

  static void fields(long root, long listpack) {
    Memory.putLong(root + FIELDS, listpack);
  }

  static long tree(long root) {
    return Memory.getLong(root + TREE);
  }

  static long due(long root) {
    return Memory.getLong(root + DUE);
  }

  static void due(long root, long unixMillis) {
    Memory.putLong(root + DUE, unixMillis);
  }

  static void write(long root, long fields, long tree, long due) {
    Memory.putLong(root + FIELDS, fields);
    Memory.putLong(root + TREE, tree);
    Memory.putLong(root + DUE, due);
  }
}
