package carnelian.base;

import java.util.concurrent.TimeUnit;

/// A clock that moves only when told: for tests, the simulation and the embedded store, whose user
/// advances it to let keys expire.
///
/// Thread: any; each reading sees the last advance.
public final class ManualClock implements Clock {
  private volatile long wallMicros;
  private volatile long monotonicNanos;

  /// Starts at a wall time with the monotonic scale at zero.
  public ManualClock(long wallMillis) {
    this.wallMicros = wallMillis * 1000;
  }

  /// Lets time pass on both scales.
  public synchronized void advance(long duration, TimeUnit unit) {
    Invariant.check(duration >= 0, "time does not run backwards: ", duration);
    long nanos = unit.toNanos(duration);
    monotonicNanos += nanos;
    // Derived from one sum: parts of a microsecond are not lost over many small steps.
    wallMicros += (monotonicNanos / 1000) - ((monotonicNanos - nanos) / 1000);
  }

  /// Sets the wall clock as an operator or NTP would; monotonic time does not notice.
  public synchronized void jumpTo(long newWallMillis) {
    wallMicros = newWallMillis * 1000;
  }

  @Override
  public long wallMicros() {
    return wallMicros;
  }

  @Override
  public long monotonicNanos() {
    return monotonicNanos;
  }
}
