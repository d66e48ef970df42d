package carnelian.keyspace;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import carnelian.base.RandomSource;
import carnelian.memory.Heap;
import carnelian.memory.HeapLimitException;
import carnelian.memory.Memory;
import carnelian.memory.Slice;
import carnelian.memory.View;
import carnelian.structures.CountedTrees;
import carnelian.structures.Element;
import carnelian.structures.EntryLayout;
import carnelian.structures.EntryVisitor;
import carnelian.structures.HashTables;
import carnelian.structures.Listpacks;
import carnelian.structures.TableCursor;
import carnelian.structures.TieOrder;
import carnelian.structures.TreeCursor;

/// Sorted sets: a listpack of members and scores in turn, in order, while they are few and short;
/// else one entry for each member, which a hash table finds by its name and a counted tree by its
/// score and its rank.
///
/// Every range (of ranks, scores or names) is a range of ranks: the tree counts, so where a score
/// or a name would stand is known in O(log n).
///
/// Methods take the entry of a key that holds a sorted set, or a detached one ([#detached]). A
/// change may convert the encoding, never back. They report nothing: the command does. If the heap
/// is full ([HeapLimitException]), the set holds what it held before.
///
/// Called on the engine's thread, except [#walk].
public final class SortedSets implements ValueType {
  private static final int SCORE_BYTES = 8;

  private static final int LISTPACK_HEADER_BYTES = 6;

  /// Integers up to here are exact in a double; a listpack keeps such scores as integers.
  private static final double EXACT_INTEGERS = 1L << 53;

  private final Keyspace keyspace;
  private final Heap heap;
  private final HashTables tables;
  private final Listpacks listpacks;
  private final CountedTrees trees;

  private final SortedSetCursor members;

  /// For walks within this class: who walks one set by [#members] may add to another meanwhile.
  private final SortedSetCursor own;

  private final TreeCursor place = new TreeCursor();
  private final Element element = new Element();
  private final EntryVisitor freeing;

  SortedSets(Keyspace keyspace) {
    this.keyspace = keyspace;
    this.heap = keyspace.heap();
    this.tables = keyspace.tables();
    this.listpacks = keyspace.listpacks();
    this.trees = CountedTrees.sorted(heap, TieOrder.MEMBERS);
    this.members = new SortedSetCursor(trees);
    this.own = new SortedSetCursor(trees);
    this.freeing = keyspace.freeing();
  }

  @Override
  public Type type() {
    return Type.ZSET;
  }

  @Override
  public long newValue(Encoding encoding) {
    return encoding == Encoding.ZSET_LISTPACK ? listpacks.create() : createRoot();
  }

  // ---- Creating --------------------------------------------------------------------------------

  /// Adds a key that is absent, with an empty sorted set that the caller fills at once, first with
  /// a member of this length.
  public long create(Database db, Slice key, int memberLength) {
    ValueLimits limits = keyspace.limits();
    return limits.zsetMaxListpackEntries() == 0 || memberLength > limits.zsetMaxListpackValue()
        ? db.addEmpty(key, Encoding.ZSET_SKIPLIST)
        : db.addEmpty(key, Encoding.ZSET_LISTPACK);
  }

  private long createRoot() {
    long root = heap.allocate(SortedSetLayout.BYTES);
    long table = 0;
    try {
      table = tables.create();
      SortedSetLayout.write(root, table, trees.create());
    } catch (HeapLimitException full) {
      if (table != 0) {
        tables.destroy(table);
      }
      heap.free(root);
      throw full;
    }
    return root;
  }

  private void destroyRoot(long root) {
    TableFreeing.destroyAll(tables, SortedSetLayout.table(root), freeing);
    trees.destroy(SortedSetLayout.tree(root));
    heap.free(root);
  }

  /// A new empty sorted set that no key holds. It ends by [#attach] or [#dispose].
  public long detached() {
    return keyspace.detach(Encoding.ZSET_LISTPACK);
  }

  /// Makes a detached sorted set the value of a key, whatever that held.
  public void attach(Database db, Slice key, long detached) {
    if (!isTree(detached)) {
      dropSignsOfZeros(db, detached);
    }
    keyspace.attach(db, key, detached);
  }

