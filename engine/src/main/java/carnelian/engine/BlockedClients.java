package carnelian.engine;

import carnelian.base.Invariant;
import carnelian.keyspace.Database;
import carnelian.keyspace.Type;
import carnelian.memory.CopyLimitException;
import carnelian.memory.NativeBuffer;
import carnelian.memory.Slice;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/// Who waits for which key, and who is served when one comes.
///
/// A blocked client keeps its command. When a key that it waits for has come into being with the
/// right type, the command is simply run again: it finds what it wanted and replies, or it blocks
/// again and keeps its place. Invariants:
///
/// 1. A client that waits for several keys stands once in the queue of each, and leaves all of them
///    at once.
/// 2. Each queue is served from its front: who came first gets first, as long as there is
///    something.
/// 3. Keys are only marked while a command runs; they are served after it (after EXEC or a script
///    as a whole), in the order in which they were marked. What serving marks is served after that.
final class BlockedClients {
  /// Runs the command of a blocked client once more.
  interface Repeater {
    void repeat(KeyWait wait);
  }

  private final KeyMap<KeyWait.KeyQueue> queues;
  private final JavaHeapBudget budget;
  private final DeadlineHeap deadlines = new DeadlineHeap();
  private final ArrayDeque<KeyWait.KeyQueue> ready = new ArrayDeque<>();
  private final NativeBuffer keyBytes = new NativeBuffer(64);
  private final Slice keySlice = new Slice();
  private int clients;
  private long nextSequence;
  private boolean serving;

  BlockedClients(long seed, JavaHeapBudget budget) {
    this.budget = budget;
    queues = new KeyMap<>(seed, budget);
  }

  /// Clients that wait for keys.
  int clients() {
    return clients;
  }

  /// Of them, those that give up some time.
  int clientsWithTimeout() {
    return deadlines.size();
  }

  /// Keys that somebody waits for.
  int keys() {
    return queues.size();
  }

  // ---- Waiting ---------------------------------------------------------------------------------

  /// Makes the call's client wait for the keys among its arguments. `deadlineNanos` is
  /// [KeyWait#NEVER] if it has all the time.
  void block(Call call, int firstArg, int lastArg, KeyWait wait) {
    Client client = call.client();
    Invariant.check(!client.isBlocked(), "a blocked client does not block again");
    for (int i = firstArg; i <= lastArg; i++) {
      join(wait, call.arg(i));
    }
    if (wait.deadlineNanos != KeyWait.NEVER) {
      deadlines.add(wait);
    }
    client.keyWait = wait;
    client.blockage = Client.Blockage.KEYS;
    clients++;
  }

  private static long heapBytes(Call call, int firstArg, int lastArg) {
    long bytes = 0;
    for (int i = firstArg; i <= lastArg; i++) {
      CopyLimitException.check(call.arg(i).length);
      bytes += 2L * JavaHeapBudget.OBJECT_BYTES + call.arg(i).length;
    }
    return bytes;
  }

  /// An error reply if what waiting for these arguments takes is too much.
  void check(Call call, int firstArg, int lastArg) {
    budget.check(heapBytes(call, firstArg, lastArg));
  }

  KeyWait newWait(Call call, Type type, boolean wokenByDeletion, long deadlineNanos) {
    CommandQueue command = new CommandQueue();
    command.add(call);
    return new KeyWait(
        call.client(), command, type, wokenByDeletion, deadlineNanos, nextSequence++);
  }

  private void join(KeyWait wait, Slice key) {
    KeyMap.Node<KeyWait.KeyQueue> node = queues.find(wait.database.index(), key);
    KeyWait.KeyQueue queue;
    if (node == null) {
      queue = new KeyWait.KeyQueue(wait.database);
      queue.node = queues.insert(wait.database.index(), key, queue);
    } else {
      queue = node.value;
      if (queue.last != null && queue.last.wait == wait) {
        return; // The same key twice counts once; nobody has joined its queue in between.
      }
    }
    KeyWait.Place place = new KeyWait.Place(wait, queue);
    queue.append(place);
    wait.places.add(place);
    budget.take(JavaHeapBudget.OBJECT_BYTES);
  }

