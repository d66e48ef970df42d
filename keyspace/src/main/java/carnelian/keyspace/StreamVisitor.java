package carnelian.keyspace;

import carnelian.structures.Element;

/// Hears the parts of a stream, in the order of the methods here; see [ValueVisitor#stream]. What
/// it is handed is valid until it returns.
public interface StreamVisitor {
  /// A node's ID and its listpack, in Redis's bytes.
  void node(StreamId id, long listpack, int bytes);

  /// After the nodes.
  void meta(StreamMeta meta);

  /// A consumer group, after which come its pending entries, and then its consumers.
  void group(Element name, StreamId lastId, long entriesRead, long pending);

  void pending(StreamId id, long deliveryTimeMillis, long deliveryCount);

  /// After a group's pending entries: how many consumers it has.
  void consumers(long count);

  /// A consumer, after which comes what is pending with it.
  void consumer(Element name, long seenTimeMillis, long activeTimeMillis, long pending);

  void consumerPending(StreamId id, long deliveryTimeMillis, long deliveryCount);
}
