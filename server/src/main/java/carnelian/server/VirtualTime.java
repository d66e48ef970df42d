package carnelian.server;

import carnelian.base.Clock;
import carnelian.base.ManualClock;
import carnelian.engine.Engine;
import carnelian.engine.EngineTimer;
import carnelian.net.Alarm;
import carnelian.net.EventLoop;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// The timer of an engine whose time stands still until it is told to pass. What falls due does so
/// by that clock alone; the machine's only sees to it that work which waits for no time goes on. On
/// the engine's loop.
final class VirtualTime implements EngineTimer {
  /// In how many steps a long time passes at most.
  private static final int MOST_STEPS = 256;

  private static final long LONGEST_REST_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final ManualClock clock;
  private final Clock machine = Clock.system();
  private final Alarm alarm;
  private @Nullable Engine engine;
  private long nextNanos = Long.MAX_VALUE;

  VirtualTime(ManualClock clock, EventLoop loop) {
    this.clock = clock;
    alarm = loop.alarm(this::ring);
  }

  void engine(Engine woken) {
    engine = woken;
    woken.stopwatch(new Stopwatch(clock, machine));
  }

  /// Says what time it is by the one clock, and how long something takes by the other.
  private record Stopwatch(Clock wall, Clock monotonic) implements Clock {
    @Override
    public long wallMicros() {
      return wall.wallMicros();
    }

    @Override
    public long monotonicNanos() {
      return monotonic.monotonicNanos();
    }
  }

  @Override
  public void wakeAt(long nanos) {
    nextNanos = nanos;
    long rest = Math.clamp(nanos - clock.monotonicNanos(), 0, LONGEST_REST_NANOS);
    alarm.ringAt(machine.monotonicNanos() + rest);
  }

  private void ring() {
    Engine woken = engine;
    if (woken != null) {
      woken.tick();
    }
  }

  /// Lets time pass. What falls due on the way happens in order, each at its moment if the way is
  /// short, else at the end of a step.
  void advance(long nanos) {
    Engine woken = engine;
    if (woken == null) {
      throw new IllegalStateException("there is no engine yet");
    }
    long end = clock.monotonicNanos() + nanos;
    long leastStep = nanos / MOST_STEPS;
    while (nextNanos < end) {
      long now = clock.monotonicNanos();
      pass(Math.min(Math.max(nextNanos - now, leastStep), end - now), woken);
    }
    pass(end - clock.monotonicNanos(), woken);
    // Keys are there until their deadline has passed; one that is reached exactly counts as that.
    if (woken.keyspace().expiry().nextDueMillis() - clock.wallMillis() == 1) {
      pass(TimeUnit.MILLISECONDS.toNanos(1), woken);
    }
  }

  private void pass(long nanos, Engine woken) {
    clock.advance(nanos, TimeUnit.NANOSECONDS);
    woken.wake();
  }
}
