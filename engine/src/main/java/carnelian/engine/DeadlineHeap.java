package carnelian.engine;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// Blocked clients by the moment at which they give up: a binary heap in which each knows its
/// place, so that one that is served early leaves at once.
final class DeadlineHeap {
  private KeyWait[] heap = new KeyWait[16];
  private int size;

  int size() {
    return size;
  }

  /// The wait that ends first, or null.
  @Nullable KeyWait first() {
    return size == 0 ? null : heap[0];
  }

  void add(KeyWait wait) {
    if (size == heap.length) {
      heap = Arrays.copyOf(heap, size * 2);
    }
    place(wait, size++);
    up(wait);
  }

  void remove(KeyWait wait) {
    int hole = wait.heapIndex;
    if (hole < 0) {
      return;
    }
    wait.heapIndex = KeyWait.NOT_IN_HEAP;
    KeyWait last = heap[--size];
    if (last != wait) {
      place(last, hole);
      up(last);
      down(last);
    }
  }

  private void up(KeyWait wait) {
    int at = wait.heapIndex;
    while (at > 0) {
      KeyWait parent = heap[(at - 1) / 2];
      if (!wait.endsBefore(parent)) {
        break;
      }
      place(parent, at);
      at = (at - 1) / 2;
    }
    place(wait, at);
  }

  private void down(KeyWait wait) {
    int at = wait.heapIndex;
    while (2 * at + 1 < size) {
      int child = 2 * at + 1;
      if (child + 1 < size && heap[child + 1].endsBefore(heap[child])) {
        child++;
      }
      if (!heap[child].endsBefore(wait)) {
        break;
      }
      place(heap[child], at);
      at = child;
    }
    place(wait, at);
  }

  private void place(KeyWait wait, int at) {
    heap[at] = wait;
    wait.heapIndex = at;
  }
}
