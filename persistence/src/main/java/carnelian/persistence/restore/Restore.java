package carnelian.persistence.restore;

import carnelian.base.Clock;
import carnelian.base.OsError;
import carnelian.base.RandomSource;
import carnelian.persistence.log.Disk;
import carnelian.persistence.log.LogDamage;
import carnelian.persistence.log.LogFile;
import carnelian.persistence.log.LogFiles;
import carnelian.persistence.log.Manifest;
import carnelian.persistence.log.Mark;
import carnelian.persistence.log.Position;
import carnelian.persistence.log.SegmentCheck;
import carnelian.persistence.log.SystemDisk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/// Builds a data directory as of one moment of a history: the last base before it, the segments
/// that follow, the last of them cut behind the last command that belongs to it. The original is
/// only read, and may be a running server's.
///
/// What is restored goes on as a history of its own: a mark at its end gives it a new replication
/// ID, so that nobody takes what happens from there on for what happened in the original.
public final class Restore {
  private static final int CHUNK_BYTES = 1 << 18;

  private final Disk disk = new SystemDisk();
  private final Clock clock;
  private final RandomSource random;

  public Restore(Clock clock, RandomSource random) {
    this.clock = clock;
    this.random = random;
  }

  /// What was built.
  ///
  /// @param log its manifest's directory
  /// @param offset where it ends
  /// @param wallMillis the last time that it tells, in Unix ms; 0 if none
  /// @param reached the original goes on behind it; else it is all that there was
  public record Result(
      Path log, long offset, long wallMillis, boolean reached, List<String> files, long bytes) {}

  /// A segment as it is to be.
  private record Part(History.Segment segment, SegmentCut cut) {}

  private record Plan(History.Chain chain, List<Part> parts, long offset, long wallMillis) {
    boolean reached() {
      return !parts.isEmpty() && parts.getLast().cut().reached();
    }
  }

  /// Restores into a directory that is not there or empty.
  ///
  /// @throws RestoreException if the history does not reach that far
  /// @throws LogDamage if a file that is needed is damaged
  public Result restore(Path from, Target target, Path into) throws IOException {
    LogFiles source = LogHome.find(disk, from);
    Path data = emptyDirectory(into);
    History history = new History(source, LogHome.manifest(source));
    Plan plan = plan(history, target);
    LogFiles made = new LogFiles(disk, data.resolve(directoryName(source)), source.names());
    List<String> names = new ArrayList<>();
    try {
      made.createDirectory();
      Manifest manifest = write(plan, made, names);
      made.persist(manifest);
      disk.fsyncDirectory(data);
    } catch (IOException e) {
      throw new RestoreException("writing " + made.directory() + ": " + OsError.text(e), e);
    }
    long bytes = 0;
    for (String name : names) {
      bytes += disk.size(made.directory().resolve(name));
    }
    check(made);
    return new Result(
        made.directory(), plan.offset(), plan.wallMillis(), plan.reached(), names, bytes);
  }

  private static String directoryName(LogFiles source) {
    Path name = source.directory().getFileName();
    return name == null ? "appendonlydir" : name.toString();
  }

  private Path emptyDirectory(Path into) throws IOException {
    Path data = into.toAbsolutePath().normalize();
    if (disk.exists(data) && !(Files.isDirectory(data) && disk.list(data).isEmpty())) {
      throw new RestoreException(into + ": not an empty directory");
    }
    disk.createDirectory(data);
    return data;
  }

  // ---- What belongs to it ----------------------------------------------------------------------

  private Plan plan(History history, Target target) throws IOException {
    @Nullable IOException failed = null;
    for (History.Chain chain : history.chains(target)) {
      try {
        return plan(chain, target);
      } catch (IOException e) {
        // An older base may still lead there: the damage may be behind the target from there.
        failed = failed == null ? e : failed;
      }
    }
    if (failed != null) {
      throw failed;
    }
    throw new RestoreException(
        "nothing that is kept reaches back to "
            + text(target)
            + " (kept: "
            + history.describe()
            + ")");
  }

  private static String text(Target target) {
    return switch (target) {
      case Target.Offset(long offset) -> "offset " + offset;
      case Target.Time(long wallMillis) -> java.time.Instant.ofEpochMilli(wallMillis).toString();
    };
  }

  private Plan plan(History.Chain chain, Target target) throws IOException {
    List<Part> parts = new ArrayList<>();
    long offset = chain.startOffset();
    long wallMillis = 0;
    boolean timed = false;
    for (History.Segment segment : chain.segments()) {
      Position start = segment.start();
      if (start != null && offset >= 0 && start.offset() != offset) {
        break; // A gap: what was written between is on no disk.
      }
      long from = start == null ? offset : start.offset();
      boolean last = segment.equals(chain.segments().getLast());
      long limit = last ? goodBytes(segment.path()) : disk.size(segment.path());
      SegmentCut cut = SegmentCut.find(disk, segment.path(), from, target, limit);
      boolean empty = cut.reached() && cut.bytes() == 0;
      if (!empty) {
        parts.add(new Part(segment, cut));
        offset = start == null && offset < 0 ? cut.offset() : Math.max(cut.offset(), from);
        wallMillis = Math.max(wallMillis, cut.wallMillis());
        timed |= cut.wallMillis() > 0;
      }
      if (cut.reached()) {
        timed = true;
        break;
      }
    }
    refuseIfNotThere(chain, parts, target, offset, timed);
    return new Plan(chain, parts, Math.max(offset, 0), wallMillis);
  }

