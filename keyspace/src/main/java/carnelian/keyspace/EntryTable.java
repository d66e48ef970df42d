package carnelian.keyspace;

import carnelian.base.Invariant;
import carnelian.base.RandomSource;
import carnelian.memory.Heap;
import carnelian.memory.HeapLimitException;
import carnelian.memory.Slice;
import carnelian.structures.EntryLayout;
import carnelian.structures.EntryVisitor;
import carnelian.structures.HashTableStats;
import carnelian.structures.HashTables;

/// Where the entries of one database stand: the hash table that finds them by key, and the indexes
/// of their deadlines, which hold the same entries at any time. Knows of no clock and reports
/// nothing: whether an entry has expired is for [Database] to say.
///
/// Owns the table and the indexes, not the entries: who takes one out frees it. The slot of the
/// last lookup is remembered, so that an entry that is looked up, changed and moved is not looked
/// up again.
///
/// Called on the engine's thread. What puts something in may throw [HeapLimitException]; then
/// nothing has changed.
final class EntryTable {
  /// A bucket's line divided by its mean fill, and an item of a tree's leaf by its mean fill.
  private static final int SLOT_BYTES = 12;

  private static final int DEADLINE_BYTES = 24;

  private final Heap heap;
  private final HashTables tables;
  private final DeadlineIndexes indexes;

  /// Reference of the hash table; SWAPDB exchanges it between databases, and the indexes.
  private long table;

  /// Slot of the last lookup, 0 if it found nothing or if the table has changed since. A slot is
  /// good until something is inserted into or removed from the table.
  private long lastSlot;

  /// Hash of the key in [#lastSlot].
  private long lastHash;

  EntryTable(Keyspace keyspace) {
    heap = keyspace.heap();
    tables = keyspace.tables();
    table = tables.create();
    indexes = new DeadlineIndexes(keyspace);
  }

  // ---- One entry -------------------------------------------------------------------------------

  /// The entry of the key; 0 if there is none.
  long find(long hash, Slice key) {
    long slot = tables.findSlot(table, hash, key.at, key.length);
    lastSlot = slot;
    lastHash = hash;
    return slot == 0 ? 0 : tables.entryAt(slot);
  }

  /// Puts an entry in whose key has none.
  void link(long hash, long entry) {
    indexes.add(entry);
    try {
      tables.insert(table, hash, entry);
    } catch (HeapLimitException full) {
      indexes.remove(entry);
      throw full;
    }
    lastSlot = 0;
  }

  /// Puts an entry in the place of another one of the same key.
  void replace(long old, long entry) {
    long slot = slotOf(old);
    indexes.add(entry);
    indexes.remove(old);
    tables.replace(table, slot, entry);
  }

  /// Takes an entry out.
  void unlink(long entry) {
    long slot = slotOf(entry);
    tables.remove(table, lastHash, slot);
    lastSlot = 0;
    indexes.remove(entry);
  }

  /// The last lookup's, or it is looked up.
  private long slotOf(long entry) {
    if (lastSlot != 0 && tables.entryAt(lastSlot) == entry) {
      return lastSlot;
    }
    long keyAt = EntryLayout.key(entry);
    int keyLength = EntryLayout.keyLength(entry);
    lastHash = tables.hash(keyAt, keyLength);
    long slot = tables.findSlot(table, lastHash, keyAt, keyLength);
    Invariant.check(slot != 0 && tables.entryAt(slot) == entry, "entry not in its table: ", entry);
    lastSlot = slot;
    return slot;
  }

  /// First the buckets of all keys that are looked up soon, then [#prefetchEntry] for all.
  void prefetchBucket(long hash) {
    tables.prefetchBucket(table, hash);
  }

  void prefetchEntry(long hash) {
    tables.prefetchEntry(table, hash);
  }

  // ---- All entries -----------------------------------------------------------------------------

  long count() {
    return tables.count(table);
  }

  /// One of them, each as likely as the other. There is one.
  long random(RandomSource random) {
    return tables.random(table, random);
  }

  /// Visits one bucket and returns the next cursor; see [HashTables#scan].
  long scan(long cursor, EntryVisitor visitor) {
    return tables.scan(table, cursor, visitor);
  }

  /// Visits all.
  void forEach(EntryVisitor visitor) {
    tables.forEach(heap.live(), table, visitor);
  }

  /// Makes room for so many at once. The caller has bounded the number.
  void reserve(long entries) {
    tables.reserve(table, entries);
    lastSlot = 0;
  }

  HashTableStats stats() {
    return tables.stats(table);
  }

  /// What an entry takes of the table and of the expiry index, on average.
  static int shareOf(long entry) {
    return SLOT_BYTES + (EntryLayout.hasDeadline(entry) ? DEADLINE_BYTES : 0);
  }

  /// Bytes of the hash table.
  long bytes() {
    return tables.bytes(table);
  }

  /// Reference of the hash table, until [#create] or [#swapWith].
  long table() {
    return table;
  }

  DeadlineIndexes indexes() {
    return indexes;
  }

  // ---- The structures --------------------------------------------------------------------------

  /// Begins anew: somebody else has what was there, or its memory has gone.
  void create() {
    table = tables.create();
    indexes.create();
    lastSlot = 0;
  }

  /// Frees the structures, which hold nothing.
  void destroy() {
    tables.destroy(table);
    indexes.destroy();
  }

  void swapWith(EntryTable other) {
    long otherTable = other.table;
    other.table = table;
    table = otherTable;
    indexes.swapWith(other.indexes);
    lastSlot = 0;
    other.lastSlot = 0;
  }
}
