package carnelian.keyspace;

import carnelian.structures.CountedTrees;
import carnelian.structures.Element;
import carnelian.structures.Listpacks;
import carnelian.structures.TreeCursor;

/// Goes through the entries of a stream between two IDs, in either direction, and through each
/// one's fields. Reusable and without allocation; the stream must not change meanwhile.
///
/// Reads the live heap, on the engine's thread.
public final class StreamCursor {
  private final CountedTrees nodes;
  private final long probe;
  private final TreeCursor place = new TreeCursor();
  private final StreamId id = new StreamId();
  private final StreamId from = new StreamId();
  private final StreamId to = new StreamId();
  private final Element field = new Element();
  private final Element value = new Element();
  private final Element number = new Element();

  private boolean backward;
  private boolean deletedToo;
  private boolean onNode;

  // The node.
  private long node;
  private long nodeMs;
  private long nodeSequence;
  private long listpack;
  private long masterFields;
  private long firstMasterField;

  /// Forwards: where the next entry begins; backwards: the last element of the next one; 0: the
  /// node is done.
  private long nextAt;

  // The entry.
  private long flagsAt;
  private long flags;
  private long fieldCount;
  private long fieldsLeft;
  private long fieldAt;
  private long valueAt;

  /// `probe` is a word of memory of the cursor's owner, to look keys up by.
  StreamCursor(CountedTrees nodes, long probe) {
    this.nodes = nodes;
    this.probe = probe;
  }

  /// Before the first entry that is not before `first`; ends after `last`.
  public StreamCursor startForward(long entry, StreamId first, StreamId last) {
    start(entry, first, last, false);
    return this;
  }

  /// Behind the last entry that is not after `last`; ends before `first`.
  public StreamCursor startBackward(long entry, StreamId first, StreamId last) {
    start(entry, first, last, true);
    return this;
  }

  /// Before the first entry of all.
  public StreamCursor startAtFirst(long entry) {
    from.set(0, 0);
    to.setMax();
    start(entry, from, to, false);
    return this;
  }

  /// Behind the last entry of all.
  public StreamCursor startAtLast(long entry) {
    from.set(0, 0);
    to.setMax();
    start(entry, from, to, true);
    return this;
  }

  /// Does not pass over deleted entries.
  StreamCursor withDeleted() {
    deletedToo = true;
    return this;
  }

  private void start(long entry, StreamId first, StreamId last, boolean toStart) {
    long stream = Database.reference(entry);
    backward = toStart;
    deletedToo = false;
    from.set(first);
    to.set(last);
    StreamId bound = toStart ? to : from;
    long tree = StreamLayout.nodes(stream);
    onNode = Streams.atMost(nodes, tree, bound, probe, place);
    if (!onNode && !toStart) {
      onNode = nodes.first(tree, place);
    }
    if (onNode) {
      enterNode();
    }
  }

  private void enterNode() {
    node = place.reference();
    nodeMs = StreamOrder.ms(place.word());
    nodeSequence = StreamNodeLayout.sequence(node);
    listpack = StreamNodeLayout.listpack(node);
    long element = Listpacks.next(Listpacks.next(Listpacks.first(listpack)));
    masterFields = integer(element);
    firstMasterField = Listpacks.next(element);
    if (backward) {
      nextAt = Listpacks.last(listpack);
      return;
    }
    // Over the fields, and over the 0 behind them.
    nextAt = skip(firstMasterField, masterFields + 1);
  }

  /// Goes to the next entry on the way; false at the end.
  public boolean next() {
    while (onNode) {
      if (backward ? !enterEntryBefore() : !enterEntryBehind()) {
        onNode = backward ? place.previous() : place.next();
        if (onNode) {
          enterNode();
        }
      } else if (isBeyond()) {
        onNode = false;
      } else if (isInRange() && (deletedToo || (flags & StreamNodeLayout.DELETED) == 0)) {
        return true;
      }
    }
    return false;
  }

  private boolean enterEntryBehind() {
    if (nextAt == 0) {
      return false;
    }
    enterEntry(nextAt);
    long values = (flags & StreamNodeLayout.SAME_FIELDS) != 0 ? fieldCount : 2 * fieldCount;
    nextAt = Listpacks.next(skip(valuesAt(), values));
    return true;
  }

  private boolean enterEntryBefore() {
    long elements = integer(nextAt);
    if (elements == 0) {
      return false; // The end of the master entry.
    }
    long element = nextAt;
    for (long i = 0; i < elements; i++) {
      element = Listpacks.previous(listpack, element);
    }
    enterEntry(element);
    nextAt = Listpacks.previous(listpack, element);
    return true;
  }

  private void enterEntry(long at) {
    flagsAt = at;
    flags = integer(at);
    long element = Listpacks.next(at);
    id.ms = nodeMs + integer(element);
    element = Listpacks.next(element);
    id.sequence = nodeSequence + integer(element);
    element = Listpacks.next(element);
    if ((flags & StreamNodeLayout.SAME_FIELDS) != 0) {
      fieldCount = masterFields;
      fieldAt = firstMasterField;
      valueAt = element;
    } else {
      fieldCount = integer(element);
      fieldAt = Listpacks.next(element);
      valueAt = 0;
    }
    fieldsLeft = fieldCount;
  }

  private long valuesAt() {
    return (flags & StreamNodeLayout.SAME_FIELDS) != 0 ? valueAt : fieldAt;
  }

  private boolean isBeyond() {
    return backward ? id.compare(from) < 0 : id.compare(to) > 0;
  }

  private boolean isInRange() {
    return backward ? id.compare(to) <= 0 : id.compare(from) >= 0;
  }

  private long integer(long element) {
    return Listpacks.get(element, number).asLong();
  }

  private static long skip(long element, long count) {
    long at = element;
    for (long i = 0; i < count; i++) {
      at = Listpacks.next(at);
    }
    return at;
  }

  // ---- The entry -------------------------------------------------------------------------------

  /// The cursor's own; refilled when it moves.
  public StreamId id() {
    return id;
  }

  /// Fields that the entry has.
  public int fields() {
    return (int) fieldCount;
  }

  /// Goes to the entry's next field; false if there is none.
  public boolean nextField() {
    if (fieldsLeft == 0) {
      return false;
    }
    fieldsLeft--;
    Listpacks.get(fieldAt, field);
    if (valueAt == 0) {
      long at = Listpacks.next(fieldAt);
      Listpacks.get(at, value);
      fieldAt = Listpacks.next(at);
    } else {
      Listpacks.get(valueAt, value);
      fieldAt = Listpacks.next(fieldAt);
      valueAt = Listpacks.next(valueAt);
    }
    return true;
  }

  /// Valid until the cursor moves.
  public Element field() {
    return field;
  }

  public Element value() {
    return value;
  }

  // ---- For changes -----------------------------------------------------------------------------

  long node() {
    return node;
  }

  long nodeMs() {
    return nodeMs;
  }

  long flagsAt() {
    return flagsAt;
  }

  long flags() {
    return flags;
  }
}
