package carnelian.persistence.log;

import carnelian.base.Invariant;
import carnelian.base.config.Choices.AppendFsync;
import carnelian.base.config.Config;
import carnelian.base.config.Directives;
import carnelian.engine.Client;
import carnelian.engine.Command;
import carnelian.engine.CommandFeed;
import carnelian.engine.Engine;
import carnelian.engine.ReplyError;
import carnelian.engine.ServingState;
import carnelian.engine.WriteGuard;
import carnelian.memory.BackgroundThreads;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ThreadFactory;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The log of one store, as the engine sees it: takes every write's effect, hands it over to the
/// writer in batches, knows what is on disk, and has the log rewritten.
///
/// ```
/// append ─▶ filling ──hand over──▶ handed ─▶ writer: write, mark, flush ─▶ durable offset
///              ▲                                         │
///              └──────────── ready, on the engine ◀──────┘
/// ```
///
/// An append copies the bytes and does nothing else. Two batches swap: one fills while the other is
/// written. The engine never waits for the disk, except where somebody asks for exactly that:
/// [#flush].
///
/// Everything is called on the engine's thread.
public final class Log
    implements CommandFeed,
        WriteGuard,
        StreamPosition,
        Engine.Periodic,
        Config.Applied,
        AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Log.class);

  /// A batch that has grown this large is asked for at once.
  private static final int HURRY_BYTES = 1 << 20;

  /// Bytes in flight from which on writers are held back.
  static final int MAX_FLIGHT_BYTES = 1 << 28;

  private final Engine engine;
  private final Config config;
  private final LogFiles files;
  private final Threads threads;
  private final @Nullable ThreadFactory readers;
  private final Consumer<Runnable> onEngine;
  private final Runnable handOverTask = this::handOverScheduled;
  private final Runnable readyTask = this::ready;
  private final LogRewrites rewrites;
  private final DurabilityWaits waits;
  private final LogFigures figures;

  private Batch filling = new Batch();
  private Batch other = new Batch();
  private @Nullable LogWriter writer;
  private @Nullable Turns turns;
  private String replicationId;
  private @Nullable Position predecessor;
  private long offset;
  private long splits;
  private boolean always;
  private boolean scheduled;
  private long flushDelayNanos;

  /// The writer has asked for the next batch.
  private boolean writerReady;

  /// Who else takes the stream: replication.
  private @Nullable CommandFeed tap;

  /// The stream is a primary's: whether a segment may begin at this place of it. Null: it is our
  /// own.
  private @Nullable BooleanSupplier foreign;

  private @Nullable ReleaseListener listener;
  private @Nullable String refusedFor;
  private @Nullable ReplyError refusal;

  /// Port: who waits for the disk.
  public interface ReleaseListener {
    /// More may be shown to others: [#releasedOffset] has grown, or nobody waits any more.
    void released();
  }

  /// Port: what runs the writer's turns.
  interface Turns {
    /// There may be something to do.
    void wake();

    /// Lets the writer work for a while.
    void await();

    /// No turn follows.
    void stop();
  }

  /// Makes what runs a writer.
  interface Threads {
    Turns start(LogWriter writer);
  }

  /// A log over files. Without `readers` they are read on the engine's thread.
  Log(
      Engine engine,
      Config config,
      LogFiles files,
      Threads threads,
      ThreadFactory rewriters,
      @Nullable ThreadFactory readers,
      Consumer<Runnable> onEngine) {
    this.engine = engine;
    this.config = config;
    this.files = files;
    this.threads = threads;
    this.readers = readers;
    this.onEngine = onEngine;
    replicationId = newReplicationId();
    rewrites = new LogRewrites(this, engine, config, files, rewriters, onEngine);
    waits = new DurabilityWaits(this, engine);
    figures = new LogFigures(this, rewrites);
  }

  /// A log in `appenddirname`; `threads` makes its threads and those of rewrites.
  public static Log of(
      Engine engine, Config config, Disk disk, ThreadFactory threads, Consumer<Runnable> onEngine) {
    Path directory = config.resolve(config.get(Directives.APPENDDIRNAME));
    LogNames names = new LogNames(config.get(Directives.APPENDFILENAME));
    LogFiles files = new LogFiles(disk, directory, names);
    return new Log(
        engine,
        config,
        files,
        writer -> new WriterThread(writer, threads),
        new BackgroundThreads(threads),
        threads,
        onEngine);
  }

  /// The commands of [#commands], in that order, for [carnelian.engine.CommandFamily].
  public static final String NAMES = "BGREWRITEAOF WAITAOF";

  /// BGREWRITEAOF, WAITAOF.
  public List<Command> commands() {
    return new LogCommands(this).all();
  }

  private String newReplicationId() {
    StringBuilder id = new StringBuilder();
    while (id.length() < Position.ID_DIGITS) {
      id.append(Long.toHexString(engine.random().nextLong() | 1L << 63));
    }
    return id.substring(0, Position.ID_DIGITS);
  }

  LogFiles files() {
    return files;
  }

  @Nullable ThreadFactory readers() {
    return readers;
  }

  LogRewrites rewrites() {
    return rewrites;
  }

  DurabilityWaits waits() {
    return waits;
  }

  // ---- Start and end ---------------------------------------------------------------------------

  /// Begins to log behind what was found, which the keyspace holds.
  public void open(Recovered found) throws IOException {
    LogWriter made = newWriter();
    position(found.position());
    if (found.manifest().isEmpty()) {
      files.createDirectory();
      LogFile base = rewrites.writeFirstBase(found.position());
      LOG.info("Creating AOF base file {} on server start", base.name());
      made.start(Manifest.EMPTY.withBase(base), found);
      LOG.info("Creating AOF incr file {} on server start", files.names().incr(1).name());
    } else {
      made.start(found.manifest(), found);
    }
    run(made);
  }

  private void position(Position at) {
    replicationId = at.replicationId();
    offset = at.offset();
    filling.clear(offset);
    other.clear(offset);
  }

  /// The keyspace holds a snapshot that was cut at a place of another history, and no log: this one
  /// goes on from there under an ID of its own, because what came after the cut may be lost.
  public void follow(Position snapshot) {
    predecessor = snapshot;
    position(new Position(newReplicationId(), snapshot.offset()));
  }

  /// Where the history ends that this one goes on from; null if there is none.
  public @Nullable Position predecessor() {
    return predecessor;
  }

  /// Begins to log at run time: `CONFIG SET appendonly yes`. The log is whole after the first
  /// rewrite, which is started at once or as soon as possible: not within a transaction, whose
  /// first changes would be in the base, and all of them in the segment after it.
  public void enable() throws IOException {
    if (isOn()) {
      return;
    }
    rewrites.cancel();
    Manifest found = files.readManifest();
    LogWriter made = newWriter();
    position(position());
    made.enable(found == null ? Manifest.EMPTY : found, position());
    run(made);
    if (engine.isExecutingTransaction()) {
      LOG.info("AOF was enabled within a transaction. An AOF background was scheduled.");
      rewrites.schedule();
    } else if (!rewrites.start()) {
      LOG.info("AOF was enabled during a save. An AOF background was scheduled.");
      rewrites.schedule();
    }
  }

  /// Whether the log has been turned on and its first base is being written: what is on disk is no
  /// log yet.
  public boolean isWritingFirstBase() {
    LogWriter running = writer;
    return running != null
        && running.state() instanceof LogState.Unanchored unanchored
        && unanchored.reason() == null
        && rewrites.isRunning();
  }

  private LogWriter newWriter() {
    LogWriter made =
        new LogWriter(files, engine.stopwatch(), settings(), () -> onEngine.accept(readyTask));
    made.flushDelay(flushDelayNanos);
    return made;
  }

  /// Makes every flush take so much longer: `DEBUG AOF-FLUSH-SLEEP`.
  public void flushDelay(long nanos) {
    flushDelayNanos = nanos;
    LogWriter running = writer;
    if (running != null) {
      running.flushDelay(nanos);
    }
  }

  private void run(LogWriter made) {
    writer = made;
    turns = threads.start(made);
    writerReady = true;
    apply();
    attach();
  }

  /// Takes what the engine does if that is the stream and somebody wants it.
  private void attach() {
    engine.feed(foreign == null && (isOn() || tap != null) ? this : null);
  }

  /// Stops to log; what was logged is on disk then. A rewrite that runs is ended.
  public void disable() throws IOException {
    LogWriter ending = writer;
    Turns running = turns;
    if (ending == null || running == null) {
      return;
    }
    rewrites.cancel();
    IOException failure = await(LogWriter.Request.Disable::new);
    running.stop();
    writer = null;
    turns = null;
    attach();
    released();
    if (failure != null) {
      throw failure;
    }
  }

  /// Loads the data anew from the files: `DEBUG LOADAOF`. Not while a command runs.
  public void reload() throws IOException {
    flush();
    engine.feed(null);
    ServingState before = engine.serving();
    engine.serving(ServingState.LOADING);
    engine.keyspace().flushAll();
    engine.functionLibraries().clear();
    try (LogLoad load = new LogLoad(engine, config, this)) {
      if (!load.begin()) {
        throw new LogLoadException("there is no append only file");
      }
      while (load.step(Long.MAX_VALUE)) {
        // Until the end.
      }
    } finally {
      engine.serving(before);
      attach();
    }
  }

  /// Somebody takes the stream whether it is logged or not, from here on; null: nobody any more. A
  /// stream of ours that nobody has counted so far begins a history of its own.
  public void tap(@Nullable CommandFeed taker) {
    boolean begins = taker != null && !isCounted();
    tap = taker;
    if (begins) {
      changeReplicationId();
      predecessor = null;
    }
    attach();
  }

  /// Whether what is done to the data is counted.
  public boolean isCounted() {
    return isOn() || tap != null || foreign != null;
  }

  /// The stream is a primary's from now on, and comes by [#append] alone, command by command; the
  /// condition tells whether a segment may begin where it stands. Null: it is our own again.
  public void followPrimary(@Nullable BooleanSupplier maySplit) {
    foreign = maySplit;
    attach();
  }

  /// Whether the stream is a primary's.
  public boolean followsPrimary() {
    return foreign != null;
  }

  private boolean maySplit() {
    BooleanSupplier condition = foreign;
    return condition == null || condition.getAsBoolean();
  }

  /// The keyspace holds other data, as of a place of another history. Not while it is logged.
  public void adopt(Position at) {
    Invariant.check(!isOn(), "a log keeps its history");
    predecessor = null;
    position(at);
  }

  /// The history goes on from here under another ID.
  public void renameHistory(String id) {
    predecessor = position();
    replicationId = id;
    LogWriter running = writer;
    if (running != null) {
      running.history(id);
    }
  }

  /// The history goes on from here as our own.
  public void ownHistory() {
    renameHistory(newReplicationId());
  }

  /// Whether writes are logged.
  public boolean isOn() {
    return writer != null;
  }

  @Override
  public void close() {
    try {
      disable();
    } catch (IOException e) {
      LOG.warn("Closing the append only file: {}", e.getMessage());
    }
    filling.close();
    other.close();
  }

  /// Gives memory back and does nothing else, as if the process had died: for simulations.
  void abandon() {
    rewrites.abandon();
    engine.feed(null);
    writer = null;
    turns = null;
    filling.close();
    other.close();
  }

  // ---- Settings --------------------------------------------------------------------------------

  /// Also called when something else has changed that the settings depend on.
  @Override
  public void apply() {
    LogWriter running = writer;
    LogSettings now = settings();
    always = now.fsync() == AppendFsync.ALWAYS;
    if (running != null && !running.settings.equals(now)) {
      boolean timesBegin = now.timestamps() && !running.settings.timestamps();
      running.settings = now;
      wake();
      if (timesBegin && running.state() instanceof LogState.Appending) {
        beginSegment(running);
      }
      released();
    }
  }

  /// Goes on in a new segment at once: one has times from its first line on, or none.
  private void beginSegment(LogWriter running) {
    if (!maySplit()) {
      return;
    }
    if (filling.splitAt == Batch.NO_SPLIT) {
      filling.splitAt = filling.bytes.length();
      filling.split = 0;
      engine.restartFeedDatabase();
    }
    Turns turning = turns;
    while (turning != null && filling.splitAt != Batch.NO_SPLIT) {
      handOver();
      if (running.handed != null && filling.splitAt != Batch.NO_SPLIT) {
        turning.wake();
        turning.await();
      }
    }
    if (await(LogWriter.Request.Sync::new) != null) {
      LOG.warn("aof-timestamp-enabled: the segment that is written to could not be ended");
    }
  }

  private LogSettings settings() {
    return new LogSettings(
        config.get(Directives.APPENDFSYNC),
        config.get(Directives.AOF_MARKS),
        config.get(Directives.AOF_TIMESTAMP_ENABLED),
        config.get(Directives.AOF_SEGMENT_SIZE),
        config.get(Directives.NO_APPENDFSYNC_ON_REWRITE)
            && engine.keyspace().heap().snapshotActive());
  }

  // ---- The way to the writer -------------------------------------------------------------------

  @Override
  public void append(long at, int bytes) {
    offset += bytes;
    CommandFeed also = tap;
    if (also != null) {
      also.append(at, bytes);
    }
    if (writer == null) {
      return;
    }
    filling.bytes.put(at, bytes);
    if (writerReady) {
      if (!scheduled) {
        scheduled = true;
        onEngine.accept(handOverTask);
      }
    } else if (filling.bytes.length() >= HURRY_BYTES) {
      hurry();
    }
  }

  private void hurry() {
    LogWriter running = writer;
    if (running != null && !running.hurried) {
      running.hurried = true;
      wake();
    }
  }

  private void handOverScheduled() {
    scheduled = false;
    if (writerReady) {
      handOver();
    }
  }

  /// The writer has room for a batch, or has news. On the engine's thread, at the writer's request.
  private void ready() {
    writerReady = true;
    splitIfLarge();
    handOver(); // First, so that the disk is at work while the replies are sent.
    released();
    waits.check();
  }

  /// Goes on in a new segment if the one that is written to is large. That is decided here and not
  /// by the writer, because what a segment begins with has to select its database.
  private void splitIfLarge() {
    LogWriter running = writer;
    if (running != null
        && running.isSplittable()
        && running.state() instanceof LogState.Appending
        && filling.splitAt == Batch.NO_SPLIT
        && maySplit()) {
      filling.splitAt = filling.bytes.length();
      filling.split = 0;
      engine.restartFeedDatabase();
    }
  }

  /// Gives what has gathered to the writer, if it has nothing in hand.
  private void handOver() {
    LogWriter running = writer;
    if (running == null || filling.isEmpty() || running.handed != null) {
      return;
    }
    Batch full = filling;
    filling = other;
    other = full;
    filling.clear(offset);
    writerReady = false;
    running.handed = full;
    wake();
  }

  private void wake() {
    Turns running = turns;
    if (running != null) {
      running.wake();
    }
  }

  /// A snapshot was cut at this moment: the writer goes on in a new segment. Returns which split it
  /// is, or 0 if the last one still waits.
  long split() {
    if (filling.splitAt != Batch.NO_SPLIT || !maySplit()) {
      return 0;
    }
    splits++;
    filling.splitAt = filling.bytes.length();
    filling.split = splits;
    engine.restartFeedDatabase();
    if (writerReady && !scheduled) {
      scheduled = true;
      onEngine.accept(handOverTask);
    }
    return splits;
  }

  /// Asks the writer for something behind all that was appended so far.
  void request(LogWriter.Request request) {
    LogWriter running = writer;
    if (running == null) {
      throw Invariant.broken("a request while nothing is logged");
    }
    running.request(request, offset);
    handOver();
    wake();
  }

  /// Makes a request of the one who hears its end.
  private interface Asking {
    LogWriter.Request by(LogWriter.Completion completion);
  }

  private static final class Answer implements LogWriter.Completion {
    private volatile boolean here;
    private @Nullable IOException failure;

    @Override
    public void done(@Nullable IOException why) {
      failure = why;
      here = true;
    }
  }

  /// Has something done and waits for it.
  private @Nullable IOException await(Asking asking) {
    Turns running = turns;
    if (running == null) {
      return null;
    }
    Answer answer = new Answer();
    request(asking.by(answer));
    while (!answer.here) {
      handOver();
      running.wake();
      running.await();
    }
    released();
    return answer.failure;
  }

  /// Waits until everything is on disk: SHUTDOWN, DEBUG LOADAOF.
  public void flush() throws IOException {
    IOException failure = await(LogWriter.Request.Sync::new);
    if (failure != null) {
      throw failure;
    }
  }

  // ---- Replies ---------------------------------------------------------------------------------

  /// Called when more has become durable, or replies need not wait any more.
  public void onReleased(ReleaseListener other) {
    listener = other;
  }

  private void released() {
    if (listener != null) {
      listener.released();
    }
  }

  /// Whether what is replied now shows something that is not on disk, though `appendfsync always`
  /// promises that. Not while the disk fails: reads go on then.
  public boolean isAheadOfDisk() {
    LogWriter running = writer;
    return always && running != null && offset > running.durableOffset() && mayPromise(running);
  }

  private static boolean mayPromise(LogWriter running) {
    return running.state() instanceof LogState.Appending && !running.settings.suspendedFsync();
  }

  /// Replies made up to this offset may be sent.
  public long releasedOffset() {
    LogWriter running = writer;
    if (running == null || !always || running.settings.suspendedFsync()) {
      return Long.MAX_VALUE;
    }
    if (running.state() instanceof LogState.Unanchored(String reason) && reason == null) {
      return Long.MAX_VALUE; // The log has just been turned on and promises nothing yet.
    }
    return running.durableOffset();
  }

  /// Whether so much waits for the disk that writers should.
  public boolean isOverLimit() {
    return filling.bytes.length() >= MAX_FLIGHT_BYTES;
  }

  @Override
  public Position position() {
    return new Position(replicationId, offset);
  }

  /// `master_replid`.
  public String replicationId() {
    return replicationId;
  }

  /// `master_repl_offset`.
  @Override
  public long offset() {
    return offset;
  }

  /// Begins another history: `DEBUG CHANGE-REPL-ID`.
  public void changeReplicationId() {
    replicationId = newReplicationId();
  }

  // ---- Failures --------------------------------------------------------------------------------

  @Override
  public @Nullable ReplyError refusal(Client client) {
    LogWriter running = writer;
    if (running == null) {
      return null;
    }
    String failure = running.state().failure();
    if (failure == null) {
      return null;
    }
    ReplyError told = refusal;
    if (told == null || !failure.equals(refusedFor)) {
      told = ReplyError.of("MISCONF Errors writing to the AOF file: " + failure);
      refusal = told;
      refusedFor = failure;
    }
    return told;
  }

  /// Looks after rewrites and after a log that has to be made anew. Some times a second.
  @Override
  public void cron() {
    apply();
    rewrites.cron();
    released(); // A rewrite that has healed the log has put everything on disk.
    waits.check();
  }

  /// Whether only a rewrite can help.
  boolean needsRewrite() {
    LogWriter running = writer;
    return running != null && running.state() instanceof LogState.Unanchored;
  }

  // ---- What is told of it ----------------------------------------------------------------------

  /// For INFO and the diagnosis.
  public LogFigures figures() {
    return figures;
  }

  /// Who writes; null while nothing is logged.
  @Nullable LogWriter writer() {
    return writer;
  }

  /// Bytes that the writer has not been given yet.
  int fillingBytes() {
    return filling.bytes.length();
  }

  /// Bytes of memory that batches take.
  int batchCapacity() {
    return filling.bytes.capacity() + other.bytes.capacity();
  }

  /// Everything before it is on disk.
  public long durableOffset() {
    LogWriter running = writer;
    return running == null ? 0 : running.durableOffset();
  }
}
