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
  private final VolatileHashes volatiles;
  private final TableCursor table = new TableCursor();
  private final Element field = new Element();
  private final Element value = new Element();
  private final Element third = new Element();

  private boolean isTable;
  private boolean isVolatile;
  private long deadline;
  private long nextElement;

  HashCursor(View live, VolatileHashes volatiles) {
    this.live = live;
    this.volatiles = volatiles;
  }

  /// Before the first field of the hash that `entry` holds.
  public HashCursor start(long entry) {
    isVolatile = Hashes.isVolatile(entry);
    long reference = isVolatile ? VolatileHashes.fields(entry) : Database.reference(entry);
    Encoding encoding = Database.encoding(entry);
    isTable = encoding == Encoding.HASH_HASHTABLE || encoding == Encoding.HASH_HASHTABLE_EX;
    deadline = Database.NO_DEADLINE;
    if (isTable) {
      table.start(live, reference);
    } else {
      nextElement = Listpacks.first(reference);
    }
    return this;
  }

  /// Goes to the next field; false after the last.
  public boolean next() {
    boolean found;
    do {
      found = isTable ? nextOfTable() : nextOfListpack();
    } while (found && isVolatile && volatiles.isHidden(deadline));
    return found;
  }

  private boolean nextOfTable() {
    if (!table.next()) {
      return false;
    }
    if (isVolatile) {
      deadline = Database.deadline(table.entry());
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
    long last = Listpacks.next(nextElement);
    Listpacks.get(last, value);
    if (isVolatile) {
      last = Listpacks.next(last);
      deadline = VolatileHashes.deadlineAt(last, third);
    }
    nextElement = Listpacks.next(last);
    return true;
  }

  /// That field's deadline, or [Database#NO_DEADLINE].
  public long deadline() {
    return deadline;
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
