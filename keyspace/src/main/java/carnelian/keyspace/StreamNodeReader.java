package carnelian.keyspace;

import carnelian.structures.Element;
import carnelian.structures.Listpacks;

/// Goes through the entries of one node, deleted ones aside, in bytes that lie anywhere: what a
/// [StreamVisitor] hears of a stream as entries. Reusable.
public final class StreamNodeReader {
  private final StreamId nodeId = new StreamId();
  private final StreamId id = new StreamId();
  private final Element field = new Element();
  private final Element value = new Element();
  private final Element number = new Element();
  private long masterFields;
  private long firstMasterField;
  private long nextAt;
  private long fieldAt;
  private long valueAt;
  private long fields;
  private long fieldsLeft;

  /// Before the first entry of a valid node.
  public void start(StreamId node, long listpack) {
    nodeId.set(node);
    long element = Listpacks.next(Listpacks.next(Listpacks.first(listpack)));
    masterFields = integer(element);
    firstMasterField = Listpacks.next(element);
    nextAt = skip(firstMasterField, masterFields + 1);
  }

  /// Goes to the next entry; false at the end.
  public boolean next() {
    while (nextAt != 0) {
      long flags = integer(nextAt);
      long element = Listpacks.next(nextAt);
      long ms = nodeId.ms + integer(element);
      element = Listpacks.next(element);
      id.set(ms, nodeId.sequence + integer(element));
      element = Listpacks.next(element);
      boolean same = (flags & StreamNodeLayout.SAME_FIELDS) != 0;
      fields = same ? masterFields : integer(element);
      fieldAt = same ? firstMasterField : Listpacks.next(element);
      valueAt = same ? element : 0;
      fieldsLeft = fields;
      nextAt = Listpacks.next(same ? skip(valueAt, fields) : skip(fieldAt, 2 * fields));
      if ((flags & StreamNodeLayout.DELETED) == 0) {
        return true;
      }
    }
    return false;
  }

  /// The reader's own.
  public StreamId id() {
    return id;
  }

  public int fields() {
    return (int) fields;
  }

  /// Goes to the entry's next field; false if there is none.
  public boolean nextField() {
    if (fieldsLeft == 0) {
      return false;
    }
    fieldsLeft--;
    Listpacks.get(fieldAt, field);
    long at = valueAt == 0 ? Listpacks.next(fieldAt) : valueAt;
    Listpacks.get(at, value);
    if (valueAt == 0) {
      fieldAt = Listpacks.next(at);
    } else {
      valueAt = Listpacks.next(at);
      fieldAt = Listpacks.next(fieldAt);
    }
    return true;
  }

  public Element field() {
    return field;
  }

  public Element value() {
    return value;
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
}
