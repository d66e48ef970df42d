package carnelian.keyspace;

import carnelian.memory.Memory;

/// What stands for a stream; the entry of the key refers to it.
///
/// | offset | size | field                | meaning                                             |
/// |-------:|-----:|----------------------|-----------------------------------------------------|
/// |      0 |    8 | `nodes`              | tree of nodes, by the ID of their first entry       |
/// |      8 |    8 | `groups`             | tree of consumer groups by name; 0: never had one   |
/// |     16 |    8 | `length`             | entries that are not deleted                        |
/// |     24 |    8 | `entriesAdded`       | entries ever added                                  |
/// |     32 |   16 | `lastId`             | of the last entry ever added: ms, sequence          |
/// |     48 |   16 | `firstId`            | of the first entry that is not deleted, or 0        |
/// |     64 |   16 | `maxDeletedId`       | the greatest that XDEL has deleted, or 0            |
///
/// In memory only; belongs to the one entry that refers to it and never moves.
final class StreamLayout {
  static final int BYTES = 80;

  private static final int NODES = 0;
  private static final int GROUPS = 8;
  private static final int LENGTH = 16;
  private static final int ENTRIES_ADDED = 24;
  private static final int LAST_ID = 32;
  private static final int FIRST_ID = 48;
  private static final int MAX_DELETED_ID = 64;

  private StreamLayout() {}

  static long nodes(long stream) {
    return Memory.getLong(stream + NODES);
  }

  static void nodes(long stream, long tree) {
    Memory.putLong(stream + NODES, tree);
  }

  static long groups(long stream) {
    return Memory.getLong(stream + GROUPS);
  }

  static void groups(long stream, long tree) {
    Memory.putLong(stream + GROUPS, tree);
  }

  static long length(long stream) {
    return Memory.getLong(stream + LENGTH);
  }

  static void length(long stream, long length) {
    Memory.putLong(stream + LENGTH, length);
  }

  static long entriesAdded(long stream) {
    return Memory.getLong(stream + ENTRIES_ADDED);
  }

  static void entriesAdded(long stream, long entries) {
    Memory.putLong(stream + ENTRIES_ADDED, entries);
  }

  static StreamId lastId(long stream, StreamId into) {
    return id(stream + LAST_ID, into);
  }

  static void setLastId(long stream, StreamId id) {
    setId(stream + LAST_ID, id);
  }

  static StreamId firstId(long stream, StreamId into) {
    return id(stream + FIRST_ID, into);
  }

  static void setFirstId(long stream, StreamId id) {
    setId(stream + FIRST_ID, id);
  }

  static StreamId maxDeletedId(long stream, StreamId into) {
    return id(stream + MAX_DELETED_ID, into);
  }

  static void setMaxDeletedId(long stream, StreamId id) {
    setId(stream + MAX_DELETED_ID, id);
  }

  private static StreamId id(long at, StreamId into) {
    return into.set(Memory.getLong(at), Memory.getLong(at + Long.BYTES));
  }

  private static void setId(long at, StreamId id) {
    Memory.putLong(at, id.ms);
    Memory.putLong(at + Long.BYTES, id.sequence);
  }
}
