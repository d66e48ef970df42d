package carnelian.keyspace;

import carnelian.memory.Heap;
import carnelian.memory.HeapLimitException;
import carnelian.memory.Memory;
import carnelian.memory.NativeBuffer;
import carnelian.memory.Slice;
import carnelian.memory.View;
import carnelian.structures.CountedTrees;
import carnelian.structures.Element;
import carnelian.structures.EntryLayout;
import carnelian.structures.Listpacks;
import carnelian.structures.TieOrder;
import carnelian.structures.TreeCursor;

/// Streams: entries by ascending ID, in nodes of listpacks that a tree finds by ID, and the
/// consumer groups that read them ([StreamGroups]).
///
/// A node's listpack has Redis's bytes ([StreamNodeLayout]), so saving and loading is a copy. An
/// entry is deleted by a flag; its bytes go with the node.
///
/// Methods take the entry of a key that holds a stream. They report nothing: the command does.
/// Called on the engine's thread, except [#walk].
public final class Streams implements ValueType, AutoCloseable {
  /// Redis's `STREAM_LISTPACK_MAX_SIZE`.
  public static final int MAX_NODE_BYTES = 1 << 30;

  /// Of the three elements that an entry's field and value may take.
  private static final int MAX_ELEMENT_OVERHEAD = 3 * 10;

  /// Integers and header of a node and its first entry, generously.
  private static final int MASTER_ENTRY_BYTES = 128;

  private final Keyspace keyspace;
  private final Heap heap;
  private final Listpacks listpacks;

  /// Of nodes, and of what is pending, by ID.
  private final CountedTrees byId;

  private final CountedTrees byName;
  private final StreamGroups groups;

  /// Two words to look sequence numbers up by: the cursors', and the service's own.
  private final NativeBuffer probes = new NativeBuffer(2 * Long.BYTES);

  private final StreamCursor entries;
  private final TreeCursor place = new TreeCursor();
  private final StreamId id = new StreamId();
  private final StreamId edge = new StreamId();
  private final Element number = new Element();

  Streams(Keyspace keyspace) {
    this.keyspace = keyspace;
    this.heap = keyspace.heap();
    this.listpacks = keyspace.listpacks();
    this.byId = CountedTrees.sorted(heap, StreamOrder.INSTANCE);
    this.byName = CountedTrees.sorted(heap, TieOrder.MEMBERS);
    this.entries = newCursor();
    this.groups = new StreamGroups(keyspace, byId, byName, probes.address() + Long.BYTES);
  }

  @Override
  public Type type() {
    return Type.STREAM;
  }

  @Override
  public long newValue(Encoding encoding) {
    return createEmpty();
  }

  /// What reads on behalf of consumers.
  public StreamGroups groups() {
    return groups;
  }

  /// Adds a key that is absent, with an empty stream: a stream may stay so.
  public long create(Database db, Slice key) {
    return db.addEmpty(key, Encoding.STREAM);
  }

  private long createEmpty() {
    long tree = byId.create();
    long stream;
    try {
      stream = heap.allocate(StreamLayout.BYTES);
    } catch (HeapLimitException full) {
      byId.destroy(tree);
      throw full;
    }
    Memory.fill(stream, StreamLayout.BYTES, (byte) 0);
    StreamLayout.nodes(stream, tree);
    return stream;
  }

  // ---- As a whole ------------------------------------------------------------------------------

  /// Entries that are not deleted.
  public long length(long entry) {
    return StreamLayout.length(Database.reference(entry));
  }

  public long nodes(long entry) {
    return byId.count(StreamLayout.nodes(Database.reference(entry)));
  }

  public long entriesAdded(long entry) {
    return StreamLayout.entriesAdded(Database.reference(entry));
  }

  /// Of the last entry ever added.
  public StreamId lastId(long entry, StreamId into) {
    return StreamLayout.lastId(Database.reference(entry), into);
  }

