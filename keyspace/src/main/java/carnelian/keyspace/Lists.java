package carnelian.keyspace;

import carnelian.base.Invariant;
import carnelian.memory.Heap;
import carnelian.memory.HeapLimitException;
import carnelian.memory.Memory;
import carnelian.memory.Slice;
import carnelian.memory.View;
import carnelian.structures.CountedTrees;
import carnelian.structures.Element;
import carnelian.structures.EntryLayout;
import carnelian.structures.Listpacks;
import carnelian.structures.TreeCursor;

/// Lists: one listpack while that is enough, else a counted tree of listpacks, so that the way to
/// any index is short. `list-max-listpack-size` bounds a node, as in Redis; a larger element has a
/// node to itself.
///
/// Methods take the entry of a key that holds a list. They report nothing: the command does. An
/// index is counted from 0 at the head; negative ones are the command's business. If the heap is
/// full ([HeapLimitException]), the list holds what it held before.
///
/// Called on the engine's thread, except [#walk].
public final class Lists implements ValueType {
  /// What `list-max-listpack-size` of -1, -2, … means.
  private static final int[] NODE_BYTES = {4 << 10, 8 << 10, 16 << 10, 32 << 10, 64 << 10};

  /// A node with a limit on its elements is not larger than this either.
  private static final int COUNTED_NODE_BYTES = 8 << 10;

  private static final int LISTPACK_HEADER_BYTES = 6;

  /// About what an element takes beside its bytes.
  private static final int ELEMENT_OVERHEAD_BYTES = 8;

  private final Keyspace keyspace;
  private final Heap heap;
  private final Listpacks listpacks;
  private final CountedTrees trees;
  private final ListCursor elements;

  /// The node that was looked up last.
  private final TreeCursor node = new TreeCursor();

  private long nodeListpack;

  Lists(Keyspace keyspace) {
    this.keyspace = keyspace;
    this.heap = keyspace.heap();
    this.listpacks = keyspace.listpacks();
    this.trees = CountedTrees.positional(heap);
    this.elements = new ListCursor(trees);
  }

  @Override
  public Type type() {
    return Type.LIST;
  }

  @Override
  public long newValue(Encoding encoding) {
    if (encoding != Encoding.LIST_LISTPACK) {
      throw Invariant.broken("a list is not made as " + encoding);
    }
    return listpacks.create();
  }

  /// Adds a key that is absent, with an empty list that the caller fills at once.
  public long create(Database db, Slice key) {
    return db.addEmpty(key, Encoding.LIST_LISTPACK);
  }

  /// A new empty list that no key holds. It ends by [#attach] or [#dispose].
  public long detached() {
    return keyspace.detach(Encoding.LIST_LISTPACK);
  }

  /// Makes a detached list the value of a key, whatever that held.
  public void attach(Database db, Slice key, long detached) {
    keyspace.attach(db, key, detached);
  }

  /// Frees a detached list.
  public void dispose(long detached) {
    keyspace.dispose(detached);
  }

  public long count(long entry) {
    long reference = Database.reference(entry);
    return isTree(entry) ? trees.weight(reference) : Listpacks.count(reference);
  }

  private static boolean isTree(long entry) {
    return Database.encoding(entry) == Encoding.LIST_QUICKLIST;
  }

  // ---- Reading ---------------------------------------------------------------------------------

  /// Reads the element at an index that is in the list.
  public Element get(long entry, long index, Element into) {
    long within = seekNode(entry, index);
    return Listpacks.get(Listpacks.seek(nodeListpack, within), into);
  }

  /// Reads the element at one end of a list that is not empty.
  public Element peek(long entry, ListEnd end, Element into) {
    return get(entry, end == ListEnd.HEAD ? 0 : count(entry) - 1, into);
  }

  /// The service's own cursor, to be started; it is taken over by the next caller.
  public ListCursor elements() {
    return elements;
  }

  /// Finds the node with an index that is in the list; returns the index within it.
  private long seekNode(long entry, long index) {
    nodeListpack = Database.reference(entry);
    if (!isTree(entry)) {
      return index;
    }
    long within = trees.seek(nodeListpack, index, node);
    nodeListpack = node.reference();
    return within;
  }

  private long nodeCount(long entry) {
    return isTree(entry) ? node.word() : Listpacks.count(nodeListpack);
  }

  // ---- Changing --------------------------------------------------------------------------------

  /// Adds an element at one end. The value must not lie in this list.
  public void push(Database db, long entry, Slice value, ListEnd end) {
    long total = count(entry);
    if (total == 0 && isTree(entry)) {
      pushNode(entry, newNode(value), end);
      return;
    }
    seekNode(entry, end == ListEnd.HEAD || total == 0 ? 0 : total - 1);
    long count = nodeCount(entry);
    if (count > 0 && !fits(nodeListpack, count, value.length)) {
      convertToTree(db, entry);
      pushNode(entry, newNode(value), end);
      return;
    }
    long grown =
        end == ListEnd.HEAD
            ? listpacks.prepend(nodeListpack, value)
            : listpacks.append(nodeListpack, value);
    setNode(db, entry, grown, count + 1);
  }

