package carnelian.net;

import java.util.concurrent.atomic.AtomicInteger;

/// What one side of a connection, [Connection] or [ClientSocket], tells the other, until that takes
/// it.
final class Signals {
  // To the engine.
  static final int OPENED = 1;
  static final int BATCH = 2;
  static final int REFUSED = 4;
  static final int DRAINED = 8;
  static final int ENDED = 16;
  static final int CLOSED = 32;

  /// Only wakes the engine's loop.
  static final int HEARD = 64;

  // To the I/O loop.
  static final int WRITE = 1;
  static final int EXECUTED = 2;
  static final int RESUME = 4;
  static final int CLOSE = 8;

  private final AtomicInteger bits = new AtomicInteger();

  /// All since the last time.
  int take() {
    return bits.getAndSet(0);
  }

  /// Adds signals; true if there were none, so that the inbox does not hold the connection yet.
  boolean add(int more) {
    int old = bits.get();
    while (!bits.compareAndSet(old, old | more)) {
      old = bits.get();
    }
    return old == 0;
  }
}
