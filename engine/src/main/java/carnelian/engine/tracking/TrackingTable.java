package carnelian.engine.tracking;

import carnelian.base.RandomSource;
import carnelian.memory.Heap;
import carnelian.memory.HeapLimitException;
import carnelian.memory.HeapOptions;
import carnelian.memory.Memory;
import carnelian.memory.Slice;
import carnelian.structures.EntryLayout;
import carnelian.structures.HashTables;
import carnelian.structures.Intsets;
import org.jspecify.annotations.Nullable;

/// Which clients may hold which keys, by the clients' ids. Keys are names alone, whatever their
/// database, as in Redis. What a client that has gone has read stays until the key changes.
///
/// Stands in a heap of its own, from the first key on: clients choose how many keys there are and
/// how long, and snapshots have nothing to do with it. An entry's value is the id of its one
/// reader, or refers to the intset of their ids. Engine's thread.
final class TrackingTable implements AutoCloseable {
  private static final int TYPE = 0;
  private static final int ONE_READER = 0;
  private static final int MANY_READERS = 1;
  private static final long PURGED_BYTES = 1 << 20;

  private record Space(Heap heap, HashTables tables, Intsets sets) {}

  private final RandomSource random;
  private final long hashKey0;
  private final long hashKey1;
  private @Nullable Space space;
  private long table;
  private long items;

  /// What is drawn must not be known to clients.
  TrackingTable(RandomSource random) {
    this.random = random;
    hashKey0 = random.nextLong();
    hashKey1 = random.nextLong();
  }

  private Space open() {
    Space open = space;
    if (open == null) {
      Heap heap = new Heap(HeapOptions.defaults());
      open = new Space(heap, new HashTables(heap, hashKey0, hashKey1), new Intsets(heap));
      table = open.tables().create();
      space = open;
    }
    return open;
  }

  /// Remembers that a client has read a key. False if there is no room.
  boolean add(Slice key, long id) {
    Space in = open();
    long hash = in.tables().hash(key.at, key.length);
    long slot = in.tables().findSlot(table, hash, key.at, key.length);
    try {
      if (slot == 0) {
        insert(in, hash, key, id);
      } else {
        addReader(in, in.tables().entryAt(slot), id);
      }
      return true;
    } catch (HeapLimitException _) {
      return false;
    }
  }

  private void insert(Space in, long hash, Slice key, long id) {
    long entry = in.heap().allocate(EntryLayout.bytesFor(key.length, Long.BYTES, false));
    EntryLayout.write(entry, TYPE, ONE_READER, key.at, key.length, Long.BYTES);
    value(entry, id);
    try {
      in.tables().insert(table, hash, entry);
    } catch (HeapLimitException e) {
      in.heap().free(entry);
      throw e;
    }
    items++;
  }

  private void addReader(Space in, long entry, long id) {
    if (EntryLayout.encoding(entry) == MANY_READERS) {
      value(entry, in.sets().add(value(entry), id));
      items += in.sets().isChanged() ? 1 : 0;
    } else if (value(entry) != id) {
      long both = in.sets().create();
      try {
        both = in.sets().add(both, value(entry));
        both = in.sets().add(both, id);
      } catch (HeapLimitException e) {
        in.sets().destroy(both);
        throw e;
      }
      EntryLayout.kind(entry, TYPE, MANY_READERS);
      value(entry, both);
      items++;
    }
  }

  private static long value(long entry) {
    return Memory.getLong(EntryLayout.value(entry));
  }

  private static void value(long entry, long value) {
    Memory.putLong(EntryLayout.value(entry), value);
  }

  /// The key's entry, valid until it is removed; 0 if nobody has read it.
  long find(Slice key) {
    Space in = space;
    return in == null
        ? 0
        : in.tables().find(table, in.tables().hash(key.at, key.length), key.at, key.length);
  }

  /// Any entry, each as likely as the other; 0 if there is none.
  long any() {
    Space in = space;
    return in == null ? 0 : in.tables().random(table, random);
  }

  /// Lets the slice be the entry's key, as long as the entry is there.
  static void key(long entry, Slice slice) {
    slice.set(EntryLayout.key(entry), EntryLayout.keyLength(entry));
  }

  /// How many have read the key.
  static int readers(long entry) {
    return EntryLayout.encoding(entry) == MANY_READERS ? Intsets.count(value(entry)) : 1;
  }

  /// The ids of those who have read the key, ascending.
  static long reader(long entry, int index) {
    long value = value(entry);
    return EntryLayout.encoding(entry) == MANY_READERS ? Intsets.get(value, index) : value;
  }

  void remove(long entry) {
    Space in = open();
    items -= readers(entry);
    long at = EntryLayout.key(entry);
    int length = EntryLayout.keyLength(entry);
    long hash = in.tables().hash(at, length);
    in.tables().remove(table, hash, in.tables().findSlot(table, hash, at, length));
    if (EntryLayout.encoding(entry) == MANY_READERS) {
      in.sets().destroy(value(entry));
    }
    in.heap().free(entry);
  }

  void clear() {
    Space in = space;
    if (in != null && keys() > 0) {
      in.heap().freeAll();
      table = in.tables().create();
      items = 0;
    }
  }

  long keys() {
    Space in = space;
    return in == null ? 0 : in.tables().count(table);
  }

  /// Pairs of key and client.
  long items() {
    return items;
  }

  /// What it takes of memory.
  long bytes() {
    Space in = space;
    return in == null ? 0 : in.heap().usedBytes();
  }

  /// Gives some of the memory that is free now back to the system.
  void purge() {
    if (space != null) {
      long _ = space.heap().purge(PURGED_BYTES);
    }
  }

  @Override
  public void close() {
    Space in = space;
    if (in != null) {
      in.heap().close();
      space = null;
    }
  }
}
