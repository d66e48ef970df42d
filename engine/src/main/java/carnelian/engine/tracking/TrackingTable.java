package carnelian.engine.tracking;

import carnelian.engine.KeyMap;
import carnelian.memory.Slice;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// Which clients may hold which keys, by the clients' ids. Keys are names alone, whatever their
/// database, as in Redis. What a client that has gone has read stays until the key changes.
final class TrackingTable {
  /// The ids of the clients who have read one key, in the order of their first reading.
  static final class Readers {
    private long first;
    private long @Nullable [] others;
    private int count = 1;

    private Readers(long id) {
      first = id;
    }

    int count() {
      return count;
    }

    long id(int index) {
      return index == 0 || others == null ? first : others[index - 1];
    }

    private boolean add(long id) {
      for (int i = 0; i < count; i++) {
        if (id(i) == id) {
          return false;
        }
      }
      long[] ids = others == null ? new long[2] : others;
      if (count > ids.length) {
        ids = Arrays.copyOf(ids, ids.length * 2);
      }
      ids[count - 1] = id;
      others = ids;
      count++;
      return true;
    }
  }

  private final long seed;
  private KeyMap<Readers> keys;
  private long items;

  TrackingTable(long seed) {
    this.seed = seed;
    keys = new KeyMap<>(seed);
  }

  void add(Slice key, long id) {
    KeyMap.Node<Readers> node = keys.find(0, key);
    if (node == null) {
      keys.insert(0, key, new Readers(id));
      items++;
    } else if (node.value().add(id)) {
      items++;
    }
  }

  KeyMap.@Nullable Node<Readers> find(Slice key) {
    return keys.find(0, key);
  }

  KeyMap.@Nullable Node<Readers> oldest() {
    return keys.first();
  }

  void remove(KeyMap.Node<Readers> node) {
    keys.remove(node);
    items -= node.value().count();
  }

  void clear() {
    keys = new KeyMap<>(seed);
    items = 0;
  }

  int keys() {
    return keys.size();
  }

  /// Pairs of key and client.
  long items() {
    return items;
  }
}
