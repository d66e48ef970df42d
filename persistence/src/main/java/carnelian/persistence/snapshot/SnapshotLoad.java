package carnelian.persistence.snapshot;

import carnelian.base.Clock;
import carnelian.base.config.Config;
import carnelian.base.config.Directives;
import carnelian.engine.Engine;
import carnelian.engine.ServingState;
import carnelian.persistence.rdb.RdbInput;
import carnelian.persistence.rdb.RdbLoader;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One file on its way into the keyspace, slice by slice. While it is open the engine answers
/// `LOADING`. On the engine's thread.
final class SnapshotLoad implements LoadProgress, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(SnapshotLoad.class);

  /// A slice ends after this time even if it has not read its bytes.
  private static final long SLICE_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

  /// How many bytes are read between two looks at the clock.
  private static final long STEP_BYTES = 64 << 10;

  private static final long PROGRESS_NANOS = TimeUnit.SECONDS.toNanos(5);

  private final Engine engine;
  private final Config config;
  private final Clock clock;
  private final Path path;
  private final FileChannel channel;
  private final RdbInput in;
  private final RdbLoader loader;
  private final boolean replaces;
  private final ServingState before;
  private final long totalBytes;
  private final long startNanos;
  private final long startSeconds;
  private long reportedNanos;
  private long keys;
  private int keyDelayMicros;
  private boolean closed;

  SnapshotLoad(
      Engine engine,
      Config config,
      Path path,
      RdbLoader.Duplicates duplicates,
      RdbLoader.Expired expired,
      boolean checksum)
      throws IOException {
    this.engine = engine;
    this.config = config;
    this.path = path;
    clock = engine.clock();
    channel = FileChannel.open(path, StandardOpenOption.READ);
    totalBytes = channel.size();
    in = new RdbInput(path.toString(), channel);
    engine.keyspace().advance(clock.wallMillis());
    loader = new RdbLoader(in, engine.keyspace(), expired, totalBytes, checksum);
    loader.duplicates(duplicates);
    replaces = duplicates == RdbLoader.Duplicates.REPLACE;
    loader.listener((_, _, _) -> pauseAfterKey());
    startNanos = clock.monotonicNanos();
    reportedNanos = startNanos;
    startSeconds = clock.wallMillis() / TimeUnit.SECONDS.toMillis(1);
    before = engine.serving();
    engine.serving(ServingState.LOADING);
  }

  RdbLoader loader() {
    return loader;
  }

  Path path() {
    return path;
  }

  /// Whether what the file holds takes the place of what has its name.
  boolean replaces() {
    return replaces;
  }

  /// Reads on, until about `bytes` are read or a while has passed; false at the end of the file.
  boolean step(long bytes) throws IOException {
    keyDelayMicros = config.get(Directives.KEY_LOAD_DELAY);
    long start = clock.monotonicNanos();
    long startBytes = loader.loadedBytes();
    long now = start;
    boolean more = true;
    while (more && now - start < SLICE_NANOS && loader.loadedBytes() - startBytes < bytes) {
      more = loader.step(keyDelayMicros == 0 ? Math.min(bytes, STEP_BYTES) : 1);
      now = clock.monotonicNanos();
    }
    if (more && now - reportedNanos >= PROGRESS_NANOS) {
      reportedNanos = now;
      LOG.info("Loading RDB: {} of {} bytes, {} keys", loadedBytes(), totalBytes, keys);
    }
    return more;
  }

  /// `key-load-delay`, with which tests make loading slow.
  private void pauseAfterKey() {
    keys++;
    if (keyDelayMicros > 0) {
      LockSupport.parkNanos(TimeUnit.MICROSECONDS.toNanos(keyDelayMicros));
    } else if (keyDelayMicros < 0 && keys % -(long) keyDelayMicros == 0) {
      LockSupport.parkNanos(TimeUnit.MICROSECONDS.toNanos(1));
    }
  }

  /// Says in the log what was loaded.
  void report() {
    String version = loader.fact("redis-ver");
    if (version != null) {
      LOG.info("Loading RDB produced by version {}", version);
    }
    long created = number(loader.fact("ctime"));
    if (created > 0) {
      long now = clock.wallMillis() / TimeUnit.SECONDS.toMillis(1);
      LOG.info("RDB age {} seconds", Math.max(0, now - created));
    }
    for (String remark : loader.remarks()) {
      LOG.warn("Loading RDB: {}", remark);
    }
    LOG.info(
        "Done loading RDB, keys loaded: {}, keys expired: {}.",
        loader.keysLoaded(),
        loader.keysExpired());
    double seconds = (clock.monotonicNanos() - startNanos) / 1e9;
    LOG.info("DB loaded from disk: {} seconds", String.format(Locale.ROOT, "%.3f", seconds));
  }

  /// A fact that is a number; 0 if it is none.
  private static long number(@Nullable String fact) {
    return fact != null && fact.matches("\\d{1,18}") ? Long.parseLong(fact) : 0;
  }

  @Override
  public long startSeconds() {
    return startSeconds;
  }

  @Override
  public long totalBytes() {
    return totalBytes;
  }

  @Override
  public long loadedBytes() {
    return loader.loadedBytes();
  }

  @Override
  public long writerUsedBytes() {
    return number(loader.fact("used-mem"));
  }

  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    engine.serving(before);
    loader.close();
    in.close();
    try {
      channel.close();
    } catch (IOException e) {
      LOG.warn("{}: not closed: {}", path, e.toString());
    }
  }
}
