package carnelian.persistence.log;

import carnelian.base.Clock;
import carnelian.base.OsError;
import carnelian.base.config.Choices.AppendFsync;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Puts what the engine hands over into the files: writes, marks, flushes, changes segments, puts
/// rewrites in place, and finds a way on when the disk fails. [LogState] has the states.
///
/// [#turn] is called again and again by the log's thread (or by a simulation). The engine's thread
/// hands over one batch at a time and reads the words below; nothing locks.
///
/// | word | written by | read by |
/// |---|---|---|
/// | `handed` | engine: a batch; writer: null, when done with it | both |
/// | `durableOffset`, `writtenOffset`, `state`, figures | writer | engine |
/// | `settings` | engine | writer |
/// | requests | engine adds | writer takes, once what came before is written |
final class LogWriter {
  private static final Logger LOG = LoggerFactory.getLogger(LogWriter.class);

  /// How long bytes may gather before the next batch is asked for, unless replies wait for them.
  static final long LINGER_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

  private static final long SECOND_NANOS = TimeUnit.SECONDS.toNanos(1);

  /// A flush that keeps bytes waiting for longer than this is counted.
  private static final long SLOW_FSYNC_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

  /// What the engine asks for besides.
  sealed interface Request {
    /// Done when everything handed over before is on disk, or cannot be.
    record Sync(Completion completion) implements Request {}

    /// Puts a new base in place of everything before a split, which then goes to the archive; with
    /// a null retention it stays where it is.
    record Commit(
        Path temporary,
        LogNames.BaseForm form,
        long split,
        LogFiles.@Nullable Retention retention,
        Completion completion)
        implements Request {}

    /// Closes the segment; nothing is logged any more.
    record Disable(Completion completion) implements Request {}
  }

  /// Hears how a request ended, on the writer's thread.
  interface Completion {
    void done(@Nullable IOException failure);
  }

  private record Pending(Request request, long afterOffset) {}

  private final LogFiles files;
  private final Clock clock;
  private final Runnable ready;
  private final ConcurrentLinkedQueue<Pending> requests = new ConcurrentLinkedQueue<>();

  volatile @Nullable Batch handed;
  volatile LogSettings settings;
  volatile boolean hurried;
  private volatile LogState state = new LogState.Off();
  private volatile long writtenOffset;
  private volatile long durableOffset;
  private volatile long loadedBytes;
  private volatile long baseBytes;
  private final AtomicLong delayedFsyncs = new AtomicLong();
  private final AtomicLong slowestFlushNanos = new AtomicLong();
  private final AtomicLong slowestWriteNanos = new AtomicLong();
  private volatile boolean fsyncing;
  private volatile boolean splittable;
  private volatile long flushDelayNanos;

  // The writer's own.
  private volatile String replicationId = "";
  private Manifest manifest = Manifest.EMPTY;
  private @Nullable SegmentWriter segment;
  private long closedBytes;
  private long splitSequence;

  /// The last split that was made or given up.
  private long lastSplit;

  // The last numbers that were tried. A manifest whose replacement has failed may be on disk all
  // the
  // same, so what it names must not become another file.
  private long triedBase;

  private long triedIncrement;
  private long lastFsyncNanos;
  private long nextLookNanos;
  private Flush.Flusher flusher = Flush.AT_ONCE;

  /// The flush that runs elsewhere.
  private @Nullable Flush flight;

  private boolean readyDue;
  private long readyNanos;

  /// `ready` is called, on the writer's thread, when the next batch may be handed over.
  LogWriter(LogFiles files, Clock clock, LogSettings settings, Runnable ready) {
    this.files = files;
    this.clock = clock;
    this.settings = settings;
    this.ready = ready;
  }

  /// Has flushes run elsewhere, unless replies wait for them. Before the writer's first turn.
  void flusher(Flush.Flusher other) {
    flusher = other;
  }

  /// Makes every flush take longer: `DEBUG AOF-FLUSH-SLEEP`. Engine's thread.
  void flushDelay(long nanos) {
    flushDelayNanos = nanos;
  }

  // ---- Start -----------------------------------------------------------------------------------

