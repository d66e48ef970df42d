package carnelian.persistence.restore;

import carnelian.persistence.log.LogDamage;
import carnelian.persistence.log.LogFile;
import carnelian.persistence.log.LogFiles;
import carnelian.persistence.log.Manifest;
import carnelian.persistence.log.Mark;
import carnelian.persistence.log.Position;
import carnelian.persistence.log.SegmentReader;
import carnelian.persistence.rdb.RdbInput;
import carnelian.persistence.rdb.RdbOpcode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// What is there of a log: its bases and segments, those that a rewrite has replaced and the
/// archive holds included, and where in the stream of all writes each of them stands.
///
/// Marks tell where a segment stands, AUX fields where a base does. What has neither (`aof-marks
/// no`, files of Redis, bases of commands) is used where the manifest says where it belongs, and
/// not otherwise.
final class History {
  private static final int TAIL_BYTES = 256;
  private static final int MAX_FACTS = 64;

  private final LogFiles files;
  private final Manifest manifest;
  private final List<Base> bases = new ArrayList<>();
  private final List<Segment> segments = new ArrayList<>();

  /// A snapshot. `at` is where it was cut, null if it does not tell; then a server that loads it
  /// counts the bytes of its commands, -1 if they are not known here.
  record Base(Path path, LogFile file, @Nullable Position at, long commandBytes, boolean listed) {}

  /// A file of commands. `start` and `startMillis` are told by its first mark; `end` by its last,
  /// if that is the last thing in it.
  record Segment(
      Path path,
      LogFile file,
      @Nullable Position start,
      long startMillis,
      @Nullable Position end,
      boolean listed) {}

  History(LogFiles files, Manifest manifest) throws IOException {
    this.files = files;
    this.manifest = manifest;
    for (LogFile file : manifest.loaded()) {
      add(files.path(file), file, true);
    }
    addUnlisted(files.directory());
    Path archive = files.directory().resolve(LogFiles.ARCHIVE);
    if (files.disk().exists(archive)) {
      addUnlisted(archive);
    }
    bases.sort(Comparator.comparingLong(base -> base.file().sequence()));
    segments.sort(Comparator.comparingLong(segment -> segment.file().sequence()));
  }

  private void addUnlisted(Path directory) throws IOException {
    Pattern name =
        Pattern.compile(
            Pattern.quote(files.names().prefix())
                + "\\.([0-9]{1,18})\\.(base\\.rdb|base\\.aof|incr\\.aof)");
    for (Path path : files.disk().list(directory)) {
      Matcher matcher = name.matcher(LogHome.name(path));
      if (matcher.matches()) {
        boolean increment = matcher.group(2).startsWith("incr");
        long sequence = Long.parseLong(matcher.group(1));
        LogFile.Kind kind = increment ? LogFile.Kind.INCR : LogFile.Kind.BASE;
        LogFile file = new LogFile(LogHome.name(path), sequence, kind);
        if (!isKnown(file)) {
          add(path, file, false);
        }
      }
    }
  }

  private boolean isKnown(LogFile file) {
    return bases.stream().anyMatch(base -> base.file().name().equals(file.name()))
        || segments.stream().anyMatch(segment -> segment.file().name().equals(file.name()));
  }

  private void add(Path path, LogFile file, boolean listed) throws IOException {
    try {
      switch (file.kind()) {
        case BASE, HISTORY -> bases.add(base(path, file, listed));
        case INCR -> segments.add(segment(path, file, listed));
      }
    } catch (IOException e) {
      if (listed) {
        throw e;
      }
      // Not part of the log: it was deleted meanwhile, or is no good; what is left has to do.
    }
  }

  // ---- Places ----------------------------------------------------------------------------------

  private Base base(Path path, LogFile file, boolean listed) throws IOException {
    if (!isRdb(path)) {
      return new Base(path, file, null, listed ? commandBytes(path) : -1, listed);
    }
    Position at = cutAt(path);
    // What is named like a file of commands may have some behind the RDB part.
    return new Base(path, file, at, at == null && file.isRdb() ? 0 : -1, listed);
  }