  /// Of the first entry there is, or 0-0.
  public StreamId firstId(long entry, StreamId into) {
    return StreamLayout.firstId(Database.reference(entry), into);
  }

  /// The greatest ID that was deleted, or 0-0.
  public StreamId maxDeletedId(long entry, StreamId into) {
    return StreamLayout.maxDeletedId(Database.reference(entry), into);
  }

  public void setLastId(long entry, StreamId newId) {
    StreamLayout.setLastId(touched(entry), newId);
  }

  public void setFirstId(long entry, StreamId newId) {
    StreamLayout.setFirstId(touched(entry), newId);
  }

  public void setMaxDeletedId(long entry, StreamId newId) {
    StreamLayout.setMaxDeletedId(touched(entry), newId);
  }

  public void entriesAdded(long entry, long added) {
    StreamLayout.entriesAdded(touched(entry), added);
  }

  private long touched(long entry) {
    long stream = Database.reference(entry);
    heap.touch(stream, StreamLayout.BYTES);
    keyspace.mutated();
    return stream;
  }

  // ---- Reading ---------------------------------------------------------------------------------

  /// The service's own cursor, to be started; it is taken over by the next caller, and by changes.
  public StreamCursor entries() {
    return entries;
  }

  /// A cursor of the caller's own.
  public StreamCursor newCursor() {
    return new StreamCursor(byId, probes.address());
  }

  /// Whether the entry is there and not deleted.
  public boolean contains(long entry, StreamId wanted) {
    return entries.startForward(entry, wanted, wanted).next();
  }

  /// The ID of the last entry that is not deleted; false if there is none.
  public boolean lastPresentId(long entry, StreamId into) {
    if (!entries.startAtLast(entry).next()) {
      return false;
    }
    into.set(entries.id());
    return true;
  }

  /// The ID of the first entry, deleted ones included, which trimming by ID is propagated with; the
  /// greatest ID if there is none.
  public StreamId firstKeptId(long entry, StreamId into) {
    return entries.startAtFirst(entry).withDeleted().next()
        ? into.set(entries.id())
        : into.setMax();
  }

  /// Puts the cursor on the last item not after the ID; false if there is none.
  static boolean atMost(
      CountedTrees trees, long tree, StreamId bound, long probe, TreeCursor cursor) {
    Memory.putLong(probe, bound.sequence);
    return trees.atMost(tree, StreamOrder.word(bound.ms), probe, Long.BYTES, cursor);
  }

  // ---- Adding ----------------------------------------------------------------------------------

  /// Appends an entry, whose ID is greater than that of any before it, and whose bytes are below
  /// [#MAX_NODE_BYTES] in all.
  public void append(long entry, StreamId newId, StreamFields fields) {
    long stream = touched(entry);
    long tree = StreamLayout.nodes(stream);
    boolean fits = byId.last(tree, place) && fits(place.reference(), fields);
    if (fits) {
      long node = place.reference();
      appendTo(node, StreamOrder.ms(place.word()), newId, fields);
    } else {
      addNode(tree, newId, fields);
    }
    long length = StreamLayout.length(stream) + 1;
    StreamLayout.length(stream, length);
    StreamLayout.entriesAdded(stream, StreamLayout.entriesAdded(stream) + 1);
    StreamLayout.setLastId(stream, newId);
    if (length == 1) {
      StreamLayout.setFirstId(stream, newId);
    }
  }

  /// Whether the limits let the entry into the node. A node that is full gives back what it does
  /// not use.
  private boolean fits(long node, StreamFields fields) {
    long listpack = StreamNodeLayout.listpack(node);
    int bytesLimit = keyspace.limits().streamNodeMaxBytes();
    int entriesLimit = keyspace.limits().streamNodeMaxEntries();
    long most = bytesLimit == 0 ? MAX_NODE_BYTES : Math.min(bytesLimit, MAX_NODE_BYTES);
    boolean fits = Listpacks.bytes(listpack) + bytes(fields) < most;
    fits &= Listpacks.isSafeToAdd(listpack, roomFor(fields));
    if (fits && entriesLimit > 0) {
      long count = Listpacks.first(listpack);
      fits = integer(count) + integer(Listpacks.next(count)) < entriesLimit;
    }
    if (!fits) {
      setListpack(node, listpacks.trim(listpack));
    }
    return fits;
  }

