package carnelian.structures;

import static carnelian.structures.CountedTreeLayout.INNER_CAPACITY;
import static carnelian.structures.CountedTreeLayout.LEAF_CAPACITY;
import static carnelian.structures.CountedTreeLayout.ROOT_BYTES;
import static carnelian.structures.CountedTreeLayout.SMALLEST_LEAF_CAPACITY;
import static carnelian.structures.CountedTreeLayout.capacity;
import static carnelian.structures.CountedTreeLayout.child;
import static carnelian.structures.CountedTreeLayout.childAt;
import static carnelian.structures.CountedTreeLayout.innerBytes;
import static carnelian.structures.CountedTreeLayout.leafBytes;
import static carnelian.structures.CountedTreeLayout.nodeCount;
import static carnelian.structures.CountedTreeLayout.reference;
import static carnelian.structures.CountedTreeLayout.referenceAt;
import static carnelian.structures.CountedTreeLayout.weight;
import static carnelian.structures.CountedTreeLayout.weightAt;
import static carnelian.structures.CountedTreeLayout.word;
import static carnelian.structures.CountedTreeLayout.wordAt;

import carnelian.memory.Heap;
import carnelian.memory.HeapLimitException;
import carnelian.memory.Memory;

/// How counted trees change: items and children in and out of nodes, splits, merges, and the
/// weights and separators on the way from the root.
///
/// What allocates does so before it changes anything: a heap that is full leaves the tree whole.
/// Removing needs no memory.
final class CountedTreeShape {
  private static final int LEAF_MINIMUM = LEAF_CAPACITY / 3;
  private static final int INNER_MINIMUM = INNER_CAPACITY / 3;

  private final Heap heap;
  private final boolean isWeighted;

  CountedTreeShape(Heap heap, boolean isWeighted) {
    this.heap = heap;
    this.isWeighted = isWeighted;
  }

  long create() {
    long tree = heap.allocate(ROOT_BYTES);
    Memory.fill(tree, ROOT_BYTES, (byte) 0);
    CountedTreeLayout.bytes(tree, heap.size(tree));
    try {
      CountedTreeLayout.node(tree, allocateNode(tree, false, SMALLEST_LEAF_CAPACITY));
    } catch (HeapLimitException full) {
      heap.free(tree);
      throw full;
    }
    return tree;
  }

  void destroy(long tree) {
    freeAll(CountedTreeLayout.node(tree), CountedTreeLayout.height(tree));
    heap.free(tree);
  }

  private void freeAll(long node, int height) {
    if (height > 0) {
      for (int i = 0; i < nodeCount(node); i++) {
        freeAll(child(node, i), height - 1);
      }
    }
    heap.free(node);
  }

  // ---- Items -----------------------------------------------------------------------------------

  /// Puts an item at the cursor's place.
  void insert(TreeCursor at, long word, long reference) {
    long tree = at.tree;
    heap.touch(tree, ROOT_BYTES);
    if (nodeCount(at.nodes[at.height]) == capacity(at.nodes[at.height])) {
      makeRoom(at);
    }
    int level = at.height;
    long leaf = at.nodes[level];
    int i = at.indexes[level];
    touch(leaf, false);
    shift(leaf, false, i, 1);
    CountedTreeLayout.item(leaf, i, word, reference);
    addWeight(at, isWeighted ? word : 1);
    CountedTreeLayout.count(tree, CountedTreeLayout.count(tree) + 1);
    if (i == 0) {
      refreshSeparators(at, level);
    }
  }

  /// Takes the cursor's item out. The cursor is invalid afterwards.
  void remove(TreeCursor at) {
    long tree = at.tree;
    int level = at.height;
    long leaf = at.nodes[level];
    int i = at.indexes[level];
    heap.touch(tree, ROOT_BYTES);
    addWeight(at, isWeighted ? -word(leaf, i) : -1);
    CountedTreeLayout.count(tree, CountedTreeLayout.count(tree) - 1);
    touch(leaf, false);
    shift(leaf, false, i + 1, -1);
    int left = nodeCount(leaf);
    if (level > 0 && CountedTreeLayout.count(tree) == 0) {
      dropAllButLeaf(at);
      return;
    }
    if (level == 0) {
      shrinkOnlyLeaf(at);
      return;
    }
    if (i == 0 && left > 0) {
      refreshSeparators(at, level);
    }
    if (left < LEAF_MINIMUM) {
      rebalance(at, level);
    }
  }

