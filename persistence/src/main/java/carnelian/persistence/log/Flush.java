package carnelian.persistence.log;

import carnelian.base.Clock;
import java.io.IOException;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/// One flush of a segment: on the writer's thread, or on another while the writer goes on.
final class Flush implements Runnable {
  /// Port: runs flushes while the writer goes on.
  interface Flusher {
    /// Begins to run it; the writer is woken at its end.
    void start(Flush flush);

    /// Waits for its end.
    void await(Flush flush);
  }

  /// Runs them at once.
  static final Flusher AT_ONCE =
      new Flusher() {
        @Override
        public void start(Flush flush) {
          flush.run();
        }

        @Override
        public void await(Flush flush) {
          // It has ended.
        }
      };

  private final SegmentWriter segment;
  private final long offset;
  private final Clock clock;
  private final long delayNanos;
  private @Nullable IOException failure;
  private long nanos;
  private volatile boolean done;

  /// Of what the segment holds now, which ends at a replication offset. It takes `delayNanos`
  /// longer than it need.
  Flush(SegmentWriter segment, long offset, Clock clock, long delayNanos) {
    this.segment = segment;
    this.offset = offset;
    this.clock = clock;
    this.delayNanos = delayNanos;
  }

  @Override
  public void run() {
    long start = clock.monotonicNanos();
    long left = delayNanos;
    while (left > 0) {
      LockSupport.parkNanos(this, left);
      left = start + delayNanos - clock.monotonicNanos();
    }
    try {
      segment.fsync();
    } catch (IOException e) {
      failure = e;
    }
    nanos = clock.monotonicNanos() - start;
    done = true;
  }

  boolean isDone() {
    return done;
  }

  SegmentWriter segment() {
    return segment;
  }

  /// What it puts on disk ends here.
  long offset() {
    return offset;
  }

  /// Why it failed; null if it worked. Once it is done.
  @Nullable IOException failure() {
    return failure;
  }

  /// How long it took. Once it is done.
  long nanos() {
    return nanos;
  }
}