  private void pushNode(long entry, long listpack, ListEnd end) {
    long tree = Database.reference(entry);
    try {
      if (end == ListEnd.HEAD) {
        trees.insertFirst(tree, 1, listpack);
      } else {
        trees.insertLast(tree, 1, listpack);
      }
    } catch (HeapLimitException full) {
      listpacks.destroy(listpack);
      throw full;
    }
    keyspace.mutated();
  }

  private long newNode(Slice value) {
    long listpack = listpacks.create();
    try {
      return listpacks.append(listpack, value);
    } catch (HeapLimitException full) {
      listpacks.destroy(listpack);
      throw full;
    }
  }

  /// Adds a whole node at the tail, and takes the listpack over: for loading. The entry's list has
  /// been made by [#create].
  public void appendNode(Database db, long entry, long listpack) {
    if (count(entry) == 0 && !isTree(entry)) {
      listpacks.destroy(Database.reference(entry));
      db.reference(entry, listpack);
      return;
    }
    convertToTree(db, entry);
    trees.insertLast(Database.reference(entry), Listpacks.count(listpack), listpack);
    keyspace.mutated();
  }

  /// Takes the element at one end out of a list that is not empty, which may be empty afterwards.
  public void pop(Database db, long entry, ListEnd end) {
    removeRange(db, entry, end == ListEnd.HEAD ? 0 : count(entry) - 1, 1);
  }

  /// Replaces the element at an index that is in the list.
  public void set(Database db, long entry, long index, Slice value) {
    long within = seekNode(entry, index);
    long count = nodeCount(entry);
    long element = Listpacks.seek(nodeListpack, within);
    setNode(db, entry, listpacks.replace(nodeListpack, element, value), count);
  }

  /// Adds an element before the one at an index that is in the list.
  public void insert(Database db, long entry, long index, Slice value) {
    long within = seekNode(entry, index);
    long count = nodeCount(entry);
    if (fits(nodeListpack, count, value.length)) {
      long element = Listpacks.seek(nodeListpack, within);
      setNode(db, entry, listpacks.insertBefore(nodeListpack, element, value), count + 1);
      return;
    }
    convertToTree(db, entry);
    seekNode(entry, index);
    if (within == 0) {
      insertNode(newNode(value));
    } else {
      splitNode(entry, index, within, count);
      insert(db, entry, index, value);
    }
  }

  private void insertNode(long listpack) {
    try {
      trees.insertAt(node, 1, listpack);
    } catch (HeapLimitException full) {
      listpacks.destroy(listpack);
      throw full;
    }
    keyspace.mutated();
  }

  /// Makes of the node that was looked up last two. If that fails, it is whole again.
  private void splitNode(long entry, long index, long within, long count) {
    long tree = Database.reference(entry);
    long tail = listpacks.split(nodeListpack, within);
    try {
      trees.insertAfter(node, count - within, tail);
    } catch (HeapLimitException full) {
      // The block has not been trimmed: the tail fits where it was.
      long merged = listpacks.merge(nodeListpack, tail);
      trees.seek(tree, index, node);
      trees.setAt(node, count, merged);
      throw full;
    }
    // The tree now counts the tail twice, until its first part says what it has kept.
    trees.seek(tree, index - within, node);
    trees.setAt(node, within, listpacks.trim(nodeListpack));
    keyspace.mutated();
  }

  /// Takes up to `wanted` elements out from an index on. The list may be empty afterwards.
  public void removeRange(Database db, long entry, long index, long wanted) {
    long left = Math.min(wanted, count(entry) - index);
    while (left > 0) {
      long within = seekNode(entry, index);
      long count = nodeCount(entry);
      long removed = Math.min(left, count - within);
      if (removed == count && isTree(entry)) {
        listpacks.destroy(nodeListpack);
        trees.removeAt(node);
        keyspace.mutated();
      } else {
        setNode(
            db, entry, listpacks.deleteRange(nodeListpack, within, (int) removed), count - removed);
      }
      left -= removed;
    }
  }

  /// Takes out elements equal to `value`: the first `limit` of them from the head if positive, from
  /// the tail if negative, all if 0. Returns how many. The list may be empty afterwards.
  public long remove(Database db, long entry, Slice value, long limit) {
    long most = limit == 0 || limit == Long.MIN_VALUE ? Long.MAX_VALUE : Math.abs(limit);
    return limit < 0
        ? removeBackward(db, entry, value, most)
        : removeForward(db, entry, value, most);
  }

