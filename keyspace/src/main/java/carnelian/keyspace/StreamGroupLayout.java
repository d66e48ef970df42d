package carnelian.keyspace;

import carnelian.memory.Memory;
import carnelian.structures.EntryLayout;

/// A consumer group: an entry ([EntryLayout]) whose key is the group's name and whose inline value
/// is this.
///
/// | offset | size | field         | meaning                                                    |
/// |-------:|-----:|---------------|------------------------------------------------------------|
/// |      0 |   16 | `lastId`      | of the last entry that was delivered: ms, sequence         |
/// |     16 |    8 | `entriesRead` | how many entries of the stream the group has read; -1: unknown |
/// |     24 |    8 | `pending`     | tree of what is pending, by ID                             |
/// |     32 |    8 | `consumers`   | tree of consumers, by name                                 |
///
/// In memory only; never moves.
final class StreamGroupLayout {
  static final int BYTES = 40;

  private static final int ENTRIES_READ = 16;
  private static final int PENDING = 24;
  private static final int CONSUMERS = 32;

  private StreamGroupLayout() {}

  static StreamId lastId(long group, StreamId into) {
    long at = EntryLayout.value(group);
    return into.set(Memory.getLong(at), Memory.getLong(at + Long.BYTES));
  }

  static void setLastId(long group, StreamId id) {
    long at = EntryLayout.value(group);
    Memory.putLong(at, id.ms);
    Memory.putLong(at + Long.BYTES, id.sequence);
  }

  static long entriesRead(long group) {
    return Memory.getLong(EntryLayout.value(group) + ENTRIES_READ);
  }

  static void entriesRead(long group, long entries) {
    Memory.putLong(EntryLayout.value(group) + ENTRIES_READ, entries);
  }

  static long pending(long group) {
    return Memory.getLong(EntryLayout.value(group) + PENDING);
  }

  static long consumers(long group) {
    return Memory.getLong(EntryLayout.value(group) + CONSUMERS);
  }

  static void trees(long group, long pending, long consumers) {
    Memory.putLong(EntryLayout.value(group) + PENDING, pending);
    Memory.putLong(EntryLayout.value(group) + CONSUMERS, consumers);
  }
}
