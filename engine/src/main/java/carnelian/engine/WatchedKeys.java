package carnelian.engine;

import carnelian.keyspace.Database;
import carnelian.memory.NativeBuffer;
import carnelian.memory.Slice;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Which client watches which key, and what a change does to them.
///
/// A change marks every watching client, whose EXEC then replies nil. A key whose deadline had
/// already passed when it was watched counts as absent from the start: that it is removed later is
/// no change. A key that expires between WATCH and EXEC is one, also if nobody has removed it yet.
final class WatchedKeys {
  /// One client watching one key.
  static final class Watch {
    private final Client client;
    private final Database database;
    private final KeyMap.Node<List<Watch>> node;
    private boolean expiredAtWatch;

    private Watch(
        Client client, Database database, KeyMap.Node<List<Watch>> node, boolean expiredAtWatch) {
      this.client = client;
      this.database = database;
      this.node = node;
      this.expiredAtWatch = expiredAtWatch;
    }
  }

  private final KeyMap<List<Watch>> keys;
  private final JavaHeapBudget budget;
  private final NativeBuffer keyBytes = new NativeBuffer(64);
  private final Slice keySlice = new Slice();
  private int watchingClients;

  WatchedKeys(long seed, JavaHeapBudget budget) {
    this.budget = budget;
    keys = new KeyMap<>(seed, budget);
  }

  boolean isEmpty() {
    return keys.isEmpty();
  }

  int keys() {
    return keys.size();
  }

  int clients() {
    return watchingClients;
  }

  /// The client watches a key of its database from now on; once is enough.
  void watch(Client client, Slice key) {
    Database database = client.database();
    KeyMap.Node<List<Watch>> node = keys.find(database.index(), key);
    budget.check(2L * JavaHeapBudget.OBJECT_BYTES + key.length);
    if (node == null) {
      node = keys.insert(database.index(), key, new ArrayList<>(2));
    } else {
      for (Watch watch : node.value) {
        if (watch.client == client) {
          return;
        }
      }
    }
    Watch watch = new Watch(client, database, node, isExpired(database, key));
    node.value.add(watch);
    budget.take(JavaHeapBudget.OBJECT_BYTES);
    List<Watch> own = client.transaction.watches();
    if (own.isEmpty()) {
      watchingClients++;
    }
    own.add(watch);
  }

  void unwatchAll(Client client) {
    if (client.transaction.watchedKeys() == 0) {
      return;
    }
    List<Watch> own = client.transaction.watches();
    budget.giveBack((long) own.size() * JavaHeapBudget.OBJECT_BYTES);
    for (Watch watch : own) {
      watch.node.value.remove(watch);
      if (watch.node.value.isEmpty()) {
        keys.remove(watch.node);
      }
    }
    own.clear();
    watchingClients--;
  }

  /// A key has changed, or was removed because its deadline had passed.
  void changed(Database database, Slice key, boolean removedBecauseExpired) {
    KeyMap.Node<List<Watch>> node = keys.find(database.index(), key);
    if (node == null) {
      return;
    }
    for (Watch watch : node.value) {
      if (watch.expiredAtWatch && (removedBecauseExpired || database.find(key) == 0)) {
        watch.expiredAtWatch = false; // It was as good as gone. From here on it counts.
      } else {
        watch.client.transaction.breakWatch();
      }
    }
  }

  /// All keys of the database are about to go.
  void flushed(Database database) {
    for (KeyMap.Node<List<Watch>> node = keys.first(); node != null; node = node.next()) {
      if (node.database == database.index()) {
        replaced(node, database, null);
      }
    }
  }

  /// The two databases have changed places.
  void swapped(Database first, Database second) {
    for (KeyMap.Node<List<Watch>> node = keys.first(); node != null; node = node.next()) {
      if (node.database == first.index()) {
        replaced(node, second, first);
      } else if (node.database == second.index()) {
        replaced(node, first, second);
      }
    }
  }

  /// What the key was is found in `before`, what it is now in `now`.
  private void replaced(KeyMap.Node<List<Watch>> node, Database before, @Nullable Database now) {
    Slice key = key(node);
    boolean was = before.find(key) != 0;
    boolean is = now != null && now.find(key) != 0;
    if (!was && !is) {
      return; // Nothing before, nothing after.
    }
    boolean expiredNow = now != null && isExpired(now, key);
    for (Watch watch : node.value) {
      if (watch.expiredAtWatch && !is) {
        watch.expiredAtWatch = false; // It was as good as gone, and now is.
      } else if (expiredNow && (watch.expiredAtWatch || !was)) {
        watch.expiredAtWatch = true; // As good as absent before and after.
      } else {
        watch.client.transaction.breakWatch();
      }
    }
  }

  /// Whether one of the client's keys has passed its deadline since it was watched.
  boolean anyExpired(Client client) {
    if (client.transaction.watchedKeys() == 0) {
      return false;
    }
    for (Watch watch : client.transaction.watches()) {
      if (!watch.expiredAtWatch && isExpired(watch.database, key(watch.node))) {
        return true;
      }
    }
    return false;
  }

  private static boolean isExpired(Database database, Slice key) {
    long entry = database.find(key);
    return entry != 0 && database.isExpired(entry);
  }

  void close() {
    keyBytes.close();
  }

  private Slice key(KeyMap.Node<?> node) {
    keyBytes.clear();
    keyBytes.put(node.key);
    return keyBytes.slice(keySlice);
  }
}
