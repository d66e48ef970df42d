package carnelian.engine.pubsub;

import carnelian.engine.Client;
import carnelian.engine.Engine;
import carnelian.engine.JavaHeapBudget;
import carnelian.engine.KeyMap;
import carnelian.memory.CopyLimitException;
import carnelian.memory.Glob;
import carnelian.memory.NativeBuffer;
import carnelian.memory.Slice;
import carnelian.resp.Reply;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Who is subscribed to what, and the delivery of messages. One per engine, on its thread.
///
/// A message is written once for each protocol and kind of subscription, and then copied to whoever
/// gets it. Publishing allocates nothing.
public final class PubSub implements Engine.DisconnectListener, AutoCloseable {
  private static final int INITIAL_MESSAGE_BYTES = 256;

  /// What is kept of the buffers for messages after a long one.
  private static final int KEPT_MESSAGE_BYTES = 64 * 1024;

  private final Engine engine;
  private final KeyMap<Topic> channels;
  private final KeyMap<Topic> patterns;
  private final KeyMap<Topic> shardChannels;
  private final Map<Client, Subscriber> subscribers = new HashMap<>();

  private final NativeBuffer resp2 = new NativeBuffer(INITIAL_MESSAGE_BYTES);
  private final NativeBuffer resp3 = new NativeBuffer(INITIAL_MESSAGE_BYTES);
  private final Reply writer = new Reply(resp2);
  private final Slice name = new Slice();

  /// Subscribes to the engine's disconnections. `hashSeed` must not be known to clients.
  public PubSub(Engine engine, long hashSeed) {
    this.engine = engine;
    channels = new KeyMap<>(hashSeed, engine.javaHeap());
    patterns = new KeyMap<>(hashSeed, engine.javaHeap());
    shardChannels = new KeyMap<>(hashSeed, engine.javaHeap());
    engine.onDisconnect(this);
  }

  // ---- Publishing ------------------------------------------------------------------------------

  /// Sends a message to the subscribers of a channel and of the patterns that match it, and replies
  /// with how many got it.
  public int publish(Slice channel, Slice message) {
    KeyMap.Node<Topic> node = channels.find(0, channel);
    int receivers = node == null ? 0 : deliver(node.value(), channel, message);
    for (KeyMap.Node<Topic> each = patterns.first(); each != null; each = each.next()) {
      if (Glob.matches(each.value().name(name), channel)) {
        receivers += deliver(each.value(), channel, message);
      }
    }
    return receivers;
  }

  /// Sends a message to the subscribers of a shard channel.
  public int publishToShard(Slice channel, Slice message) {
    KeyMap.Node<Topic> node = shardChannels.find(0, channel);
    return node == null ? 0 : deliver(node.value(), channel, message);
  }

  /// Whether [#publish] could reach anybody.
  public boolean hasSubscribers() {
    return !channels.isEmpty() || !patterns.isEmpty();
  }

  private int deliver(Topic topic, Slice channel, Slice message) {
    resp2.clear();
    resp3.clear();
    int receivers = topic.subscribers();
    for (int i = 0; i < receivers; i++) {
      Client client = topic.subscriber(i);
      NativeBuffer bytes = client.protocol() == 2 ? resp2 : resp3;
      if (bytes.length() == 0) {
        write(bytes, client.protocol(), topic, channel, message);
      }
      engine.push(client, bytes.address(), bytes.length());
    }
    trim(resp2);
    trim(resp3);
    return receivers;
  }

  private void write(NativeBuffer into, int protocol, Topic topic, Slice channel, Slice message) {
    writer.to(into, protocol);
    boolean isPattern = topic.kind == Topic.Kind.PATTERN;
    writer.push(isPattern ? 4 : 3);
    writer.bulk(topic.kind.message());
    if (isPattern) {
      writer.bulk(topic.name(name));
    }
    writer.bulk(channel);
    writer.bulk(message);
  }

  private static void trim(NativeBuffer buffer) {
    if (buffer.capacity() > KEPT_MESSAGE_BYTES) {
      buffer.clear();
      buffer.shrinkTo(INITIAL_MESSAGE_BYTES);
    }
  }

  // ---- Subscribing -----------------------------------------------------------------------------

  /// Subscribes a client and tells it so.
  void subscribe(Client client, Topic.Kind kind, Slice topicName) {
    Subscriber subscriber = subscribers.computeIfAbsent(client, _ -> new Subscriber());
    Topic topic = topic(kind, topicName);
    Map<Topic, Topic.Subscription> own = subscriber.of(kind);
    if (!own.containsKey(topic)) {
      engine.javaHeap().take(JavaHeapBudget.OBJECT_BYTES);
      own.put(topic, topic.add(client));
      client.subscriptions(subscriber.total());
    }
    tell(client, kind.subscribed(), topicName, subscriber.countTold(kind));
  }

  /// Ends a subscription, if there is one, and tells the client so.
  void unsubscribe(Client client, Topic.Kind kind, Slice topicName) {
    KeyMap.Node<Topic> node = topics(kind).find(0, topicName);
    Subscriber subscriber = subscribers.get(client);
    if (node != null && subscriber != null) {
      Topic.Subscription subscription = subscriber.of(kind).remove(node.value());
      if (subscription != null) {
        end(subscription);
      }
    }
    tell(client, kind.unsubscribed(), topicName, left(client, subscriber, kind));
  }