  /// Goes on with the files that were found. Before the writer's first turn.
  void start(Manifest found, Recovered recovered) throws IOException {
    Position at = recovered.position();
    manifest = found;
    replicationId = at.replicationId();
    writtenOffset = at.offset();
    durableOffset = at.offset();
    LogFile last = found.lastIncrement();
    files.flushNames();
    closedBytes = files.loadedBytes(found);
    baseBytes = closedBytes;
    if (last == null) {
      startSegment(true);
    } else {
      Path path = files.path(last);
      Disk.Appender appender = files.disk().append(path);
      long bytes = appender.size();
      closedBytes -= bytes;
      SegmentWriter opened = new SegmentWriter(last, appender, clock, recovered.checksum(), bytes);
      segment = opened;
      // What was found is put on disk before anything relies on it: the last process may have died
      // before it did so, or after a flush had failed.
      if (recovered.provenBytes() >= 0) {
        files.disk().refresh(path, recovered.provenBytes());
      }
      if (settings.marks()) {
        opened.mark(at, durableOffset);
      }
      opened.fsync();
    }
    countBytes();
    moved(new LogState.Event.Started());
  }

  /// Begins without files: the first rewrite makes them. Before the writer's first turn, or after
  /// [Request.Disable].
  void enable(Manifest found, Position at) {
    manifest = found;
    replicationId = at.replicationId();
    writtenOffset = at.offset();
    durableOffset = at.offset();
    closedBytes = 0;
    segment = null;
    moved(new LogState.Event.Enabled());
  }

  private void moved(LogState.Event event) {
    LogState before = state;
    LogState after = LogState.step(before, event, clock.monotonicNanos());
    if (before.equals(after)) {
      return;
    }
    state = after;
    String reason = after.failure();
    if (reason != null && !reason.equals(before.failure())) {
      LOG.warn("Error writing to the append only file: {}. Writes are refused.", reason);
    } else if (before.failure() != null && reason == null) {
      LOG.warn("AOF write error looks solved. The server can write again.");
    }
  }

  // ---- A turn ----------------------------------------------------------------------------------

  /// Does what is due, and returns after how many nanoseconds to come again at the latest.
  long turn() {
    long now = clock.monotonicNanos();
    settle();
    perform();
    Batch batch = handed;
    if (batch != null) {
      if (state instanceof LogState.Stuck stuck && now < stuck.retryNanos()) {
        return stuck.retryNanos() - now;
      }
      if (!writeOut(batch)) {
        return LogState.RETRY_NANOS;
      }
      flushIfDue();
      handed = null;
      readyDue = true;
      readyNanos = settings.fsync() == AppendFsync.ALWAYS ? now : now + LINGER_NANOS;
      perform();
    } else {
      flushIfDue();
    }
    lookAfterFiles();
    return pokeAndWait();
  }

  /// Asks the engine for the next batch if it is time, and says when to come again.
  private long pokeAndWait() {
    long now = clock.monotonicNanos();
    long wait = SECOND_NANOS;
    if (readyDue) {
      if (now >= readyNanos || hurried) {
        readyDue = false;
        hurried = false;
        ready.run();
      } else {
        wait = readyNanos - now;
      }
    }
    if (flight == null
        && durableOffset < writtenOffset
        && settings.fsync() == AppendFsync.EVERYSEC) {
      wait = Math.min(wait, Math.max(lastFsyncNanos + SECOND_NANOS - now, 1));
    }
    return wait;
  }

  // ---- Writing ---------------------------------------------------------------------------------

  /// True if the batch is done with: written, or dropped because only a rewrite can help.
  private boolean writeOut(Batch batch) {
    try {
      if (batch.splitAt != Batch.NO_SPLIT) {
        writePart(batch, batch.splitAt);
        split(batch.split);
        batch.splitAt = Batch.NO_SPLIT;
      }
      writePart(batch, batch.bytes.length());
      if (state instanceof LogState.Stuck) {
        moved(new LogState.Event.Reopened());
      }
      return true;
    } catch (IOException e) {
      return switch (state) {
        case LogState.Off _ -> true;
        case LogState.Stuck _, LogState.Appending _ -> {
          moved(new LogState.Event.WriteFailed(reason(e)));
          yield false;
        }
        case LogState.Unanchored _ -> {
          lose(reason(e));
          drop(batch);
          yield true;
        }
      };
    } catch (LostException e) {
      lose(e.reason);
      drop(batch);
      return true;
    }
  }

