package carnelian.memory;

/// Work that takes long and that nobody waits for, such as writing a snapshot. It runs at a lower
/// priority than the engine, so that on a machine with few cores it takes what is left over instead
/// of every other time slice.
public final class BackgroundWork {
  /// A tenth of the share of a thread that has not been lowered, while both want the same core.
  private static final int NICE = 10;

  private BackgroundWork() {}

  /// The work, for a thread of its own: what else runs on that thread is lowered, too. Where the
  /// system does not allow it, the work runs at the thread's own priority.
  public static Runnable of(Runnable work) {
    return () -> {
      boolean _ = NativeCalls.nice(NICE);
      work.run();
    };
  }
}
