package carnelian.memory;

import java.util.concurrent.TimeUnit;

/// Work that takes long and that nobody waits for, such as writing a snapshot. It runs at a lower
/// priority than the engine, so that on a machine with few cores it takes what is left over instead
/// of every other time slice.
public final class BackgroundWork {
  /// A tenth of the share of a thread that has not been lowered, while both want the same core.
  private static final int NICE = 10;

  /// A thread that wakes up with a shorter slice than the running one's takes the core at once
  /// (Linux 6.12 and later); else it waits until the running one's slice has ended, some
  /// milliseconds. 20 ms is longer than any that others have.
  private static final long SLICE_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

  private BackgroundWork() {}

  /// The work, for a thread of its own: what else runs on that thread is lowered, too. Where the
  /// system does not allow it, the work runs at the thread's own priority.
  public static Runnable of(Runnable work) {
    return () -> {
      boolean _ = NativeCalls.schedule(NICE, SLICE_NANOS) || NativeCalls.nice(NICE);
      work.run();
    };
  }
}
