package carnelian.server;

import carnelian.persistence.log.Log;
import org.jspecify.annotations.Nullable;

/// Keeps replies back that show what is not on disk yet: `appendfsync always`. What was executed
/// while the log was ahead of the disk is sent when the disk has caught up; the engine goes on
/// meanwhile, and one flush serves everyone who waits. On the engine's loop.
final class ReplyGate {
  private static final int INITIAL_WAITING = 64;

  private final Log log;

  // A ring of those who wait, in the order of their offsets.
  private @Nullable HeldOutlet[] waiting = new HeldOutlet[INITIAL_WAITING];
  private long[] offsets = new long[INITIAL_WAITING];
  private int head;
  private int count;

  ReplyGate(Log log) {
    this.log = log;
  }

  /// Something was written to the outlet: holds it if that may not be seen yet.
  void hold(HeldOutlet outlet) {
    if (!log.isAheadOfDisk()) {
      return;
    }
    long offset = log.offset();
    if (outlet.heldUntil() == offset) {
      return;
    }
    outlet.holdUntil(offset);
    if (count == waiting.length) {
      grow();
    }
    int tail = head + count & waiting.length - 1;
    waiting[tail] = outlet;
    offsets[tail] = offset;
    count++;
  }

  private void grow() {
    @Nullable HeldOutlet[] more = new HeldOutlet[2 * waiting.length];
    long[] moreOffsets = new long[2 * waiting.length];
    for (int i = 0; i < count; i++) {
      int from = head + i & waiting.length - 1;
      more[i] = waiting[from];
      moreOffsets[i] = offsets[from];
    }
    waiting = more;
    offsets = moreOffsets;
    head = 0;
  }

  /// Sends what may be seen now.
  void release() {
    long released = log.releasedOffset();
    while (count > 0 && offsets[head] <= released) {
      HeldOutlet outlet = waiting[head];
      waiting[head] = null;
      head = head + 1 & waiting.length - 1;
      count--;
      // Who has waited again since waits for the later offset.
      if (outlet != null && outlet.heldUntil() <= released) {
        outlet.release();
      }
    }
  }
}