  /// Whether an entry has more bytes than any node may have.
  public static boolean isTooLarge(StreamFields fields) {
    return roomFor(fields) > MAX_NODE_BYTES;
  }

  /// Bytes that a listpack needs for them at most, as an entry and as the master entry's fields.
  private static long roomFor(StreamFields fields) {
    return 2 * bytes(fields) + (long) fields.count() * MAX_ELEMENT_OVERHEAD + MASTER_ENTRY_BYTES;
  }

  private static long bytes(StreamFields fields) {
    long bytes = 0;
    for (int i = 0; i < fields.count(); i++) {
      bytes += (long) fields.field(i).length + fields.value(i).length;
    }
    return bytes;
  }

  private void setListpack(long node, long listpack) {
    if (StreamNodeLayout.listpack(node) != listpack) {
      heap.touch(node, StreamNodeLayout.BYTES);
      StreamNodeLayout.listpack(node, listpack);
    }
  }

  private void addNode(long tree, StreamId newId, StreamFields fields) {
    int count = fields.count();
    long expected = MASTER_ENTRY_BYTES + elementBytes(fields, true) + elementBytes(fields, false);
    long listpack = listpacks.create((int) expected);
    listpack = listpacks.appendInteger(listpack, 1);
    listpack = listpacks.appendInteger(listpack, 0);
    listpack = listpacks.appendInteger(listpack, count);
    for (int i = 0; i < count; i++) {
      listpack = listpacks.append(listpack, fields.field(i));
    }
    listpack = listpacks.appendInteger(listpack, 0);
    listpack = appendEntry(listpack, 0, 0, fields, true);
    try {
      insertNode(tree, newId, listpack);
    } catch (HeapLimitException full) {
      listpacks.destroy(listpack);
      throw full;
    }
  }

  /// Bytes of the fields, or of the values, as elements.
  private static long elementBytes(StreamFields fields, boolean names) {
    long bytes = 0;
    for (int i = 0; i < fields.count(); i++) {
      Slice element = names ? fields.field(i) : fields.value(i);
      bytes += Listpacks.entryBytes(element.at, element.length);
    }
    return bytes;
  }

  /// Takes the listpack over if it does not fail.
  private void insertNode(long tree, StreamId nodeId, long listpack) {
    long node = heap.allocate(StreamNodeLayout.BYTES);
    StreamNodeLayout.write(node, nodeId.sequence, listpack);
    try {
      byId.insert(tree, StreamOrder.word(nodeId.ms), node);
    } catch (HeapLimitException full) {
      heap.free(node);
      throw full;
    }
  }

  private void appendTo(long node, long nodeMs, StreamId newId, StreamFields fields) {
    long listpack = StreamNodeLayout.listpack(node);
    boolean same = hasFields(listpack, fields);
    long needed = elementBytes(fields, false) + (same ? 0 : elementBytes(fields, true));
    // From here on nothing needs memory, so the entry comes whole or not at all.
    listpack = listpacks.reserve(listpack, needed + MASTER_ENTRY_BYTES);
    long count = Listpacks.first(listpack);
    listpack = listpacks.replaceInteger(listpack, count, integer(count) + 1);
    listpack =
        appendEntry(
            listpack,
            newId.ms - nodeMs,
            newId.sequence - StreamNodeLayout.sequence(node),
            fields,
            same);
    setListpack(node, listpack);
  }

  /// Whether the master entry has just these fields.
  private boolean hasFields(long listpack, StreamFields fields) {
    long element = Listpacks.seek(listpack, 2);
    if (integer(element) != fields.count()) {
      return false;
    }
    for (int i = 0; i < fields.count(); i++) {
      element = Listpacks.next(element);
      Slice field = fields.field(i);
      if (!Listpacks.isEqual(element, field.at, field.length)) {
        return false;
      }
    }
    return true;
  }

