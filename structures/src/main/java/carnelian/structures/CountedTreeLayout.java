package carnelian.structures;

import static java.lang.foreign.MemoryLayout.structLayout;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import carnelian.memory.Memory;
import carnelian.memory.Offsets;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.StructLayout;

/// The root of a counted tree, and its nodes, as they lie in off-heap memory.
///
/// | offset | size | field    | meaning                                              |
/// |-------:|-----:|----------|------------------------------------------------------|
/// |      0 |    8 | `node`   | the topmost node                                     |
/// |      8 |    8 | `weight` | of all items                                         |
/// |     16 |    8 | `count`  | items                                                |
/// |     24 |    8 | `bytes`  | bytes of all blocks of the tree               |
/// |     32 |    4 | `height` | levels of inner nodes above the leaves               |
/// |     36 |    4 |          | padding                                              |
///
/// A node with room for n = `capacity` items:
///
/// | offset  | size | field        | meaning                                           |
/// |--------:|-----:|--------------|---------------------------------------------------|
/// |       0 |    4 | `count`      | items or children in the node                     |
/// |       4 |    4 | `capacity`   | n                                                 |
/// |       8 |   8n | `words`      | of the items; inner: of each child's first item   |
/// |  8 + 8n |   8n | `references` | likewise                                          |
/// | 8 + 16n |   8n | `children`   | inner nodes only: addresses of nodes              |
/// | 8 + 24n |   8n | `weights`    | inner nodes only: of all items below each child   |
///
/// In memory only, little-endian. Owned by [CountedTrees], written by the engine's thread, which
/// has touched what it writes; readers of a snapshot pass pinned addresses.
final class CountedTreeLayout {
  static final StructLayout ROOT =
      structLayout(
              JAVA_LONG.withName("node"),
              JAVA_LONG.withName("weight"),
              JAVA_LONG.withName("count"),
              JAVA_LONG.withName("bytes"),
              JAVA_INT.withName("height"),
              MemoryLayout.paddingLayout(4))
          .withName("CountedTree");

  static final int ROOT_BYTES = (int) ROOT.byteSize();
  static final int NODE_HEADER_BYTES = 8;

  /// A leaf is 504 bytes: eight cache lines, one page of the write barrier.
  static final int LEAF_CAPACITY = 31;

  /// An inner node is 488 bytes.
  static final int INNER_CAPACITY = 15;

  /// A tree of one leaf begins with this.
  static final int SMALLEST_LEAF_CAPACITY = 2;

  /// Levels of any tree that fits into memory: nodes are a third full, but for the outermost.
  static final int MAX_LEVELS = 32;

  private static final long NODE = offsetOf("node");
  private static final long WEIGHT = offsetOf("weight");
  private static final long COUNT = offsetOf("count");
  private static final long BYTES = offsetOf("bytes");
  private static final long HEIGHT = offsetOf("height");

  private static final int NODE_COUNT = 0;
  private static final int NODE_CAPACITY = 4;

  private CountedTreeLayout() {}

  static long node(long tree) {
    return Memory.getLong(tree + NODE);
  }

  static void node(long tree, long node) {
    Memory.putLong(tree + NODE, node);
  }

  static long weight(long tree) {
    return Memory.getLong(tree + WEIGHT);
  }

  static void weight(long tree, long weight) {
    Memory.putLong(tree + WEIGHT, weight);
  }

  static long count(long tree) {
    return Memory.getLong(tree + COUNT);
  }

  static void count(long tree, long count) {
    Memory.putLong(tree + COUNT, count);
  }

  static long bytes(long tree) {
    return Memory.getLong(tree + BYTES);
  }

  static void bytes(long tree, long bytes) {
    Memory.putLong(tree + BYTES, bytes);
  }

  static int height(long tree) {
    return Memory.getInt(tree + HEIGHT);
  }

  static void height(long tree, int height) {
    Memory.putInt(tree + HEIGHT, height);
  }

  static int nodeCount(long node) {
    return Memory.getInt(node + NODE_COUNT);
  }

  static void nodeCount(long node, int count) {
    Memory.putInt(node + NODE_COUNT, count);
  }

  static int capacity(long node) {
    return Memory.getInt(node + NODE_CAPACITY);
  }

  static void writeNodeHeader(long node, int count, int capacity) {
    Memory.putInt(node + NODE_COUNT, count);
    Memory.putInt(node + NODE_CAPACITY, capacity);
  }

  static int leafBytes(int capacity) {
    return NODE_HEADER_BYTES + 16 * capacity;
  }

  static int innerBytes(int capacity) {
    return NODE_HEADER_BYTES + 32 * capacity;
  }

  static long wordAt(long node, int i) {
    return node + NODE_HEADER_BYTES + ((long) i << 3);
  }

  static long referenceAt(long node, int capacity, int i) {
    return node + NODE_HEADER_BYTES + ((long) (capacity + i) << 3);
  }

  /// Of an inner node, as [#weightAt].
  static long childAt(long node, int i) {
    return node + NODE_HEADER_BYTES + ((long) (2 * INNER_CAPACITY + i) << 3);
  }

  static long weightAt(long node, int i) {
    return node + NODE_HEADER_BYTES + ((long) (3 * INNER_CAPACITY + i) << 3);
  }

  static long word(long node, int i) {
    return Memory.getLong(wordAt(node, i));
  }

  static long reference(long node, int i) {
    return Memory.getLong(referenceAt(node, capacity(node), i));
  }

  static void item(long node, int i, long word, long reference) {
    Memory.putLong(wordAt(node, i), word);
    Memory.putLong(referenceAt(node, capacity(node), i), reference);
  }

  static long child(long node, int i) {
    return Memory.getLong(childAt(node, i));
  }

  static long weight(long node, int i) {
    return Memory.getLong(weightAt(node, i));
  }

  private static long offsetOf(String field) {
    return Offsets.of(ROOT, field);
  }
}
