package carnelian.keyspace;

import carnelian.memory.HeapLimitException;
import carnelian.structures.CountedTrees;
import carnelian.structures.EntryLayout;

/// What is due when, in one database: the entries of keys that have a deadline by it, and those of
/// hashes of which fields have one by the first of these. Both name an entry by its address, so who
/// moves one takes it out and puts it in again.
///
/// Called on the engine's thread. What puts something in may throw [HeapLimitException]; then
/// nothing has changed.
final class DeadlineIndexes {
  private final CountedTrees trees;
  private final Expiry expiry;

  /// References of the trees; SWAPDB exchanges them between databases.
  private long keys;

  private long hashes;

  DeadlineIndexes(Keyspace keyspace) {
    trees = keyspace.trees();
    expiry = keyspace.expiry();
    create();
  }

  void create() {
    keys = trees.create();
    hashes = trees.create();
  }

  void destroy() {
    trees.destroy(keys);
    trees.destroy(hashes);
  }

  void swapWith(DeadlineIndexes other) {
    long otherKeys = other.keys;
    long otherHashes = other.hashes;
    other.keys = keys;
    other.hashes = hashes;
    keys = otherKeys;
    hashes = otherHashes;
  }

  /// The tree of (deadline, entry) of keys.
  long keys() {
    return keys;
  }

  /// The tree of (first deadline of a field or an earlier moment, entry) of hashes.
  long hashes() {
    return hashes;
  }

  long keyCount() {
    return trees.count(keys);
  }

  long hashCount() {
    return trees.count(hashes);
  }

  long bytes() {
    return trees.bytes(keys) + trees.bytes(hashes);
  }

  /// Puts an entry in where it belongs, which may be nowhere.
  void add(long entry) {
    boolean isVolatile = EntryLayout.hasDeadline(entry);
    if (isVolatile) {
      addKey(EntryLayout.deadline(entry), entry);
    }
    if (Hashes.isVolatile(entry)) {
      try {
        addHash(VolatileHashLayout.due(Database.reference(entry)), entry);
      } catch (HeapLimitException full) {
        if (isVolatile) {
          trees.remove(keys, EntryLayout.deadline(entry), entry);
        }
        throw full;
      }
    }
  }

  /// Takes an entry out, wherever it is.
  void remove(long entry) {
    if (EntryLayout.hasDeadline(entry)) {
      trees.remove(keys, EntryLayout.deadline(entry), entry);
    }
    if (Hashes.isVolatile(entry)) {
      removeHash(VolatileHashLayout.due(Database.reference(entry)), entry);
    }
  }

  private void addKey(long deadline, long entry) {
    trees.insert(keys, deadline, entry);
    expiry.noteDeadline(deadline);
  }

  void moveKey(long deadline, long entry, long newDeadline) {
    trees.move(keys, deadline, entry, newDeadline);
    expiry.noteDeadline(newDeadline);
  }

  void addHash(long due, long entry) {
    trees.insert(hashes, due, entry);
    expiry.noteDeadline(due);
  }

  void moveHash(long due, long entry, long newDue) {
    trees.move(hashes, due, entry, newDue);
    expiry.noteDeadline(newDue);
  }

  void removeHash(long due, long entry) {
    trees.remove(hashes, due, entry);
  }
}
