package carnelian.keyspace;

import carnelian.memory.Heap;
import carnelian.memory.HeapLimitException;
import carnelian.memory.Memory;
import carnelian.memory.Slice;
import carnelian.memory.View;
import carnelian.structures.CountedTrees;
import carnelian.structures.Element;
import carnelian.structures.EntryLayout;
import carnelian.structures.TreeCursor;

/// The consumer groups of streams: how far each has read, its consumers, and what is pending with
/// them.
///
/// A `group`, a `consumer` and a `pending` (one entry that was delivered and not acknowledged) are
/// references; none of them moves while it exists. What is pending stands in the group's tree and
/// in its consumer's.
///
/// Methods report nothing: the command does. Called on the engine's thread, except [#walk].
public final class StreamGroups {
  /// In place of a number of entries read: it is not known.
  public static final long UNKNOWN_ENTRIES_READ = -1;

  /// In place of a lag: it is not known.
  public static final long UNKNOWN_LAG = Long.MIN_VALUE;

  /// In place of a time: never.
  public static final long NEVER = -1;

  private final Keyspace keyspace;
  private final Heap heap;
  private final CountedTrees byId;
  private final CountedTrees byName;

  /// A word of memory to look sequence numbers up by.
  private final long probe;

  private final TreeCursor place = new TreeCursor();
  private final StreamId id = new StreamId();
  private final StreamId other = new StreamId();

  StreamGroups(Keyspace keyspace, CountedTrees byId, CountedTrees byName, long probe) {
    this.keyspace = keyspace;
    this.heap = keyspace.heap();
    this.byId = byId;
    this.byName = byName;
    this.probe = probe;
  }

  // ---- Groups ----------------------------------------------------------------------------------

  /// How many groups the stream has.
  public long count(long entry) {
    long tree = StreamLayout.groups(Database.reference(entry));
    return tree == 0 ? 0 : byName.count(tree);
  }

  /// The group, or 0.
  public long find(long entry, Slice name) {
    long tree = StreamLayout.groups(Database.reference(entry));
    return tree == 0 ? 0 : named(tree, name);
  }

  private long named(long tree, Slice name) {
    return byName.find(tree, 0, name.at, name.length, place) ? place.reference() : 0;
  }

  /// Adds a group whose name is new, and returns it.
  public long create(long entry, Slice name, StreamId lastId, long entriesRead) {
    long stream = Database.reference(entry);
    if (StreamLayout.groups(stream) == 0) {
      heap.touch(stream, StreamLayout.BYTES);
      StreamLayout.groups(stream, byName.create());
    }
    long group = createGroup(name.at, name.length);
    StreamGroupLayout.setLastId(group, lastId);
    StreamGroupLayout.entriesRead(group, entriesRead);
    insertGroup(StreamLayout.groups(stream), group);
    keyspace.mutated();
    return group;
  }

  private void insertGroup(long tree, long group) {
    try {
      byName.insert(tree, 0, group);
    } catch (HeapLimitException full) {
      destroyGroup(group);
      throw full;
    }
  }

  /// A group without consumers, in no tree yet.
  private long createGroup(long nameAt, int nameLength) {
    long group = createNamed(nameAt, nameLength, StreamGroupLayout.BYTES);
    long pending = 0;
    try {
      pending = byId.create();
      StreamGroupLayout.trees(group, pending, byName.create());
    } catch (HeapLimitException full) {
      if (pending != 0) {
        byId.destroy(pending);
      }
      heap.free(group);
      throw full;
    }
    return group;
  }

  private long createNamed(long nameAt, int nameLength, int bytes) {
    long created = heap.allocate(EntryLayout.bytesFor(nameLength, bytes, false));
    EntryLayout.write(created, Type.STREAM.code(), 0, nameAt, nameLength, bytes);
    return created;
  }

  /// Removes a group with all that it has.
  public void remove(long entry, long group) {
    byName.remove(StreamLayout.groups(Database.reference(entry)), 0, group);
    destroyGroup(group);
    keyspace.mutated();
  }

  /// The name, valid as long as the group or consumer.
  public static Slice name(long groupOrConsumer, Slice into) {
    return into.set(EntryLayout.key(groupOrConsumer), EntryLayout.keyLength(groupOrConsumer));
  }

