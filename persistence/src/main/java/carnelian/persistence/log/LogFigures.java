package carnelian.persistence.log;

/// How a log is doing: the figures of INFO persistence, under the names that stand there, and what
/// the diagnosis asks for.
///
/// While nothing is logged, what counts is 0 and what can fail has worked. On the engine's thread.
public final class LogFigures {
  private final Log log;
  private final LogRewrites rewrites;

  LogFigures(Log log, LogRewrites rewrites) {
    this.log = log;
    this.rewrites = rewrites;
  }

  // ---- Writing ---------------------------------------------------------------------------------

  /// `aof_last_write_status`.
  public boolean lastWriteWorked() {
    LogWriter running = log.writer();
    return running == null || running.state().failure() == null;
  }

  /// `aof_current_size`.
  public long currentBytes() {
    LogWriter running = log.writer();
    return running == null ? 0 : running.loadedBytes();
  }

  /// `aof_base_size`.
  public long baseBytes() {
    LogWriter running = log.writer();
    return running == null ? 0 : running.baseBytes();
  }

  /// `aof_buffer_length`.
  public long bufferedBytes() {
    return log.fillingBytes();
  }

  /// `aof_pending_bio_fsync`.
  public int pendingFsyncs() {
    LogWriter running = log.writer();
    return running != null && running.isFsyncing() ? 1 : 0;
  }

  /// `aof_delayed_fsync`.
  public long delayedFsyncs() {
    LogWriter running = log.writer();
    return running == null ? 0 : running.delayedFsyncs();
  }

  /// `mem_aof_buffer`.
  public long heldBytes() {
    return log.batchCapacity();
  }

  /// How long the slowest flush took that has ended since this was asked last.
  public long takeSlowestFlushNanos() {
    LogWriter running = log.writer();
    return running == null ? 0 : running.takeSlowestFlushNanos();
  }

  /// How long the slowest write to the file took since this was asked last.
  public long takeSlowestWriteNanos() {
    LogWriter running = log.writer();
    return running == null ? 0 : running.takeSlowestWriteNanos();
  }

  // ---- Rewrites --------------------------------------------------------------------------------

  /// `aof_rewrite_in_progress`.
  public boolean isRewriting() {
    return rewrites.isRunning();
  }

  /// `aof_rewrite_scheduled`.
  public boolean isRewriteScheduled() {
    return rewrites.isScheduled();
  }

  /// `aof_last_rewrite_time_sec`, -1 before the first.
  public long lastRewriteSeconds() {
    return rewrites.lastSeconds();
  }

  /// `aof_current_rewrite_time_sec`, -1 if none runs.
  public long currentRewriteSeconds() {
    return rewrites.currentSeconds();
  }

  /// `aof_last_bgrewrite_status`.
  public boolean lastRewriteWorked() {
    return rewrites.lastWorked();
  }

  /// `aof_rewrites`.
  public long rewriteCount() {
    return rewrites.count();
  }

  /// `aof_rewrites_consecutive_failures`.
  public long rewriteFailures() {
    return rewrites.failures();
  }

  /// CONFIG RESETSTAT.
  public void resetStatistics() {
    rewrites.resetStatistics();
    LogWriter running = log.writer();
    if (running != null) {
      running.resetStatistics();
    }
  }

  /// `aof_last_cow_size`.
  public long lastRewritePreservedBytes() {
    return rewrites.lastPreservedBytes();
  }
}
