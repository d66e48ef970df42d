package carnelian.net;

import io.netty.channel.IoEventLoop;
import io.netty.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// Rings once at the moment it was last set to. Setting it later than it stands is free: the loop
/// wakes at the old moment and sleeps again.
public final class Alarm implements Runnable {
  private static final long NEVER = Long.MAX_VALUE;

  private final IoEventLoop loop;
  private final Runnable ring;
  private long deadlineNanos = NEVER;
  private long scheduledNanos = NEVER;
  private @Nullable ScheduledFuture<?> scheduled;

  Alarm(IoEventLoop loop, Runnable ring) {
    this.loop = loop;
    this.ring = ring;
  }

  /// Sets the alarm, in place of an earlier setting, to a moment of `System.nanoTime`.
  public void ringAt(long nanos) {
    deadlineNanos = nanos;
    if (nanos < scheduledNanos) {
      schedule();
    }
  }

  public void cancel() {
    deadlineNanos = NEVER;
  }

  private void schedule() {
    if (scheduled != null) {
      scheduled.cancel(false);
    }
    scheduledNanos = deadlineNanos;
    long delay = Math.max(0, deadlineNanos - System.nanoTime());
    scheduled = loop.schedule(this, delay, TimeUnit.NANOSECONDS);
  }

  /// The loop's: the moment that it was scheduled for has come.
  @Override
  public void run() {
    scheduled = null;
    scheduledNanos = NEVER;
    if (deadlineNanos == NEVER) {
      return;
    }
    if (deadlineNanos > System.nanoTime()) {
      schedule();
      return;
    }
    deadlineNanos = NEVER;
    ring.run();
  }
}
