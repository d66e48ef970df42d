package carnelian.engine;

import carnelian.keyspace.Database;
import carnelian.keyspace.KeyEvent;
import carnelian.memory.Slice;

/// Port: keyspace notifications, published by pub/sub.
public interface KeyNotifications {
  /// The classes somebody asked for in `notify-keyspace-events`, as bits of
  /// [carnelian.keyspace.EventClass#bit]; 0 while notifications are off.
  int classes();

  /// Publishes one event. Only called for classes that [#classes] names. The key is valid until the
  /// method returns.
  void publish(Database database, Slice key, KeyEvent event);

  KeyNotifications NONE =
      new KeyNotifications() {
        @Override
        public int classes() {
          return 0;
        }

        @Override
        public void publish(Database database, Slice key, KeyEvent event) {}
      };
}
