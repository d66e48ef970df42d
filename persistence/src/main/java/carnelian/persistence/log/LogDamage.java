package carnelian.persistence.log;

import java.io.IOException;
import java.util.Locale;

/// Bytes of a log file that cannot have been written like this.
public final class LogDamage extends IOException {
  private static final long serialVersionUID = 1L;

  /// What is wrong.
  public enum Kind {
    /// The file ends within a command or a transaction, as after a crash.
    TRUNCATED,
    /// What stands there is no command.
    FORMAT,
    /// A mark says that other bytes were written.
    CHECKSUM,
    /// A mark that does not follow from the one before: a piece is missing, or another log's.
    ORDER
  }

  private final String path;
  private final long at;
  private final Kind kind;
  private final long goodBytes;
  private final long goodOffset;
  private final long goodWallMillis;

  LogDamage(String path, long at, Kind kind, String what, SegmentReader last) {
    super(
        String.format(
            Locale.ROOT,
            "%s:%d: %s (good up to byte %d, offset %d, time %d ms)",
            path,
            at,
            what,
            trusted(kind, last),
            trustedOffset(kind, last),
            last.wallMillis()));
    this.path = path;
    this.at = at;
    this.kind = kind;
    goodBytes = trusted(kind, last);
    goodOffset = trustedOffset(kind, last);
    goodWallMillis = last.wallMillis();
  }

  /// Whether what parsed since the last mark is believed: not in a file with marks, because a crash
  /// may have left a later part of a batch and not an earlier one, and what reads well may be it.
  private static boolean isBelieved(Kind kind, SegmentReader last) {
    return switch (kind) {
      case TRUNCATED, FORMAT -> last.marks() == 0;
      case CHECKSUM, ORDER -> false;
    };
  }

  private static long trusted(Kind kind, SegmentReader last) {
    return isBelieved(kind, last) ? last.goodBytes() : last.markedBytes();
  }

  private static long trustedOffset(Kind kind, SegmentReader last) {
    return isBelieved(kind, last) ? last.offset() : last.markedOffset();
  }

  public String path() {
    return path;
  }

  /// Where in the file the damage was met.
  public long at() {
    return at;
  }

  public Kind kind() {
    return kind;
  }

  /// Bytes of the file that can be relied on: whole commands, transactions and lines.
  public long goodBytes() {
    return goodBytes;
  }

  /// The replication offset behind the last good command; -1 if nothing says it.
  public long goodOffset() {
    return goodOffset;
  }

  /// The last time that the file tells before the damage, in Unix ms; 0 if it tells none.
  public long goodWallMillis() {
    return goodWallMillis;
  }
}
