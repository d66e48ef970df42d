package carnelian.engine;

/// The directives that the engine itself obeys. Changed on the engine's thread.
public final class EngineSettings {
  boolean latencyTracking = true;
  long queryBufferLimitBytes = 1L << 30;
  int hertz = 10;
  private long busyReplyThresholdMillis = 5000;

  /// `latency-tracking`: whether each command keeps a histogram of its durations.
  public void latencyTracking(boolean on) {
    latencyTracking = on;
  }

  public boolean latencyTracking() {
    return latencyTracking;
  }

  /// `client-query-buffer-limit`, which bounds what a transaction may queue as well.
  public void queryBufferLimitBytes(long bytes) {
    queryBufferLimitBytes = bytes;
  }

  /// `hz`: how often in a second the periodic work runs.
  public void hertz(int timesPerSecond) {
    hertz = Math.clamp(timesPerSecond, 1, 500);
  }

  public int hertz() {
    return hertz;
  }

  /// `busy-reply-threshold`: how long a script runs before others are served beside it; 0 or less:
  /// for ever.
  public void busyReplyThresholdMillis(long millis) {
    busyReplyThresholdMillis = millis;
  }

  public long busyReplyThresholdMillis() {
    return busyReplyThresholdMillis;
  }
}