  /// Frees a detached sorted set.
  public void dispose(long detached) {
    keyspace.dispose(detached);
  }

  // ---- Asking ----------------------------------------------------------------------------------

  public long count(long entry) {
    long reference = Database.reference(entry);
    return isTree(entry)
        ? trees.count(SortedSetLayout.tree(reference))
        : Listpacks.count(reference) / 2;
  }

  /// The member's score, or NaN if there is no such member.
  public double score(long entry, Slice member) {
    long reference = Database.reference(entry);
    if (isTree(entry)) {
      long found = find(SortedSetLayout.table(reference), member);
      return found == 0 ? Double.NaN : scoreOf(found);
    }
    long found = findInListpack(reference, member);
    return found == 0 ? Double.NaN : score(Listpacks.get(Listpacks.next(found), element));
  }

  /// As [#score(long, Slice)] for a member of another set.
  public double score(long entry, Element member) {
    return score(entry, keyspace.scratch().first(member));
  }

  /// How many members stand before this one, or -1 if there is no such member.
  public long rank(long entry, Slice member) {
    long reference = Database.reference(entry);
    if (!isTree(entry)) {
      return rankInListpack(reference, member);
    }
    long found = find(SortedSetLayout.table(reference), member);
    if (found == 0) {
      return -1;
    }
    long tree = SortedSetLayout.tree(reference);
    trees.find(tree, word(scoreOf(found)), member.at, member.length, place);
    return place.weightBefore();
  }

  private static long rankInListpack(long listpack, Slice member) {
    long rank = 0;
    for (long at = Listpacks.first(listpack); at != 0; at = afterPair(at), rank++) {
      if (Listpacks.isEqual(at, member.at, member.length)) {
        return rank;
      }
    }
    return -1;
  }

  /// How many members have a score below this, or, with `inclusive`, at most this.
  public long countBelow(long entry, double score, boolean inclusive) {
    if (isTree(entry)) {
      long tree = SortedSetLayout.tree(Database.reference(entry));
      if (inclusive) {
        trees.above(tree, word(score), place);
      } else {
        trees.atLeast(tree, word(score), place);
      }
      return place.weightBefore();
    }
    long below = 0;
    for (SortedSetCursor each = own.startAscending(entry, 0); each.next(); below++) {
      if (inclusive ? each.score() > score : each.score() >= score) {
        break;
      }
    }
    return below;
  }

  /// How many members have a name below this, or, with `inclusive`, at most this; provided that all
  /// scores are equal, else without meaning.
  public long countBelow(long entry, Slice name, boolean inclusive) {
    return isTree(entry)
        ? countBelowInTree(entry, name, inclusive)
        : countBelowInListpack(entry, name, inclusive);
  }

  private long countBelowInTree(long entry, Slice name, boolean inclusive) {
    long tree = SortedSetLayout.tree(Database.reference(entry));
    if (!trees.first(tree, place)) {
      return 0;
    }
    long word = place.word();
    if (inclusive) {
      trees.above(tree, word, name.at, name.length, place);
    } else {
      trees.atLeast(tree, word, name.at, name.length, place);
    }
    return place.weightBefore();
  }

  private long countBelowInListpack(long entry, Slice name, boolean inclusive) {
    long below = 0;
    for (SortedSetCursor each = own.startAscending(entry, 0); each.next(); below++) {
      Slice member = keyspace.scratch().first(each.member());
      int order = Memory.compare(member.at, member.length, name.at, name.length);
      if (inclusive ? order > 0 : order >= 0) {
        break;
      }
    }
    return below;
  }

  /// The service's own cursor, to be started; it is taken over by the next caller.
  public SortedSetCursor members() {
    return members;
  }

  /// A cursor of the caller's own, for one set inside another's loop.
  public SortedSetCursor newCursor() {
    return new SortedSetCursor(trees);
  }

  /// Puts the cursor on one member, each as likely as the other. The set is not empty.
  public SortedSetCursor random(long entry, RandomSource random) {
    long rank = (random.nextLong() >>> 1) % count(entry);
    members.startAscending(entry, rank).next();
    return members;
  }

  // ---- Changing --------------------------------------------------------------------------------

