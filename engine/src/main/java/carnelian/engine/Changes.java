package carnelian.engine;

import carnelian.keyspace.ChangeListener;
import carnelian.keyspace.Database;
import carnelian.keyspace.EventClass;
import carnelian.keyspace.KeyEvent;
import carnelian.keyspace.Type;
import carnelian.memory.Slice;
import carnelian.structures.Element;
import org.jspecify.annotations.Nullable;

/// Hears of every change of the data, and turns it into all that follows from one: the dirty count,
/// broken watches, notifications, tracking, ready keys, and the propagation of deletions that no
/// command asked for. No command does any of this itself.
final class Changes implements ChangeListener {
  private final WatchedKeys watchedKeys;
  private final BlockedClients blockedClients;
  private final Propagation propagation;

  KeyNotifications notifications = KeyNotifications.NONE;
  @Nullable KeyTracking tracking;

  /// The client whose command runs, null between commands.
  @Nullable Client actor;

  /// Changes since the last save that succeeded; who saves takes off what the snapshot holds.
  long dirty;

  /// All changes ever, by which a command sees whether it made one.
  long changes;

  String expireDeletion = "DEL";
  String evictDeletion = "DEL";

  /// Whether each deletion is a unit of its own: there is no command that it belongs to.
  boolean deletionsStandAlone = true;

  Changes(WatchedKeys watchedKeys, BlockedClients blockedClients, Propagation propagation) {
    this.watchedKeys = watchedKeys;
    this.blockedClients = blockedClients;
    this.propagation = propagation;
  }

  void commandBegins(Client client) {
    actor = client;
    deletionsStandAlone = false;
  }

  void commandEnded() {
    deletionsStandAlone = true;
    actor = null;
  }

  @Override
  public void changed(Database database, Slice key, KeyEvent event, long count) {
    dirty += count;
    changes += count;
    touched(database, key, false, actor);
    publish(database, key, event);
  }

  @Override
  public void changedUnheard(Database database, Slice key, long count) {
    dirty += count;
    changes += count;
    touched(database, key, false, actor);
  }

  @Override
  public void changedBeside(long count) {
    dirty += count;
    changes += count;
  }

  @Override
  public void changedBeside(Database database, Slice key, KeyEvent event, long count) {
    dirty += count;
    changes += count;
    if (event == KeyEvent.XGROUP_DESTROY) {
      blockedClients.touched(database, key); // Who waits for the group hears that it has gone.
    }
    publish(database, key, event);
  }

  @Override
  public void added(Database database, Slice key, Type type) {
    blockedClients.touched(database, key);
    publish(database, key, KeyEvent.NEW);
  }

  @Override
  public void expired(Database database, Slice key) {
    removed(database, key, KeyEvent.EXPIRED, expireDeletion);
  }

  @Override
  public void fieldExpired(Database database, Slice key, Element field) {
    propagation.fieldDeleted(database, key, field);
  }

  @Override
  public void fieldsExpired(Database database, Slice key) {
    touched(database, key, false, null);
    publish(database, key, KeyEvent.HEXPIRED);
    propagation.fieldsDeleted();
    if (deletionsStandAlone) {
      long _ = propagation.endUnit();
    }
  }

  @Override
  public void evicted(Database database, Slice key) {
    removed(database, key, KeyEvent.EVICTED, evictDeletion);
  }

  @Override
  public void missed(Database database, Slice key) {
    publish(database, key, KeyEvent.KEYMISS);
  }

  @Override
  public void flushed(Database database, long keys) {
    dirty += keys;
    changes += keys;
    if (!watchedKeys.isEmpty()) {
      watchedKeys.flushed(database);
    }
    blockedClients.touchedAll(database);
    if (tracking != null) {
      tracking.flushed(actor);
    }
  }

  @Override
  public void swapped(Database first, Database second) {
    if (!watchedKeys.isEmpty()) {
      watchedKeys.swapped(first, second);
    }
    blockedClients.touchedAll(first);
    blockedClients.touchedAll(second);
  }

  private void removed(Database database, Slice key, KeyEvent event, String deletion) {
    touched(database, key, event == KeyEvent.EXPIRED, null);
    publish(database, key, event);
    propagation.deleted(database, key, deletion);
    if (deletionsStandAlone) {
      long _ = propagation.endUnit();
    }
  }

  private void touched(Database database, Slice key, boolean expired, @Nullable Client by) {
    if (!watchedKeys.isEmpty()) {
      watchedKeys.changed(database, key, expired);
    }
    blockedClients.touched(database, key);
    if (tracking != null) {
      tracking.changed(database, key, by);
    }
  }

  private void publish(Database database, Slice key, KeyEvent event) {
    EventClass eventClass = event.eventClass();
    if ((notifications.classes() & eventClass.bit()) != 0) {
      notifications.publish(database, key, event);
    }
  }
}