  private long removeForward(Database db, long entry, Slice value, long most) {
    long removed = 0;
    long index = 0;
    while (removed < most && index < count(entry)) {
      ListCursor each = elements.startForward(entry, index);
      while (each.next() && !each.element().contentEquals(value)) {
        index++;
      }
      if (index < count(entry)) {
        removeRange(db, entry, index, 1);
        removed++;
      }
    }
    return removed;
  }

  private long removeBackward(Database db, long entry, Slice value, long most) {
    long removed = 0;
    long index = count(entry) - 1;
    while (removed < most && index >= 0) {
      ListCursor each = elements.startBackward(entry, index);
      while (each.next() && !each.element().contentEquals(value)) {
        index--;
      }
      if (index >= 0) {
        removeRange(db, entry, index--, 1);
        removed++;
      }
    }
    return removed;
  }

  /// The node that was looked up last has changed.
  private void setNode(Database db, long entry, long listpack, long count) {
    if (isTree(entry)) {
      trees.setAt(node, count, listpack);
      keyspace.mutated();
    } else {
      db.reference(entry, listpack);
    }
  }

  private void convertToTree(Database db, long entry) {
    if (isTree(entry)) {
      return;
    }
    long listpack = Database.reference(entry);
    long tree = trees.create();
    // Never fails: the tree has room for an item.
    trees.insertLast(tree, Listpacks.count(listpack), listpack);
    db.reference(entry, Encoding.LIST_QUICKLIST, tree);
  }

  /// Whether the limits let an element of this length into a node.
  private boolean fits(long listpack, long count, int length) {
    long bytes = (long) Listpacks.bytes(listpack) + length + ELEMENT_OVERHEAD_BYTES;
    int limit = keyspace.limits().listMaxListpackSize();
    if (limit < 0) {
      return bytes <= NODE_BYTES[Math.min(-limit, NODE_BYTES.length) - 1];
    }
    return count < Math.max(1, limit) && bytes <= COUNTED_NODE_BYTES;
  }

  // ---- As a value ------------------------------------------------------------------------------

  @Override
  public int destroy(long entry, int budget) {
    long reference = Database.reference(entry);
    if (!isTree(entry)) {
      listpacks.destroy(reference);
      return budget - 1;
    }
    long freed =
        trees.removeRange(reference, 0, budget, (_, listpack) -> listpacks.destroy(listpack));
    if (freed == budget) {
      return 0;
    }
    trees.destroy(reference);
    return budget - (int) freed;
  }

  @Override
  public long effort(long entry) {
    return isTree(entry) ? trees.count(Database.reference(entry)) : 1;
  }

  @Override
  public long bytes(long entry, int samples) {
    long reference = Database.reference(entry);
    if (!isTree(entry)) {
      return heap.usable(reference);
    }
    long nodes = trees.count(reference);
    long wanted = samples == 0 ? nodes : Math.min(samples, nodes);
    TreeCursor each = new TreeCursor();
    trees.first(reference, each);
    long sampled = 0;
    for (long i = 0; i < wanted; i++) {
      sampled += heap.usable(each.reference());
      each.next();
    }
    return trees.bytes(reference) + (wanted == 0 ? 0 : sampled * nodes / wanted);
  }

  @Override
  public void copy(long entry, long copy) {
    long reference = Database.reference(entry);
    if (!isTree(entry)) {
      Memory.putLong(EntryLayout.value(copy), listpacks.copyOf(reference));
      return;
    }
    long copied = trees.create();
    try {
      copyNodes(reference, copied);
    } catch (HeapLimitException full) {
      trees.removeRange(copied, 0, Long.MAX_VALUE, (_, listpack) -> listpacks.destroy(listpack));
      trees.destroy(copied);
      throw full;
    }
    Memory.putLong(EntryLayout.value(copy), copied);
  }

  private void copyNodes(long from, long to) {
    TreeCursor each = new TreeCursor();
    for (boolean there = trees.first(from, each); there; there = each.next()) {
      long listpack = listpacks.copyOf(each.reference());
      try {
        trees.insertLast(to, each.word(), listpack);
      } catch (HeapLimitException full) {
        listpacks.destroy(listpack);
        throw full;
      }
    }
  }

  @Override
  public void walk(ValueWalk walk, long entry, ValueVisitor visitor) {
    View view = walk.view();
    long reference = Database.reference(entry);
    if (!isTree(entry)) {
      visitor.begin(Encoding.LIST_LISTPACK, 1);
      walkNode(view, reference, visitor);
      return;
    }
    visitor.elements(trees.weight(view, reference));
    visitor.begin(Encoding.LIST_QUICKLIST, trees.count(view, reference));
    trees.forEach(view, reference, (_, listpack) -> walkNode(view, listpack, visitor));
  }

  private static void walkNode(View view, long listpack, ValueVisitor visitor) {
    int bytes = Listpacks.bytes(view.pin(listpack, LISTPACK_HEADER_BYTES));
    visitor.compact(view.pin(listpack, bytes), bytes);
  }
}
