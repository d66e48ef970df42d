package carnelian.persistence.snapshot;

import carnelian.base.config.Config;
import carnelian.base.config.Directives;
import carnelian.engine.Engine;
import carnelian.persistence.log.Position;
import carnelian.persistence.rdb.RdbLoader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Reads snapshots into the keyspace: the store's own at the start and for DEBUG RELOAD, and what a
/// primary has sent. One at a time, at once or in slices between which clients are told `LOADING`.
///
/// Everything is called on the engine's thread.
public final class SnapshotLoads {
  private final Snapshots snapshots;
  private final Engine engine;
  private final Config config;
  private final Consumer<Runnable> onEngine;

  private @Nullable SnapshotLoad loading;
  private boolean checksum = true;
  private @Nullable Position position;
  private int streamDatabase;
  private long lastKeysLoaded;
  private long lastKeysExpired;

  SnapshotLoads(Snapshots snapshots, Engine engine, Config config, Consumer<Runnable> onEngine) {
    this.snapshots = snapshots;
    this.engine = engine;
    this.config = config;
    this.onEngine = onEngine;
  }

  /// Loads a file into the keyspace; false if there is none. If it is broken, the keyspace holds
  /// what came before that: the caller had better not serve it.
  public boolean load(Path path) throws IOException {
    return load(path, RdbLoader.Duplicates.REFUSE);
  }

  /// As [#load(Path)], into a keyspace that may hold some of its keys already.
  public boolean load(Path path, RdbLoader.Duplicates duplicates) throws IOException {
    if (!Files.exists(path)) {
      return false;
    }
    SnapshotLoad load = newLoad(path, duplicates);
    loading = load;
    try (load) {
      while (load.step(Long.MAX_VALUE)) {
        // Until the end.
      }
      loaded(load);
    } finally {
      loading = null;
    }
    return true;
  }

  private SnapshotLoad newLoad(Path path, RdbLoader.Duplicates duplicates) throws IOException {
    return newLoad(path, duplicates, RdbLoader.Expired.SKIP);
  }

  private SnapshotLoad newLoad(
      Path path, RdbLoader.Duplicates duplicates, RdbLoader.Expired expired) throws IOException {
    boolean checked = checksum && config.get(Directives.RDBCHECKSUM);
    return new SnapshotLoad(engine, config, path, duplicates, expired, checked);
  }

  /// Whether checksums of files must be right, where `rdbchecksum` says so: `DEBUG
  /// SET-SKIP-CHECKSUM-VALIDATION`.
  public void checksum(boolean isChecked) {
    checksum = isChecked;
  }

  /// Loads the file at its place in slices, between which clients are told `LOADING`. `done` hears
  /// null at the end, or why it failed: then the keyspace is not to be served.
  public void inSlices(Consumer<@Nullable IOException> done) {
    Path path = snapshots.file();
    if (!Files.exists(path)) {
      done.accept(null);
      return;
    }
    try {
      SnapshotLoad load = newLoad(path, RdbLoader.Duplicates.REFUSE);
      loading = load;
      onEngine.accept(() -> loadSlice(load, done));
    } catch (IOException e) {
      done.accept(e);
    }
  }

  /// Loads what a primary has sent into an empty keyspace, as [#inSlices]; after a failure the
  /// engine serves what there is.
  public void forReplica(Path path, Consumer<@Nullable IOException> done) {
    try {
      SnapshotLoad load = newLoad(path, RdbLoader.Duplicates.REFUSE, RdbLoader.Expired.KEEP);
      loading = load;
      onEngine.accept(
          () ->
              loadSlice(
                  load,
                  failure -> {
                    abandon();
                    done.accept(failure);
                  }));
    } catch (IOException e) {
      done.accept(e);
    }
  }

  /// Ends a load before its end.
  public void abandon() {
    SnapshotLoad load = loading;
    loading = null;
    if (load != null) {
      load.close();
    }
  }

  private void loadSlice(SnapshotLoad load, Consumer<@Nullable IOException> done) {
    if (loading != load) {
      return; // Closed meanwhile.
    }
    try {
      if (load.step(config.get(Directives.LOADING_PROCESS_EVENTS_INTERVAL_BYTES))) {
        onEngine.accept(() -> loadSlice(load, done));
        return;
      }
      loaded(load);
      loading = null;
      load.close();
      done.accept(null);
    } catch (IOException e) {
      done.accept(e);
    }
  }

  private void loaded(SnapshotLoad load) throws IOException {
    RdbLoader loader = load.loader();
    if (!engine.functionLibraries().addAll(loader.functions(), load.replaces())) {
      throw new IOException(load.path() + ": function libraries that cannot be loaded");
    }
    lastKeysLoaded = loader.keysLoaded();
    lastKeysExpired = loader.keysExpired();
    position = Position.parse(loader.fact("repl-id"), loader.fact("repl-offset"));
    String database = loader.fact("repl-stream-db");
    boolean known = database != null && database.matches("[0-9]{1,4}");
    int index = known && database != null ? Integer.parseInt(database) : 0;
    streamDatabase = Math.min(index, engine.keyspace().databases() - 1);
    snapshots.loaded();
    load.report();
  }

  /// What is being loaded; null if nothing is.
  public @Nullable LoadProgress loading() {
    return loading;
  }

  boolean isLoading() {
    return loading != null;
  }

  // ---- What was loaded last --------------------------------------------------------------------

  /// Where the snapshot that was loaded last had been cut; null if it did not say.
  public @Nullable Position position() {
    return position;
  }

  /// The database that the stream was in where the snapshot that was loaded last had been cut.
  public int streamDatabase() {
    return streamDatabase;
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