  /// The client waits no more: leaves all queues and forgets its command.
  void leave(KeyWait wait) {
    budget.giveBack((long) wait.places.size() * JavaHeapBudget.OBJECT_BYTES);
    for (KeyWait.Place place : wait.places) {
      place.queue.remove(place);
      KeyMap.Node<KeyWait.KeyQueue> node = place.queue.node;
      if (place.queue.first == null && node != null) {
        queues.remove(node);
        place.queue.node = null;
      }
    }
    wait.places.clear();
    deadlines.remove(wait);
    wait.command.close();
    wait.client.keyWait = null;
    wait.client.blockage = Client.Blockage.NONE;
    clients--;
  }

  // ---- Keys that come --------------------------------------------------------------------------

  /// Something happened to a key that somebody may wait for.
  void touched(Database database, Slice key) {
    if (queues.isEmpty()) {
      return;
    }
    KeyMap.Node<KeyWait.KeyQueue> node = queues.find(database.index(), key);
    if (node != null) {
      mark(node.value);
    }
  }

  /// Any key of the database may be another one now.
  void touchedAll(Database database) {
    for (KeyMap.Node<KeyWait.KeyQueue> node = queues.first(); node != null; node = node.next()) {
      if (node.database == database.index()) {
        mark(node.value);
      }
    }
  }

  private void mark(KeyWait.KeyQueue queue) {
    if (!queue.ready) {
      queue.ready = true;
      ready.add(queue);
    }
  }

  boolean hasReadyKeys() {
    return !ready.isEmpty();
  }

  /// Serves the keys that were marked, and those that this marks, until none is left.
  void serve(Repeater repeater) {
    if (serving) {
      return;
    }
    serving = true;
    try {
      KeyWait.KeyQueue queue;
      while ((queue = ready.poll()) != null) {
        queue.ready = false;
        serve(queue, repeater);
      }
    } finally {
      serving = false;
    }
  }

  private void serve(KeyWait.KeyQueue queue, Repeater repeater) {
    // Who joins while this runs stands behind the last one of now and is not asked.
    KeyWait.Place end = queue.last;
    KeyWait.Place place = queue.first;
    while (place != null) {
      KeyWait.Place next = place == end ? null : place.after;
      Type present = presentType(queue);
      if (present == null && !place.wait.wokenByDeletion) {
        // Gone. Only who wants to hear of that is still asked.
        place = next;
        continue;
      }
      if (present == place.wait.type || place.wait.wokenByDeletion) {
        repeater.repeat(place.wait);
      }
      place = next;
    }
  }

  /// The type of the value that the queue's key has now; null if there is none.
  private @Nullable Type presentType(KeyWait.KeyQueue queue) {
    KeyMap.Node<KeyWait.KeyQueue> node = queue.node;
    if (node == null) {
      return null;
    }
    long entry = queue.database.peek(key(node));
    return entry == 0 ? null : Database.type(entry);
  }

  private Slice key(KeyMap.Node<?> node) {
    keyBytes.clear();
    keyBytes.put(node.key);
    return keyBytes.slice(keySlice);
  }

  // ---- Time ------------------------------------------------------------------------------------

  /// When the first of the waits ends, or [KeyWait#NEVER].
  long nextDeadlineNanos() {
    KeyWait first = deadlines.first();
    return first == null ? KeyWait.NEVER : first.deadlineNanos;
  }

  /// A wait that has ended by now, or null.
  @Nullable KeyWait overdue(long nowNanos) {
    KeyWait first = deadlines.first();
    return first != null && first.deadlineNanos <= nowNanos ? first : null;
  }

  void close() {
    keyBytes.close();
  }
}