  /// Nothing that was written since the last flush can be relied on.
  private static final class LostException extends Exception {
    private static final long serialVersionUID = 1L;

    private final String reason;

    LostException(String reason) {
      super(reason);
      this.reason = reason;
    }
  }

  /// What is written from now on belongs to a history of another ID. Any thread.
  void history(String id) {
    replicationId = id;
  }

  private Position position(long offset) {
    return new Position(replicationId, offset);
  }

  private void drop(Batch batch) {
    if (batch.splitAt != Batch.NO_SPLIT && batch.split != 0) {
      lastSplit = batch.split;
    }
    batch.splitAt = Batch.NO_SPLIT;
    batch.writtenBytes = batch.bytes.length();
    writtenOffset = batch.endOffset();
  }

  private void writePart(Batch batch, int end) throws IOException, LostException {
    int from = batch.writtenBytes;
    SegmentWriter open = segment;
    if (open != null && end > from) {
      LogSettings now = settings;
      long before = open.bytes();
      try {
        Position behind = position(batch.startOffset + end);
        long start = clock.monotonicNanos();
        open.write(batch.bytes, from, end, now, behind, durableOffset);
        slowestWriteNanos.accumulateAndGet(clock.monotonicNanos() - start, Math::max);
      } catch (IOException e) {
        cutBack(open, before, e);
        throw e;
      }
    }
    batch.writtenBytes = end;
    writtenOffset = batch.startOffset + end;
    countBytes();
  }

  private void cutBack(SegmentWriter open, long bytes, IOException cause) throws LostException {
    try {
      open.cutBackTo(bytes);
    } catch (IOException e) {
      throw new LostException(reason(cause) + ", and cutting back: " + reason(e));
    }
  }

  // ---- Segments --------------------------------------------------------------------------------

  /// What follows goes to a new segment: because the last one is large (0), or because a rewrite's
  /// snapshot was cut here. Where the log has to be made anew, the new one is named only together
  /// with the base.
  private void split(long number) throws IOException, LostException {
    switch (state) {
      case LogState.Off _ -> {}
      case LogState.Appending _, LogState.Stuck _ -> rotate();
      case LogState.Unanchored _ -> {
        if (number != 0) {
          closeSegment();
          startSegment(false);
        }
      }
    }
    if (number != 0) {
      lastSplit = number;
      splitSequence = triedIncrement;
    }
  }

  /// Goes on in a new segment, once the old one is on disk.
  private void rotate() throws IOException, LostException {
    fsync();
    SegmentWriter old = segment;
    startSegment(true);
    if (old != null) {
      closedBytes += old.bytes();
      closeQuietly(old);
    }
  }

  private void startSegment(boolean listed) throws IOException {
    files.createDirectory();
    triedIncrement = Math.max(manifest.lastIncrementSequence(), triedIncrement) + 1;
    LogFile file = files.names().incr(triedIncrement);
    Disk.Appender appender = files.disk().create(files.path(file));
    SegmentWriter opened = new SegmentWriter(file, appender, clock, new CRC32C(), 0);
    try {
      opened.open(settings, position(writtenOffset), durableOffset);
      opened.fsync();
      files.disk().fsyncDirectory(files.directory());
      if (listed) {
        Manifest next = manifest.withIncrement(file);
        files.persist(next);
        manifest = next;
        LOG.info("Creating AOF incr file {} on background", file.name());
      }
    } catch (IOException e) {
      closeQuietly(opened);
      throw e;
    }
    segment = opened;
    splittable = false;
    countBytes();
  }

  private void closeSegment() {
    SegmentWriter open = segment;
    segment = null;
    splittable = false;
    if (open != null) {
      closeQuietly(open);
    }
  }

  private void closeQuietly(SegmentWriter open) {
    try {
      open.close();
    } catch (IOException e) {
      // It was flushed, or given up: nothing depends on how closing goes.
      LOG.debug("Closing {}: {}", open.file().name(), reason(e));
    }
  }

  private void countBytes() {
    SegmentWriter open = segment;
    long bytes = open == null ? 0 : open.bytes();
    loadedBytes = closedBytes + bytes;
  }

