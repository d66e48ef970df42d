package carnelian.keyspace;

import carnelian.structures.CountedTrees;
import carnelian.structures.Element;
import carnelian.structures.Listpacks;
import carnelian.structures.TreeCursor;

/// Goes through the elements of a list from an index on, towards one end. Reusable and without
/// allocation; the list must not change meanwhile.
///
/// Reads the live heap, on the engine's thread.
public final class ListCursor {
  private final CountedTrees trees;
  private final TreeCursor node = new TreeCursor();
  private final Element element = new Element();

  private boolean isTree;
  private boolean forward;
  private long listpack;

  /// The element to be read next; 0 at the end of its node.
  private long next;

  ListCursor(CountedTrees trees) {
    this.trees = trees;
  }

  /// Before the element at `index`, which is in the list, on the way to the tail.
  public ListCursor startForward(long entry, long index) {
    return start(entry, index, true);
  }

  /// Behind the element at `index`, which is in the list, on the way to the head.
  public ListCursor startBackward(long entry, long index) {
    return start(entry, index, false);
  }

  private ListCursor start(long entry, long index, boolean towardsTail) {
    forward = towardsTail;
    isTree = Database.encoding(entry) == Encoding.LIST_QUICKLIST;
    listpack = Database.reference(entry);
    long within = index;
    if (isTree) {
      within = trees.seek(listpack, index, node);
      listpack = node.reference();
    }
    next = Listpacks.seek(listpack, within);
    return this;
  }

  /// Goes to the next element on the way; false at the end of the list.
  public boolean next() {
    if (next == 0 && !nextNode()) {
      return false;
    }
    Listpacks.get(next, element);
    next = forward ? Listpacks.next(next) : Listpacks.previous(listpack, next);
    return true;
  }

  private boolean nextNode() {
    if (!isTree || !(forward ? node.next() : node.previous())) {
      return false;
    }
    listpack = node.reference();
    next = forward ? Listpacks.first(listpack) : Listpacks.last(listpack);
    return true;
  }

  /// The element the cursor stands on; valid until it moves.
  public Element element() {
    return element;
  }
}