  /// The cursor's leaf is empty and there is no other: it becomes the topmost node.
  private void dropAllButLeaf(TreeCursor at) {
    for (int level = 0; level < at.height; level++) {
      free(at.tree, at.nodes[level]);
    }
    CountedTreeLayout.node(at.tree, at.nodes[at.height]);
    CountedTreeLayout.height(at.tree, 0);
  }

  private void shrinkOnlyLeaf(TreeCursor at) {
    int capacity = capacity(at.nodes[0]);
    if (nodeCount(at.nodes[0]) * 4 > capacity || capacity == SMALLEST_LEAF_CAPACITY) {
      return;
    }
    try {
      resizeOnlyLeaf(at, Math.max(SMALLEST_LEAF_CAPACITY, capacity / 2));
    } catch (HeapLimitException _) {
      return; // The leaf is larger than it should be, until the next removal.
    }
  }

  /// Overwrites the cursor's item; the order, and in a positional tree the weight above, is the
  /// caller's.
  void setItem(TreeCursor at, long word, long reference) {
    long leaf = at.nodes[at.height];
    int i = at.indexes[at.height];
    touch(leaf, false);
    CountedTreeLayout.item(leaf, i, word, reference);
    if (i == 0) {
      refreshSeparators(at, at.height);
    }
  }

  /// Adds to all weights above the cursor's place.
  void addWeight(TreeCursor at, long weight) {
    heap.touch(at.tree, ROOT_BYTES);
    CountedTreeLayout.weight(at.tree, CountedTreeLayout.weight(at.tree) + weight);
    for (int level = 0; level < at.height; level++) {
      addWeight(at.nodes[level], at.indexes[level], weight);
    }
  }

  private void addWeight(long inner, int i, long weight) {
    long slot = weightAt(inner, i);
    heap.touch(slot, 8);
    Memory.putLong(slot, Memory.getLong(slot) + weight);
  }

  /// The first item of the node at `level` has changed: so has its separator in the parent, and if
  /// it is the parent's first child, the parent's, and so on.
  private void refreshSeparators(TreeCursor at, int level) {
    if (isWeighted) {
      return; // Nobody looks for keys.
    }
    long node = at.nodes[level];
    for (int above = level - 1; above >= 0; above--) {
      long parent = at.nodes[above];
      touch(parent, true);
      CountedTreeLayout.item(parent, at.indexes[above], word(node, 0), reference(node, 0));
      if (at.indexes[above] > 0) {
        return;
      }
    }
  }

  // ---- Growth ----------------------------------------------------------------------------------

  /// The cursor's leaf is full: makes room in it, or in a new one, to which the cursor goes.
  private void makeRoom(TreeCursor at) {
    int capacity = capacity(at.nodes[at.height]);
    if (capacity < LEAF_CAPACITY) {
      resizeOnlyLeaf(at, Math.min(LEAF_CAPACITY, capacity * 2));
    } else {
      split(at, at.height);
    }
  }

  private void resizeOnlyLeaf(TreeCursor at, int newCapacity) {
    long old = at.nodes[0];
    int count = nodeCount(old);
    long leaf = allocateNode(at.tree, false, newCapacity);
    copyItems(old, 0, leaf, 0, count);
    CountedTreeLayout.nodeCount(leaf, count);
    free(at.tree, old);
    CountedTreeLayout.node(at.tree, leaf);
    at.nodes[0] = leaf;
  }

