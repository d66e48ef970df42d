package carnelian.structures;

import carnelian.memory.Memory;
import java.util.Arrays;

/// A place in a counted tree: on an item, or behind the last one. [CountedTrees] sets it; it is
/// reusable, moves without allocation and reads the live heap.
///
/// It holds the way from the root, so moving needs no links between leaves, and what changes at it
/// can correct the weights above. Any change of the tree makes it invalid, unless the method that
/// changes says otherwise.
public final class TreeCursor {
  /// From the root (level 0) to the leaf (level `height`).
  final long[] nodes = new long[CountedTreeLayout.MAX_LEVELS];

  /// The child taken at each level; at the leaf the item, or the number of items.
  final int[] indexes = new int[CountedTreeLayout.MAX_LEVELS];

  long tree;
  int height;
  boolean isWeighted;

  public TreeCursor() {}

  /// Whether it is on an item.
  public boolean isOnItem() {
    return indexes[height] < CountedTreeLayout.nodeCount(nodes[height]);
  }

  public long word() {
    return CountedTreeLayout.word(nodes[height], indexes[height]);
  }

  public long reference() {
    return CountedTreeLayout.reference(nodes[height], indexes[height]);
  }

  /// What the item counts for.
  public long weight() {
    return isWeighted ? word() : 1;
  }

  /// Goes to the next item; false if there is none: then it is behind the last.
  public boolean next() {
    int leaf = height;
    int count = CountedTreeLayout.nodeCount(nodes[leaf]);
    if (indexes[leaf] < count) {
      indexes[leaf]++;
    }
    return indexes[leaf] < count || nextLeaf();
  }

  /// From behind the last item of a leaf to the first item of the next, if there is one.
  boolean nextLeaf() {
    int level = height - 1;
    while (level >= 0 && indexes[level] + 1 >= CountedTreeLayout.nodeCount(nodes[level])) {
      level--;
    }
    if (level < 0) {
      return false;
    }
    indexes[level]++;
    for (; level < height; level++) {
      nodes[level + 1] = CountedTreeLayout.child(nodes[level], indexes[level]);
      indexes[level + 1] = 0;
    }
    return true;
  }

  /// Goes to the previous item; false if there is none: then it stays where it is.
  public boolean previous() {
    if (indexes[height] > 0) {
      indexes[height]--;
      return true;
    }
    int level = height - 1;
    while (level >= 0 && indexes[level] == 0) {
      level--;
    }
    if (level < 0) {
      return false;
    }
    indexes[level]--;
    descendToLast(level);
    return true;
  }

  private void descendToLast(int from) {
    for (int level = from; level < height; level++) {
      long child = CountedTreeLayout.child(nodes[level], indexes[level]);
      nodes[level + 1] = child;
      indexes[level + 1] = CountedTreeLayout.nodeCount(child) - 1;
    }
  }

  /// The weight of all items before this place: in a sorted tree the item's rank.
  public long weightBefore() {
    long before = 0;
    for (int level = 0; level < height; level++) {
      for (int i = 0; i < indexes[level]; i++) {
        before += CountedTreeLayout.weight(nodes[level], i);
      }
    }
    if (!isWeighted) {
      return before + indexes[height];
    }
    for (int i = 0; i < indexes[height]; i++) {
      before += CountedTreeLayout.word(nodes[height], i);
    }
    return before;
  }

  void startAtRoot(long root, boolean weighted) {
    tree = root;
    isWeighted = weighted;
    height = CountedTreeLayout.height(root);
    nodes[0] = CountedTreeLayout.node(root);
  }

  void first() {
    Arrays.fill(indexes, 0, height + 1, 0);
    for (int level = 0; level < height; level++) {
      nodes[level + 1] = CountedTreeLayout.child(nodes[level], 0);
    }
  }

  /// Behind the last item.
  void end() {
    indexes[0] = CountedTreeLayout.nodeCount(nodes[0]) - 1;
    descendToLast(0);
    indexes[height]++;
  }

  /// A new topmost node stands above all others.
  void addLevel(long root) {
    System.arraycopy(nodes, 0, nodes, 1, height + 1);
    System.arraycopy(indexes, 0, indexes, 1, height + 1);
    nodes[0] = root;
    indexes[0] = 0;
    height++;
  }

  /// Goes to the item that holds the unit of weight at `position`, and returns its offset within
  /// the item; -1, and behind the last item, if there is not so much.
  long toWeight(long position) {
    if (position < 0 || position >= CountedTreeLayout.weight(tree)) {
      end();
      return -1;
    }
    long left = position;
    for (int level = 0; level < height; level++) {
      long weights = CountedTreeLayout.weightAt(nodes[level], 0);
      int i = 0;
      long weight = Memory.getLong(weights);
      while (left >= weight) {
        left -= weight;
        i++;
        weight = Memory.getLong(weights + ((long) i << 3));
      }
      indexes[level] = i;
      nodes[level + 1] = CountedTreeLayout.child(nodes[level], i);
    }
    if (!isWeighted) {
      indexes[height] = (int) left;
      return 0;
    }
    int i = 0;
    while (left >= CountedTreeLayout.word(nodes[height], i)) {
      left -= CountedTreeLayout.word(nodes[height], i);
      i++;
    }
    indexes[height] = i;
    return left;
  }
}
