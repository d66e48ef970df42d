package carnelian.embedded;

import carnelian.base.ManualClock;
import carnelian.server.Instance;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.TimeUnit;

/// The time of one store, which stands still until [#advance].
///
/// What lies in the store goes by it: the deadlines of keys and of fields, time-outs of commands
/// that wait, CLIENT PAUSE, save points, idle times, `TIME`. What the machine needs time for goes
/// by the machine's: the flushes of the log, the limit for scripts, a client's own time-outs.
public final class VirtualClock {
  private static final long LONGEST_NANOS = TimeUnit.DAYS.toNanos(365L * 100);

  private final ManualClock clock;
  private final Instance instance;

  VirtualClock(ManualClock clock, Instance instance) {
    this.clock = clock;
    this.instance = instance;
  }

  /// What time it is in the store. Any thread.
  public Instant now() {
    return Instant.ofEpochMilli(clock.wallMillis());
  }

  /// Lets time pass, and returns when all has happened that falls due meanwhile: keys have been
  /// removed and their events sent, clients that waited have got their replies. Things happen in
  /// order; within a step of a 256th of the duration they all see the end of the step. A key whose
  /// deadline is reached exactly is gone, as it would be if that time had really been waited for: a
  /// further millisecond passes then.
  ///
  /// Any thread but one that is called back by the store.
  ///
  /// @param duration at most a hundred years
  /// @throws IllegalArgumentException if it is negative or longer
  /// @throws IllegalStateException if the store is closed
  public void advance(Duration duration) {
    if (duration.isNegative() || duration.compareTo(Duration.ofNanos(LONGEST_NANOS)) > 0) {
      throw new IllegalArgumentException(
          "duration: " + duration + " (expected: 0 to 100 years; time does not run backwards)");
    }
    instance.advance(duration);
  }
}