  private boolean isRdb(Path path) throws IOException {
    try (ReadableByteChannel channel = files.disk().read(path, 0);
        RdbInput in = new RdbInput(path.toString(), channel, 1 << 12)) {
      return !in.isAtEnd() && in.readByte() == 'R';
    }
  }

  private long commandBytes(Path path) throws IOException {
    try (ReadableByteChannel channel = files.disk().read(path, 0);
        SegmentReader reader = new SegmentReader(path.toString(), channel, -1)) {
      while (reader.next() != SegmentReader.Item.END) {
        // Counted by the reader.
      }
      return reader.commandBytes();
    }
  }

  private @Nullable Position cutAt(Path path) throws IOException {
    String id = "";
    String offset = "";
    try (ReadableByteChannel channel = files.disk().read(path, 0);
        RdbInput in = new RdbInput(path.toString(), channel, 1 << 12)) {
      int _ = in.readSignature();
      for (int i = 0; i < MAX_FACTS && in.readByte() == RdbOpcode.AUX.code(); i++) {
        String name = in.readText();
        String value = in.readText();
        switch (name) {
          case "repl-id" -> id = value;
          case "repl-offset" -> offset = value;
          default -> {} // Other facts.
        }
      }
    }
    return Position.isId(id) && offset.matches("[0-9]{1,18}")
        ? new Position(id, Long.parseLong(offset))
        : null;
  }

  private Segment segment(Path path, LogFile file, boolean listed) throws IOException {
    Mark first = firstMark(path);
    Mark last = first == null ? null : lastMark(path);
    return new Segment(
        path,
        file,
        first == null ? null : first.position(),
        first == null ? 0 : first.wallMillis(),
        last == null ? null : last.position(),
        listed);
  }

  private @Nullable Mark firstMark(Path path) throws IOException {
    try (ReadableByteChannel channel = files.disk().read(path, 0);
        SegmentReader reader = new SegmentReader(path.toString(), channel, -1)) {
      SegmentReader.Item item = reader.next();
      while (item == SegmentReader.Item.ANNOTATION) {
        item = reader.next();
      }
      return item == SegmentReader.Item.MARK ? reader.mark() : null;
    } catch (LogDamage _) {
      return null; // Said by who reads it whole.
    }
  }

  /// The mark that the file ends with.
  private @Nullable Mark lastMark(Path path) throws IOException {
    long size = files.disk().size(path);
    byte[] tail = new byte[(int) Math.min(size, TAIL_BYTES)];
    ByteBuffer into = ByteBuffer.wrap(tail);
    try (ReadableByteChannel channel = files.disk().read(path, size - tail.length)) {
      int read = 0;
      while (into.hasRemaining() && read >= 0) {
        read = channel.read(into);
      }
    }
    String text = new String(tail, StandardCharsets.ISO_8859_1);
    int start = text.lastIndexOf('#');
    return start >= 0 && text.endsWith("\r\n")
        ? Mark.parse(text.substring(start, text.length() - 2))
        : null;
  }

  // ---- Chains ----------------------------------------------------------------------------------

  /// A base and the segments that follow it, ascending.
  record Chain(Base base, List<Segment> segments) {
    /// Where the first segment begins if it does not tell itself; as a server that loads it counts.
    long startOffset() {
      Position at = base.at();
      return at == null ? base.commandBytes() : at.offset();
    }
  }

  /// Where one may start from to get there, the best first.
  List<Chain> chains(Target target) {
    List<Chain> chains = new ArrayList<>();
    for (Base base : bases.reversed()) {
      Chain chain = chain(base);
      if (chain != null && mayReach(chain, target)) {
        chains.add(chain);
      }
    }
    if (manifest.base() == null) {
      Chain bare = bare();
      if (bare != null) {
        chains.add(bare);
      }
    }
    return chains;
  }

