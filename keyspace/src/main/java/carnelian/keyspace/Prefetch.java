package carnelian.keyspace;

import carnelian.memory.Slice;

/// Brings what a batch of commands will look up into the cache before they run: first the buckets
/// of all keys, then the headers of all records, so that the misses overlap. It changes nothing and
/// answers nothing.
public final class Prefetch {
  private final Database[] databases;
  private final long[] hashes;
  private int size;

  public Prefetch(int capacity) {
    databases = new Database[capacity];
    hashes = new long[capacity];
  }

  /// Adds a key, and returns its hash for [Keyspace#expect]; beyond the capacity it is not brought
  /// into the cache. Reads the key, keeps nothing of it.
  public long add(Database database, Slice key) {
    long hash = database.hash(key);
    if (size < hashes.length) {
      databases[size] = database;
      hashes[size] = hash;
      size++;
    }
    return hash;
  }

  public boolean isFull() {
    return size == hashes.length;
  }

  /// Brings the keys added since the last call into the cache.
  public void run() {
    for (int i = 0; i < size; i++) {
      databases[i].entries().prefetchBucket(hashes[i]);
    }
    for (int i = 0; i < size; i++) {
      databases[i].entries().prefetchEntry(hashes[i]);
    }
    size = 0;
  }
}
