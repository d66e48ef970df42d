package carnelian.keyspace;

import carnelian.memory.Memory;
import carnelian.structures.EntryLayout;
import java.util.Arrays;

/// The best candidates for eviction that sampling has met so far, worst first. They stay from one
/// eviction to the next, and with that a few samples approximate the order of all keys, as in
/// Redis.
///
/// Keys are kept as copies: entries move and go.
final class EvictionPool {
  private static final int CAPACITY = 16;
  private static final int CACHED_KEY_BYTES = 255;

  private final long[] idleness = new long[CAPACITY];
  private final int[] databases = new int[CAPACITY];
  private final int[] keyLengths = new int[CAPACITY];
  private final byte[][] keys = new byte[CAPACITY][];
  private int size;

  boolean isEmpty() {
    return size == 0;
  }

  void clear() {
    size = 0;
    Arrays.fill(keys, null);
  }

  /// Takes the candidate in if it is better than the worst, or if there is room.
  void offer(Database database, long entry, long idle) {
    if (size == CAPACITY && idle <= idleness[0] || contains(database, entry)) {
      return;
    }
    int place = 0;
    while (place < size && idleness[place] < idle) {
      place++;
    }
    if (size == CAPACITY) {
      // The worst goes; what was worse than the new one moves down.
      place--;
      rotate(0, place);
    } else {
      rotateUp(place);
      size++;
    }
    idleness[place] = idle;
    databases[place] = database.index();
    keep(place, entry);
  }

  private void rotate(int from, int to) {
    byte[] key = keys[from];
    System.arraycopy(idleness, from + 1, idleness, from, to - from);
    System.arraycopy(databases, from + 1, databases, from, to - from);
    System.arraycopy(keyLengths, from + 1, keyLengths, from, to - from);
    System.arraycopy(keys, from + 1, keys, from, to - from);
    keys[to] = key;
  }

  private void rotateUp(int from) {
    byte[] key = keys[size];
    System.arraycopy(idleness, from, idleness, from + 1, size - from);
    System.arraycopy(databases, from, databases, from + 1, size - from);
    System.arraycopy(keyLengths, from, keyLengths, from + 1, size - from);
    System.arraycopy(keys, from, keys, from + 1, size - from);
    keys[from] = key;
  }

  private void keep(int place, long entry) {
    int length = EntryLayout.keyLength(entry);
    if (keys[place] == null || keys[place].length < length || length < keys[place].length / 2) {
      keys[place] = new byte[Math.max(length, CACHED_KEY_BYTES)];
    }
    Memory.copyOut(EntryLayout.key(entry), keys[place], 0, length);
    keyLengths[place] = length;
  }

  private boolean contains(Database database, long entry) {
    int length = EntryLayout.keyLength(entry);
    for (int i = 0; i < size; i++) {
      if (databases[i] == database.index() && keyLengths[i] == length && isKey(i, entry, length)) {
        return true;
      }
    }
    return false;
  }

  private boolean isKey(int place, long entry, int length) {
    long at = EntryLayout.key(entry);
    for (int i = 0; i < length; i++) {
      if (Memory.getByte(at + i) != keys[place][i]) {
        return false;
      }
    }
    return true;
  }

  /// Takes the best out; its key and database can be asked for until the next offer.
  void takeBest() {
    size--;
  }

  int takenDatabase() {
    return databases[size];
  }

  byte[] takenKey() {
    return keys[size];
  }

  int takenKeyLength() {
    return keyLengths[size];
  }
}