  /// Ends all subscriptions of a kind and tells the client of each, or that there were none.
  void unsubscribeAll(Client client, Topic.Kind kind) {
    Subscriber subscriber = subscribers.get(client);
    if (subscriber == null || subscriber.count(kind) == 0) {
      tell(client, kind.unsubscribed(), null, left(client, subscriber, kind));
      return;
    }
    Map<Topic, Topic.Subscription> own = subscriber.of(kind);
    List<Topic.Subscription> ending = new ArrayList<>(own.values());
    for (Topic.Subscription subscription : ending) {
      own.remove(subscription.topic);
      int told = left(client, subscriber, kind);
      tell(client, kind.unsubscribed(), subscription.topic.name(name), told);
      end(subscription);
    }
  }

  /// Ends all subscriptions of a client without a word: RESET, or a lost connection.
  public void forget(Client client) {
    Subscriber subscriber = subscribers.remove(client);
    if (subscriber == null) {
      return;
    }
    for (Topic.Kind kind : Topic.Kind.values()) {
      for (Topic.Subscription subscription : subscriber.of(kind).values()) {
        end(subscription);
      }
    }
    client.subscriptions(0);
  }

  @Override
  public void disconnected(Client client) {
    forget(client);
  }

  private Topic topic(Topic.Kind kind, Slice topicName) {
    KeyMap<Topic> map = topics(kind);
    KeyMap.Node<Topic> node = map.find(0, topicName);
    if (node == null) {
      CopyLimitException.check(topicName.length);
      engine.javaHeap().check(2L * JavaHeapBudget.OBJECT_BYTES + topicName.length);
      Topic topic = new Topic(kind, topicName);
      node = map.insert(0, topicName, topic);
      topic.placed(node);
    }
    return node.value();
  }

  private void end(Topic.Subscription subscription) {
    Topic topic = subscription.topic;
    topic.remove(subscription);
    engine.javaHeap().giveBack(JavaHeapBudget.OBJECT_BYTES);
    if (topic.subscribers() == 0) {
      topics(topic.kind).remove(topic.node());
      topic.close();
    }
  }

  /// Takes note of how many subscriptions are left; replies with the number that is told.
  private int left(Client client, @Nullable Subscriber subscriber, Topic.Kind kind) {
    if (subscriber == null) {
      return 0;
    }
    client.subscriptions(subscriber.total());
    if (subscriber.total() == 0) {
      subscribers.remove(client);
    }
    return subscriber.countTold(kind);
  }

  /// Confirmations are the command's reply, but as pushes they come even when replies are off.
  private static void tell(Client client, String what, @Nullable Slice topicName, int count) {
    Reply reply = client.reply();
    boolean suppressed = reply.isSuppressed();
    reply.suppress(false);
    reply.push(3);
    reply.bulk(what);
    if (topicName == null) {
      reply.nil();
    } else {
      reply.bulk(topicName);
    }
    reply.integer(count);
    reply.suppress(suppressed);
  }

  // ---- Looking ---------------------------------------------------------------------------------

  KeyMap<Topic> topics(Topic.Kind kind) {
    return switch (kind) {
      case CHANNEL -> channels;
      case PATTERN -> patterns;
      case SHARD_CHANNEL -> shardChannels;
    };
  }

  /// Subscribers of a channel or shard channel.
  int subscribers(Topic.Kind kind, Slice topicName) {
    KeyMap.Node<Topic> node = topics(kind).find(0, topicName);
    return node == null ? 0 : node.value().subscribers();
  }

  /// `pubsub_channels` of INFO.
  public int channelCount() {
    return channels.size();
  }

  /// `pubsub_patterns` of INFO.
  public int patternCount() {
    return patterns.size();
  }

  /// `pubsubshard_channels` of INFO.
  public int shardChannelCount() {
    return shardChannels.size();
  }

  /// `sub` of CLIENT LIST.
  public int channelsOf(Client client) {
    return countOf(client, Topic.Kind.CHANNEL);
  }

  /// `psub` of CLIENT LIST.
  public int patternsOf(Client client) {
    return countOf(client, Topic.Kind.PATTERN);
  }

  /// `ssub` of CLIENT LIST.
  public int shardChannelsOf(Client client) {
    return countOf(client, Topic.Kind.SHARD_CHANNEL);
  }

  /// Says of a channel, or a pattern that is subscribed to, whether it will do.
  public interface TopicTest {
    boolean matches(Slice name, boolean isPattern);
  }

  /// Whether all that a client is subscribed to will do.
  public boolean allMatch(Client client, TopicTest test) {
    Subscriber subscriber = subscribers.get(client);
    if (subscriber == null) {
      return true;
    }
    for (Topic.Kind kind : Topic.Kind.values()) {
      for (Topic topic : subscriber.of(kind).keySet()) {
        if (!test.matches(topic.name(name), kind == Topic.Kind.PATTERN)) {
          return false;
        }
      }
    }
    return true;
  }

  private int countOf(Client client, Topic.Kind kind) {
    Subscriber subscriber = subscribers.get(client);
    return subscriber == null ? 0 : subscriber.count(kind);
  }

  /// `pubsub_clients` of INFO.
  public int clientCount() {
    return subscribers.size();
  }

  @Override
  public void close() {
    for (Client client : new ArrayList<>(subscribers.keySet())) {
      forget(client);
    }
    resp2.close();
    resp3.close();
  }
}
