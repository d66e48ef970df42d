package carnelian.memory;

/// The end of this process by a signal, as whoever has started it sees it: no exit code that only
/// looks like one. Any thread.
public final class ProcessEnd {
  /// What `signal` takes for what the system does by itself.
  private static final long DEFAULT_ACTION = 0;

  private ProcessEnd() {}

  /// Has the kernel end the process (by SIGALRM) after so many seconds, if it still exists then:
  /// whatever its threads do or cannot do any more.
  public static void within(int seconds) {
    long _ = NativeCalls.call("alarm", seconds, 0);
  }

  /// Ends the process by this signal, which is as if nobody had ever handled it. Does not return.
  public static void by(int signal) {
    long _ = NativeCalls.call("signal", signal, DEFAULT_ACTION);
    long _ = NativeCalls.call("raise", signal, 0);
  }
}
