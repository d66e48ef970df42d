package carnelian.structures;

import static carnelian.structures.CountedTreeLayout.nodeCount;
import static carnelian.structures.CountedTreeLayout.reference;
import static carnelian.structures.CountedTreeLayout.word;

import carnelian.base.Invariant;
import org.jspecify.annotations.Nullable;

/// What holds for every counted tree between two calls.
final class CountedTreeCheck {
  private final @Nullable TieOrder order;
  private long items;

  private CountedTreeCheck(@Nullable TieOrder order) {
    this.order = order;
  }

  static void verify(long tree, @Nullable TieOrder order) {
    CountedTreeCheck check = new CountedTreeCheck(order);
    int height = CountedTreeLayout.height(tree);
    long weight = check.node(CountedTreeLayout.node(tree), height, true, true);
    long count = CountedTreeLayout.count(tree);
    Invariant.check(check.items == count, "items, count: ", check.items, count);
    Invariant.check(
        weight == CountedTreeLayout.weight(tree),
        "weight of items, of tree: ",
        weight,
        CountedTreeLayout.weight(tree));
    Invariant.check(
        height == 0 || nodeCount(CountedTreeLayout.node(tree)) > 1, "height to spare: ", height);
  }

  private long node(long node, int height, boolean isLeftmost, boolean isRightmost) {
    int count = nodeCount(node);
    int capacity = CountedTreeLayout.capacity(node);
    Invariant.check(count <= capacity, "items, capacity: ", count, capacity);
    if (!isLeftmost && !isRightmost) {
      Invariant.check(count >= capacity / 3, "items, capacity: ", count, capacity);
    }
    Invariant.check(count > 0 || (isLeftmost && isRightmost), "empty node");
    for (int i = 1; i < count; i++) {
      order(node, i - 1, node, i);
    }
    return height == 0 ? leaf(node) : inner(node, height, isLeftmost, isRightmost);
  }

  private long leaf(long leaf) {
    int count = nodeCount(leaf);
    items += count;
    if (order != null) {
      return count;
    }
    long weight = 0;
    for (int i = 0; i < count; i++) {
      weight += word(leaf, i);
    }
    return weight;
  }

  private long inner(long node, int height, boolean isLeftmost, boolean isRightmost) {
    int count = nodeCount(node);
    Invariant.check(count > 0, "inner node without children");
    long sum = 0;
    for (int i = 0; i < count; i++) {
      long child = CountedTreeLayout.child(node, i);
      boolean isFirst = isLeftmost && i == 0;
      boolean isLast = isRightmost && i == count - 1;
      long weight = node(child, height - 1, isFirst, isLast);
      long noted = CountedTreeLayout.weight(node, i);
      Invariant.check(weight == noted, "weight below, noted: ", weight, noted);
      if (order != null) {
        Invariant.check(
            word(child, 0) == word(node, i) && reference(child, 0) == reference(node, i),
            "separator is not the first item of child ",
            i);
        if (i + 1 < count) {
          order(child, nodeCount(child) - 1, node, i + 1);
        }
      }
      sum += weight;
    }
    return sum;
  }

  private void order(long a, int i, long b, int j) {
    if (order == null) {
      return;
    }
    long wordA = word(a, i);
    long wordB = word(b, j);
    long next = reference(b, j);
    Invariant.check(
        wordA < wordB
            || (wordA == wordB
                && order.compare(reference(a, i), order.keyAt(next), order.keyLength(next)) < 0),
        "order of items ",
        i,
        j);
  }
}
