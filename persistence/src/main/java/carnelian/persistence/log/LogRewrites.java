package carnelian.persistence.log;

import carnelian.base.OsError;
import carnelian.base.config.Choices.MaxmemoryPolicy;
import carnelian.base.config.Config;
import carnelian.base.config.Directives;
import carnelian.engine.Engine;
import carnelian.keyspace.KeyspaceCut;
import carnelian.persistence.rdb.RdbOutput;
import carnelian.persistence.rdb.RdbSaver;
import carnelian.persistence.rdb.RdbVersion;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Rewrites of the log: when one is due, and its steps.
///
/// ```
/// cut + split ─▶ base written (thread of its own) ─▶ commit (writer) ─▶ done
/// ```
///
/// 1. The keyspace is cut, and the log goes on in a new segment from the same offset.
/// 2. A thread writes the cut as a new BASE under a temporary name and flushes it.
/// 3. The writer gives it its name and replaces the manifest: BASE and new segment instead of all
///    that was before. What was replaced goes to the archive.
///
/// A failure at any step leaves the old manifest, to which step 1 has added a segment: it loads to
/// the same data. Everything is called on the engine's thread.
final class LogRewrites {
  private static final Logger LOG = LoggerFactory.getLogger(LogRewrites.class);

  /// After so many failures in a row automatic rewrites wait longer and longer, as in Redis.
  private static final int FAILURES_BEFORE_WAIT = 3;

  private static final long MAX_WAIT_SECONDS = 3600;
  private static final long SECONDS_PER_MINUTE = 60;
  private static final long MIN_GROWTH_BASE = 1;

  private final Log log;
  private final Engine engine;
  private final Config config;
  private final LogFiles files;
  private final Consumer<Runnable> onEngine;
  private final long pid = ProcessHandle.current().pid();
  private final ThreadFactory threads;

  private @Nullable Running running;
  private boolean scheduled;
  private long count;
  private long failures;
  private boolean lastWorked = true;
  private long lastSeconds = -1;
  private long lastPreservedBytes;
  private long notBeforeNanos = Long.MIN_VALUE;

  /// One rewrite.
  private static final class Running {
    final BaseFile base;
    final KeyspaceCut cut;
    final long startSeconds;
    final RewriteToken token;

    /// Where the log goes on; 0: the log is off, and the thread does everything.
    final long split;

    @Nullable Thread thread;
    boolean cutClosed;

    Running(BaseFile base, KeyspaceCut cut, long startSeconds, RewriteToken token, long split) {
      this.base = base;
      this.cut = cut;
      this.startSeconds = startSeconds;
      this.token = token;
      this.split = split;
    }
  }

  LogRewrites(
      Log log,
      Engine engine,
      Config config,
      LogFiles files,
      ThreadFactory threads,
      Consumer<Runnable> onEngine) {
    this.log = log;
    this.engine = engine;
    this.config = config;
    this.files = files;
    this.threads = threads;
    this.onEngine = onEngine;
  }

  private long nowSeconds() {
    return engine.clock().wallMillis() / 1000;
  }

  // ---- The base --------------------------------------------------------------------------------

  private BaseFile newBase(Position at) {
    RdbSaver.Options options =
        new RdbSaver.Options(
            version(),
            config.get(Directives.RDBCHECKSUM),
            access(config.get(Directives.MAXMEMORY_POLICY)),
            engine.keyspace().heap().usedBytes(),
            config.get(Directives.RDB_KEY_SAVE_DELAY));
    return new BaseFile(
        files.disk(),
        temporary(),
        config.get(Directives.AOF_USE_RDB_PREAMBLE)
            ? LogNames.BaseForm.RDB
            : LogNames.BaseForm.COMMANDS,
        at,
        config.get(Directives.RDBCOMPRESSION)
            ? RdbOutput.Compression.LZF
            : RdbOutput.Compression.NONE,
        options,
        engine.functionLibraries().all(),
        config.get(Directives.AOF_REWRITE_INCREMENTAL_FSYNC),
        config.get(Directives.AOF_TIMESTAMP_ENABLED) ? nowSeconds() : 0);
  }

  /// What is in the log is never left out of its base, whatever `rdb-version` says.
  private int version() {
    boolean fieldsHaveDeadlines = engine.keyspace().volatileHashes() > 0;
    int chosen = RdbVersion.toWrite(config.get(Directives.RDB_VERSION), fieldsHaveDeadlines);
    return fieldsHaveDeadlines ? RdbVersion.REDIS_7_4 : chosen;
  }

  private Path temporary() {
    return files.directory().resolve("temp-rewriteaof-bg-" + pid + ".aof");
  }

