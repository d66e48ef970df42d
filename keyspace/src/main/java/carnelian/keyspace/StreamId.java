package carnelian.keyspace;

import carnelian.memory.NativeBuffer;
import carnelian.structures.Decimals;

/// The ID of a stream's entry: milliseconds and a sequence number, both unsigned. A mutable value,
/// as [carnelian.memory.Slice] is: its owner refills it.
public final class StreamId {
  /// Redis's `UINT64_MAX`.
  public static final long MAX = -1;

  /// Two numbers of up to twenty digits and the dash.
  public static final int MAX_LENGTH = 2 * Decimals.MAX_LENGTH + 1;

  public long ms;
  public long sequence;

  public StreamId() {}

  public StreamId(long ms, long sequence) {
    this.ms = ms;
    this.sequence = sequence;
  }

  public StreamId set(long newMs, long newSequence) {
    ms = newMs;
    sequence = newSequence;
    return this;
  }

  public StreamId set(StreamId other) {
    return set(other.ms, other.sequence);
  }

  /// The greatest ID that there is.
  public StreamId setMax() {
    return set(MAX, MAX);
  }

  public boolean isZero() {
    return ms == 0 && sequence == 0;
  }

  public boolean isMax() {
    return ms == MAX && sequence == MAX;
  }

  public int compare(StreamId other) {
    return compare(ms, sequence, other.ms, other.sequence);
  }

  public static int compare(long ms, long sequence, long otherMs, long otherSequence) {
    int byMs = Long.compareUnsigned(ms, otherMs);
    return byMs != 0 ? byMs : Long.compareUnsigned(sequence, otherSequence);
  }

  /// Makes it the next ID; false, and unchanged, if it is the greatest.
  public boolean increment() {
    if (isMax()) {
      return false;
    }
    if (sequence == MAX) {
      ms++;
    }
    sequence++;
    return true;
  }

  /// Makes it the ID before; false, and unchanged, if it is the least.
  public boolean decrement() {
    if (isZero()) {
      return false;
    }
    if (sequence == 0) {
      ms--;
    }
    sequence--;
    return true;
  }

  /// Appends `ms-sequence`.
  public void appendTo(NativeBuffer buffer) {
    append(buffer, ms);
    buffer.putByte('-');
    append(buffer, sequence);
  }

  private static void append(NativeBuffer buffer, long number) {
    if (number >= 0) {
      buffer.advance(Decimals.write(number, buffer.reserve(Decimals.MAX_LENGTH)));
    } else {
      buffer.putAscii(Long.toUnsignedString(number));
    }
  }

  @Override
  public String toString() {
    return Long.toUnsignedString(ms) + "-" + Long.toUnsignedString(sequence);
  }
}
