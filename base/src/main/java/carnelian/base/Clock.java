package carnelian.base;

/// The only source of time above the operating system. Everything that waits, expires or measures
/// is given one, so that a test can run a year in a millisecond.
///
/// Two scales that are never mixed: wall time can jump and is what clients and files see; monotonic
/// time only grows, has no meaning across restarts, and is what timeouts use.
///
/// Thread: any.
public interface Clock {

  /// Microseconds since 1970-01-01T00:00:00Z.
  long wallMicros();

  /// Nanoseconds since some fixed point before the start.
  long monotonicNanos();

  /// Milliseconds since 1970-01-01T00:00:00Z, as deadlines of keys are kept.
  default long wallMillis() {
    return wallMicros() / 1000;
  }

  /// The clock of the machine.
  static Clock system() {
    return SystemClock.INSTANCE;
  }
}