  // ---- Flushing --------------------------------------------------------------------------------

  private void flushIfDue() {
    LogSettings now = settings;
    SegmentWriter open = segment;
    if (open == null || durableOffset == writtenOffset || now.suspendedFsync()) {
      return;
    }
    switch (now.fsync()) {
      case ALWAYS -> {
        try {
          fsync();
        } catch (LostException e) {
          lose(e.reason);
        }
      }
      case EVERYSEC -> {
        if (clock.monotonicNanos() - lastFsyncNanos >= SECOND_NANOS || isDueForSplit(open)) {
          flushElsewhere(open);
        }
      }
      case NO -> {
        if (isDueForSplit(open)) {
          flushElsewhere(open);
        }
      }
    }
  }

  /// A large segment is flushed once before the next one is begun, so that the flush that has to be
  /// waited for then is short.
  private boolean isDueForSplit(SegmentWriter open) {
    return isLarge(open) && !splittable;
  }

  private boolean isLarge(SegmentWriter open) {
    long most = settings.segmentBytes();
    return most > 0 && open.bytes() >= most;
  }

  private void flushElsewhere(SegmentWriter open) {
    if (flight == null) {
      Flush begun = new Flush(open, writtenOffset, clock, flushDelayNanos);
      flight = begun;
      fsyncing = true;
      lastFsyncNanos = clock.monotonicNanos();
      flusher.start(begun);
    }
  }

  /// Sees whether the flush that runs elsewhere has ended.
  private void settle() {
    Flush flush = flight;
    if (flush != null && flush.isDone()) {
      try {
        endFlight();
      } catch (LostException e) {
        lose(e.reason);
      }
      ready.run();
    }
  }

  /// Waits for the flush that runs elsewhere, if one does.
  private void endFlight() throws LostException {
    Flush flush = flight;
    if (flush != null) {
      flusher.await(flush);
      flight = null;
      ended(flush);
    }
  }

  /// Waits for the disk.
  private void fsync() throws LostException {
    endFlight();
    SegmentWriter open = segment;
    if (open != null) {
      Flush flush = new Flush(open, writtenOffset, clock, flushDelayNanos);
      fsyncing = true;
      lastFsyncNanos = clock.monotonicNanos();
      flush.run();
      ended(flush);
    }
  }

  /// A failure is final for the segment: the kernel may have dropped what it could not write, and a
  /// second call would say that all is well.
  private void ended(Flush flush) throws LostException {
    fsyncing = false;
    slowestFlushNanos.accumulateAndGet(flush.nanos(), Math::max);
    if (flush.nanos() > SLOW_FSYNC_NANOS) {
      delayedFsyncs.incrementAndGet();
    }
    if (flush.segment() != segment) {
      return; // It was given up meanwhile.
    }
    IOException failure = flush.failure();
    if (failure != null) {
      throw new LostException(reason(failure));
    }
    splittable = isLarge(flush.segment());
    if (!(state instanceof LogState.Unanchored)) {
      durableOffset = Math.max(durableOffset, flush.offset());
    }
  }

  private void lose(String reason) {
    closeSegment();
    splitSequence = 0;
    moved(new LogState.Event.Lost(reason));
    countBytes();
  }

  /// Sees whether the file that is written to is still there, each second.
  private void lookAfterFiles() {
    SegmentWriter open = segment;
    long now = clock.monotonicNanos();
    if (open == null || now < nextLookNanos) {
      return;
    }
    nextLookNanos = now + SECOND_NANOS;
    Path path = files.path(open.file());
    if (!files.disk().exists(path)) {
      lose("No such file or directory: " + path);
    }
  }

  /// What the disk says, and about which file.
  private String reason(IOException e) {
    SegmentWriter open = segment;
    Path path = open == null ? files.directory() : files.path(open.file());
    String text = OsError.text(e);
    return text.contains(path.toString()) ? text : text + ": " + path;
  }

  // ---- Requests --------------------------------------------------------------------------------

  /// Asks for something, to be done when everything up to an offset is written. Engine's thread.
  void request(Request request, long afterOffset) {
    requests.add(new Pending(request, afterOffset));
  }

