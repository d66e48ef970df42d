package carnelian.engine.pubsub;

import carnelian.engine.Client;
import carnelian.engine.KeyMap;
import carnelian.memory.NativeBuffer;
import carnelian.memory.Slice;
import java.util.Arrays;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// One channel, shard channel or pattern and all who are subscribed to it.
final class Topic {
  /// What kind of name it is, with the words of the messages about it.
  enum Kind {
    CHANNEL("", "message"),
    PATTERN("P", "pmessage"),
    SHARD_CHANNEL("S", "smessage");

    private final String subscribed;
    private final String unsubscribed;
    private final String message;

    Kind(String letter, String message) {
      String prefix = letter.toLowerCase(Locale.ROOT);
      this.subscribed = prefix + "subscribe";
      this.unsubscribed = prefix + "unsubscribe";
      this.message = message;
    }

    String subscribed() {
      return subscribed;
    }

    String unsubscribed() {
      return unsubscribed;
    }

    String message() {
      return message;
    }
  }

  /// That one client is subscribed to one topic; knows its place among the topic's subscribers.
  static final class Subscription {
    final Topic topic;
    final Client client;
    private int index;

    Subscription(Topic topic, Client client, int index) {
      this.topic = topic;
      this.client = client;
      this.index = index;
    }
  }

  final Kind kind;
  private final NativeBuffer name;
  private KeyMap.@Nullable Node<Topic> node;
  private @Nullable Subscription[] subscriptions = new Subscription[2];
  private int count;

  Topic(Kind kind, Slice name) {
    this.kind = kind;
    this.name = new NativeBuffer(Math.max(name.length, 1));
    this.name.put(name.at, name.length);
  }

  /// Points `into` at the name, which stays where it is as long as the topic exists.
  Slice name(Slice into) {
    return into.set(name.address(), name.length());
  }

  void placed(KeyMap.Node<Topic> where) {
    node = where;
  }

  KeyMap.Node<Topic> node() {
    KeyMap.Node<Topic> present = node;
    if (present == null) {
      throw new IllegalStateException("the topic stands in no map");
    }
    return present;
  }

  int subscribers() {
    return count;
  }

  Client subscriber(int index) {
    Subscription subscription = subscriptions[index];
    if (subscription == null) {
      throw new IndexOutOfBoundsException(index);
    }
    return subscription.client;
  }

  Subscription add(Client client) {
    if (count == subscriptions.length) {
      subscriptions = Arrays.copyOf(subscriptions, count * 2);
    }
    Subscription subscription = new Subscription(this, client, count);
    subscriptions[count++] = subscription;
    return subscription;
  }

  /// The last subscriber takes the place of the one that leaves.
  void remove(Subscription leaving) {
    Subscription last = subscriptions[--count];
    if (last != null) {
      subscriptions[leaving.index] = last;
      last.index = leaving.index;
    }
    subscriptions[count] = null;
  }

  /// Gives back the name's memory.
  void close() {
    name.close();
  }
}