  /// Gives a member this score; true if it is new. The score is not NaN.
  public boolean add(Database db, long entry, Slice member, double score) {
    if (!isTree(entry)) {
      long listpack = Database.reference(entry);
      long found = findInListpack(listpack, member);
      if (found != 0) {
        moveInListpack(db, entry, found, member, score);
        return false;
      }
      if (fitsListpack(listpack, member)) {
        insertInListpack(db, entry, member, score);
        return true;
      }
      convert(db, entry);
    }
    boolean added = addToTree(Database.reference(entry), member, score);
    keyspace.mutated();
    return added;
  }

  /// The new pair goes in before the old one goes out, because only the first can fail.
  private void moveInListpack(Database db, long entry, long old, Slice member, double score) {
    long oldOffset = old - Database.reference(entry);
    int bytesBefore = Listpacks.bytes(Database.reference(entry));
    long newOffset = insertInListpack(db, entry, member, score);
    long grown = Database.reference(entry);
    long shift = newOffset <= oldOffset ? Listpacks.bytes(grown) - bytesBefore : 0;
    db.reference(entry, listpacks.delete(grown, grown + oldOffset + shift, 2));
  }

  private boolean fitsListpack(long listpack, Slice member) {
    ValueLimits limits = keyspace.limits();
    return Listpacks.count(listpack) / 2 < limits.zsetMaxListpackEntries()
        && member.length <= limits.zsetMaxListpackValue()
        && Listpacks.isSafeToAdd(listpack, member.length);
  }

  /// Returns how far from its start the listpack holds the member. The listpack of a key holds no
  /// negative zero, as in Redis: it would be a text among integers.
  private long insertInListpack(Database db, long entry, Slice member, double given) {
    double score = keyspace.isDetached(entry) ? given : given + 0.0;
    long listpack = Database.reference(entry);
    long before = Listpacks.first(listpack);
    while (before != 0 && isBefore(before, member, score)) {
      before = afterPair(before);
    }
    listpack =
        before == 0
            ? listpacks.append(listpack, member)
            : listpacks.insertBefore(listpack, before, member);
    long at = listpacks.position();
    long offset = at - listpack;
    try {
      listpack =
          isExactInteger(score)
              ? listpacks.insertIntegerAfter(listpack, at, (long) score)
              : listpacks.insertAfter(listpack, at, keyspace.scratch().second(scoreText(score)));
    } catch (HeapLimitException full) {
      db.reference(entry, listpacks.delete(listpack, at));
      throw full;
    }
    db.reference(entry, listpack);
    return offset;
  }

  private void dropSignsOfZeros(Database db, long entry) {
    long at = Listpacks.first(Database.reference(entry));
    while (at != 0) {
      long scoreAt = Listpacks.next(at);
      Element score = Listpacks.get(scoreAt, element);
      if (score.isInteger() || score(score) != 0) {
        at = Listpacks.next(scoreAt);
      } else {
        long listpack = listpacks.insertIntegerAfter(Database.reference(entry), at, 0);
        long old = Listpacks.next(listpacks.position());
        db.reference(entry, listpacks.delete(listpack, old));
        at = listpacks.position();
      }
    }
  }

  /// Whether the pair at `at` sorts before this member with this score.
  private boolean isBefore(long at, Slice member, double score) {
    double there = score(Listpacks.get(Listpacks.next(at), element));
    if (there != score) {
      return there < score;
    }
    Slice name = keyspace.scratch().second(Listpacks.get(at, element));
    return Memory.compare(name.at, name.length, member.at, member.length) < 0;
  }

  private boolean addToTree(long root, Slice member, double score) {
    long table = SortedSetLayout.table(root);
    long tree = SortedSetLayout.tree(root);
    long hash = tables.hash(member.at, member.length);
    long slot = tables.findSlot(table, hash, member.at, member.length);
    if (slot == 0) {
      long added = newMember(member, score);
      try {
        trees.insert(tree, word(score), added);
      } catch (HeapLimitException full) {
        heap.free(added);
        throw full;
      }
      try {
        tables.insert(table, hash, added);
      } catch (HeapLimitException full) {
        trees.remove(tree, word(score), added);
        heap.free(added);
        throw full;
      }
      return true;
    }
    long there = tables.entryAt(slot);
    long oldWord = word(scoreOf(there));
    long newWord = word(score);
    if (oldWord != newWord) {
      trees.move(tree, oldWord, there, newWord);
    }
    heap.touch(EntryLayout.value(there), SCORE_BYTES);
    Memory.putLong(EntryLayout.value(there), Double.doubleToRawLongBits(score));
    return false;
  }

