package carnelian.structures;

import carnelian.memory.Heap;
import carnelian.memory.HeapLimitException;

/// How compact structures grow and shrink: seldom, and without wasting much.
final class Blocks {
  /// Below this the heap's size classes are slack enough; above it they may be exact pages.
  private static final long EXACT_UNTIL_BYTES = 2048;

  private Blocks() {}

  /// Makes room for `bytes` in the block at `at`; an eighth more if it is large, so that a run of
  /// appends copies each byte a bounded number of times.
  static long grow(Heap heap, long at, long bytes) {
    if (bytes <= heap.usable(at)) {
      return at;
    }
    return heap.resize(at, bytes <= EXACT_UNTIL_BYTES ? bytes : bytes + (bytes >>> 3));
  }

  /// Gives memory back once less than half of the block is used.
  static long shrink(Heap heap, long at, long bytes) {
    return bytes < heap.usable(at) >>> 1 ? fit(heap, at, bytes) : at;
  }

  /// Gives back what is beyond `bytes`. A full heap may have no room for the smaller copy: then the
  /// block stays as it is, for taking something out must never fail.
  static long fit(Heap heap, long at, long bytes) {
    try {
      return heap.resize(at, bytes);
    } catch (HeapLimitException _) {
      return at;
    }
  }
}