  /// Of the last entry that was delivered.
  public StreamId lastId(long group, StreamId into) {
    return StreamGroupLayout.lastId(group, into);
  }

  /// How many entries of the stream the group has read, or [#UNKNOWN_ENTRIES_READ].
  public long entriesRead(long group) {
    return StreamGroupLayout.entriesRead(group);
  }

  public void position(long group, StreamId lastId, long entriesRead) {
    touch(group, StreamGroupLayout.BYTES);
    StreamGroupLayout.setLastId(group, lastId);
    StreamGroupLayout.entriesRead(group, entriesRead);
  }

  private void touch(long named, int bytes) {
    heap.touch(EntryLayout.value(named), bytes);
    keyspace.mutated();
  }

  /// The group has been given the entry with this ID, which is greater than its last one.
  public void advance(long entry, long group, StreamId delivered) {
    long read = entriesRead(group);
    long now = UNKNOWN_ENTRIES_READ;
    if (read != UNKNOWN_ENTRIES_READ && !hasDeletedSince(entry, delivered)) {
      now = read + 1;
    } else if (keyspace.streams().entriesAdded(entry) > 0) {
      now = rank(entry, delivered);
    } else {
      now = read;
    }
    position(group, delivered, now);
  }

  /// Entries that the group has yet to read, or [#UNKNOWN_LAG]. Below 0 if the group was said to
  /// have read more than were ever added.
  public long lag(long entry, long group) {
    long added = keyspace.streams().entriesAdded(entry);
    if (added == 0) {
      return 0;
    }
    lastId(group, id);
    long read = entriesRead(group);
    if (read == UNKNOWN_ENTRIES_READ || hasDeletedSince(entry, id)) {
      read = rank(entry, id);
    }
    return read == UNKNOWN_ENTRIES_READ ? UNKNOWN_LAG : added - read;
  }

  /// Whether an entry at or behind this ID may have been deleted, so that counts say nothing.
  private boolean hasDeletedSince(long entry, StreamId since) {
    Streams streams = keyspace.streams();
    return streams.length(entry) > 0
        && !streams.maxDeletedId(entry, other).isZero()
        && since.compare(other) <= 0;
  }

  /// How many entries were ever added up to this ID, or [#UNKNOWN_ENTRIES_READ]. Known at the ends,
  /// and where nothing was deleted between.
  public long rank(long entry, StreamId of) {
    Streams streams = keyspace.streams();
    long added = streams.entriesAdded(entry);
    long length = streams.length(entry);
    if (added == 0) {
      return 0;
    }
    int toLast = of.compare(streams.lastId(entry, other));
    if (toLast == 0 || (length == 0 && toLast < 0)) {
      return added;
    }
    if (toLast > 0) {
      return UNKNOWN_ENTRIES_READ;
    }
    int toFirst = of.compare(streams.firstId(entry, other));
    long firstMs = other.ms;
    long firstSequence = other.sequence;
    streams.maxDeletedId(entry, other);
    boolean whole =
        other.isZero() || StreamId.compare(other.ms, other.sequence, firstMs, firstSequence) < 0;
    if (!whole || toFirst > 0) {
      return UNKNOWN_ENTRIES_READ;
    }
    return toFirst < 0 ? added - length : added - length + 1;
  }

  /// Starts at the first group by name; false if there is none.
  public boolean first(long entry, TreeCursor cursor) {
    long tree = StreamLayout.groups(Database.reference(entry));
    return tree != 0 && byName.first(tree, cursor);
  }

  // ---- Consumers -------------------------------------------------------------------------------

  public long consumers(long group) {
    return byName.count(StreamGroupLayout.consumers(group));
  }

  /// Starts at the group's first consumer by name; false if there is none.
  public boolean firstConsumer(long group, TreeCursor cursor) {
    return byName.first(StreamGroupLayout.consumers(group), cursor);
  }

  /// The consumer, or 0.
  public long consumer(long group, Slice name) {
    return named(StreamGroupLayout.consumers(group), name);
  }

  /// Adds a consumer whose name is new, and returns it.
  public long createConsumer(long group, Slice name, long seenTimeMillis) {
    long consumer = createConsumer(name.at, name.length, seenTimeMillis, NEVER);
    insertConsumer(group, consumer);
    keyspace.mutated();
    return consumer;
  }

