package carnelian.keyspace;

import carnelian.memory.Slice;
import carnelian.memory.View;
import carnelian.structures.EntryLayout;
import carnelian.structures.TableCursor;

/// Goes through the keys of one database with their values, in a snapshot or in the live heap: for
/// who saves, digests or counts them. Reusable, without allocation per key.
///
/// ```
/// while (cursor.next()) {
///   … cursor.key(slice), cursor.deadline(), cursor.type() …
///   cursor.walk(visitor);
/// }
/// ```
///
/// In a snapshot it runs on the snapshot's thread and sees the keys of the cut, whatever happens to
/// the live ones. In the live heap nothing may change meanwhile.
public final class KeyCursor {
  private final View view;
  private final ValueType[] valueTypes;
  private final TableCursor entries = new TableCursor();
  private final ValueWalk walk;

  /// Where the view has the entry.
  private long pinned;

  KeyCursor(View view, ValueType[] valueTypes, long table) {
    this.view = view;
    this.valueTypes = valueTypes;
    this.walk = new ValueWalk(view);
    entries.start(view, table);
  }

  /// Goes to the next key, the first at first; false if there is none. Expired keys that have not
  /// been removed are keys like any other here.
  public boolean next() {
    if (!entries.next()) {
      pinned = 0;
      return false;
    }
    pinned = EntryLayout.pin(view, entries.entry());
    return true;
  }

  /// The key's bytes; valid until [#walk] or [#next].
  public Slice key(Slice into) {
    return Database.key(pinned, into);
  }

  /// Unix time in ms, or [Database#NO_DEADLINE]. As everything here, to be asked before [#walk].
  public long deadline() {
    return Database.deadline(pinned);
  }

  public Type type() {
    return Database.type(pinned);
  }

  public Encoding encoding() {
    return Database.encoding(pinned);
  }

  /// The raw LRU or LFU bits; see [KeyspaceCut#idleSeconds].
  public int accessClock() {
    return EntryLayout.accessClock(pinned);
  }

  /// Tells the visitor the value. Once per key: the key's own bytes are gone then.
  public void walk(ValueVisitor visitor) {
    valueTypes[EntryLayout.type(pinned)].walk(walk, pinned, visitor);
  }
}
