package carnelian.structures;

import static carnelian.structures.CountedTreeLayout.nodeCount;

import carnelian.base.Invariant;
import carnelian.memory.Heap;
import carnelian.memory.Memory;
import carnelian.memory.View;
import org.jspecify.annotations.Nullable;

/// Counted B+trees in off-heap memory: sequences of items of two words, in which an item is found
/// by its key and by its position in O(log n), and knows its position in O(log n).
///
/// Two kinds:
///
/// - *Sorted*: items are in the order of their word, as a signed number, and for equal words in a
///   [TieOrder]. Each weighs 1, so positions are ranks. Sorted sets (score, member), the expiry
///   index (deadline, entry), streams (time, node).
/// - *Positional*: items stand where they were put. The word is the item's weight: the number of
///   elements of the listpack that it refers to. Lists.
///
/// A tree is known by its address, which never changes. It does not own what it refers to.
///
/// Thread: the heap's owner, except [#forEach] with the view of a snapshot. Nothing here blocks.
public final class CountedTrees {
  /*
   * Structure. Inner nodes hold for each child its address, the weight of all items below it, and
   * a copy of its first item as separator. Copies of references mean that an item whose reference
   * changes must be changed here as well (#setReference), while the old key can still be read.
   *
   * No links between leaves: a cursor holds its way from the root, and finds the next leaf in the
   * parent. Links would make each split write to two neighbours more, each a page to preserve
   * while a snapshot is open, and cost 16 bytes a leaf.
   *
   * Fill. A node that is full is split in halves, except at the ends of the tree, where it is
   * split so that all but one item stay together: what is filled in ascending or descending order
   * (expiry, ZADD by time, RPUSH, LPUSH) ends up 93-97 % full. A node less than a third full is
   * merged with a neighbour or takes from it.
   *
   * Size. A tree of one leaf has a leaf that doubles from two items.
   */

  /// What a search looks for: the first item that is not before a key or a word.
  private static final int AT_KEY = 0;

  private static final int ABOVE_KEY = 1;
  private static final int AT_WORD = 2;
  private static final int ABOVE_WORD = 3;

  private final CountedTreeShape shaping;
  private final @Nullable TieOrder tieOrder;
  private final TreeCursor path = new TreeCursor();

  private CountedTrees(Heap heap, @Nullable TieOrder tieOrder) {
    this.tieOrder = tieOrder;
    this.shaping = new CountedTreeShape(heap, tieOrder == null);
  }

  public static CountedTrees sorted(Heap heap, TieOrder tieOrder) {
    return new CountedTrees(heap, tieOrder);
  }

  public static CountedTrees positional(Heap heap) {
    return new CountedTrees(heap, null);
  }

  public long create() {
    return shaping.create();
  }

  /// Frees the tree, not what it refers to.
  public void destroy(long tree) {
    shaping.destroy(tree);
  }

  /// Items in the tree.
  public long count(long tree) {
    return CountedTreeLayout.count(tree);
  }

  /// The weight of all items: in a sorted tree their number.
  public long weight(long tree) {
    return CountedTreeLayout.weight(tree);
  }

  /// Bytes of all blocks of the tree.
  public long bytes(long tree) {
    return CountedTreeLayout.bytes(tree);
  }

  // ---- Places ----------------------------------------------------------------------------------

  /// The first item; false if the tree is empty.
  public boolean first(long tree, TreeCursor cursor) {
    cursor.startAtRoot(tree, isPositional());
    cursor.first();
    return cursor.isOnItem();
  }

  /// The last item; false if the tree is empty.
  public boolean last(long tree, TreeCursor cursor) {
    end(tree, cursor);
    return cursor.previous();
  }

  /// Behind the last item.
  public void end(long tree, TreeCursor cursor) {
    cursor.startAtRoot(tree, isPositional());
    cursor.end();
  }

  /// The item that holds the unit of weight at `position`: in a sorted tree the item of that rank.
  /// Returns the position within the item, or -1 if there is not so much.
  public long seek(long tree, long position, TreeCursor cursor) {
    cursor.startAtRoot(tree, isPositional());
    return cursor.toWeight(position);
  }

  /// The item with this word and this key; false, and at the first item after it, if there is none.
  public boolean find(long tree, long word, long keyAt, int keyLength, TreeCursor cursor) {
    return atLeast(tree, word, keyAt, keyLength, cursor)
        && cursor.word() == word
        && tieOrder().compare(cursor.reference(), keyAt, keyLength) == 0;
  }

  /// The first item not before (word, key); false, and behind the last, if there is none.
  public boolean atLeast(long tree, long word, long keyAt, int keyLength, TreeCursor cursor) {
    return toBound(tree, word, keyAt, keyLength, AT_KEY, cursor);
  }

  /// The first item after (word, key); false, and behind the last, if there is none.
  public boolean above(long tree, long word, long keyAt, int keyLength, TreeCursor cursor) {
    return toBound(tree, word, keyAt, keyLength, ABOVE_KEY, cursor);
  }