  private void insertConsumer(long group, long consumer) {
    try {
      byName.insert(StreamGroupLayout.consumers(group), 0, consumer);
    } catch (HeapLimitException full) {
      byId.destroy(StreamConsumerLayout.pending(consumer));
      heap.free(consumer);
      throw full;
    }
  }

  private long createConsumer(long nameAt, int nameLength, long seenTime, long activeTime) {
    long consumer = createNamed(nameAt, nameLength, StreamConsumerLayout.BYTES);
    StreamConsumerLayout.seenTime(consumer, seenTime);
    StreamConsumerLayout.activeTime(consumer, activeTime);
    try {
      StreamConsumerLayout.pending(consumer, byId.create());
    } catch (HeapLimitException full) {
      heap.free(consumer);
      throw full;
    }
    return consumer;
  }

  /// Removes a consumer, with what is pending with it.
  public void deleteConsumer(long group, long consumer) {
    long tree = StreamConsumerLayout.pending(consumer);
    while (byId.first(tree, place)) {
      delete(group, place.reference());
    }
    byName.remove(StreamGroupLayout.consumers(group), 0, consumer);
    byId.destroy(tree);
    heap.free(consumer);
    keyspace.mutated();
  }

  public static long seenTime(long consumer) {
    return StreamConsumerLayout.seenTime(consumer);
  }

  /// When the consumer last got entries, or [#NEVER].
  public static long activeTime(long consumer) {
    return StreamConsumerLayout.activeTime(consumer);
  }

  /// The consumer has asked for entries.
  public void seen(long consumer, long nowMillis) {
    heap.touch(EntryLayout.value(consumer), StreamConsumerLayout.BYTES);
    StreamConsumerLayout.seenTime(consumer, nowMillis);
  }

  /// The consumer has got entries.
  public void active(long consumer, long nowMillis) {
    heap.touch(EntryLayout.value(consumer), StreamConsumerLayout.BYTES);
    StreamConsumerLayout.activeTime(consumer, nowMillis);
  }

  // ---- Pending entries -------------------------------------------------------------------------

  /// How many entries are pending in the group.
  public long pending(long group) {
    return byId.count(StreamGroupLayout.pending(group));
  }

  /// How many entries are pending with the consumer.
  public long pendingWith(long consumer) {
    return byId.count(StreamConsumerLayout.pending(consumer));
  }

  /// Starts at the first pending entry of the group that is not before the ID; false if there is
  /// none.
  public boolean firstPending(long group, StreamId from, TreeCursor cursor) {
    return atLeast(StreamGroupLayout.pending(group), from, cursor);
  }

  /// The same for one consumer.
  public boolean firstPendingWith(long consumer, StreamId from, TreeCursor cursor) {
    return atLeast(StreamConsumerLayout.pending(consumer), from, cursor);
  }

  /// The group's last pending entry; there is one.
  public long lastPending(long group) {
    byId.last(StreamGroupLayout.pending(group), place);
    return place.reference();
  }

  private boolean atLeast(long tree, StreamId from, TreeCursor cursor) {
    Memory.putLong(probe, from.sequence);
    return byId.atLeast(tree, StreamOrder.word(from.ms), probe, Long.BYTES, cursor);
  }

  /// The pending entry with this ID, or 0.
  public long pendingEntry(long group, StreamId wanted) {
    Memory.putLong(probe, wanted.sequence);
    long tree = StreamGroupLayout.pending(group);
    long word = StreamOrder.word(wanted.ms);
    return byId.find(tree, word, probe, Long.BYTES, place) ? place.reference() : 0;
  }

  public static StreamId id(long pending, StreamId into) {
    return into.set(PendingLayout.ms(pending), PendingLayout.sequence(pending));
  }

  public static long deliveryTime(long pending) {
    return PendingLayout.deliveryTime(pending);
  }

  public static long deliveryCount(long pending) {
    return PendingLayout.deliveryCount(pending);
  }

  /// The consumer it is pending with, or 0.
  public static long consumerOf(long pending) {
    return PendingLayout.consumer(pending);
  }

