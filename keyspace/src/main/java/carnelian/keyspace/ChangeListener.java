package carnelian.keyspace;

import carnelian.memory.Slice;
import carnelian.structures.Element;

/// The one place that hears of changes: the engine. Every mutation of the keyspace reaches it
/// exactly once, and WATCH, tracking, notifications, dirty, blocked clients and propagation hang
/// off it. Keys are valid until the method returns. Called on the engine's thread, in the middle of
/// an operation: the listener records and must not change the keyspace.
public interface ChangeListener {
  /// A key changed, or the data that hangs off it did. `dirty` is what the change counts in
  /// `rdb_changes_since_last_save`; 0 where another report of the same command counts it.
  void changed(Database database, Slice key, KeyEvent event, long dirty);

  /// A key changed in a way that is propagated, but that no event tells of.
  void changedUnheard(Database database, Slice key, long dirty);

  /// What hangs off a key changed, such as a stream's consumer groups: it counts, but those who
  /// watch the key see it as it was.
  void changedBeside(long dirty);

  /// As [#changedBeside(long)], where an event tells of it.
  void changedBeside(Database database, Slice key, KeyEvent event, long dirty);

  /// A key came into being. The command's own event follows, so this counts nothing; clients
  /// blocked on the key may now be served, and the event `new` is notified to who asked for it.
  void added(Database database, Slice key, Type type);

  /// The key's deadline passed and it was removed, found by the timer or by a lookup. Propagated as
  /// a deletion.
  void expired(Database database, Slice key);

  /// A field's deadline passed and it is about to be removed, found by the timer or by a command
  /// that writes it. Propagated as a deletion, one for all fields of the key that are reported
  /// until [#fieldsExpired].
  void fieldExpired(Database database, Slice key, Element field);

  /// Fields of the key, at least one, have been removed because their deadlines had passed.
  void fieldsExpired(Database database, Slice key);

  /// The key was removed to make room. Propagated as a deletion.
  void evicted(Database database, Slice key);

  /// A lookup for reading found nothing. Not a change: only who asked for `keymiss` cares.
  void missed(Database database, Slice key);

  /// All keys of the database are about to go, `keys` of them; no report for each follows.
  void flushed(Database database, long keys);

  /// The two databases have changed places: every key in either is another one now.
  void swapped(Database first, Database second);

  /// Hears nothing, for stores that nobody listens to.
  ChangeListener NONE =
      new ChangeListener() {
        @Override
        public void changed(Database database, Slice key, KeyEvent event, long dirty) {}

        @Override
        public void changedUnheard(Database database, Slice key, long dirty) {}

        @Override
        public void changedBeside(long dirty) {}

        @Override
        public void changedBeside(Database database, Slice key, KeyEvent event, long dirty) {}

        @Override
        public void added(Database database, Slice key, Type type) {}

        @Override
        public void expired(Database database, Slice key) {}

        @Override
        public void fieldExpired(Database database, Slice key, Element field) {}

        @Override
        public void fieldsExpired(Database database, Slice key) {}

        @Override
        public void evicted(Database database, Slice key) {}

        @Override
        public void missed(Database database, Slice key) {}

        @Override
        public void flushed(Database database, long keys) {}

        @Override
        public void swapped(Database first, Database second) {}
      };
}
