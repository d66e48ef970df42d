package carnelian.keyspace;

import carnelian.memory.Memory;
import carnelian.structures.EntryLayout;

/// A consumer of a group: an entry ([EntryLayout]) whose key is the consumer's name and whose
/// inline value is this.
///
/// | offset | size | field        | meaning                                                        |
/// |-------:|-----:|--------------|----------------------------------------------------------------|
/// |      0 |    8 | `seenTime`   | Unix ms of its last attempt to read or claim                   |
/// |      8 |    8 | `activeTime` | Unix ms when it last got entries; -1: never                    |
/// |     16 |    8 | `pending`    | tree of what is pending with it, by ID; the group owns the items |
///
/// In memory only; never moves.
final class StreamConsumerLayout {
  static final int BYTES = 24;

  private static final int ACTIVE_TIME = 8;
  private static final int PENDING = 16;

  private StreamConsumerLayout() {}

  static long seenTime(long consumer) {
    return Memory.getLong(EntryLayout.value(consumer));
  }

  static void seenTime(long consumer, long millis) {
    Memory.putLong(EntryLayout.value(consumer), millis);
  }

  static long activeTime(long consumer) {
    return Memory.getLong(EntryLayout.value(consumer) + ACTIVE_TIME);
  }

  static void activeTime(long consumer, long millis) {
    Memory.putLong(EntryLayout.value(consumer) + ACTIVE_TIME, millis);
  }

  static long pending(long consumer) {
    return Memory.getLong(EntryLayout.value(consumer) + PENDING);
  }

  static void pending(long consumer, long tree) {
    Memory.putLong(EntryLayout.value(consumer) + PENDING, tree);
  }
}
