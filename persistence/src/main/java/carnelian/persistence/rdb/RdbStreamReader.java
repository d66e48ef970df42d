package carnelian.persistence.rdb;

import carnelian.keyspace.Database;
import carnelian.keyspace.StreamGroups;
import carnelian.keyspace.StreamId;
import carnelian.keyspace.StreamMeta;
import carnelian.keyspace.StreamNodes;
import carnelian.keyspace.Streams;
import carnelian.memory.Memory;
import carnelian.memory.Slice;
import carnelian.structures.Listpacks;
import carnelian.structures.TreeCursor;
import java.io.IOException;

/// Makes streams of what an RDB file or a DUMP payload holds, in the three forms that Redis has
/// written. Nothing is trusted: nodes are checked element by element, IDs must be new, what is
/// pending must belong to its group and to one consumer.
final class RdbStreamReader {
  private static final int ID_BYTES = 16;

  private final RdbInput in;
  private final Streams streams;
  private final Listpacks listpacks;
  private final Slice string = new Slice();
  private final StreamId id = new StreamId();

  RdbStreamReader(RdbInput in, Streams streams, Listpacks listpacks) {
    this.in = in;
    this.streams = streams;
    this.listpacks = listpacks;
  }

  /// Reads a stream and adds it under a key that is absent. Returns the entry.
  long read(RdbType type, Database db, Slice key) throws IOException {
    long entry = streams.create(db, key);
    long nodes = in.readLength();
    long present = 0;
    for (long i = 0; i != nodes; i++) {
      present += readNode(entry);
    }
    readMeta(type, entry, present);
    long groups = in.readLength();
    for (long i = 0; i != groups; i++) {
      readGroup(type, entry);
    }
    return entry;
  }

  /// Returns how many entries the node has.
  private long readNode(long entry) throws IOException {
    in.readString(string);
    if (string.length != ID_BYTES) {
      throw in.broken(0, "a stream ID of 16 bytes", string.length + " bytes");
    }
    long ms = Long.reverseBytes(Memory.getLong(string.at));
    id.set(ms, Long.reverseBytes(Memory.getLong(string.at + Long.BYTES)));
    long start = in.offset();
    in.readString(string);
    long count =
        Listpacks.validate(string.at, string.length, true) ? StreamNodes.count(string.at) : -1;
    if (count < 0) {
      int bytes = (int) (in.offset() - start);
      throw in.broken(bytes, "a stream's node", string.length + " bytes that are none");
    }
    long listpack = listpacks.copyOf(string.at);
    if (!streams.addNode(entry, id, listpack)) {
      listpacks.destroy(listpack);
      throw in.broken(0, "each node once", "a node that came before: " + id);
    }
    return count;
  }

  private void readMeta(RdbType type, long entry, long present) throws IOException {
    long length = in.readLength();
    if (length != present) {
      throw in.broken(0, "the number of entries, " + present, Long.toUnsignedString(length));
    }
    StreamId last = readId(new StreamId());
    StreamId first = new StreamId();
    StreamId maxDeleted = new StreamId();
    long added = length;
    if (type == RdbType.STREAM_LISTPACKS) {
      streams.findFirstId(entry, first);
    } else {
      readId(first);
      readId(maxDeleted);
      added = in.readLength();
    }
    streams.restored(entry, new StreamMeta(length, last, first, maxDeleted, added, 0));
  }

  private StreamId readId(StreamId into) throws IOException {
    long ms = in.readLength();
    return into.set(ms, in.readLength());
  }

  /// Sixteen bytes, the highest first.
  private StreamId readRawId(StreamId into) throws IOException {
    long ms = Long.reverseBytes(in.readLong());
    return into.set(ms, Long.reverseBytes(in.readLong()));
  }

  private void readGroup(RdbType type, long entry) throws IOException {
    StreamGroups groups = streams.groups();
    in.readString(string);
    if (groups.find(entry, string) != 0) {
      throw in.broken(0, "each consumer group once", "a group that came before");
    }
    long group = groups.create(entry, string, new StreamId(), StreamGroups.UNKNOWN_ENTRIES_READ);
    StreamId last = readId(new StreamId());
    long entriesRead =
        type == RdbType.STREAM_LISTPACKS ? groups.rank(entry, last) : in.readLength();
    groups.position(group, last, entriesRead);
    long pending = in.readLength();
    for (long i = 0; i != pending; i++) {
      readRawId(id);
      if (groups.pendingEntry(group, id) != 0) {
        throw in.broken(0, "each pending entry once", id.toString());
      }
      long time = in.readLong();
      long _ = groups.createPending(group, id, time, in.readLength());
    }
    long consumers = in.readLength();
    for (long i = 0; i != consumers; i++) {
      readConsumer(type, group);
    }
    checkConsumers(group);
  }

  private void readConsumer(RdbType type, long group) throws IOException {
    StreamGroups groups = streams.groups();
    in.readString(string);
    if (groups.consumer(group, string) != 0) {
      throw in.broken(0, "each consumer once", "a consumer that came before");
    }
    long consumer = groups.createConsumer(group, string, 0);
    long seen = in.readLong();
    groups.seen(consumer, seen);
    groups.active(consumer, type == RdbType.STREAM_LISTPACKS_3 ? in.readLong() : seen);
    long count = in.readLength();
    for (long i = 0; i != count; i++) {
      long pending = groups.pendingEntry(group, readRawId(id));
      if (pending == 0 || StreamGroups.consumerOf(pending) != 0) {
        throw in.broken(0, "a pending entry of the group, with one consumer", id.toString());
      }
      groups.assign(pending, consumer);
    }
  }

  private void checkConsumers(long group) throws RdbFormatException {
    TreeCursor each = new TreeCursor();
    boolean more = streams.groups().firstPending(group, id.set(0, 0), each);
    for (; more; more = each.next()) {
      if (StreamGroups.consumerOf(each.reference()) == 0) {
        StreamGroups.id(each.reference(), id);
        throw in.broken(0, "a consumer for each pending entry", "none for " + id);
      }
    }
  }

  /// Reads over a stream.
  static void skip(RdbInput in, RdbType type) throws IOException {
    skipStrings(in, in.readLength(), 2);
    skipNumbers(in, type == RdbType.STREAM_LISTPACKS ? 3 : 8);
    long groups = in.readLength();
    for (long i = 0; i != groups; i++) {
      in.skipString();
      skipNumbers(in, type == RdbType.STREAM_LISTPACKS ? 2 : 3);
      long pending = in.readLength();
      for (long k = 0; k != pending; k++) {
        in.skip(ID_BYTES + Long.BYTES);
        skipNumbers(in, 1);
      }
      long consumers = in.readLength();
      for (long k = 0; k != consumers; k++) {
        in.skipString();
        in.skip(type == RdbType.STREAM_LISTPACKS_3 ? 2 * Long.BYTES : Long.BYTES);
        long ids = in.readLength();
        for (long n = 0; n != ids; n++) {
          in.skip(ID_BYTES);
        }
      }
    }
  }

  private static void skipStrings(RdbInput in, long count, int strings) throws IOException {
    for (long i = 0; i != count; i++) {
      for (int k = 0; k < strings; k++) {
        in.skipString();
      }
    }
  }

  private static void skipNumbers(RdbInput in, int numbers) throws IOException {
    for (int i = 0; i < numbers; i++) {
      long _ = in.readLength();
    }
  }
}