  private long newMember(Slice member, double score) {
    long added = heap.allocate(EntryLayout.bytesFor(member.length, SCORE_BYTES, false));
    EntryLayout.write(added, Type.ZSET.code(), 0, member.at, member.length, SCORE_BYTES);
    Memory.putLong(EntryLayout.value(added), Double.doubleToRawLongBits(score));
    return added;
  }

  /// Takes a member out; false if it was not there. The set may be empty afterwards.
  public boolean remove(Database db, long entry, Slice member) {
    long reference = Database.reference(entry);
    if (!isTree(entry)) {
      long found = findInListpack(reference, member);
      if (found != 0) {
        db.reference(entry, listpacks.delete(reference, found, 2));
      }
      return found != 0;
    }
    long table = SortedSetLayout.table(reference);
    long hash = tables.hash(member.at, member.length);
    long slot = tables.findSlot(table, hash, member.at, member.length);
    if (slot == 0) {
      return false;
    }
    long there = tables.entryAt(slot);
    trees.remove(SortedSetLayout.tree(reference), word(scoreOf(there)), there);
    tables.remove(table, hash, slot);
    heap.free(there);
    keyspace.mutated();
    return true;
  }

  /// Takes out the members of `count` ranks from `rank` on. The set may be empty afterwards.
  public void removeRange(Database db, long entry, long rank, long count) {
    if (count <= 0) {
      return;
    }
    long reference = Database.reference(entry);
    if (!isTree(entry)) {
      db.reference(entry, listpacks.deleteRange(reference, 2 * rank, (int) (2 * count)));
      return;
    }
    long table = SortedSetLayout.table(reference);
    trees.removeRange(
        SortedSetLayout.tree(reference),
        rank,
        count,
        (_, member) -> {
          long at = EntryLayout.key(member);
          int length = EntryLayout.keyLength(member);
          long hash = tables.hash(at, length);
          tables.remove(table, hash, tables.findSlot(table, hash, at, length));
          heap.free(member);
        });
    keyspace.mutated();
  }

  private static boolean isTree(long entry) {
    return Database.encoding(entry) == Encoding.ZSET_SKIPLIST;
  }

  private long find(long table, Slice member) {
    return tables.find(table, tables.hash(member.at, member.length), member.at, member.length);
  }

  private static long findInListpack(long listpack, Slice member) {
    long first = Listpacks.first(listpack);
    return first == 0 ? 0 : Listpacks.find(first, member, 1);
  }

  private static long afterPair(long at) {
    return Listpacks.next(Listpacks.next(at));
  }

  private void convert(Database db, long entry) {
    long listpack = Database.reference(entry);
    long root = treeOf(entry, 1);
    listpacks.destroy(listpack);
    db.reference(entry, Encoding.ZSET_SKIPLIST, root);
  }

  /// Leaves the compact encoding for good, as SORT does in Redis; what the set holds does not
  /// change. A full heap leaves it as it is.
  public void spread(Database db, long entry) {
    if (isTree(entry)) {
      return;
    }
    long before = keyspace.mutations();
    try {
      convert(db, entry);
    } catch (HeapLimitException _) {
      return; // Nobody sees a difference but OBJECT ENCODING.
    }
    keyspace.mutationsUndone(before);
  }

  /// A root with copies of all members, and room for some more.
  private long treeOf(long entry, int more) {
    long root = createRoot();
    try {
      tables.reserve(SortedSetLayout.table(root), count(entry) + more);
      for (SortedSetCursor each = own.startAscending(entry, 0); each.next(); ) {
        addToTree(root, keyspace.scratch().second(each.member()), each.score());
      }
    } catch (HeapLimitException full) {
      destroyRoot(root);
      throw full;
    }
    return root;
  }

  // ---- Scores ----------------------------------------------------------------------------------

