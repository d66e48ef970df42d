package carnelian.engine;

import carnelian.memory.CopyLimitException;
import carnelian.memory.Memory;
import carnelian.memory.Slice;
import org.jspecify.annotations.Nullable;

/// A map from (database, key) to something on the Java heap, asked with a slice and without
/// allocating: which keys are watched, which are waited for.
///
/// Hashed with a secret seed, because clients choose the keys. Iteration is in order of insertion,
/// so that equal runs behave equally.
public final class KeyMap<V> {
  /// One key and its value; also the handle by which it is removed.
  public static final class Node<V> {
    final int database;
    final byte[] key;
    final V value;
    private final int hash;
    private @Nullable Node<V> nextInBucket;
    private @Nullable Node<V> before;
    private @Nullable Node<V> after;

    private Node(int database, byte[] key, V value, int hash) {
      this.database = database;
      this.key = key;
      this.value = value;
      this.hash = hash;
    }

    public byte[] key() {
      return key;
    }

    public V value() {
      return value;
    }

    /// The node that was inserted next.
    public @Nullable Node<V> next() {
      return after;
    }

    private boolean matches(int otherDatabase, int otherHash, Slice slice) {
      if (hash != otherHash || database != otherDatabase || key.length != slice.length) {
        return false;
      }
      for (int i = 0; i < key.length; i++) {
        if (key[i] != slice.byteAt(i)) {
          return false;
        }
      }
      return true;
    }
  }

  private static final int INITIAL_BUCKETS = 16;

  private final long seed;
  private final JavaHeapBudget budget;
  private @Nullable Node<V>[] buckets = newBuckets(INITIAL_BUCKETS);
  private @Nullable Node<V> first;
  private @Nullable Node<V> last;
  private int size;

  /// What is in it counts against the budget.
  public KeyMap(long seed, JavaHeapBudget budget) {
    this.seed = seed;
    this.budget = budget;
  }

  public int size() {
    return size;
  }

  public boolean isEmpty() {
    return size == 0;
  }

  /// The oldest node, where iteration by [Node#next] begins.
  public @Nullable Node<V> first() {
    return first;
  }

  public @Nullable Node<V> find(int database, Slice key) {
    if (size == 0) {
      return null;
    }
    int hash = hash(database, key);
    Node<V> node = buckets[hash & (buckets.length - 1)];
    while (node != null && !node.matches(database, hash, key)) {
      node = node.nextInBucket;
    }
    return node;
  }

  /// Adds a key that is known to be absent; its bytes are copied. An error reply if the budget does
  /// not allow it.
  public Node<V> insert(int database, Slice key, V value) {
    CopyLimitException.check(key.length);
    budget.take(JavaHeapBudget.OBJECT_BYTES + key.length);
    if (size >= buckets.length) {
      grow();
    }
    Node<V> node = new Node<>(database, key.toBytes(), value, hash(database, key));
    int bucket = node.hash & (buckets.length - 1);
    node.nextInBucket = buckets[bucket];
    buckets[bucket] = node;
    node.before = last;
    if (last == null) {
      first = node;
    } else {
      last.after = node;
    }
    last = node;
    size++;
    return node;
  }

  public void remove(Node<V> node) {
    int bucket = node.hash & (buckets.length - 1);
    Node<V> at = buckets[bucket];
    if (at == node) {
      buckets[bucket] = node.nextInBucket;
    } else {
      while (at != null && at.nextInBucket != node) {
        at = at.nextInBucket;
      }
      if (at == null) {
        return;
      }
      at.nextInBucket = node.nextInBucket;
    }
    unlink(node);
    size--;
    budget.giveBack(JavaHeapBudget.OBJECT_BYTES + node.key.length);
  }

  private void unlink(Node<V> node) {
    if (node.before == null) {
      first = node.after;
    } else {
      node.before.after = node.after;
    }
    if (node.after == null) {
      last = node.before;
    } else {
      node.after.before = node.before;
    }
  }

  private void grow() {
    @Nullable Node<V>[] wider = newBuckets(buckets.length * 2);
    for (Node<V> node = first; node != null; node = node.after) {
      int bucket = node.hash & (wider.length - 1);
      node.nextInBucket = wider[bucket];
      wider[bucket] = node;
    }
    buckets = wider;
  }

  @SuppressWarnings({"unchecked", "rawtypes"})
  private static <V> @Nullable Node<V>[] newBuckets(int count) {
    return (@Nullable Node<V>[]) new Node[count];
  }

  /// Folds the key eight bytes at a time with a keyed 64 by 64 bit multiplication.
  private int hash(int database, Slice key) {
    long hash = seed ^ (database + 1) * 0x9E3779B97F4A7C15L;
    int rest = key.length;
    long at = key.at;
    while (rest >= Long.BYTES) {
      hash = mix(hash ^ Memory.getLong(at), seed | 1);
      at += Long.BYTES;
      rest -= Long.BYTES;
    }
    long tail = rest;
    for (int i = 0; i < rest; i++) {
      tail = tail << Byte.SIZE | (Memory.getByte(at + i) & 0xFF);
    }
    hash = mix(hash ^ tail, 0xE7037ED1A0B428DBL ^ seed);
    return (int) (hash ^ hash >>> Integer.SIZE);
  }

  private static long mix(long a, long b) {
    return a * b ^ Math.unsignedMultiplyHigh(a, b);
  }
}
