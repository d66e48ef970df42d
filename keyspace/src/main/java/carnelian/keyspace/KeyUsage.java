package carnelian.keyspace;

import carnelian.memory.Heap;
import carnelian.structures.EntryLayout;

/// How long ago, or how often, a key was used: what `OBJECT IDLETIME` and `FREQ` reply, and what
/// RESTORE and snapshots bring along. Looking at it is no use of the key. On the engine's thread.
public final class KeyUsage {
  private final Heap heap;
  private final AccessClock clock;

  KeyUsage(Heap heap, AccessClock clock) {
    this.heap = heap;
    this.clock = clock;
  }

  public long idleSeconds(long entry) {
    return clock.idleSeconds(EntryLayout.accessClock(entry));
  }

  /// The logarithmic counter, 0 to 255.
  public int frequency(long entry) {
    return clock.frequency(EntryLayout.accessClock(entry));
  }

  /// Sets how long ago the key was used; without meaning, and without effect, under an LFU policy.
  public void idleSeconds(long entry, long seconds) {
    if (!clock.isLfu()) {
      heap.touch(entry, EntryLayout.HEADER_BYTES);
      EntryLayout.accessClock(entry, clock.ofIdleSeconds(seconds));
    }
  }

  /// Sets how often the key was used; without meaning, and without effect, under other policies.
  public void frequency(long entry, int frequency) {
    if (clock.isLfu()) {
      heap.touch(entry, EntryLayout.HEADER_BYTES);
      EntryLayout.accessClock(entry, clock.ofFrequency(frequency));
    }
  }
}