  private static void refuseIfNotThere(
      History.Chain chain, List<Part> parts, Target target, long offset, boolean timed)
      throws RestoreException {
    boolean reached = !parts.isEmpty() && parts.getLast().cut().reached();
    switch (target) {
      case Target.Offset(long wanted) -> {
        if (!reached && offset < wanted && chain.segments().size() >= parts.size()) {
          throw new RestoreException(
              "the history from " + chain.base().file().name() + " ends at offset " + offset);
        }
      }
      case Target.Time _ -> {
        if (!timed) {
          throw new RestoreException(
              "the log tells no times (aof-marks no, aof-timestamp-enabled no): use --offset");
        }
      }
    }
  }

  /// Without a torn tail: of a server that runs, or has crashed.
  private long goodBytes(Path segment) throws IOException {
    SegmentCheck.Result result = new SegmentCheck(disk).check(segment);
    return result.goodBytes();
  }

  // ---- Writing ---------------------------------------------------------------------------------

  private Manifest write(Plan plan, LogFiles made, List<String> names) throws IOException {
    History.Base base = plan.chain().base();
    boolean hasBase = base.file().kind() == LogFile.Kind.BASE;
    Manifest manifest = Manifest.EMPTY;
    if (hasBase) {
      copy(base.path(), made.path(base.file()), disk.size(base.path()));
      names.add(base.file().name());
      manifest = manifest.withBase(base.file());
    }
    boolean marked = base.at() != null;
    for (Part part : plan.parts()) {
      LogFile file = part.segment().file();
      copy(part.segment().path(), made.path(file), part.cut().bytes());
      names.add(file.name());
      manifest = manifest.withIncrement(file);
      marked = part.cut().marked();
    }
    if (marked) {
      LogFile last = manifest.lastIncrement();
      if (last == null) {
        last = made.names().incr(1);
        names.add(last.name());
        manifest = manifest.withIncrement(last);
      }
      long markedBytes = plan.parts().isEmpty() ? 0 : plan.parts().getLast().cut().markedBytes();
      endWithMark(made.path(last), markedBytes, plan.offset());
    }
    return manifest;
  }

  /// Says where the history ends and what it is called from here on.
  private void endWithMark(Path segment, long markedBytes, long offset) throws IOException {
    CRC32C crc = disk.exists(segment) ? checksum(segment, markedBytes) : new CRC32C();
    Position end = new Position(newReplicationId(), offset);
    try (Disk.Appender file = disk.append(segment)) {
      file.write(ByteBuffer.wrap(Mark.print(end, clock.wallMillis(), offset, crc)));
      file.fsync();
    }
  }

  private CRC32C checksum(Path segment, long from) throws IOException {
    CRC32C crc = new CRC32C();
    ByteBuffer chunk = ByteBuffer.allocate(CHUNK_BYTES);
    try (ReadableByteChannel channel = disk.read(segment, from)) {
      while (channel.read(chunk.clear()) >= 0) {
        crc.update(chunk.flip());
      }
    }
    return crc;
  }

  private String newReplicationId() {
    StringBuilder id = new StringBuilder();
    while (id.length() < Position.ID_DIGITS) {
      id.append(Long.toHexString(random.nextLong() | 1L << 63));
    }
    return id.substring(0, Position.ID_DIGITS);
  }

  private void copy(Path from, Path to, long bytes) throws IOException {
    ByteBuffer chunk = ByteBuffer.allocate(CHUNK_BYTES);
    try (ReadableByteChannel source = disk.read(from, 0);
        Disk.Appender file = disk.create(to)) {
      long left = bytes;
      while (left > 0) {
        chunk.clear().limit((int) Math.min(left, CHUNK_BYTES));
        if (source.read(chunk) < 0) {
          throw new IOException(from + " ends " + left + " bytes early");
        }
        left -= chunk.flip().remaining();
        file.write(chunk);
      }
      file.fsync();
    }
  }

  // ---- Checking --------------------------------------------------------------------------------

  /// Reads what was written, mark by mark. That the base loads is for who can load it to see.
  private void check(LogFiles made) throws IOException {
    for (LogFile file : LogHome.manifest(made).increments()) {
      LogDamage damage = new SegmentCheck(disk).check(made.path(file)).damage();
      if (damage != null) {
        throw damage;
      }
    }
  }
}