  private long appendEntry(
      long to, long msDifference, long sequenceDifference, StreamFields fields, boolean same) {
    int count = fields.count();
    long listpack = listpacks.appendInteger(to, same ? StreamNodeLayout.SAME_FIELDS : 0);
    listpack = listpacks.appendInteger(listpack, msDifference);
    listpack = listpacks.appendInteger(listpack, sequenceDifference);
    if (!same) {
      listpack = listpacks.appendInteger(listpack, count);
    }
    for (int i = 0; i < count; i++) {
      if (!same) {
        listpack = listpacks.append(listpack, fields.field(i));
      }
      listpack = listpacks.append(listpack, fields.value(i));
    }
    return listpacks.appendInteger(listpack, same ? count + 3L : 2L * count + 4);
  }

  private long integer(long element) {
    return Listpacks.get(element, number).asLong();
  }

  /// Adds a node that was checked with [StreamNodes]; false, and nothing is taken over, if there is
  /// one with this ID. The caller sets what the stream says of itself.
  public boolean addNode(long entry, StreamId nodeId, long listpack) {
    long tree = StreamLayout.nodes(Database.reference(entry));
    Memory.putLong(probes.address(), nodeId.sequence);
    long word = StreamOrder.word(nodeId.ms);
    if (byId.find(tree, word, probes.address(), Long.BYTES, place)) {
      return false;
    }
    insertNode(tree, nodeId, listpack);
    keyspace.mutated();
    return true;
  }

  /// Sets all that a stream says of itself: it was read from a file.
  public void restored(long entry, StreamMeta meta) {
    long stream = touched(entry);
    StreamLayout.length(stream, meta.length());
    StreamLayout.entriesAdded(stream, meta.entriesAdded());
    StreamLayout.setLastId(stream, meta.lastId());
    StreamLayout.setFirstId(stream, meta.firstId());
    StreamLayout.setMaxDeletedId(stream, meta.maxDeletedId());
  }

  /// Finds the first entry and says so in the stream: files of Redis before 7.0 do not.
  public StreamId findFirstId(long entry, StreamId into) {
    return entries.startAtFirst(entry).next() ? into.set(entries.id()) : into.set(0, 0);
  }

  // ---- Removing --------------------------------------------------------------------------------

  /// Deletes an entry; false if it is not there.
  public boolean delete(long entry, StreamId wanted) {
    if (!contains(entry, wanted)) {
      return false;
    }
    long stream = touched(entry);
    boolean wasFirst = wanted.compare(StreamLayout.firstId(stream, edge)) == 0;
    long node = entries.node();
    long listpack = StreamNodeLayout.listpack(node);
    if (integer(Listpacks.first(listpack)) <= 1) {
      removeNode(stream, entries.nodeMs(), node);
    } else {
      long flags = entries.flags() | StreamNodeLayout.DELETED;
      listpack = listpacks.replaceInteger(listpack, entries.flagsAt(), flags);
      setListpack(node, counted(listpack, 1));
    }
    StreamLayout.length(stream, StreamLayout.length(stream) - 1);
    if (wanted.compare(StreamLayout.maxDeletedId(stream, edge)) > 0) {
      StreamLayout.setMaxDeletedId(stream, wanted);
    }
    if (wasFirst || StreamLayout.length(stream) == 0) {
      StreamLayout.setFirstId(stream, findFirstId(entry, id));
    }
    return true;
  }

  private void removeNode(long stream, long nodeMs, long node) {
    byId.remove(StreamLayout.nodes(stream), StreamOrder.word(nodeMs), node);
    listpacks.destroy(StreamNodeLayout.listpack(node));
    heap.free(node);
  }

