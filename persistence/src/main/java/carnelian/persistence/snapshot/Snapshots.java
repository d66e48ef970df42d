package carnelian.persistence.snapshot;

import carnelian.base.Clock;
import carnelian.base.OsError;
import carnelian.base.config.Choices.MaxmemoryPolicy;
import carnelian.base.config.Config;
import carnelian.base.config.Directives;
import carnelian.base.config.SavePoint;
import carnelian.engine.Client;
import carnelian.engine.Command;
import carnelian.engine.Engine;
import carnelian.engine.ReplyError;
import carnelian.engine.WriteGuard;
import carnelian.keyspace.KeyspaceCut;
import carnelian.persistence.log.Disk;
import carnelian.persistence.log.Position;
import carnelian.persistence.log.RewriteToken;
import carnelian.persistence.log.StreamPosition;
import carnelian.persistence.log.SystemDisk;
import carnelian.persistence.rdb.RdbOutput;
import carnelian.persistence.rdb.RdbSaver;
import carnelian.persistence.rdb.RdbVersion;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.IntSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The snapshots of one store: saves them when asked and when the `save` directive says so, and
/// refuses writes while that fails. [SnapshotLoads] reads them.
///
/// A save in the background reads a cut of the keyspace on a thread of its own; the engine's pause
/// is the cut, some microseconds. One save runs at a time. The file that is in place changes only
/// when the new one is whole and on disk.
///
/// Everything is called on the engine's thread.
public final class Snapshots implements WriteGuard, Engine.FlushListener, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Snapshots.class);

  /// After a save has failed, the next that nobody asked for is not tried earlier.
  private static final long RETRY_SECONDS = 5;

  private static final long PROGRESS_SECONDS = 5;

  private final Engine engine;
  private final Config config;
  private final ThreadFactory background;
  private final Consumer<Runnable> onEngine;
  private final Clock clock;
  private final SnapshotLoads loads;
  private final long pid = ProcessHandle.current().pid();
  private String temporary;
  private Disk disk = new SystemDisk();

  private @Nullable BackgroundSave running;
  private boolean scheduled;
  private long saves;
  private long lastSaveSeconds;
  private long lastTrySeconds;
  private long lastDurationSeconds = -1;
  private long lastCutMicros;
  private long cuts;
  private long lastPreservedBytes;

  private @Nullable StreamPosition stream;
  private @Nullable IntSupplier streamDatabase;

  /// Why the last save in the background failed; null if it worked.
  private @Nullable ReplyError failure;

  /// What a save in the background is about.
  private static final class BackgroundSave {
    final CutWriter writer;
    final KeyspaceCut cut;
    final long dirty;
    final long startSeconds;
    final long keys;
    final RewriteToken token;

    /// Who gets it; null: the file.
    final @Nullable SnapshotRecipient recipient;

    long reportedSeconds;
    @Nullable Thread thread;
    volatile @Nullable Throwable failed;

    BackgroundSave(
        CutWriter writer,
        KeyspaceCut cut,
        long dirty,
        long startSeconds,
        RewriteToken token,
        @Nullable SnapshotRecipient recipient) {
      this.writer = writer;
      this.recipient = recipient;
      this.token = token;
      this.cut = cut;
      this.dirty = dirty;
      this.startSeconds = startSeconds;
      reportedSeconds = startSeconds;
      keys = cut.totalKeys();
    }
  }

  /// `background` makes the threads that save; `onEngine` runs something on the engine's thread.
  public Snapshots(
      Engine engine, Config config, ThreadFactory background, Consumer<Runnable> onEngine) {
    this.engine = engine;
    this.config = config;
    this.background = background;
    this.onEngine = onEngine;
    clock = engine.clock();
    loads = new SnapshotLoads(this, engine, config, onEngine);
    // Other stores of the same process may write beside this one.
    temporary = "temp-" + pid + "-" + Long.toHexString(engine.random().nextLong()) + ".rdb";
    lastSaveSeconds = nowSeconds();
  }

  /// Where snapshots are written; they are read from the machine's.
  public void disk(Disk other) {
    disk = other;
  }

  /// The commands of [#commands], in that order, for [carnelian.engine.CommandFamily].
  public static final String NAMES = "BGSAVE LASTSAVE SAVE";

  /// SAVE, BGSAVE, LASTSAVE.
  public List<Command> commands() {
    return new SnapshotCommands(this).all();
  }

  private long nowSeconds() {
    return clock.wallMillis() / 1000;
  }

  /// Where snapshots are: `dbfilename` in `dir`.
  public Path file() {
    return config.resolve(config.get(Directives.DBFILENAME));
  }

  /// Asks for the place in the stream of writes that a snapshot is cut at; null if nobody counts.
  public void position(StreamPosition current) {
    stream = current;
  }

  private @Nullable Position position() {
    return stream == null ? null : stream.position();
  }

  /// Tells which database the stream is in, for snapshots.
  public void streamDatabase(IntSupplier current) {
    streamDatabase = current;
  }

  /// Reads them: at the start, for a replica, for DEBUG RELOAD.
  public SnapshotLoads loads() {
    return loads;
  }

  /// What the file holds is what the keyspace holds.
  void loaded() {
    engine.dirty(0);
    lastSaveSeconds = nowSeconds();
  }

  /// Where a file is written before it takes its place. The caller vouches that nobody else of this
  /// process writes there.
  public void temporaryName(String name) {
    temporary = name;
  }

  public Path temporaryFile() {
    return file().resolveSibling(temporary);
  }

  // ---- Saving ----------------------------------------------------------------------------------

  /// Saves and waits for it: SAVE, SHUTDOWN. Not while a save runs in the background.
  public void saveNow() throws IOException {
    if (engine.keyspace().heap().snapshotActive()) {
      throw new IOException("another snapshot is being read");
    }
    saves++;
    KeyspaceCut cut = cut();
    try (cut) {
      CutWriter writer = newWriter(SnapshotRecipient.Contents.ALL);
      SnapshotFile file = newFile(writer);
      writeElsewhere(file, cut);
      warnOfLoss(writer);
    } catch (IOException e) {
      LOG.warn("Write error saving DB on disk: {}", e.toString());
      throw e;
    } finally {
      lastPreservedBytes = cut.preservedBytes();
    }
    LOG.info("DB saved on disk");
    saved(0);
  }

  /// On another thread, because a snapshot is not read on the thread that made it.
  private void writeElsewhere(SnapshotFile file, KeyspaceCut cut) throws IOException {
    @Nullable Throwable[] results = new @Nullable Throwable[1];
    Thread thread = background.newThread(() -> results[0] = write(file, cut));
    thread.start();
    join(thread);
    Throwable failed = results[0];
    if (failed instanceof IOException e) {
      throw e;
    }
    if (failed != null) {
      throw new IOException(failed);
    }
  }

  /// Waits for the end of a thread, whatever comes.
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

  /// What went wrong, or null. Whatever it was, the engine has to hear of it, or it would wait for
  /// the save for ever.
  @SuppressWarnings("IllegalCatch")
  private static @Nullable Throwable write(SnapshotFile file, KeyspaceCut cut) {
    try {
      file.write(cut);
      return null;
    } catch (IOException | RuntimeException | Error e) {
      return e;
    }
  }

  /// Begins a save in the background. None runs, and nobody else reads a snapshot. False if it is
  /// not this store's turn: as many others of this host as may do it at once write all their data.
  public boolean saveInBackground() {
    RewriteToken token = RewriteToken.take(config);
    if (token == null) {
      return false;
    }
    lastTrySeconds = nowSeconds();
    CutWriter writer = newWriter(SnapshotRecipient.Contents.ALL);
    SnapshotFile file = newFile(writer);
    BackgroundSave save =
        new BackgroundSave(writer, cut(), engine.dirty(), lastTrySeconds, token, null);
    scheduled = false;
    start(save, () -> write(file, save.cut));
    LOG.info("Background saving started by pid {}", pid);
    return true;
  }

  /// Begins to make a snapshot for somebody, as of now. Not while a command runs. False if that is
  /// not possible now, because another snapshot is made or it is not this store's turn.
  public boolean send(SnapshotRecipient recipient) {
    if (running != null || loads.isLoading() || engine.keyspace().heap().snapshotActive()) {
      return false;
    }
    RewriteToken token = RewriteToken.take(config);
    if (token == null) {
      return false;
    }
    Position at = position();
    if (at == null) {
      throw new IllegalStateException("the stream is counted where snapshots are sent");
    }
    CutWriter writer = newWriter(recipient.contents());
    BackgroundSave save =
        new BackgroundSave(writer, cut(), engine.dirty(), nowSeconds(), token, recipient);
    recipient.cut(at);
    start(save, () -> receive(save, recipient));
    LOG.info("Background RDB transfer started by pid {}", pid);
    return true;
  }

  /// As [#write].
  @SuppressWarnings("IllegalCatch")
  private @Nullable Throwable receive(BackgroundSave save, SnapshotRecipient recipient) {
    KeyspaceCut read = recipient.contents().keys() ? save.cut : null;
    try {
      recipient.receive(channel -> save.writer.write(channel, read));
      return null;
    } catch (IOException | RuntimeException | Error e) {
      return e;
    }
  }

  private void start(BackgroundSave save, Supplier<@Nullable Throwable> work) {
    running = save;
    saves++;
    Thread thread =
        background.newThread(
            () -> {
              save.failed = work.get();
              onEngine.accept(() -> finish(save, save.failed));
            });
    save.thread = thread;
    thread.start();
  }

  private void end(BackgroundSave save) {
    running = null;
    lastPreservedBytes = save.cut.preservedBytes();
    save.cut.close();
    save.token.close();
  }

  private void finish(BackgroundSave save, @Nullable Throwable failed) {
    if (running != save) {
      return;
    }
    end(save);
    SnapshotRecipient recipient = save.recipient;
    if (recipient != null) {
      if (failed == null) {
        LOG.info("Background RDB transfer terminated with success");
        warnOfLoss(save.writer);
      } else {
        LOG.warn("Background transfer error: {}", reason(failed));
      }
      recipient.done(failed);
      return;
    }
    lastDurationSeconds = nowSeconds() - save.startSeconds;
    if (failed == null) {
      LOG.info("DB saved on disk");
      LOG.info(
          "Fork CoW for RDB: current {} MB, peak {} MB, average {} MB",
          lastPreservedBytes >> 20,
          lastPreservedBytes >> 20,
          lastPreservedBytes >> 20);
      LOG.info("Background saving terminated with success");
      warnOfLoss(save.writer);
      saved(Math.max(0, engine.dirty() - save.dirty));
      return;
    }
    String reason = reason(failed);
    LOG.warn("Write error saving DB on disk: {}", reason);
    LOG.warn("Background saving error");
    failure = ReplyError.of(ReplyError.MISCONF_RDB.text() + " The last error was: " + reason);
  }

  /// What went wrong, and where.
  private String reason(Throwable failed) {
    String text = failed instanceof IOException e ? OsError.text(e) : failed.toString();
    String where = file().toString();
    return text.contains(where) ? text : text + ": " + where;
  }

  private void saved(long dirtyLeft) {
    engine.dirty(dirtyLeft);
    lastSaveSeconds = nowSeconds();
    failure = null;
  }

  private KeyspaceCut cut() {
    engine.keyspace().heap().prepareCut();
    long start = clock.monotonicNanos();
    KeyspaceCut cut = engine.keyspace().cut();
    long nanos = clock.monotonicNanos() - start;
    engine.delayed("snapshot-cut", nanos);
    lastCutMicros = TimeUnit.NANOSECONDS.toMicros(nanos);
    cuts++;
    return cut;
  }

  /// Tells when fields' deadlines make it another one than usual.
  private int version() {
    long hashes = engine.keyspace().volatileHashes();
    int configured = config.get(Directives.RDB_VERSION);
    int version = RdbVersion.toWrite(configured, hashes > 0);
    if (version != RdbVersion.toWrite(configured, false)) {
      LOG.info(
          "The snapshot is written in RDB version {}, because fields of {} hashes have deadlines",
          version,
          hashes);
    }
    return version;
  }

  private static void warnOfLoss(CutWriter writer) {
    if (writer.deadlinesLeftOut() > 0) {
      LOG.warn(
          "The snapshot lacks the deadlines of {} fields of hashes: rdb-version has no place for"
              + " them (12 has)",
          writer.deadlinesLeftOut());
    }
  }

  private CutWriter newWriter(SnapshotRecipient.Contents contents) {
    RdbSaver.Options options =
        new RdbSaver.Options(
            version(),
            config.get(Directives.RDBCHECKSUM),
            access(config.get(Directives.MAXMEMORY_POLICY)),
            engine.keyspace().heap().usedBytes(),
            config.get(Directives.RDB_KEY_SAVE_DELAY));
    return new CutWriter(
        config.get(Directives.RDBCOMPRESSION)
            ? RdbOutput.Compression.LZF
            : RdbOutput.Compression.NONE,
        options,
        contents.functions() ? engine.functionLibraries().all() : List.of(),
        position(),
        streamDatabase == null ? 0 : streamDatabase.getAsInt());
  }

  private SnapshotFile newFile(CutWriter writer) {
    return new SnapshotFile(
        disk, file(), temporary, writer, config.get(Directives.RDB_SAVE_INCREMENTAL_FSYNC));
  }

  private static RdbSaver.Access access(MaxmemoryPolicy policy) {
    return switch (policy) {
      case VOLATILE_LRU, ALLKEYS_LRU -> RdbSaver.Access.IDLE_TIMES;
      case VOLATILE_LFU, ALLKEYS_LFU -> RdbSaver.Access.FREQUENCIES;
      case VOLATILE_RANDOM, VOLATILE_TTL, ALLKEYS_RANDOM, NOEVICTION -> RdbSaver.Access.NONE;
    };
  }

  // ---- When ------------------------------------------------------------------------------------

  /// BGSAVE as soon as whoever reads a snapshot is done with it.
  void schedule() {
    scheduled = true;
  }

  /// Saves if that was scheduled or a save point is reached. Some times a second.
  public void cron() {
    if (loads.isLoading()) {
      return;
    }
    logProgress();
    if (engine.keyspace().heap().snapshotActive() || running != null) {
      return;
    }
    long now = nowSeconds();
    if (failure != null && now - lastTrySeconds <= RETRY_SECONDS) {
      return;
    }
    if (scheduled) {
      boolean _ = saveInBackground();
      return;
    }
    for (SavePoint point : config.get(Directives.SAVE)) {
      if (engine.dirty() >= point.changes() && now - lastSaveSeconds > point.seconds()) {
        if (saveInBackground()) {
          LOG.info("{} changes in {} seconds. Saving...", point.changes(), point.seconds());
        }
        return;
      }
    }
  }

  /// An operator wants to know that a long save goes on.
  private void logProgress() {
    BackgroundSave save = running;
    long now = nowSeconds();
    if (save != null && now - save.reportedSeconds >= PROGRESS_SECONDS) {
      save.reportedSeconds = now;
      LOG.info("Background saving: {} of {} keys", save.writer.keysWritten(), save.keys);
    }
  }

  /// Refuses writes while saves fail that somebody wants to happen.
  @Override
  public @Nullable ReplyError refusal(Client client) {
    ReplyError cause = failure;
    return cause != null
            && config.get(Directives.STOP_WRITES_ON_BGSAVE_ERROR)
            && !config.get(Directives.SAVE).isEmpty()
        ? cause
        : null;
  }

  /// Ends a save in the background without a result: before a shutdown.
  public void cancel() {
    BackgroundSave save = running;
    if (save == null) {
      return;
    }
    LOG.warn("There is a child saving an .rdb. Killing it!");
    save.writer.cancel();
    if (save.recipient != null) {
      save.recipient.cancel();
    }
    Thread thread = save.thread;
    if (thread != null) {
      LockSupport.unpark(thread); // From its pause after a key.
      join(thread);
    }
    end(save);
    LOG.warn("Background saving terminated by the server");
    if (save.recipient != null) {
      save.recipient.done(new CancellationException("snapshot cancelled"));
    }
  }

  /// What is being saved in the background is out of date, and with save points the file should
  /// know it.
  @Override
  public void flushedAll() {
    BackgroundSave save = running;
    if (save != null && save.recipient == null) {
      cancel();
    }
    if (!config.get(Directives.SAVE).isEmpty() && !engine.keyspace().heap().snapshotActive()) {
      try {
        saveNow();
      } catch (IOException _) {
        // Logged; the save points try again.
      }
    }
  }

  /// Waits for the end of a save in the background, if one runs. What is sent to others needs this
  /// thread, so it is ended.
  public void awaitBackgroundSave() {
    BackgroundSave save = running;
    if (save != null && save.recipient != null) {
      cancel();
    } else if (save != null) {
      Thread thread = save.thread;
      if (thread != null) {
        join(thread);
      }
      finish(save, save.failed);
    }
  }

  @Override
  public void close() {
    cancel();
    loads.abandon();
  }

  // ---- INFO persistence ------------------------------------------------------------------------

  /// `rdb_bgsave_in_progress`.
  public boolean isSavingInBackground() {
    return running != null;
  }

  /// `rdb_last_save_time`, and what LASTSAVE replies.
  public long lastSaveSeconds() {
    return lastSaveSeconds;
  }

  /// `rdb_last_bgsave_status`.
  public boolean lastSaveWorked() {
    return failure == null;
  }

  /// `rdb_last_bgsave_time_sec`, -1 before the first.
  public long lastDurationSeconds() {
    return lastDurationSeconds;
  }

  /// `rdb_current_bgsave_time_sec`, -1 if none runs.
  public long currentDurationSeconds() {
    return running == null ? -1 : nowSeconds() - running.startSeconds;
  }

  /// `rdb_saves`.
  public long saves() {
    return saves;
  }

  /// `rdb_last_cow_size`.
  public long lastPreservedBytes() {
    return lastPreservedBytes;
  }

  /// `current_cow_size`.
  public long currentPreservedBytes() {
    return running == null ? 0 : running.cut.preservedBytes();
  }

  /// `current_save_keys_processed`.
  public long currentKeysWritten() {
    return running == null ? 0 : running.writer.keysWritten();
  }

  /// `current_save_keys_total`.
  public long currentKeys() {
    return running == null ? 0 : running.keys;
  }

  /// `current_fork_perc`.
  public double currentPercent() {
    return running == null || running.keys == 0
        ? 0
        : 100.0 * running.writer.keysWritten() / running.keys;
  }

  /// `latest_fork_usec`: how long the engine stood still for the last cut.
  public long lastCutMicros() {
    return lastCutMicros;
  }

  /// `total_forks`.
  public long cuts() {
    return cuts;
  }

  /// CONFIG RESETSTAT.
  public void resetStatistics() {
    saves = 0;
    cuts = 0;
    lastCutMicros = 0;
  }
}