  /// Adds a pending entry, whose ID has none, to the group; it has no consumer yet.
  public long createPending(long group, StreamId of, long timeMillis, long count) {
    long pending = newPending(of, timeMillis, count);
    try {
      byId.insert(StreamGroupLayout.pending(group), StreamOrder.word(of.ms), pending);
    } catch (HeapLimitException full) {
      heap.free(pending);
      throw full;
    }
    keyspace.mutated();
    return pending;
  }

  private long newPending(StreamId of, long timeMillis, long count) {
    long pending = heap.allocate(PendingLayout.BYTES);
    PendingLayout.id(pending, of.ms, of.sequence);
    PendingLayout.delivery(pending, timeMillis, count);
    PendingLayout.consumer(pending, 0);
    return pending;
  }

  /// Gives a pending entry to a consumer, whoever had it.
  public void assign(long pending, long consumer) {
    long before = PendingLayout.consumer(pending);
    if (before == consumer) {
      return;
    }
    long word = StreamOrder.word(PendingLayout.ms(pending));
    byId.insert(StreamConsumerLayout.pending(consumer), word, pending);
    if (before != 0) {
      byId.remove(StreamConsumerLayout.pending(before), word, pending);
    }
    heap.touch(pending, PendingLayout.BYTES);
    PendingLayout.consumer(pending, consumer);
    keyspace.mutated();
  }

  public void delivered(long pending, long timeMillis, long count) {
    heap.touch(pending, PendingLayout.BYTES);
    PendingLayout.delivery(pending, timeMillis, count);
  }

  /// Removes a pending entry: it was acknowledged, or has gone.
  public void delete(long group, long pending) {
    long word = StreamOrder.word(PendingLayout.ms(pending));
    byId.remove(StreamGroupLayout.pending(group), word, pending);
    long consumer = PendingLayout.consumer(pending);
    if (consumer != 0) {
      byId.remove(StreamConsumerLayout.pending(consumer), word, pending);
    }
    heap.free(pending);
    keyspace.mutated();
  }

  // ---- As part of a value ----------------------------------------------------------------------

  /// Frees the stream's groups; see [ValueType#destroy].
  int destroy(long stream, int budget) {
    long tree = StreamLayout.groups(stream);
    int left = budget;
    while (tree != 0 && left > 0 && byName.first(tree, place)) {
      long group = place.reference();
      left = destroySome(group, left);
      if (left > 0) {
        byName.remove(tree, 0, group);
        destroyGroup(group);
        left--;
      }
    }
    if (tree != 0 && left > 0) {
      byName.destroy(tree);
      heap.touch(stream, StreamLayout.BYTES);
      StreamLayout.groups(stream, 0);
    }
    return left;
  }

  /// Frees pending entries of a group that goes, and returns the budget that is left. The
  /// consumers' trees refer to them no more than their own destruction does.
  private int destroySome(long group, int budget) {
    long tree = StreamGroupLayout.pending(group);
    long freed = byId.removeRange(tree, 0, budget, (_, pending) -> heap.free(pending));
    return budget - (int) freed;
  }

  private void destroyGroup(long group) {
    long pending = StreamGroupLayout.pending(group);
    while (destroySome(group, Integer.MAX_VALUE) == 0) {
      // Until nothing is left.
    }
    byId.destroy(pending);
    long consumers = StreamGroupLayout.consumers(group);
    byName.removeRange(
        consumers,
        0,
        Long.MAX_VALUE,
        (_, consumer) -> {
          byId.destroy(StreamConsumerLayout.pending(consumer));
          heap.free(consumer);
        });
    byName.destroy(consumers);
    heap.free(group);
  }

  /// About how many allocations [#destroy] frees.
  long effort(long stream) {
    long tree = StreamLayout.groups(stream);
    long effort = 0;
    if (tree != 0) {
      for (boolean there = byName.first(tree, place); there; there = place.next()) {
        effort += 1 + pending(place.reference()) + consumers(place.reference());
      }
    }
    return effort;
  }

