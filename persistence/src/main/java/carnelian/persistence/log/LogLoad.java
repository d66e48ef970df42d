package carnelian.persistence.log;

import carnelian.base.Clock;
import carnelian.base.OsError;
import carnelian.base.config.Config;
import carnelian.base.config.Directives;
import carnelian.engine.Client;
import carnelian.engine.Engine;
import carnelian.engine.Outlet;
import carnelian.keyspace.ExpiryMode;
import carnelian.memory.NativeBuffer;
import carnelian.persistence.rdb.RdbLoader;
import carnelian.resp.RequestBatch;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Locale;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A log on its way into the keyspace, slice by slice: takes over a log of Redis 6, cuts a torn
/// tail, loads the base, and has the commands executed, which another thread parses ahead. On the
/// engine's thread, while the engine answers `LOADING`; [Log#open] goes on from what it has found.
public final class LogLoad implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(LogLoad.class);

  private static final byte[] RDB_SIGNATURE = "REDIS".getBytes(StandardCharsets.US_ASCII);

  private final Engine engine;
  private final Config config;
  private final Log log;
  private final LogFiles files;
  private final Clock clock;
  private final ArrayDeque<LogFile> waiting = new ArrayDeque<>();
  private final NativeBuffer replies = new NativeBuffer(1024);
  private final Client client;

  private Manifest manifest = Manifest.EMPTY;
  private CRC32C checksum = new CRC32C();
  private long provenBytes = -1;
  private @Nullable String replicationId;
  private long offset;
  private boolean offsetKnown;
  private long totalBytes;
  private long finishedBytes;

  // The file being read.
  private @Nullable BaseLoad base;
  private @Nullable LogFile file;
  private @Nullable ReadableByteChannel channel;
  private @Nullable ReadAhead commands;
  private long fileStartNanos;

  /// `log` is where the files are; it is not open, or is being loaded anew.
  public LogLoad(Engine engine, Config config, Log log) {
    this.engine = engine;
    this.config = config;
    this.log = log;
    files = log.files();
    clock = engine.clock();
    client = engine.connect(new NoOutlet(replies));
    client.obeyed(true);
  }

  /// Nobody reads the replies to what is loaded. The database that is selected where the log ends.
  public int database() {
    return client.database().index();
  }

  private record NoOutlet(NativeBuffer buffer) implements Outlet {
    @Override
    public void flush() {
      buffer.clear();
    }

    @Override
    public void closeAfterFlush() {}

    @Override
    public void close() {}

    @Override
    public void pause() {}

    @Override
    public void resume() {}
  }

  // ---- Beginning -------------------------------------------------------------------------------

  /// Finds out what there is to load; false if there is no log.
  public boolean begin() throws IOException {
    manifest = takeOver(readManifest());
    if (manifest.isEmpty()) {
      return false;
    }
    for (LogFile each : manifest.loaded()) {
      if (!files.disk().exists(files.path(each))) {
        LOG.warn(
            "Fatal error: can't open the append log file {} for reading: No such file or directory",
            files.path(each));
        throw new LogLoadException("can't open the append log file " + each.name());
      }
    }
    cutTornTail();
    totalBytes = files.loadedBytes(manifest);
    waiting.addAll(manifest.loaded());
    engine.keyspace().advance(clock.wallMillis());
    engine.keyspace().expiryMode(ExpiryMode.IGNORE);
    return true;
  }

  private @Nullable Manifest readManifest() throws IOException {
    try {
      return files.readManifest();
    } catch (ManifestException e) {
      LOG.warn("*** FATAL AOF MANIFEST FILE ERROR ***");
      if (e.line() > 0) {
        LOG.warn("Reading the manifest file, at line {}", e.line());
        LOG.warn(">>> '{}'", e.text());
      }
      LOG.warn("{}", e.reason());
      throw new LogLoadException("the AOF manifest cannot be read", e);
    }
  }

  /// A log of Redis 6 and older is one file beside the directory: it becomes the base under its own
  /// name. Named first, then moved, so that an interruption is gone on with.
  private Manifest takeOver(@Nullable Manifest found) throws IOException {
    String name = config.get(Directives.APPENDFILENAME);
    Path old = config.resolve(name);
    Disk disk = files.disk();
    Manifest known = found == null ? Manifest.EMPTY : found;
    LogFile base = known.base();
    boolean begun =
        base != null
            && known.increments().isEmpty()
            && base.name().equals(name)
            && !disk.exists(files.path(base));
    if (!(known.isEmpty() || begun) || !disk.exists(old)) {
      return known;
    }
    files.createDirectory();
    LogFile taken = new LogFile(name, 1, LogFile.Kind.BASE);
    Manifest next = Manifest.EMPTY.withBase(taken);
    files.persist(next);
    disk.rename(old, files.path(taken));
    disk.fsyncDirectory(files.directory());
    LOG.info(
        "Successfully migrated an old-style AOF file ({}) into the AOF directory ({}).",
        name,
        config.get(Directives.APPENDDIRNAME));
    return next;
  }

  /// Reads the last segment before anything is loaded, so that what is loaded is good.
  private void cutTornTail() throws IOException {
    LogFile last = manifest.lastIncrement();
    if (last == null) {
      return;
    }
    Path path = files.path(last);
    SegmentCheck.Result result = new SegmentCheck(files.disk()).checkEnd(path);
    checksum = result.checksum();
    provenBytes = result.provenBytes();
    LogDamage damage = result.damage();
    if (damage != null) {
      cut(last, damage, result.torn());
    }
  }

  private void cut(LogFile last, LogDamage damage, boolean torn) throws IOException {
    Path path = files.path(last);
    if (!torn) {
      throw refuse(last, damage);
    }
    if (!config.get(Directives.AOF_LOAD_TRUNCATED)) {
      LOG.warn("{}", damage.getMessage());
      LOG.warn(
          "Unexpected end of file reading the append only file {}. You can: 1) Make a backup of"
              + " your AOF file, then use ./redis-check-aof --fix <filename.manifest>."
              + " 2) Alternatively you can set the 'aof-load-truncated' configuration option to yes"
              + " and restart the server.",
          last.name());
      throw new LogLoadException("the append only file is truncated", damage);
    }
    long bytes = files.disk().size(path);
    LOG.warn("!!! Warning: short read while loading the AOF file {}!!!", last.name());
    LOG.warn("!!! Truncating the AOF {} at offset {} !!!", last.name(), damage.goodBytes());
    LOG.warn("{}: {} bytes cut", damage.getMessage(), bytes - damage.goodBytes());
    files.disk().truncate(path, damage.goodBytes());
    LOG.warn("AOF {} loaded anyway because aof-load-truncated is enabled", last.name());
  }

  private static LogLoadException refuse(LogFile file, LogDamage damage) {
    LOG.warn("{}", damage.getMessage());
    LOG.warn(
        "Bad file format reading the append only file {}: make a backup of your AOF file, then use"
            + " ./redis-check-aof --fix <filename.manifest>",
        file.name());
    return new LogLoadException("bad file format: " + damage.getMessage(), damage);
  }

  // ---- Slices ----------------------------------------------------------------------------------

  /// Loads on until about `bytes` more were read; false if that was everything.
  public boolean step(long bytes) throws IOException {
    long goal = loadedBytes() + bytes;
    while (loadedBytes() < goal || goal < 0) {
      ReadAhead open = commands;
      BaseLoad rdb = base;
      if (rdb != null) {
        load(rdb, goal < 0 ? Long.MAX_VALUE : goal - loadedBytes());
      } else if (open == null) {
        LogFile next = waiting.poll();
        if (next == null) {
          end();
          return false;
        }
        open(next);
      } else {
        apply(open);
      }
    }
    return true;
  }

  private void open(LogFile next) throws IOException {
    file = next;
    fileStartNanos = clock.monotonicNanos();
    Path path = files.path(next);
    if (isRdb(path)) {
      LOG.info(
          next.isRdb()
              ? "Reading RDB base file on AOF loading..."
              : "Reading RDB preamble from AOF file...");
      base = new BaseLoad(engine, config, path, files.disk());
    } else {
      openCommands(path, 0);
    }
  }

  private void openCommands(Path path, long start) throws IOException {
    ReadableByteChannel opened = files.disk().read(path, start);
    channel = opened;
    SegmentReader reader =
        new SegmentReader(path.toString(), opened, start, offsetKnown ? offset : -1);
    commands = new ReadAhead(reader, log.readers());
    client.select(engine.keyspace().database(0));
  }

  /// Whatever its name: a log of Redis 4 to 6 may begin with one, too.
  private boolean isRdb(Path path) throws IOException {
    ByteBuffer start = ByteBuffer.allocate(RDB_SIGNATURE.length);
    try (ReadableByteChannel opened = files.disk().read(path, 0)) {
      int read = 0;
      while (start.hasRemaining() && read >= 0) {
        read = opened.read(start);
      }
    }
    return start.flip().equals(ByteBuffer.wrap(RDB_SIGNATURE));
  }

  /// Loads a slice of the RDB file; commands may follow it.
  private void load(BaseLoad open, long bytes) throws IOException {
    try {
      if (open.step(bytes)) {
        return;
      }
      findPosition(open.loader());
      if (!engine.functionLibraries().addAll(open.loader().functions(), false)) {
        throw new IOException(open.path() + ": function libraries that cannot be loaded");
      }
      openCommands(open.path(), open.loadedBytes());
    } catch (IOException e) {
      LOG.warn("{}", e.getMessage());
      LOG.warn("Error reading the RDB base file {}, AOF loading aborted", open.path());
      throw new LogLoadException("the RDB base file " + open.path() + " cannot be read", e);
    }
    base = null;
    open.close();
  }

  private void findPosition(RdbLoader loader) {
    Position at = Position.parse(loader.fact("repl-id"), loader.fact("repl-offset"));
    if (at != null) {
      replicationId = at.replicationId();
      offset = at.offset();
      offsetKnown = true;
    }
  }

  private void apply(ReadAhead open) throws IOException {
    ReadAhead.Piece piece = open.next();
    LogDamage damage = piece.damage();
    if (damage != null) {
      endDamaged(piece, damage);
      return;
    }
    RequestBatch batch = piece.batch;
    if (batch.isEmpty()) {
      endFile(piece);
      return;
    }
    int executed = execute(open, piece);
    if (executed < batch.commands()) {
      throw new LogLoadException(
          "the command at byte "
              + piece.placeOf(executed)
              + " of "
              + open.path()
              + " cannot be executed");
    }
  }

  private int execute(ReadAhead open, ReadAhead.Piece piece) throws LogLoadException {
    RequestBatch batch = piece.batch;
    for (int i = 0; i < batch.commands(); i++) {
      if (engine.commands().find(batch.arg(i, 0)) == null) {
        LOG.warn(
            "Unknown command '{}' reading the append only file {}",
            batch.arg(i, 0),
            file == null ? "" : file.name());
        throw new LogLoadException(
            "unknown command at byte " + piece.placeOf(i) + " of " + open.path());
      }
    }
    int executed = engine.execute(client, batch);
    replies.clear();
    return executed;
  }

  /// The commands before the damage are good; a base of commands may be torn where it is the last
  /// file.
  private void endDamaged(ReadAhead.Piece piece, LogDamage damage) throws IOException {
    LogFile damaged = file;
    if (damaged == null || damage.kind() != LogDamage.Kind.TRUNCATED || !waiting.isEmpty()) {
      throw refuse(damaged == null ? new LogFile("", 0, LogFile.Kind.BASE) : damaged, damage);
    }
    cut(damaged, damage, true);
    int _ = engine.execute(client, piece.batch);
    engine.discardTransaction(client);
    endFile(piece);
  }

  private void endFile(ReadAhead.Piece piece) throws IOException {
    LogFile done = file;
    Mark mark = piece.mark();
    if (mark != null) {
      replicationId = mark.position().replicationId();
    }
    if (piece.offset() >= 0) {
      offset = piece.offset();
      offsetKnown = true;
    } else {
      offset += piece.commandBytes();
    }
    if (done != null) {
      finishedBytes += files.disk().size(files.path(done));
      double seconds = (clock.monotonicNanos() - fileStartNanos) / 1e9;
      LOG.info(
          "DB loaded from {} file {}: {} seconds",
          done.kind() == LogFile.Kind.BASE ? "base" : "incr",
          done.name(),
          String.format(Locale.ROOT, "%.3f", seconds));
    }
    closeFile();
  }

  private void end() {
    engine.keyspace().expiryMode(ExpiryMode.REMOVE);
    engine.dirty(0);
  }

  private void closeFile() throws IOException {
    BaseLoad rdb = base;
    base = null;
    if (rdb != null) {
      rdb.close();
    }
    ReadAhead open = commands;
    ReadableByteChannel opened = channel;
    commands = null;
    channel = null;
    if (open != null) {
      open.close();
    }
    if (opened != null) {
      opened.close();
    }
  }

  // ---- What was found --------------------------------------------------------------------------

  /// `loading_total_bytes`.
  public long totalBytes() {
    return totalBytes;
  }

  /// `loading_loaded_bytes`.
  public long loadedBytes() {
    ReadAhead open = commands;
    BaseLoad rdb = base;
    long here = rdb != null ? rdb.loadedBytes() : open != null ? open.position() : 0;
    return finishedBytes + here;
  }

  /// What [Log#open] goes on from.
  public Recovered recovered() {
    String id = replicationId;
    return new Recovered(
        manifest,
        new Position(id == null ? log.replicationId() : id, offset),
        checksum,
        provenBytes);
  }

  /// Gives memory back, and the engine its client.
  @Override
  public void close() {
    try {
      closeFile();
    } catch (IOException e) {
      // It was only read.
      LOG.debug("Closing: {}", OsError.text(e));
    }
    engine.keyspace().expiryMode(ExpiryMode.REMOVE);
    engine.disconnect(client);
    replies.close();
  }
}
