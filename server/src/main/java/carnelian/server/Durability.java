package carnelian.server;

import carnelian.base.config.Config;
import carnelian.base.config.Directive;
import carnelian.base.config.Directives;
import carnelian.base.config.InvalidValueException;
import carnelian.command.CommandFlag;
import carnelian.engine.Call;
import carnelian.engine.Client;
import carnelian.engine.CommandEntry;
import carnelian.engine.Engine;
import carnelian.engine.ReplyError;
import carnelian.engine.ServingState;
import carnelian.engine.WriteGuard;
import carnelian.net.Connection;
import carnelian.net.EventLoop;
import carnelian.persistence.log.Disk;
import carnelian.persistence.log.Log;
import carnelian.persistence.log.LogLoad;
import carnelian.persistence.log.Position;
import carnelian.persistence.log.Recovered;
import carnelian.persistence.snapshot.LoadProgress;
import carnelian.persistence.snapshot.Snapshots;
import carnelian.resp.RequestBatch;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadFactory;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Connects the log with the rest of the server: what is loaded at the start, which replies wait
/// for the disk, who is held back while it does not keep up, and the directives. On the engine's
/// loop.
final class Durability implements WriteGuard, Log.ReleaseListener, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Durability.class);

  private static final Set<Directive<?>> LOG_SETTINGS =
      Set.of(
          Directives.APPENDFSYNC,
          Directives.NO_APPENDFSYNC_ON_REWRITE,
          Directives.AOF_TIMESTAMP_ENABLED,
          Directives.AOF_MARKS,
          Directives.AOF_SEGMENT_SIZE);

  private final Engine engine;
  private final Config config;
  private final Snapshots snapshots;
  private final EventLoop loop;
  private final Log log;
  private final ReplyGate gate;
  private final ArrayDeque<Connection> heldBack = new ArrayDeque<>();
  private @Nullable Loading loading;
  private @Nullable Recovered recovered;
  private boolean logs = true;
  private int streamDatabase = -1;
  private Log.@Nullable ReleaseListener alsoReleased;
  private boolean keepsNothing;

  Durability(Engine engine, Config config, Snapshots snapshots, EventLoop loop, Disk disk) {
    this.engine = engine;
    this.config = config;
    this.snapshots = snapshots;
    this.loop = loop;
    ThreadFactory threads = Thread.ofPlatform().name("log").daemon().factory();
    log = Log.of(engine, config, disk, threads, this::later);
    gate = new ReplyGate(log);
    log.onReleased(this);
    snapshots.position(log);
    engine.periodically(log);
  }

  private void later(Runnable task) {
    try {
      loop.execute(task);
    } catch (RejectedExecutionException _) {
      // The loop has ended, and with it everything that the task is about.
    }
  }

  Log log() {
    return log;
  }

  ReplyGate gate() {
    return gate;
  }

  @Override
  public @Nullable ReplyError refusal(Client client) {
    ReplyError refusal = log.refusal(client);
    return refusal != null ? refusal : snapshots.refusal(client);
  }

  // ---- Start -----------------------------------------------------------------------------------

  /// The log on its way into the keyspace.
  private static final class Loading implements LoadProgress, AutoCloseable {
    final LogLoad load;
    final long startSeconds;

    Loading(LogLoad load, long startSeconds) {
      this.load = load;
      this.startSeconds = startSeconds;
    }

    @Override
    public long startSeconds() {
      return startSeconds;
    }

    @Override
    public long totalBytes() {
      return load.totalBytes();
    }

    @Override
    public long loadedBytes() {
      return load.loadedBytes();
    }

    @Override
    public long writerUsedBytes() {
      return 0;
    }

    @Override
    public void close() {
      load.close();
    }
  }

  /// What is being loaded; null if nothing is.
  @Nullable LoadProgress loading() {
    return loading != null ? loading : snapshots.loads().loading();
  }

  /// Loads the log if it is on and there is one, else the snapshot; then begins to log. Clients are
  /// told `LOADING` meanwhile. `done` hears null at the end, or why the data cannot be served.
  void load(Consumer<@Nullable IOException> done) {
    if (!config.get(Directives.APPENDONLY)) {
      snapshots
          .loads()
          .inSlices(
              failure -> {
                followSnapshot();
                done.accept(failure);
              });
      return;
    }
    Loading begun = new Loading(new LogLoad(engine, config, log), nowSeconds());
    try {
      if (begun.load.begin()) {
        loading = begun;
        engine.serving(ServingState.LOADING);
        loop.schedule(0, () -> loadSlice(begun, done));
        return;
      }
      begun.close();
      // A snapshot without a log: the log was turned on in the configuration. Redis would start
      // empty, and the next save would replace the snapshot.
      snapshots.loads().inSlices(failure -> snapshotLoaded(failure, done));
    } catch (IOException e) {
      begun.close();
      done.accept(e);
    }
  }

  /// The stream of writes is counted on from where the snapshot was cut.
  private void followSnapshot() {
    Position cut = snapshots.loads().position();
    if (cut != null && config.get(Directives.REPLICAOF).isReplica()) {
      log.adopt(cut);
      streamDatabase = snapshots.loads().streamDatabase();
    } else if (cut != null) {
      log.follow(cut);
    }
  }

  /// The database that the stream is in where the data that was loaded stands; -1 if it does not
  /// say which place that is.
  int streamDatabase() {
    return streamDatabase;
  }

  private void snapshotLoaded(@Nullable IOException failure, Consumer<@Nullable IOException> done) {
    if (failure == null) {
      followSnapshot();
      open(new Recovered(log.position()), done);
    } else {
      done.accept(failure);
    }
  }

  private void loadSlice(Loading begun, Consumer<@Nullable IOException> done) {
    if (loading != begun) {
      return; // Closed meanwhile.
    }
    try {
      if (begun.load.step(config.get(Directives.LOADING_PROCESS_EVENTS_INTERVAL_BYTES))) {
        loop.schedule(0, () -> loadSlice(begun, done));
        return;
      }
    } catch (IOException e) {
      done.accept(e);
      return;
    }
    Recovered found = begun.load.recovered();
    streamDatabase = begun.load.database();
    loading = null;
    begun.close();
    engine.serving(ServingState.SERVING);
    LOG.info(
        "DB loaded from append only file: {} seconds",
        String.format(Locale.ROOT, "%.3f", (double) nowSeconds() - begun.startSeconds));
    open(found, done);
  }

  /// There are no files, and the log cannot be turned on.
  void keepNothing() {
    keepsNothing = true;
  }

  /// What is loaded is only looked at: nothing is logged. Before [#load].
  void loadOnly() {
    logs = false;
  }

  /// What was loaded from the log; null if nothing was, or nothing is yet.
  @Nullable Recovered recovered() {
    return recovered;
  }

  private void open(Recovered found, Consumer<@Nullable IOException> done) {
    recovered = found;
    if (!logs) {
      done.accept(null);
      return;
    }
    try {
      log.open(found);
      done.accept(null);
    } catch (IOException e) {
      done.accept(e);
    }
  }

  private long nowSeconds() {
    return engine.clock().wallMillis() / 1000;
  }

  // ---- Directives ------------------------------------------------------------------------------

  /// Obeys changes of the directives from now on.
  void subscribe() {
    config.onChange(LOG_SETTINGS, log);
    config.onChange(Directives.APPENDONLY, this::turn);
  }

  private void turn(boolean on) throws InvalidValueException {
    if (on && keepsNothing) {
      throw new InvalidValueException("Unable to turn on AOF: there is no data directory.");
    }
    try {
      if (on) {
        log.enable();
      } else {
        log.disable();
      }
    } catch (IOException e) {
      LOG.warn("appendonly {}: {}", on ? "yes" : "no", e.toString());
      throw new InvalidValueException("Unable to turn on AOF. Check server logs.");
    }
  }

  // ---- Clients ---------------------------------------------------------------------------------

  /// Called, too, when more of the log may be shown to others.
  void onReleased(Log.ReleaseListener listener) {
    alsoReleased = listener;
  }

  @Override
  public void released() {
    gate.release();
    if (alsoReleased != null) {
      alsoReleased.released();
    }
    if (!heldBack.isEmpty() && !log.isOverLimit()) {
      Connection connection;
      while ((connection = heldBack.poll()) != null) {
        connection.resume();
      }
    }
  }

  /// Whether a client has to wait with its batch, because it writes and the disk does not keep up.
  /// It goes on by itself.
  boolean holdsBack(Connection connection, RequestBatch batch) {
    if (!log.isOverLimit() || !writes(batch)) {
      return false;
    }
    connection.pause();
    heldBack.add(connection);
    return true;
  }

  private boolean writes(RequestBatch batch) {
    for (int i = 0; i < batch.commands(); i++) {
      CommandEntry entry = engine.commands().find(batch.arg(i, 0));
      if (entry != null && (entry.has(CommandFlag.WRITE) || entry.name().equals("exec"))) {
        return true;
      }
    }
    return false;
  }

  /// DEBUG LOADAOF: after the command, which the loading is no part of.
  void reload(Call call) {
    Client client = call.client();
    engine.suspend(client);
    later(
        () -> {
          try {
            if (engine.serving() == ServingState.LOADING) { // Begun since, by a replica.
              throw new IOException("other data is being loaded");
            }
            log.reload();
            LOG.warn("Append Only File loaded by DEBUG LOADAOF");
            client.reply().ok();
          } catch (IOException e) {
            client
                .reply()
                .error(
                    "ERR Error trying to load the AOF files, check server logs: " + e.getMessage());
          }
          engine.resume(client);
        });
  }

  // ---- End -------------------------------------------------------------------------------------

  /// Puts everything on disk: what an orderly end does first.
  void flush() throws IOException {
    if (log.isOn()) {
      LOG.info("Calling fsync() on the AOF file.");
      log.flush();
    }
  }

  @Override
  public void close() {
    Loading open = loading;
    loading = null;
    if (open != null) {
      open.close();
    }
    log.close();
  }
}
