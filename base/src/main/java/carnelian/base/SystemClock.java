package carnelian.base;

import java.time.Instant;

/// The machine's clock. `Instant.now()` reads the clock with the resolution the kernel offers and
/// does not survive escape analysis as an object, but where milliseconds do the cheaper call is
/// taken.
final class SystemClock implements Clock {
  static final Clock INSTANCE = new SystemClock();

  private SystemClock() {}

  @Override
  public long wallMicros() {
    Instant now = Instant.now();
    return now.getEpochSecond() * 1_000_000 + now.getNano() / 1000;
  }

  @Override
  public long wallMillis() {
    return System.currentTimeMillis();
  }

  @Override
  public long monotonicNanos() {
    return System.nanoTime();
  }
}
