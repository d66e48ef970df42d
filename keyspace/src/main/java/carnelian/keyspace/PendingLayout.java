package carnelian.keyspace;

import carnelian.memory.Memory;

/// An entry of a stream that was delivered to a consumer and not acknowledged: Redis's NACK. It
/// stands in two trees by its ID, the group's and its consumer's, and belongs to the group.
///
/// | offset | size | field           | meaning                                     |
/// |-------:|-----:|-----------------|---------------------------------------------|
/// |      0 |    8 | `sequence`      | of the entry's ID                           |
/// |      8 |    8 | `ms`            | of the entry's ID, as in the trees' items   |
/// |     16 |    8 | `deliveryTime`  | Unix ms of the last delivery                |
/// |     24 |    8 | `deliveryCount` | how often it was delivered                  |
/// |     32 |    8 | `consumer`      | reference; 0 for a moment while it is made  |
///
/// In memory only; never moves.
final class PendingLayout {
  static final int BYTES = 40;

  private static final int MS = 8;
  private static final int DELIVERY_TIME = 16;
  private static final int DELIVERY_COUNT = 24;
  private static final int CONSUMER = 32;

  private PendingLayout() {}

  static long sequence(long pending) {
    return Memory.getLong(pending);
  }

  static long ms(long pending) {
    return Memory.getLong(pending + MS);
  }

  static long deliveryTime(long pending) {
    return Memory.getLong(pending + DELIVERY_TIME);
  }

  static long deliveryCount(long pending) {
    return Memory.getLong(pending + DELIVERY_COUNT);
  }

  static long consumer(long pending) {
    return Memory.getLong(pending + CONSUMER);
  }

  static void id(long pending, long ms, long sequence) {
    Memory.putLong(pending, sequence);
    Memory.putLong(pending + MS, ms);
  }

  static void delivery(long pending, long timeMillis, long count) {
    Memory.putLong(pending + DELIVERY_TIME, timeMillis);
    Memory.putLong(pending + DELIVERY_COUNT, count);
  }

  static void consumer(long pending, long consumer) {
    Memory.putLong(pending + CONSUMER, consumer);
  }
}
