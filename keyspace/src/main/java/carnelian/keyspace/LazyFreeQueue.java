package carnelian.keyspace;

import carnelian.structures.EntryVisitor;
import java.util.Arrays;

/// What was removed and is given back later, in slices, by the thread that owns the heap: entries
/// with large values, and whole tables of entries with their expiry indexes.
final class LazyFreeQueue implements EntryVisitor {
  private static final int INITIAL_CAPACITY = 64;

  /// What a word of the queue refers to stands in its low bits: references are multiples of 8.
  private static final int KIND_MASK = 7;

  private static final int ENTRY = 0;
  private static final int TABLE = 1;
  private static final int TREE = 2;

  /// About what a bucket holds.
  private static final int ENTRIES_PER_BUCKET = 6;

  /// Taking an item out of a tree costs less than freeing an allocation.
  private static final int ITEMS_PER_FREE = 4;

  private final Keyspace keyspace;

  /// A ring; its capacity is a power of two.
  private long[] words = new long[INITIAL_CAPACITY];

  private int head;
  private int size;
  private long pending;

  LazyFreeQueue(Keyspace keyspace) {
    this.keyspace = keyspace;
  }

  /// Entries that wait.
  long pending() {
    return pending;
  }

  void addEntry(long entry) {
    add(entry | ENTRY);
    pending++;
  }

  void addTable(long table) {
    add(table | TABLE);
    pending += keyspace.tables().count(table);
  }

  /// An expiry index: it refers to entries that a table holds as well.
  void addTree(long tree) {
    add(tree | TREE);
  }

  private void add(long word) {
    if (size == words.length) {
      long[] grown = new long[size * 2];
      for (int i = 0; i < size; i++) {
        grown[i] = words[(head + i) & (words.length - 1)];
      }
      words = grown;
      head = 0;
    }
    words[(head + size) & (words.length - 1)] = word;
    size++;
  }

  /// Forgets everything: the heap has been given back as a whole.
  void clear() {
    words = new long[INITIAL_CAPACITY];
    head = 0;
    size = 0;
    pending = 0;
  }

  /// Frees about `budget` allocations; returns whether there is more to do.
  boolean step(int budget) {
    int left = budget;
    while (left > 0 && size > 0) {
      long word = words[head];
      long reference = word & ~KIND_MASK;
      left =
          switch ((int) (word & KIND_MASK)) {
            case ENTRY -> freeEntry(reference, left);
            case TABLE -> drainTable(reference, left);
            case TREE -> drainTree(reference, left);
            default -> throw new IllegalStateException("lazy free queue: word " + word);
          };
    }
    if (size == 0 && words.length > INITIAL_CAPACITY) {
      words = Arrays.copyOf(words, INITIAL_CAPACITY);
      head = 0;
    }
    return size > 0;
  }

  private void removeFirst() {
    head = (head + 1) & (words.length - 1);
    size--;
  }

  private int freeEntry(long entry, int budget) {
    int left = keyspace.valueType(entry).destroy(entry, budget);
    if (left > 0) {
      keyspace.heap().free(entry);
      removeFirst();
      countFreed();
      left--;
    }
    return left;
  }

  private int drainTable(long table, int budget) {
    int buckets = Math.max(1, budget / ENTRIES_PER_BUCKET);
    long left = keyspace.tables().drain(table, buckets, this);
    if (left == 0) {
      keyspace.tables().destroy(table);
      removeFirst();
    }
    return budget - Math.min(budget, buckets * ENTRIES_PER_BUCKET);
  }

  /// An entry of a table that is drained: freed at once, except a large one, which joins the queue.
  @Override
  public void visit(long entry) {
    long before = pending;
    keyspace.release(entry, true);
    if (pending == before) {
      countFreed();
    } else {
      pending = before;
    }
  }

  private void countFreed() {
    pending--;
    keyspace.statistics().lazyfreed++;
  }

  private int drainTree(long tree, int budget) {
    long items = (long) budget * ITEMS_PER_FREE;
    long removed = keyspace.trees().removeRange(tree, 0, items, (word, reference) -> {});
    if (keyspace.trees().count(tree) == 0) {
      keyspace.trees().destroy(tree);
      removeFirst();
    }
    return budget - (int) Math.min(budget, removed / ITEMS_PER_FREE + 1);
  }
}