  /// A log without a base.
  private @Nullable Chain bare() {
    List<Segment> listed = segments.stream().filter(Segment::listed).toList();
    if (listed.isEmpty()) {
      return null;
    }
    Segment first = listed.getFirst();
    return new Chain(new Base(first.path(), first.file(), first.start(), 0, false), listed);
  }

  private boolean mayReach(Chain chain, Target target) {
    return switch (target) {
      case Target.Offset(long offset) ->
          Math.max(chain.startOffset(), 0) <= offset && isOfThisHistory(chain.base());
      case Target.Time(long wallMillis) ->
          chain.segments().isEmpty() || chain.segments().getFirst().startMillis() <= wallMillis;
    };
  }

  private @Nullable Chain chain(Base base) {
    if (base.listed()) {
      return new Chain(base, segments.stream().filter(Segment::listed).toList());
    }
    Position at = base.at();
    if (at == null) {
      return null;
    }
    for (int i = 0; i < segments.size(); i++) {
      if (at.equals(segments.get(i).start())) {
        return new Chain(base, segments.subList(i, segments.size()));
      }
    }
    return null;
  }

  /// Offsets of another history mean nothing here: one that ended when a server was started without
  /// its log, say.
  private boolean isOfThisHistory(Base base) {
    Position at = base.at();
    return base.listed() || at == null || ids().contains(at.replicationId());
  }

  private Set<String> ids() {
    Set<String> ids = new HashSet<>();
    for (Base base : bases) {
      Position at = base.at();
      if (base.listed() && at != null) {
        ids.add(at.replicationId());
      }
    }
    Segment later = null;
    for (Segment segment : segments.reversed()) {
      Position start = segment.start();
      Position end = segment.end();
      boolean follows =
          later == null
              || (end != null && later.start() != null && end.offset() == later.start().offset());
      if (start == null || !follows) {
        break;
      }
      ids.add(start.replicationId());
      if (end != null) {
        ids.add(end.replicationId());
      }
      later = segment;
    }
    return ids;
  }

  /// The replication ID at the end; empty if nothing tells it.
  String lastId() {
    for (Segment segment : segments.reversed()) {
      Position end = segment.end() != null ? segment.end() : segment.start();
      if (segment.listed() && end != null) {
        return end.replicationId();
      }
    }
    for (Base base : bases) {
      Position at = base.at();
      if (base.listed() && at != null) {
        return at.replicationId();
      }
    }
    return "";
  }

  /// Reads every segment that the manifest names, mark by mark, and returns where the last one
  /// ends.
  ///
  /// @throws LogDamage if one is damaged
  /// @throws RestoreException if one does not follow from the one before
  SegmentCut verify() throws IOException {
    long offset = -1;
    for (Base base : bases) {
      if (base.listed()) {
        Position at = base.at();
        offset = at == null ? base.commandBytes() : at.offset();
      }
    }
    SegmentCut end = new SegmentCut(0, Math.max(offset, 0), 0, false, 0, false);
    for (Segment segment : segments) {
      if (!segment.listed()) {
        continue;
      }
      Position start = segment.start();
      if (start != null && offset >= 0 && start.offset() != offset) {
        throw new RestoreException(
            segment.path() + " begins at offset " + start.offset() + " (expected: " + offset + ")");
      }
      long from = start == null ? offset : start.offset();
      Target all = new Target.Offset(Long.MAX_VALUE);
      end = SegmentCut.find(files.disk(), segment.path(), from, all, Long.MAX_VALUE);
      offset = end.offset();
    }
    return end;
  }

  /// What one can go back to, for messages.
  String describe() {
    StringBuilder text = new StringBuilder();
    for (Base base : bases) {
      Chain chain = chain(base);
      if (chain != null && !chain.segments().isEmpty()) {
        Segment first = chain.segments().getFirst();
        text.append(text.isEmpty() ? "" : "; ").append(base.file().name());
        Position at = first.start();
        if (at != null) {
          text.append(" from offset ").append(at.offset());
          text.append(", ").append(java.time.Instant.ofEpochMilli(first.startMillis()));
        }
      }
    }
    return text.isEmpty() ? "nothing" : text.toString();
  }
}