  private static RdbSaver.Access access(MaxmemoryPolicy policy) {
    return switch (policy) {
      case VOLATILE_LRU, ALLKEYS_LRU -> RdbSaver.Access.IDLE_TIMES;
      case VOLATILE_LFU, ALLKEYS_LFU -> RdbSaver.Access.FREQUENCIES;
      case VOLATILE_RANDOM, VOLATILE_TTL, ALLKEYS_RANDOM, NOEVICTION -> RdbSaver.Access.NONE;
    };
  }

  private KeyspaceCut cut() {
    engine.keyspace().heap().prepareCut();
    long start = engine.clock().monotonicNanos();
    KeyspaceCut cut = engine.keyspace().cut();
    engine.delayed("snapshot-cut", engine.clock().monotonicNanos() - start);
    return cut;
  }

  /// Writes the base of a log that begins, and waits for it: before anything is served.
  LogFile writeFirstBase(Position at) throws IOException {
    files.createDirectory();
    BaseFile base = newBase(at);
    @Nullable Throwable[] results = new @Nullable Throwable[1];
    try (KeyspaceCut cut = cut()) {
      // On another thread, because a snapshot is not read on the thread that made it.
      Thread thread = threads.newThread(() -> results[0] = write(base, cut));
      thread.start();
      join(thread);
    }
    Throwable failed = results[0];
    if (failed != null) {
      throw new IOException("writing the first AOF base file: " + reason(failed), failed);
    }
    LogFile file = files.names().base(1, base.form());
    files.placeBase(base.temporary(), file);
    return file;
  }

  /// What went wrong, or null. Whatever it was, the engine has to hear of it, or it would wait for
  /// the rewrite for ever.
  @SuppressWarnings("IllegalCatch")
  private static @Nullable Throwable write(BaseFile base, KeyspaceCut cut) {
    try {
      base.write(cut);
      return null;
    } catch (IOException | RuntimeException | Error e) {
      return e;
    }
  }

  private static String reason(Throwable failed) {
    return failed instanceof IOException e ? OsError.text(e) : failed.toString();
  }