  /// Splits the full node at `level` of the cursor's way, after its parent if that is full too. The
  /// cursor keeps its place; its height may grow.
  private void split(TreeCursor at, int level) {
    int heightBefore = at.height;
    boolean isInner = level < heightBefore;
    long right = allocateNode(at.tree, isInner, isInner ? INNER_CAPACITY : LEAF_CAPACITY);
    try {
      if (level == 0) {
        addRoot(at);
      } else if (nodeCount(at.nodes[level - 1]) == INNER_CAPACITY) {
        split(at, level - 1);
      }
    } catch (HeapLimitException full) {
      free(at.tree, right); // Nothing has changed: all levels allocate before one is split.
      throw full;
    }
    int below = level + at.height - heightBefore;
    long node = at.nodes[below];
    int count = nodeCount(node);
    int cut = cutOf(at, below, count);
    touch(node, isInner);
    move(node, cut, right, 0, count - cut, isInner);
    CountedTreeLayout.nodeCount(node, cut);
    CountedTreeLayout.nodeCount(right, count - cut);
    long moved = weightOf(right, isInner);
    long parent = at.nodes[below - 1];
    int index = at.indexes[below - 1];
    addWeight(parent, index, -moved);
    insertChild(parent, index + 1, right, moved);
    int place = at.indexes[below];
    // A place at the cut: an item may go to the end of the left leaf, a child is in the right node.
    if (place > cut || (isInner && place == cut)) {
      at.nodes[below] = right;
      at.indexes[below] = place - cut;
      at.indexes[below - 1] = index + 1;
    }
  }

  /// How many stay in the left node: half of them, but nearly all at the tree's ends.
  private static int cutOf(TreeCursor at, int level, int count) {
    int last = level < at.height ? count - 1 : count;
    boolean isLeftmost = at.indexes[level] == 0;
    boolean isRightmost = at.indexes[level] == last;
    for (int above = 0; above < level; above++) {
      isLeftmost &= at.indexes[above] == 0;
      isRightmost &= at.indexes[above] == nodeCount(at.nodes[above]) - 1;
    }
    if (isRightmost) {
      return count - 1;
    }
    return isLeftmost ? 1 : count / 2;
  }

  private void addRoot(TreeCursor at) {
    long old = at.nodes[0];
    long root = allocateNode(at.tree, true, INNER_CAPACITY);
    insertChild(root, 0, old, CountedTreeLayout.weight(at.tree));
    CountedTreeLayout.node(at.tree, root);
    CountedTreeLayout.height(at.tree, at.height + 1);
    at.addLevel(root);
  }

  private void insertChild(long parent, int i, long node, long weight) {
    touch(parent, true);
    shift(parent, true, i, 1);
    CountedTreeLayout.item(parent, i, word(node, 0), reference(node, 0));
    Memory.putLong(childAt(parent, i), node);
    Memory.putLong(weightAt(parent, i), weight);
  }

  // ---- Shrinking -------------------------------------------------------------------------------

  /// The node at `level` has few items: merges it with a neighbour or takes from it.
  private void rebalance(TreeCursor at, int level) {
    if (level == 0) {
      dropRoot(at);
      return;
    }
    long parent = at.nodes[level - 1];
    int index = at.indexes[level - 1];
    boolean isInner = level < at.height;
    if (nodeCount(parent) == 1) {
      // At the tree's ends a node may be the only child, and may have few items, but not none.
      if (nodeCount(at.nodes[level]) == 0) {
        removeChild(at, level - 1, index);
      }
      return;
    }
    int leftIndex = index > 0 ? index - 1 : 0;
    long left = child(parent, leftIndex);
    long right = child(parent, leftIndex + 1);
    int leftCount = nodeCount(left);
    int rightCount = nodeCount(right);
    touch(parent, true);
    touch(left, isInner);
    if (leftCount + rightCount <= capacity(left)) {
      move(right, 0, left, leftCount, rightCount, isInner);
      CountedTreeLayout.nodeCount(left, leftCount + rightCount);
      addWeight(parent, leftIndex, weight(parent, leftIndex + 1));
      at.nodes[level] = left;
      at.indexes[level - 1] = leftIndex;
      if (leftCount == 0) {
        refreshSeparators(at, level);
      }
      removeChild(at, level - 1, leftIndex + 1);
    } else {
      touch(right, isInner);
      share(parent, leftIndex, left, right, isInner);
      if (leftCount == 0) {
        at.nodes[level] = left;
        at.indexes[level - 1] = leftIndex;
        refreshSeparators(at, level);
      }
    }
  }

