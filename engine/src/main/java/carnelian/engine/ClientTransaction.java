package carnelian.engine;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// One client's side of MULTI and WATCH: the commands it has queued, the keys it watches, and
/// whether one of them has changed.
final class ClientTransaction {
  private static final int KEPT_BYTES = 4096;

  private TransactionState state = TransactionState.NONE;
  private @Nullable CommandQueue queue;
  private @Nullable List<WatchedKeys.Watch> watches;
  private boolean broken;

  TransactionState state() {
    return state;
  }

  /// Whether a watched key has changed, so that EXEC must do nothing.
  boolean isBroken() {
    return broken;
  }

  void breakWatch() {
    broken = true;
  }

  void mendWatch() {
    broken = false;
  }

  void begin() {
    state = TransactionState.QUEUEING;
    if (queue == null) {
      queue = new CommandQueue();
    }
  }

  void doom() {
    if (state == TransactionState.QUEUEING) {
      state = TransactionState.DOOMED;
    }
  }

  CommandQueue queue() {
    CommandQueue present = queue;
    if (present == null) {
      throw new IllegalStateException("no transaction");
    }
    return present;
  }

  int queuedCommands() {
    return queue == null ? 0 : queue.size();
  }

  int queuedFlags() {
    return queue == null ? 0 : queue.flags();
  }

  int commonFlags() {
    return queue == null ? 0 : queue.commonFlags();
  }

  int queuedBytes() {
    return queue == null ? 0 : queue.usedBytes();
  }

  long memoryBytes() {
    return state == TransactionState.NONE || queue == null ? 0 : queue.memoryBytes();
  }

  int watchedKeys() {
    return watches == null ? 0 : watches.size();
  }

  List<WatchedKeys.Watch> watches() {
    List<WatchedKeys.Watch> present = watches;
    if (present == null) {
      present = new ArrayList<>();
      watches = present;
    }
    return present;
  }

  /// Back to no transaction. A queue that has grown gives its memory back.
  void end() {
    state = TransactionState.NONE;
    broken = false;
    if (queue != null) {
      if (queue.memoryBytes() > KEPT_BYTES) {
        close();
      } else {
        queue.clear();
      }
    }
  }

  void close() {
    if (queue != null) {
      queue.close();
      queue = null;
    }
  }
}