  /// The last item not after (word, key); false if there is none.
  public boolean atMost(long tree, long word, long keyAt, int keyLength, TreeCursor cursor) {
    toBound(tree, word, keyAt, keyLength, ABOVE_KEY, cursor);
    return cursor.previous();
  }

  /// The last item before (word, key); false if there is none.
  public boolean below(long tree, long word, long keyAt, int keyLength, TreeCursor cursor) {
    toBound(tree, word, keyAt, keyLength, AT_KEY, cursor);
    return cursor.previous();
  }

  /// The first item with this word or a greater one; false, and behind the last, if there is none.
  public boolean atLeast(long tree, long word, TreeCursor cursor) {
    return toBound(tree, word, 0, 0, AT_WORD, cursor);
  }

  /// The first item with a greater word; false, and behind the last, if there is none.
  public boolean above(long tree, long word, TreeCursor cursor) {
    return toBound(tree, word, 0, 0, ABOVE_WORD, cursor);
  }

  /// The last item with this word or a smaller one; false if there is none.
  public boolean atMost(long tree, long word, TreeCursor cursor) {
    toBound(tree, word, 0, 0, ABOVE_WORD, cursor);
    return cursor.previous();
  }

  /// The last item with a smaller word; false if there is none.
  public boolean below(long tree, long word, TreeCursor cursor) {
    toBound(tree, word, 0, 0, AT_WORD, cursor);
    return cursor.previous();
  }

  private boolean toBound(
      long tree, long word, long keyAt, int keyLength, int bound, TreeCursor cursor) {
    descend(tree, word, keyAt, keyLength, bound, cursor);
    return cursor.isOnItem() || cursor.nextLeaf();
  }

  /// To where an item at the bound belongs, maybe behind the last item of a leaf.
  private void descend(
      long tree, long word, long keyAt, int keyLength, int bound, TreeCursor cursor) {
    cursor.startAtRoot(tree, false);
    TieOrder order = tieOrder();
    int height = cursor.height;
    long node = cursor.nodes[0];
    for (int level = 0; level < height; level++) {
      int child = Math.max(0, countBefore(order, node, word, keyAt, keyLength, bound) - 1);
      cursor.indexes[level] = child;
      node = CountedTreeLayout.child(node, child);
      cursor.nodes[level + 1] = node;
    }
    cursor.indexes[height] = countBefore(order, node, word, keyAt, keyLength, bound);
  }

