package carnelian.keyspace;

import carnelian.memory.View;
import carnelian.structures.Element;
import carnelian.structures.EntryLayout;
import carnelian.structures.Intsets;
import carnelian.structures.Listpacks;
import carnelian.structures.TableCursor;

/// Goes through the members of a set once, in the set's own order. Reusable and without allocation;
/// the set must not change meanwhile.
///
/// ```
/// cursor.start(entry);
/// while (cursor.next()) {
///   … cursor.member() …
/// }
/// ```
///
/// Reads the live heap, on the engine's thread.
public final class SetCursor {
  private final View live;
  private final TableCursor table = new TableCursor();
  private final Element member = new Element();

  private Encoding encoding = Encoding.SET_INTSET;
  private long reference;
  private int nextIndex;
  private long nextElement;

  SetCursor(View live) {
    this.live = live;
  }

  /// Before the first member of the set that `entry` holds.
  public SetCursor start(long entry) {
    encoding = Database.encoding(entry);
    reference = Database.reference(entry);
    if (encoding == Encoding.SET_INTSET) {
      nextIndex = 0;
    } else if (encoding == Encoding.SET_LISTPACK) {
      nextElement = Listpacks.first(reference);
    } else {
      table.start(live, reference);
    }
    return this;
  }

  /// Goes to the next member; false after the last.
  public boolean next() {
    if (encoding == Encoding.SET_INTSET) {
      return nextInteger();
    }
    return encoding == Encoding.SET_LISTPACK ? nextOfListpack() : nextOfTable();
  }

  private boolean nextInteger() {
    if (nextIndex == Intsets.count(reference)) {
      return false;
    }
    member.setInteger(Intsets.get(reference, nextIndex++));
    return true;
  }

  private boolean nextOfListpack() {
    if (nextElement == 0) {
      return false;
    }
    Listpacks.get(nextElement, member);
    nextElement = Listpacks.next(nextElement);
    return true;
  }

  private boolean nextOfTable() {
    if (!table.next()) {
      return false;
    }
    long entry = table.entry();
    member.setBytes(EntryLayout.key(entry), EntryLayout.keyLength(entry));
    return true;
  }

  /// The member the cursor stands on; valid until it moves.
  public Element member() {
    return member;
  }
}