  /// Corrects the master entry's counts: so many more are deleted.
  private long counted(long listpack, long deleted) {
    long first = Listpacks.first(listpack);
    long changed = listpacks.replaceInteger(listpack, first, integer(first) - deleted);
    long second = Listpacks.next(Listpacks.first(changed));
    return listpacks.replaceInteger(changed, second, integer(second) + deleted);
  }

  /// Removes the oldest entries as the trimming asks and returns how many. It does not count as
  /// deletion for [#maxDeletedId].
  public long trim(long entry, StreamTrimming trimming) {
    long stream = Database.reference(entry);
    long removed = 0;
    while (byId.first(StreamLayout.nodes(stream), place)) {
      long node = place.reference();
      long nodeMs = StreamOrder.ms(place.word());
      long count = integer(Listpacks.first(StreamNodeLayout.listpack(node)));
      long length = StreamLayout.length(stream);
      if (!trimming.byId() && length <= trimming.maxLength()) {
        break;
      }
      if (trimming.limit() > 0 && removed + count > trimming.limit()) {
        break;
      }
      boolean whole =
          trimming.byId()
              ? isBefore(node, nodeMs, trimming.minId())
              : length - count >= trimming.maxLength();
      if (!whole) {
        removed += trimming.approximate() ? 0 : trimNode(entry, node, trimming);
        break;
      }
      touched(entry);
      removeNode(stream, nodeMs, node);
      StreamLayout.length(stream, length - count);
      removed += count;
    }
    if (removed > 0) {
      StreamLayout.setFirstId(touched(entry), findFirstId(entry, id));
    }
    return removed;
  }

  /// Whether the node's last entry, deleted or not, is before the ID.
  private boolean isBefore(long node, long nodeMs, StreamId bound) {
    long listpack = StreamNodeLayout.listpack(node);
    long element = Listpacks.last(listpack);
    for (long back = integer(element); back > 0; back--) {
      element = Listpacks.previous(listpack, element);
    }
    long msAt = Listpacks.next(element);
    long ms = nodeMs + integer(msAt);
    long sequence = StreamNodeLayout.sequence(node) + integer(Listpacks.next(msAt));
    return StreamId.compare(ms, sequence, bound.ms, bound.sequence) < 0;
  }

  /// Marks entries of the first node as deleted, one after the other.
  private long trimNode(long entry, long node, StreamTrimming trimming) {
    long stream = touched(entry);
    long removed = 0;
    StreamCursor each = entries.startAtFirst(entry);
    while (each.next() && each.node() == node) {
      boolean enough =
          trimming.byId()
              ? each.id().compare(trimming.minId()) >= 0
              : StreamLayout.length(stream) <= trimming.maxLength();
      if (enough) {
        break;
      }
      // The flags of another value take as many bytes, so the cursor stays where it is.
      long flags = each.flags() | StreamNodeLayout.DELETED;
      heap.touch(each.flagsAt(), 1);
      Listpacks.putSmallInteger(each.flagsAt(), (int) flags);
      StreamLayout.length(stream, StreamLayout.length(stream) - 1);
      removed++;
    }
    if (removed > 0) {
      setListpack(node, counted(StreamNodeLayout.listpack(node), removed));
    }
    return removed;
  }

  // ---- As a value ------------------------------------------------------------------------------

  @Override
  public int destroy(long entry, int budget) {
    return destroyStream(Database.reference(entry), budget);
  }

  private int destroyStream(long stream, int budget) {
    long tree = StreamLayout.nodes(stream);
    if (tree != 0) {
      long freed =
          byId.removeRange(
              tree,
              0,
              budget,
              (_, node) -> {
                listpacks.destroy(StreamNodeLayout.listpack(node));
                heap.free(node);
              });
      if (freed == budget) {
        return 0;
      }
      byId.destroy(tree);
      heap.touch(stream, StreamLayout.BYTES); // A snapshot may still read it.
      StreamLayout.nodes(stream, 0);
      return destroyStream(stream, budget - (int) freed);
    }
    int left = groups.destroy(stream, budget);
    if (left > 0) {
      heap.free(stream);
    }
    return left;
  }