  /// Gives two neighbours the same number of items, or nearly.
  private void share(long parent, int leftIndex, long left, long right, boolean isInner) {
    int leftCount = nodeCount(left);
    int rightCount = nodeCount(right);
    int newLeft = (leftCount + rightCount) / 2;
    int newRight = leftCount + rightCount - newLeft;
    if (newLeft < leftCount) {
      move(right, 0, right, leftCount - newLeft, rightCount, isInner);
      move(left, newLeft, right, 0, leftCount - newLeft, isInner);
    } else {
      move(right, 0, left, leftCount, newLeft - leftCount, isInner);
      move(right, newLeft - leftCount, right, 0, newRight, isInner);
    }
    CountedTreeLayout.nodeCount(left, newLeft);
    CountedTreeLayout.nodeCount(right, newRight);
    long leftWeight = weightOf(left, isInner);
    long moved = weight(parent, leftIndex) - leftWeight;
    addWeight(parent, leftIndex, -moved);
    addWeight(parent, leftIndex + 1, moved);
    CountedTreeLayout.item(parent, leftIndex + 1, word(right, 0), reference(right, 0));
  }

  /// Frees a child that has nothing below it any more, and takes it out of the node at `level`.
  private void removeChild(TreeCursor at, int level, int i) {
    long node = at.nodes[level];
    free(at.tree, child(node, i));
    touch(node, true);
    shift(node, true, i + 1, -1);
    int left = nodeCount(node);
    if (i == 0 && left > 0) {
      refreshSeparators(at, level);
    }
    if (left < INNER_MINIMUM) {
      rebalance(at, level);
    }
  }

  /// The topmost node has few children: one is no reason for a level.
  private void dropRoot(TreeCursor at) {
    long tree = at.tree;
    long root = CountedTreeLayout.node(tree);
    int height = CountedTreeLayout.height(tree);
    while (height > 0 && nodeCount(root) == 1) {
      long only = child(root, 0);
      height--;
      free(tree, root);
      root = only;
    }
    CountedTreeLayout.node(tree, root);
    CountedTreeLayout.height(tree, height);
  }

  // ---- Nodes -----------------------------------------------------------------------------------

  private long allocateNode(long tree, boolean isInner, int capacity) {
    long node = heap.allocate(isInner ? innerBytes(capacity) : leafBytes(capacity));
    CountedTreeLayout.writeNodeHeader(node, 0, capacity);
    CountedTreeLayout.bytes(tree, CountedTreeLayout.bytes(tree) + heap.size(node));
    return node;
  }

  private void free(long tree, long node) {
    CountedTreeLayout.bytes(tree, CountedTreeLayout.bytes(tree) - heap.size(node));
    heap.free(node);
  }

  private void touch(long node, boolean isInner) {
    int capacity = capacity(node);
    heap.touch(node, isInner ? innerBytes(capacity) : leafBytes(capacity));
  }

  private long weightOf(long node, boolean isInner) {
    int count = nodeCount(node);
    if (!isInner && !isWeighted) {
      return count;
    }
    long sum = 0;
    for (int i = 0; i < count; i++) {
      sum += isInner ? weight(node, i) : word(node, i);
    }
    return sum;
  }

  /// Moves what stands at `from` and behind by `by` places, and adds that to the node's count.
  private static void shift(long node, boolean isInner, int from, int by) {
    int count = nodeCount(node);
    move(node, from, node, from + by, count - from, isInner);
    CountedTreeLayout.nodeCount(node, count + by);
  }

  private static void move(long source, int from, long target, int to, int count, boolean isInner) {
    if (count <= 0) {
      return;
    }
    copyItems(source, from, target, to, count);
    if (isInner) {
      long bytes = (long) count << 3;
      Memory.copy(childAt(source, from), childAt(target, to), bytes);
      Memory.copy(weightAt(source, from), weightAt(target, to), bytes);
    }
  }

  private static void copyItems(long source, int from, long target, int to, int count) {
    long bytes = (long) count << 3;
    Memory.copy(wordAt(source, from), wordAt(target, to), bytes);
    Memory.copy(
        referenceAt(source, capacity(source), from),
        referenceAt(target, capacity(target), to),
        bytes);
  }
}
