package carnelian.persistence.snapshot;

import carnelian.base.Clock;
import carnelian.base.config.Choices.MaxmemoryPolicy;
import carnelian.base.config.Config;
import carnelian.base.config.Directives;
import carnelian.base.config.SavePoint;
import carnelian.engine.Client;
import carnelian.engine.Command;
import carnelian.engine.Engine;
import carnelian.engine.ReplyError;
import carnelian.engine.ServingState;
import carnelian.engine.WriteGuard;
import carnelian.keyspace.KeyspaceCut;
import carnelian.persistence.rdb.RdbInput;
import carnelian.persistence.rdb.RdbLoader;
import carnelian.persistence.rdb.RdbOutput;
import carnelian.persistence.rdb.RdbSaver;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The snapshots of one store: loads one at the start, saves them when asked and when the `save`
/// directive says so, and refuses writes while that fails.
///
/// A save in the background reads a cut of the keyspace on a thread of its own; the engine's pause
/// is the cut, some microseconds. One save runs at a time. The file that is in place changes only
/// when the new one is whole and on disk.
///
/// Everything is called on the engine's thread.
public final class Snapshots implements WriteGuard, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Snapshots.class);

  /// After a save has failed, the next that nobody asked for is not tried earlier.
  private static final long RETRY_SECONDS = 5;

  private final Engine engine;
  private final Config config;
  private final ThreadFactory background;
  private final Consumer<Runnable> onEngine;
  private final Clock clock;
  private final long pid = ProcessHandle.current().pid();

  private @Nullable BackgroundSave running;
  private boolean scheduled;
  private long saves;
  private long lastSaveSeconds;
  private long lastTrySeconds;
  private long lastDurationSeconds = -1;
  private long lastCutMicros;
  private long cuts;
  private long lastPreservedBytes;
  private long lastKeysLoaded;
  private long lastKeysExpired;

  /// Why the last save in the background failed; null if it worked.
  private @Nullable ReplyError failure;

  /// What a save in the background is about.
  private static final class BackgroundSave {
    final SnapshotFile file;
    final KeyspaceCut cut;
    final long dirty;
    final long startSeconds;
    final long keys;
    @Nullable Thread thread;

    BackgroundSave(SnapshotFile file, KeyspaceCut cut, long dirty, long startSeconds) {
      this.file = file;
      this.cut = cut;
      this.dirty = dirty;
      this.startSeconds = startSeconds;
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
    lastSaveSeconds = nowSeconds();
  }

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

  // ---- Loading ---------------------------------------------------------------------------------

  /// Loads a file into the keyspace; false if there is none. If it is broken, the keyspace holds
  /// what came before that: the caller had better not serve it.
  public boolean load(Path path) throws IOException {
    if (!Files.exists(path)) {
      return false;
    }
    long start = clock.monotonicNanos();
    ServingState before = engine.serving();
    engine.serving(ServingState.LOADING);
    engine.keyspace().advance(clock.wallMillis());
    try (FileChannel file = FileChannel.open(path, StandardOpenOption.READ);
        RdbInput in = new RdbInput(path.toString(), file);
        RdbLoader loader =
            new RdbLoader(
                in,
                engine.keyspace(),
                RdbLoader.Expired.SKIP,
                file.size(),
                config.get(Directives.RDBCHECKSUM))) {
      loader.load();
      report(loader);
    } finally {
      engine.serving(before);
    }
    engine.dirty(0);
    lastSaveSeconds = nowSeconds();
    double seconds = (clock.monotonicNanos() - start) / 1e9;
    LOG.info("DB loaded from disk: {} seconds", String.format(Locale.ROOT, "%.3f", seconds));
    return true;
  }

  private void report(RdbLoader loader) {
    lastKeysLoaded = loader.keysLoaded();
    lastKeysExpired = loader.keysExpired();
    String version = loader.fact("redis-ver");
    if (version != null) {
      LOG.info("Loading RDB produced by version {}", version);
    }
    String created = loader.fact("ctime");
    if (created != null && created.matches("\\d{1,18}")) {
      LOG.info("RDB age {} seconds", Math.max(0, nowSeconds() - Long.parseLong(created)));
    }
    for (String remark : loader.remarks()) {
      LOG.warn("Loading RDB: {}", remark);
    }
    LOG.info(
        "Done loading RDB, keys loaded: {}, keys expired: {}.", lastKeysLoaded, lastKeysExpired);
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
      writeElsewhere(newFile(), cut);
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

  /// Begins a save in the background. None runs, and nobody else reads a snapshot.
  public void saveInBackground() {
    lastTrySeconds = nowSeconds();
    saves++;
    BackgroundSave save = new BackgroundSave(newFile(), cut(), engine.dirty(), lastTrySeconds);
    running = save;
    scheduled = false;
    Thread thread =
        background.newThread(
            () -> {
              Throwable failed = write(save.file, save.cut);
              onEngine.accept(() -> finish(save, failed));
            });
    save.thread = thread;
    thread.start();
    LOG.info("Background saving started by pid {}", pid);
  }

  private void finish(BackgroundSave save, @Nullable Throwable failed) {
    if (running != save) {
      return;
    }
    running = null;
    lastPreservedBytes = save.cut.preservedBytes();
    save.cut.close();
    lastDurationSeconds = nowSeconds() - save.startSeconds;
    if (failed == null) {
      LOG.info("DB saved on disk");
      LOG.info(
          "Fork CoW for RDB: current {} MB, peak {} MB, average {} MB",
          lastPreservedBytes >> 20,
          lastPreservedBytes >> 20,
          lastPreservedBytes >> 20);
      LOG.info("Background saving terminated with success");
      saved(Math.max(0, engine.dirty() - save.dirty));
      return;
    }
    LOG.warn("Write error saving DB on disk: {}", failed.toString());
    LOG.warn("Background saving error");
    failure = ReplyError.of(ReplyError.MISCONF_RDB.text() + " The last error was: " + failed);
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
    lastCutMicros = TimeUnit.NANOSECONDS.toMicros(clock.monotonicNanos() - start);
    cuts++;
    return cut;
  }

  private SnapshotFile newFile() {
    RdbSaver.Options options =
        new RdbSaver.Options(
            config.get(Directives.RDB_VERSION),
            config.get(Directives.RDBCHECKSUM),
            access(config.get(Directives.MAXMEMORY_POLICY)),
            engine.keyspace().heap().usedBytes(),
            config.get(Directives.RDB_KEY_SAVE_DELAY));
    return new SnapshotFile(
        file(),
        config.get(Directives.RDBCOMPRESSION)
            ? RdbOutput.Compression.LZF
            : RdbOutput.Compression.NONE,
        options,
        config.get(Directives.RDB_SAVE_INCREMENTAL_FSYNC));
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
    if (engine.keyspace().heap().snapshotActive() || running != null) {
      return;
    }
    long now = nowSeconds();
    if (failure != null && now - lastTrySeconds <= RETRY_SECONDS) {
      return;
    }
    if (scheduled) {
      saveInBackground();
      return;
    }
    for (SavePoint point : config.get(Directives.SAVE)) {
      if (engine.dirty() >= point.changes() && now - lastSaveSeconds > point.seconds()) {
        LOG.info("{} changes in {} seconds. Saving...", point.changes(), point.seconds());
        saveInBackground();
        return;
      }
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
    save.file.cancel();
    Thread thread = save.thread;
    if (thread != null) {
      join(thread);
    }
    running = null;
    save.cut.close();
    LOG.warn("There is a child saving an .rdb. Killing it!");
  }

  @Override
  public void close() {
    cancel();
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
    return running == null ? 0 : running.file.keysWritten();
  }

  /// `current_save_keys_total`.
  public long currentKeys() {
    return running == null ? 0 : running.keys;
  }

  /// `latest_fork_usec`: how long the engine stood still for the last cut.
  public long lastCutMicros() {
    return lastCutMicros;
  }

  /// `total_forks`.
  public long cuts() {
    return cuts;
  }

  /// `rdb_last_load_keys_loaded`.
  public long lastKeysLoaded() {
    return lastKeysLoaded;
  }

  /// `rdb_last_load_keys_expired`.
  public long lastKeysExpired() {
    return lastKeysExpired;
  }
}