  private void perform() {
    Pending next = requests.peek();
    while (next != null && isDue(next)) {
      requests.poll();
      switch (next.request()) {
        case Request.Sync(Completion completion) -> sync(completion);
        case Request.Commit commit -> commit(commit);
        case Request.Disable(Completion completion) -> disable(completion);
      }
      next = requests.peek();
    }
  }

  /// A stuck writer answers too, or who waits for it would wait as long as the disk is full.
  private boolean isDue(Pending pending) {
    if (pending.request() instanceof Request.Commit commit) {
      return lastSplit >= commit.split() && handed == null;
    }
    return (writtenOffset >= pending.afterOffset() && handed == null)
        || state instanceof LogState.Stuck;
  }

  private void sync(Completion completion) {
    String failure = state.failure();
    if (failure == null) {
      try {
        fsync();
      } catch (LostException e) {
        lose(e.reason);
        failure = e.reason;
      }
    }
    completion.done(failure == null ? null : new IOException(failure));
  }

  private void disable(Completion completion) {
    SegmentWriter open = segment;
    IOException failure = null;
    if (open != null && state instanceof LogState.Appending) {
      try {
        fsync();
        if (settings.marks()) {
          // Says that all before it is on disk, so that damage is told from a torn tail.
          open.mark(position(writtenOffset), durableOffset);
          open.fsync();
        }
      } catch (LostException e) {
        failure = new IOException(e.reason);
      } catch (IOException e) {
        failure = e;
      }
    }
    closeSegment();
    moved(new LogState.Event.Disabled());
    completion.done(failure);
  }

  private void commit(Request.Commit commit) {
    IOException failure = null;
    try {
      putInPlace(commit);
    } catch (IOException e) {
      failure = e;
    }
    commit.completion().done(failure);
    LogFiles.Retention retention = commit.retention();
    if (failure == null && retention != null) {
      try {
        manifest = files.putAway(manifest, retention, clock.wallMillis());
      } catch (IOException e) {
        LOG.warn("Putting replaced files of the append only file away: {}", reason(e));
      }
    }
  }

  private void putInPlace(Request.Commit commit) throws IOException {
    SegmentWriter open = segment;
    if (splitSequence == 0 || lastSplit != commit.split() || open == null) {
      throw new IOException("the log was lost during the rewrite");
    }
    boolean anew = state instanceof LogState.Unanchored;
    triedBase = Math.max(manifest.lastBaseSequence(), triedBase) + 1;
    LogFile base = files.names().base(triedBase, commit.form());
    Manifest next = manifest.rewritten(base, splitSequence);
    if (anew) {
      try {
        fsync();
      } catch (LostException e) {
        lose(e.reason);
        throw new IOException(e.reason, e);
      }
      next = next.withIncrement(open.file());
    }
    files.placeBase(commit.temporary(), base);
    files.persist(next);
    manifest = next;
    splitSequence = 0;
    moved(new LogState.Event.Rewritten());
    if (anew) {
      durableOffset = writtenOffset;
    }
    long all = files.loadedBytes(next);
    closedBytes = all - open.bytes();
    baseBytes = all;
    countBytes();
  }

  // ---- Figures ---------------------------------------------------------------------------------

  LogState state() {
    return state;
  }

  long writtenOffset() {
    return writtenOffset;
  }

  /// Everything before it is on disk.
  long durableOffset() {
    return durableOffset;
  }

  long loadedBytes() {
    return loadedBytes;
  }

  /// What [#loadedBytes] was after the last rewrite or the start.
  long baseBytes() {
    return baseBytes;
  }

  /// The segment is large, and next to all of it is on disk.
  boolean isSplittable() {
    return splittable;
  }

  long delayedFsyncs() {
    return delayedFsyncs.get();
  }

  void resetStatistics() {
    delayedFsyncs.set(0);
  }

  /// How long the slowest flush took that has ended since this was asked last.
  long takeSlowestFlushNanos() {
    return slowestFlushNanos.getAndSet(0);
  }

  /// The same of writing.
  long takeSlowestWriteNanos() {
    return slowestWriteNanos.getAndSet(0);
  }

  boolean isFsyncing() {
    return fsyncing;
  }

  boolean isRequested() {
    return !requests.isEmpty();
  }
}
