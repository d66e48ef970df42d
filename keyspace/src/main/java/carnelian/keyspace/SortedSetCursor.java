package carnelian.keyspace;

import carnelian.structures.CountedTrees;
import carnelian.structures.Element;
import carnelian.structures.EntryLayout;
import carnelian.structures.Listpacks;
import carnelian.structures.TreeCursor;

/// Goes through the members of a sorted set from a rank on, up or down. Reusable and without
/// allocation; the set must not change meanwhile.
///
/// Reads the live heap, on the engine's thread.
public final class SortedSetCursor {
  private final CountedTrees trees;
  private final TreeCursor place = new TreeCursor();
  private final Element member = new Element();
  private final Element scoreElement = new Element();

  private double score;
  private boolean isTree;
  private boolean ascending;
  private boolean hasNext;
  private long listpack;
  private long nextElement;

  SortedSetCursor(CountedTrees trees) {
    this.trees = trees;
  }

  /// Before the member of this rank, towards higher scores. A rank beyond the last is the end.
  public SortedSetCursor startAscending(long entry, long rank) {
    return start(entry, rank, true);
  }

  /// Behind the member of this rank (counted from the lowest score), towards lower scores. A
  /// negative rank is the end.
  public SortedSetCursor startDescending(long entry, long rank) {
    return start(entry, rank, false);
  }

  private SortedSetCursor start(long entry, long rank, boolean upwards) {
    ascending = upwards;
    isTree = Database.encoding(entry) == Encoding.ZSET_SKIPLIST;
    if (isTree) {
      long tree = SortedSetLayout.tree(Database.reference(entry));
      hasNext = rank >= 0 && trees.seek(tree, rank, place) >= 0;
    } else {
      listpack = Database.reference(entry);
      nextElement = rank < 0 ? 0 : Listpacks.seek(listpack, 2 * rank);
    }
    return this;
  }

  /// Goes to the next member on the way; false at the end.
  public boolean next() {
    return isTree ? nextOfTree() : nextOfListpack();
  }

  private boolean nextOfTree() {
    if (!hasNext) {
      return false;
    }
    long entry = place.reference();
    member.setBytes(EntryLayout.key(entry), EntryLayout.keyLength(entry));
    score = SortedSets.scoreOf(entry);
    hasNext = ascending ? place.next() : place.previous();
    return true;
  }

  private boolean nextOfListpack() {
    if (nextElement == 0) {
      return false;
    }
    Listpacks.get(nextElement, member);
    long second = Listpacks.next(nextElement);
    score = SortedSets.score(Listpacks.get(second, scoreElement));
    if (ascending) {
      nextElement = Listpacks.next(second);
    } else {
      long before = Listpacks.previous(listpack, nextElement);
      nextElement = before == 0 ? 0 : Listpacks.previous(listpack, before);
    }
    return true;
  }

  /// The member the cursor stands on; valid until it moves.
  public Element member() {
    return member;
  }

  public double score() {
    return score;
  }
}
