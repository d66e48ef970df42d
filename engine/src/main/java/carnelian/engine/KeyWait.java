package carnelian.engine;

import carnelian.keyspace.Database;
import carnelian.keyspace.Type;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// One client that waits for keys: its command, to be run again when one of them is ready, and its
/// places in the queues of the keys.
final class KeyWait {
  static final int NOT_IN_HEAP = -1;
  static final long NEVER = Long.MAX_VALUE;

  /// A place in the queue of one key.
  static final class Place {
    final KeyWait wait;
    final KeyQueue queue;
    @Nullable Place before;
    @Nullable Place after;

    Place(KeyWait wait, KeyQueue queue) {
      this.wait = wait;
      this.queue = queue;
    }
  }

  /// Who waits for one key, first come first.
  static final class KeyQueue {
    final Database database;
    KeyMap.@Nullable Node<KeyQueue> node;
    @Nullable Place first;
    @Nullable Place last;
    boolean ready;

    KeyQueue(Database database) {
      this.database = database;
    }

    void append(Place place) {
      place.before = last;
      if (last == null) {
        first = place;
      } else {
        last.after = place;
      }
      last = place;
    }

    void remove(Place place) {
      if (place.before == null) {
        first = place.after;
      } else {
        place.before.after = place.after;
      }
      if (place.after == null) {
        last = place.before;
      } else {
        place.after.before = place.before;
      }
    }
  }

  final Client client;
  final CommandQueue command;
  final Database database;
  final Type type;
  final boolean wokenByDeletion;
  final long deadlineNanos;

  /// Orders waits that end at the same moment.
  final long sequence;

  final List<Place> places = new ArrayList<>(2);
  int heapIndex = NOT_IN_HEAP;
  boolean waitsOn;

  KeyWait(
      Client client,
      CommandQueue command,
      Type type,
      boolean wokenByDeletion,
      long deadlineNanos,
      long sequence) {
    this.client = client;
    this.command = command;
    this.database = client.database();
    this.type = type;
    this.wokenByDeletion = wokenByDeletion;
    this.deadlineNanos = deadlineNanos;
    this.sequence = sequence;
  }

  boolean endsBefore(KeyWait other) {
    return deadlineNanos != other.deadlineNanos
        ? deadlineNanos < other.deadlineNanos
        : sequence < other.sequence;
  }
}