  /// How many items of the node are before the bound.
  private static int countBefore(
      TieOrder order, long node, long word, long keyAt, int keyLength, int bound) {
    int low = 0;
    int high = nodeCount(node);
    while (low < high) {
      int middle = (low + high) >>> 1;
      long at = CountedTreeLayout.word(node, middle);
      if (at < word || (at == word && isBefore(order, node, middle, keyAt, keyLength, bound))) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  /// For items whose word is the one that is sought.
  private static boolean isBefore(
      TieOrder order, long node, int i, long keyAt, int keyLength, int bound) {
    if (bound >= AT_WORD) {
      return bound == ABOVE_WORD;
    }
    // ABOVE_KEY is 1: there an equal key is before the bound.
    return order.compare(CountedTreeLayout.reference(node, i), keyAt, keyLength) < bound;
  }

  private boolean isPositional() {
    return tieOrder == null;
  }

  private TieOrder tieOrder() {
    if (tieOrder == null) {
      throw Invariant.broken("a positional tree has no keys");
    }
    return tieOrder;
  }

  // ---- Sorted trees ----------------------------------------------------------------------------

  /// Adds an item to a sorted tree, in which there is none with this word and key. If the heap is
  /// full ([carnelian.memory.HeapLimitException]) it is not in the tree.
  public void insert(long tree, long word, long reference) {
    TieOrder order = tieOrder();
    descend(tree, word, order.keyAt(reference), order.keyLength(reference), AT_KEY, path);
    shaping.insert(path, word, reference);
  }

  /// Removes the item with this word and reference, whose key can still be read; false if it is not
  /// there.
  public boolean remove(long tree, long word, long reference) {
    if (!findItem(tree, word, reference)) {
      return false;
    }
    shaping.remove(path);
    return true;
  }

  /// Gives an item another word, wherever that takes it; false if the item is not there. If the
  /// heap is full ([carnelian.memory.HeapLimitException]) it stays as it is.
  public boolean move(long tree, long word, long reference, long newWord) {
    if (!findItem(tree, word, reference)) {
      return false;
    }
    if (staysBetweenNeighbours(newWord)) {
      shaping.setItem(path, newWord, reference);
    } else if (newWord != word) {
      insert(tree, newWord, reference); // May fail; the removal does not.
      remove(tree, word, reference);
    }
    return true;
  }

  /// Puts another reference with the same key in place of one, while both can be read; false if the
  /// item is not there. Not for [TieOrder#REFERENCES].
  public boolean replace(long tree, long word, long reference, long newReference) {
    if (!findItem(tree, word, reference)) {
      return false;
    }
    shaping.setItem(path, word, newReference);
    return true;
  }

  private boolean findItem(long tree, long word, long reference) {
    TieOrder order = tieOrder();
    return find(tree, word, order.keyAt(reference), order.keyLength(reference), path);
  }

  /// Within the leaf, and by words alone: what does not say yes is moved the long way.
  private boolean staysBetweenNeighbours(long newWord) {
    long leaf = path.nodes[path.height];
    int i = path.indexes[path.height];
    return i > 0
        && i + 1 < nodeCount(leaf)
        && CountedTreeLayout.word(leaf, i - 1) < newWord
        && newWord < CountedTreeLayout.word(leaf, i + 1);
  }

  // ---- Positional trees, and changes at a cursor -----------------------------------------------

  /// Puts an item before the cursor's place, in a positional tree. The cursor becomes invalid.
  public void insertAt(TreeCursor cursor, long weight, long reference) {
    Invariant.check(isPositional(), "insertAt: a sorted tree");
    shaping.insert(cursor, weight, reference);
  }

  /// Puts an item behind the cursor's item, in a positional tree. The cursor becomes invalid.
  public void insertAfter(TreeCursor cursor, long weight, long reference) {
    cursor.indexes[cursor.height]++;
    insertAt(cursor, weight, reference);
  }

  public void insertFirst(long tree, long weight, long reference) {
    first(tree, path);
    insertAt(path, weight, reference);
  }

  public void insertLast(long tree, long weight, long reference) {
    end(tree, path);
    insertAt(path, weight, reference);
  }

  /// Removes the cursor's item. The cursor becomes invalid.
  public void removeAt(TreeCursor cursor) {
    shaping.remove(cursor);
  }

  /// Gives the cursor's item another reference: what it refers to has moved, its key is the same.
  /// The cursor stays valid.
  public void setReference(TreeCursor cursor, long reference) {
    shaping.setItem(cursor, cursor.word(), reference);
  }

  /// Gives the cursor's item another weight and reference, in a positional tree. The cursor stays
  /// valid.
  public void setAt(TreeCursor cursor, long weight, long reference) {
    Invariant.check(isPositional(), "setAt: a sorted tree");
    shaping.addWeight(cursor, weight - cursor.word());
    shaping.setItem(cursor, weight, reference);
  }

  /// Removes up to `items` items from the one at `position` on, and gives each to the visitor after
  /// it has been removed. Returns their number.
  public long removeRange(long tree, long position, long items, ItemVisitor visitor) {
    long removed = 0;
    while (removed < items && seek(tree, position, path) >= 0) {
      long word = path.word();
      long reference = path.reference();
      shaping.remove(path);
      removed++;
      visitor.visit(word, reference);
    }
    return removed;
  }

  // ---- All of it -------------------------------------------------------------------------------

  /// How many items the tree has in a view.
  public long count(View view, long tree) {
    return CountedTreeLayout.count(view.pin(tree, CountedTreeLayout.ROOT_BYTES));
  }

  /// Total weight as the view sees it.
  public long weight(View view, long tree) {
    return CountedTreeLayout.weight(view.pin(tree, CountedTreeLayout.ROOT_BYTES));
  }

  /// Visits every item in order. The view is the live heap's or a snapshot's; a snapshot's is read
  /// on its own thread, while the tree goes on changing.
  public void forEach(View view, long tree, ItemVisitor visitor) {
    long root = view.pin(tree, CountedTreeLayout.ROOT_BYTES);
    long node = CountedTreeLayout.node(root);
    visit(view, node, CountedTreeLayout.height(root), visitor);
  }

  /// Copies the node out first: the visitor may pin something else in the view.
  private static void visit(View view, long node, int height, ItemVisitor visitor) {
    if (height == 0) {
      visitLeaf(view, node, visitor);
      return;
    }
    long pinned = view.pin(node, CountedTreeLayout.innerBytes(CountedTreeLayout.INNER_CAPACITY));
    long[] children = new long[nodeCount(pinned)];
    for (int i = 0; i < children.length; i++) {
      children[i] = CountedTreeLayout.child(pinned, i);
    }
    for (long child : children) {
      visit(view, child, height - 1, visitor);
    }
  }

  private static void visitLeaf(View view, long leaf, ItemVisitor visitor) {
    int capacity = CountedTreeLayout.capacity(view.pin(leaf, CountedTreeLayout.NODE_HEADER_BYTES));
    long pinned = view.pin(leaf, CountedTreeLayout.leafBytes(capacity));
    int count = nodeCount(pinned);
    long[] items = new long[2 * count];
    for (int i = 0; i < count; i++) {
      items[2 * i] = CountedTreeLayout.word(pinned, i);
      items[2 * i + 1] = Memory.getLong(CountedTreeLayout.referenceAt(pinned, capacity, i));
    }
    for (int i = 0; i < count; i++) {
      visitor.visit(items[2 * i], items[2 * i + 1]);
    }
  }

  /// Checks what must hold between calls and throws if it does not. For tests and DEBUG.
  public void verify(long tree) {
    CountedTreeCheck.verify(tree, tieOrder);
  }
}
