package carnelian.engine.pubsub;

import carnelian.engine.KeyNotifications;
import carnelian.keyspace.Database;
import carnelian.keyspace.KeyEvent;
import carnelian.memory.NativeBuffer;
import carnelian.memory.Slice;

/// Publishes changes of keys as messages: `__keyspace@0__:key` carries the event,
/// `__keyevent@0__:del` the key. Which ones is said by `notify-keyspace-events`, in [#events].
public final class KeyspaceNotifications implements KeyNotifications, AutoCloseable {
  private static final int INITIAL_CHANNEL_BYTES = 128;

  private final PubSub pubSub;
  private final NativeBuffer channelBytes = new NativeBuffer(INITIAL_CHANNEL_BYTES);
  private final NativeBuffer eventBytes = new NativeBuffer(INITIAL_CHANNEL_BYTES);
  private final Slice channel = new Slice();
  private final Slice event = new Slice();
  private NotifiedEvents events = NotifiedEvents.NONE;

  public KeyspaceNotifications(PubSub pubSub) {
    this.pubSub = pubSub;
  }

  /// What `notify-keyspace-events` says now.
  public void events(NotifiedEvents wanted) {
    events = wanted;
  }

  public NotifiedEvents events() {
    return events;
  }

  @Override
  public int classes() {
    return pubSub.hasSubscribers() ? events.classes() : 0;
  }

  @Override
  public void publish(Database database, Slice key, KeyEvent what) {
    eventBytes.clear();
    eventBytes.putAscii(what.word());
    eventBytes.slice(event);
    if (events.byKey()) {
      channel("__keyspace@", database, key);
      pubSub.publish(channel, event);
    }
    if (events.byEvent()) {
      channel("__keyevent@", database, event);
      pubSub.publish(channel, key);
    }
  }

  private void channel(String prefix, Database database, Slice suffix) {
    channelBytes.clear();
    channelBytes.putAscii(prefix);
    putDecimal(database.index());
    channelBytes.putAscii("__:");
    channelBytes.put(suffix.at, suffix.length);
    channelBytes.slice(channel);
  }

  private void putDecimal(int number) {
    if (number >= 10) {
      putDecimal(number / 10);
    }
    channelBytes.putByte('0' + number % 10);
  }

  @Override
  public void close() {
    channelBytes.close();
    eventBytes.close();
  }
}