  private static void join(Thread thread) {
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException _) {
        interrupted = true; // Told to whoever asks, once the cut has no reader any more.
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  // ---- The steps -------------------------------------------------------------------------------

  boolean isRunning() {
    return running != null;
  }

  boolean isScheduled() {
    return scheduled;
  }

  void schedule() {
    scheduled = true;
  }

  /// Starts a rewrite. False if something is in its way: another snapshot, or the host's token.
  boolean start() {
    if (running != null || engine.keyspace().heap().snapshotActive()) {
      return false;
    }
    boolean alone = !log.isOn();
    RewriteToken token = RewriteToken.take(config);
    if (token == null) {
      return false;
    }
    long split = alone ? 0 : log.split();
    if (!alone && split == 0) {
      token.close();
      return false;
    }
    try {
      files.createDirectory();
    } catch (IOException e) {
      LOG.warn("Can't open or create append-only dir {}: {}", files.directory(), OsError.text(e));
    }
    scheduled = false;
    count++;
    Running rewrite = new Running(newBase(log.position()), cut(), nowSeconds(), token, split);
    running = rewrite;
    LogFiles.Retention retention = retention();
    Thread thread =
        threads.newThread(
            () -> {
              Throwable failed = write(rewrite.base, rewrite.cut);
              if (failed == null && alone) {
                failed = replaceAll(rewrite.base, retention);
              }
              Throwable told = failed;
              onEngine.accept(() -> written(rewrite, told));
            });
    rewrite.thread = thread;
    thread.start();
    LOG.info("Background append only file rewriting started by pid {}", pid);
    return true;
  }

  private void written(Running rewrite, @Nullable Throwable failed) {
    if (running != rewrite) {
      return;
    }
    closeCut(rewrite);
    if (failed != null || rewrite.split == 0) {
      end(rewrite, failed == null ? null : reason(failed));
      return;
    }
    log.request(
        new LogWriter.Request.Commit(
            rewrite.base.temporary(),
            rewrite.base.form(),
            rewrite.split,
            retention(),
            failure ->
                onEngine.accept(
                    () -> end(rewrite, failure == null ? null : OsError.text(failure)))));
  }

  private @Nullable Throwable replaceAll(BaseFile base, LogFiles.@Nullable Retention retention) {
    try {
      files.replaceAll(base.temporary(), base.form(), retention, engine.clock().wallMillis());
      return null;
    } catch (IOException e) {
      return e;
    }
  }

  /// Null: what is replaced stays where it is.
  private LogFiles.@Nullable Retention retention() {
    return config.get(Directives.AOF_DISABLE_AUTO_GC)
        ? null
        : new LogFiles.Retention(
            config.get(Directives.LOG_RETENTION_BYTES),
            config.get(Directives.LOG_RETENTION_SECONDS));
  }

  private void closeCut(Running rewrite) {
    if (!rewrite.cutClosed) {
      rewrite.cutClosed = true;
      lastPreservedBytes = rewrite.cut.preservedBytes();
      rewrite.cut.close();
    }
  }

  private void end(Running rewrite, @Nullable String failure) {
    if (running != rewrite) {
      return;
    }
    running = null;
    rewrite.token.close();
    lastSeconds = nowSeconds() - rewrite.startSeconds;
    if (failure == null) {
      lastWorked = true;
      failures = 0;
      notBeforeNanos = Long.MIN_VALUE;
      LOG.info("Background AOF rewrite terminated with success");
      LOG.info("Background AOF rewrite finished successfully");
      return;
    }
    lastWorked = false;
    failures++;
    deleteTemporary();
    notBeforeNanos = engine.stopwatch().monotonicNanos() + TimeUnit.SECONDS.toNanos(waitSeconds());
    LOG.warn("Background AOF rewrite failed: {}", failure);
  }

  /// A log that has to be made anew tries again at once and then ever more seldom; one that is only
  /// to become smaller can wait longer.
  private long waitSeconds() {
    if (log.needsRewrite()) {
      return Math.min(SECONDS_PER_MINUTE, 1L << Math.min(failures - 1, 6));
    }
    if (failures < FAILURES_BEFORE_WAIT) {
      return 0;
    }
    long minutes = 1L << Math.min(failures - FAILURES_BEFORE_WAIT, 6);
    return Math.min(MAX_WAIT_SECONDS, minutes * SECONDS_PER_MINUTE);
  }

  private void deleteTemporary() {
    try {
      files.disk().delete(temporary());
    } catch (IOException e) {
      // It is in nobody's way, and the next rewrite replaces it.
      LOG.debug("Deleting {}: {}", temporary(), OsError.text(e));
    }
  }

  /// Ends a rewrite without a result: the log is turned off.
  void cancel() {
    scheduled = false;
    Running rewrite = running;
    if (rewrite == null) {
      return;
    }
    LOG.info("Killing running AOF rewrite child: {}", pid);
    rewrite.base.cancel();
    Thread thread = rewrite.thread;
    if (thread != null) {
      LockSupport.unpark(thread); // It may pause after a key.
      join(thread);
    }
    running = null;
    closeCut(rewrite);
    rewrite.token.close();
    deleteTemporary();
  }

  /// Waits for the thread of the rewrite that runs, if any.
  void awaitThread() {
    Running rewrite = running;
    if (rewrite != null && rewrite.thread != null) {
      join(rewrite.thread);
    }
  }

  /// Closes the cut of the rewrite that runs, if any, and does nothing else.
  void abandon() {
    Running rewrite = running;
    if (rewrite != null) {
      awaitThread();
      closeCut(rewrite);
      rewrite.token.close();
      running = null;
    }
  }

  // ---- When ------------------------------------------------------------------------------------

  /// Starts what was scheduled, what the log's growth asks for, and what heals a lost log.
  void cron() {
    if (running != null || engine.keyspace().heap().snapshotActive()) {
      return;
    }
    if (scheduled) {
      boolean _ = start();
      return;
    }
    if (!log.isOn() || engine.stopwatch().monotonicNanos() < notBeforeNanos) {
      return;
    }
    if (log.needsRewrite()) {
      boolean _ = start();
    } else if (hasGrown()) {
      boolean _ = start();
    }
  }

  private boolean hasGrown() {
    long percentage = config.get(Directives.AUTO_AOF_REWRITE_PERCENTAGE);
    long current = log.figures().currentBytes();
    if (percentage == 0 || current < config.get(Directives.AUTO_AOF_REWRITE_MIN_SIZE)) {
      return false;
    }
    long base = Math.max(log.figures().baseBytes(), MIN_GROWTH_BASE);
    long growth = (long) (current * 100.0 / base - 100);
    if (growth < percentage) {
      return false;
    }
    LOG.info("Starting automatic rewriting of AOF on {}% growth", growth);
    return true;
  }

  // ---- Figures ---------------------------------------------------------------------------------

  long count() {
    return count;
  }

  void resetStatistics() {
    count = 0;
    failures = 0;
  }

  long failures() {
    return failures;
  }

  boolean lastWorked() {
    return lastWorked;
  }

  long lastSeconds() {
    return lastSeconds;
  }

  long currentSeconds() {
    return running == null ? -1 : nowSeconds() - running.startSeconds;
  }

  long lastPreservedBytes() {
    return lastPreservedBytes;
  }
}