  /// Bytes of the groups; those of what is pending from their number.
  long bytes(long stream) {
    long tree = StreamLayout.groups(stream);
    if (tree == 0) {
      return 0;
    }
    long bytes = byName.bytes(tree);
    TreeCursor consumer = new TreeCursor();
    for (boolean there = byName.first(tree, place); there; there = place.next()) {
      long group = place.reference();
      bytes += heap.usable(group) + byId.bytes(StreamGroupLayout.pending(group));
      bytes += pending(group) * heap.sizeFor(PendingLayout.BYTES);
      bytes += byName.bytes(StreamGroupLayout.consumers(group));
      for (boolean more = firstConsumer(group, consumer); more; more = consumer.next()) {
        bytes += heap.usable(consumer.reference());
        bytes += byId.bytes(StreamConsumerLayout.pending(consumer.reference()));
      }
    }
    return bytes;
  }

  /// Gives `copied`, a stream without groups, those of another. If it fails, what there is of them
  /// is the copy's.
  void copy(long stream, long copied) {
    long tree = StreamLayout.groups(stream);
    if (tree == 0) {
      return;
    }
    long copies = byName.create();
    StreamLayout.groups(copied, copies);
    TreeCursor each = new TreeCursor();
    for (boolean there = byName.first(tree, each); there; there = each.next()) {
      copyGroup(each.reference(), copies);
    }
  }

  private void copyGroup(long group, long copies) {
    long copy = createGroup(EntryLayout.key(group), EntryLayout.keyLength(group));
    StreamGroupLayout.setLastId(copy, lastId(group, id));
    StreamGroupLayout.entriesRead(copy, entriesRead(group));
    insertGroup(copies, copy);
    TreeCursor consumer = new TreeCursor();
    TreeCursor each = new TreeCursor();
    for (boolean there = firstConsumer(group, consumer); there; there = consumer.next()) {
      long from = consumer.reference();
      long to =
          createConsumer(
              EntryLayout.key(from), EntryLayout.keyLength(from), seenTime(from), activeTime(from));
      insertConsumer(copy, to);
      long pending = StreamConsumerLayout.pending(from);
      for (boolean more = byId.first(pending, each); more; more = each.next()) {
        long original = each.reference();
        long copied =
            createPending(copy, id(original, id), deliveryTime(original), deliveryCount(original));
        assign(copied, to);
      }
    }
  }

  /// Tells the visitor the groups as the view sees them: see [ValueType#walk].
  void walk(View view, long tree, StreamVisitor visitor, Element name) {
    byName.forEach(view, tree, (_, group) -> walkGroup(view, group, visitor, name));
  }

  private void walkGroup(View view, long group, StreamVisitor visitor, Element name) {
    long pinned = EntryLayout.pin(view, group);
    long pendingTree = StreamGroupLayout.pending(pinned);
    long consumerTree = StreamGroupLayout.consumers(pinned);
    long entriesRead = StreamGroupLayout.entriesRead(pinned);
    StreamId lastId = StreamGroupLayout.lastId(pinned, new StreamId());
    long pendingCount = byId.count(view, pendingTree);
    visitor.group(nameOf(view, group, name), lastId, entriesRead, pendingCount);
    StreamId each = new StreamId();
    byId.forEach(
        view,
        pendingTree,
        (_, pending) -> {
          long at = view.pin(pending, PendingLayout.BYTES);
          visitor.pending(id(at, each), deliveryTime(at), deliveryCount(at));
        });
    visitor.consumers(byName.count(view, consumerTree));
    byName.forEach(
        view, consumerTree, (_, consumer) -> walkConsumer(view, consumer, visitor, name));
  }

  private void walkConsumer(View view, long consumer, StreamVisitor visitor, Element name) {
    long pinned = EntryLayout.pin(view, consumer);
    long tree = StreamConsumerLayout.pending(pinned);
    long seenTime = StreamConsumerLayout.seenTime(pinned);
    long activeTime = StreamConsumerLayout.activeTime(pinned);
    long count = byId.count(view, tree);
    visitor.consumer(nameOf(view, consumer, name), seenTime, activeTime, count);
    StreamId each = new StreamId();
    byId.forEach(
        view,
        tree,
        (_, pending) -> {
          long at = view.pin(pending, PendingLayout.BYTES);
          visitor.consumerPending(id(at, each), deliveryTime(at), deliveryCount(at));
        });
  }

  private static Element nameOf(View view, long named, Element into) {
    long pinned = EntryLayout.pin(view, named);
    return into.setBytes(EntryLayout.key(pinned), EntryLayout.keyLength(pinned));
  }
}