  @Override
  public long effort(long entry) {
    long stream = Database.reference(entry);
    return byId.count(StreamLayout.nodes(stream)) + groups.effort(stream);
  }

  @Override
  public long bytes(long entry, int samples) {
    long stream = Database.reference(entry);
    long tree = StreamLayout.nodes(stream);
    long count = byId.count(tree);
    long wanted = samples == 0 ? count : Math.min(samples, count);
    long sampled = 0;
    byId.first(tree, place);
    for (long i = 0; i < wanted; i++) {
      long node = place.reference();
      sampled += heap.usable(node) + heap.usable(StreamNodeLayout.listpack(node));
      place.next();
    }
    return heap.usable(stream)
        + byId.bytes(tree)
        + (wanted == 0 ? 0 : sampled * count / wanted)
        + groups.bytes(stream);
  }

  @Override
  public void copy(long entry, long copy) {
    long stream = Database.reference(entry);
    long copied = createEmpty();
    try {
      copy(stream, copied, StreamLayout.nodes(copied));
      groups.copy(stream, copied);
    } catch (HeapLimitException full) {
      while (destroyStream(copied, Integer.MAX_VALUE) == 0) {
        // Until nothing is left.
      }
      throw full;
    }
    Memory.putLong(EntryLayout.value(copy), copied);
  }

  private void copy(long stream, long copied, long tree) {
    StreamLayout.length(copied, StreamLayout.length(stream));
    StreamLayout.entriesAdded(copied, StreamLayout.entriesAdded(stream));
    StreamLayout.setLastId(copied, StreamLayout.lastId(stream, id));
    StreamLayout.setFirstId(copied, StreamLayout.firstId(stream, id));
    StreamLayout.setMaxDeletedId(copied, StreamLayout.maxDeletedId(stream, id));
    TreeCursor each = new TreeCursor();
    long from = StreamLayout.nodes(stream);
    for (boolean there = byId.first(from, each); there; there = each.next()) {
      id.set(StreamOrder.ms(each.word()), StreamNodeLayout.sequence(each.reference()));
      long listpack = listpacks.copyOf(StreamNodeLayout.listpack(each.reference()));
      try {
        insertNode(tree, id, listpack);
      } catch (HeapLimitException full) {
        listpacks.destroy(listpack);
        throw full;
      }
    }
  }

  @Override
  public void walk(ValueWalk walk, long entry, ValueVisitor visitor) {
    View view = walk.view();
    long stream = Database.reference(entry);
    long pinned = view.pin(stream, StreamLayout.BYTES);
    long tree = StreamLayout.nodes(pinned);
    long groupTree = StreamLayout.groups(pinned);
    StreamMeta meta =
        new StreamMeta(
            StreamLayout.length(pinned),
            StreamLayout.lastId(pinned, new StreamId()),
            StreamLayout.firstId(pinned, new StreamId()),
            StreamLayout.maxDeletedId(pinned, new StreamId()),
            StreamLayout.entriesAdded(pinned),
            groupTree == 0 ? 0 : byName.count(view, groupTree));
    visitor.begin(Encoding.STREAM, byId.count(view, tree));
    StreamVisitor parts = visitor.stream();
    StreamId nodeId = new StreamId();
    byId.forEach(
        view,
        tree,
        (word, node) -> {
          long pinnedNode = view.pin(node, StreamNodeLayout.BYTES);
          nodeId.set(StreamOrder.ms(word), StreamNodeLayout.sequence(pinnedNode));
          long listpack = Listpacks.pin(view, StreamNodeLayout.listpack(pinnedNode));
          parts.node(nodeId, listpack, Listpacks.bytes(listpack));
        });
    parts.meta(meta);
    if (groupTree != 0) {
      groups.walk(view, groupTree, parts, walk.first());
    }
  }

  @Override
  public void close() {
    probes.close();
  }
}
