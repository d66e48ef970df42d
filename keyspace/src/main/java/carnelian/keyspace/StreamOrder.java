package carnelian.keyspace;

import carnelian.memory.Memory;
import carnelian.structures.TieOrder;

/// Orders what trees hold by stream ID: the item's word stands for the milliseconds, and what it
/// refers to begins with the sequence number.
final class StreamOrder implements TieOrder {
  static final StreamOrder INSTANCE = new StreamOrder();

  private StreamOrder() {}

  /// The word of an item with these milliseconds: words are signed, milliseconds are not.
  static long word(long ms) {
    return ms ^ Long.MIN_VALUE;
  }

  static long ms(long word) {
    return word ^ Long.MIN_VALUE;
  }

  @Override
  public long keyAt(long reference) {
    return reference;
  }

  @Override
  public int keyLength(long reference) {
    return Long.BYTES;
  }

  @Override
  public int compare(long reference, long keyAt, int keyLength) {
    return Long.compareUnsigned(Memory.getLong(reference), Memory.getLong(keyAt));
  }
}
