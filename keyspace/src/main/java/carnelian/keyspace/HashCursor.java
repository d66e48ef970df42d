package carnelian.keyspace;

import carnelian.memory.View;
import carnelian.structures.Element;
import carnelian.structures.Listpacks;
import carnelian.structures.TableCursor;

/// Goes through the fields of a hash once, in the hash's own order. Reusable and without
/// allocation; the hash must not change meanwhile.
///
/// Reads the live heap, on the engine's thread.
public final class HashCursor {
  private final View live;
  private final TableCursor table = new TableCursor();
  private final Element field = new Element();
  private final Element value = new Element();

  private boolean isTable;
  private long nextElement;

  HashCursor(View live) {
    this.live = live;
  }

  /// Before the first field of the hash that `entry` holds.
  public HashCursor start(long entry) {
    long reference = Database.reference(entry);
    isTable = Database.encoding(entry) == Encoding.HASH_HASHTABLE;
    if (isTable) {
      table.start(live, reference);
    } else {
      nextElement = Listpacks.first(reference);
    }
    return this;
  }

  /// Goes to the next field; false after the last.
  public boolean next() {
    return isTable ? nextOfTable() : nextOfListpack();
  }

  private boolean nextOfTable() {
    if (!table.next()) {
      return false;
    }
    Hashes.field(table.entry(), field);
    Hashes.value(table.entry(), value);
    return true;
  }

  private boolean nextOfListpack() {
    if (nextElement == 0) {
      return false;
    }
    Listpacks.get(nextElement, field);
    long second = Listpacks.next(nextElement);
    Listpacks.get(second, value);
    nextElement = Listpacks.next(second);
    return true;
  }

  /// The field the cursor stands on; valid until it moves.
  public Element field() {
    return field;
  }

  /// That field's value; valid until the cursor moves.
  public Element value() {
    return value;
  }
}
