package carnelian.engine.pubsub;

import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Map;

/// The subscriptions of one client, oldest first.
final class Subscriber {
  private final EnumMap<Topic.Kind, Map<Topic, Topic.Subscription>> byKind =
      new EnumMap<>(Topic.Kind.class);

  Subscriber() {
    for (Topic.Kind kind : Topic.Kind.values()) {
      byKind.put(kind, new LinkedHashMap<>());
    }
  }

  Map<Topic, Topic.Subscription> of(Topic.Kind kind) {
    Map<Topic, Topic.Subscription> topics = byKind.get(kind);
    if (topics == null) {
      throw new IllegalStateException("no topics of kind " + kind);
    }
    return topics;
  }

  int count(Topic.Kind kind) {
    return of(kind).size();
  }

  /// What the messages about subscriptions tell: shard channels are counted by themselves.
  int countTold(Topic.Kind kind) {
    return switch (kind) {
      case CHANNEL, PATTERN -> count(Topic.Kind.CHANNEL) + count(Topic.Kind.PATTERN);
      case SHARD_CHANNEL -> count(Topic.Kind.SHARD_CHANNEL);
    };
  }

  int total() {
    return count(Topic.Kind.CHANNEL) + count(Topic.Kind.PATTERN) + count(Topic.Kind.SHARD_CHANNEL);
  }
}