  /// The score of a member's entry.
  static double scoreOf(long member) {
    return Double.longBitsToDouble(Memory.getLong(EntryLayout.value(member)));
  }

  /// The score that a listpack says.
  static double score(Element stored) {
    return stored.isInteger()
        ? stored.integer()
        : Scores.parse(new String(stored.toBytes(), ISO_8859_1));
  }

  /// A number that sorts as the score does. Both zeros are equal.
  private static long word(double score) {
    long bits = Double.doubleToRawLongBits(score == 0 ? 0.0 : score);
    return bits ^ ((bits >> 63) & Long.MAX_VALUE);
  }

  private static boolean isExactInteger(double score) {
    // A negative zero has its sign in its text only.
    return score == Math.rint(score)
        && Math.abs(score) < EXACT_INTEGERS
        && (score != 0 || 1 / score > 0);
  }

  private Element scoreText(double score) {
    Slice text = keyspace.scratch().ascii(Scores.format(score));
    return element.setBytes(text.at, text.length);
  }

  // ---- As a value ------------------------------------------------------------------------------

  /// SCAN within the set: visits some members and returns the next cursor, 0 at the end. A listpack
  /// is visited whole.
  public long scan(long entry, long cursor, MemberVisitor visitor) {
    if (isTree(entry)) {
      return tables.scan(
          SortedSetLayout.table(Database.reference(entry)),
          cursor,
          member -> visitor.visit(nameOf(member, element), scoreOf(member)));
    }
    for (SortedSetCursor each = own.startAscending(entry, 0); each.next(); ) {
      visitor.visit(each.member(), each.score());
    }
    return 0;
  }

  private static Element nameOf(long member, Element into) {
    return into.setBytes(EntryLayout.key(member), EntryLayout.keyLength(member));
  }

  @Override
  public int destroy(long entry, int budget) {
    long reference = Database.reference(entry);
    if (!isTree(entry)) {
      listpacks.destroy(reference);
      return budget - 1;
    }
    int left = TableFreeing.destroy(tables, SortedSetLayout.table(reference), freeing, budget);
    if (left > 0) {
      // The tree's own nodes are some tens of members each.
      trees.destroy(SortedSetLayout.tree(reference));
      heap.free(reference);
    }
    return left;
  }

  @Override
  public long effort(long entry) {
    return isTree(entry) ? count(entry) : 1;
  }

  @Override
  public long bytes(long entry, int samples) {
    long reference = Database.reference(entry);
    if (!isTree(entry)) {
      return heap.usable(reference);
    }
    long table = SortedSetLayout.table(reference);
    return heap.usable(reference)
        + tables.bytes(table)
        + trees.bytes(SortedSetLayout.tree(reference))
        + TableFreeing.entryBytes(heap, tables, table, samples, keyspace.estimating());
  }

  @Override
  public void copy(long entry, long copy) {
    long reference = Database.reference(entry);
    if (!isTree(entry)) {
      Memory.putLong(EntryLayout.value(copy), listpacks.copyOf(reference));
      return;
    }
    Memory.putLong(EntryLayout.value(copy), treeOf(entry, 0));
  }

  @Override
  public void walk(ValueWalk walk, long entry, ValueVisitor visitor) {
    long reference = Database.reference(entry);
    if (isTree(entry)) {
      long root = walk.view().pin(reference, SortedSetLayout.BYTES);
      walkTable(walk, SortedSetLayout.table(root), visitor);
      return;
    }
    visitor.begin(Encoding.ZSET_LISTPACK, 1);
    View view = walk.view();
    int bytes = Listpacks.bytes(view.pin(reference, LISTPACK_HEADER_BYTES));
    visitor.compact(view.pin(reference, bytes), bytes);
  }

  private static void walkTable(ValueWalk walk, long table, ValueVisitor visitor) {
    TableCursor each = walk.table();
    Element name = walk.first();
    each.start(walk.view(), table);
    visitor.begin(Encoding.ZSET_SKIPLIST, each.count());
    while (each.next()) {
      long pinned = EntryLayout.pin(walk.view(), each.entry());
      visitor.member(nameOf(pinned, name), scoreOf(pinned));
    }
  }
}
