package carnelian.persistence.restore;

import carnelian.persistence.log.Disk;
import carnelian.persistence.log.LogDamage;
import carnelian.persistence.log.Mark;
import carnelian.persistence.log.SegmentReader;
import java.io.IOException;
import java.nio.channels.ReadableByteChannel;
import java.nio.file.Path;

/// Where in a segment a target lies. Everything up to there is verified on the way: marks, order
/// and checksums; what stands behind it does not matter.
///
/// @param bytes of the file that belong to it: whole commands, transactions and lines
/// @param offset the replication offset there
/// @param markedBytes where the last mark within these bytes ends; 0 if there is none
/// @param marked there is a mark within these bytes
/// @param wallMillis the last time that these bytes tell; 0 if none
/// @param reached what follows is behind the target; else the file ends before that
record SegmentCut(
    long bytes, long offset, long markedBytes, boolean marked, long wallMillis, boolean reached) {

  /// Reads a segment whose first byte has this offset, as far as the target is.
  ///
  /// @param limitBytes what stands behind them is a torn tail
  /// @throws LogDamage if something is wrong before the target
  static SegmentCut find(Disk disk, Path path, long startOffset, Target target, long limitBytes)
      throws IOException {
    try (ReadableByteChannel channel = disk.read(path, 0);
        SegmentReader reader = new SegmentReader(path.toString(), channel, startOffset)) {
      Finder finder = new Finder(reader, startOffset, target, limitBytes);
      return finder.find();
    }
  }

  private static final class Finder {
    private final SegmentReader reader;
    private final Target target;
    private final long limitBytes;
    private SegmentCut cut;

    Finder(SegmentReader reader, long startOffset, Target target, long limitBytes) {
      this.reader = reader;
      this.target = target;
      this.limitBytes = limitBytes;
      cut = new SegmentCut(0, Math.max(startOffset, 0), 0, false, 0, false);
    }

    SegmentCut find() throws IOException {
      while (limitBytes > 0) {
        SegmentReader.Item item = reader.next();
        if (item == SegmentReader.Item.END || reader.goodBytes() > limitBytes) {
          return cut;
        }
        if (isBehind(item)) {
          return reached();
        }
        if (isCertain(item)) {
          take();
        }
        if (reader.goodBytes() == limitBytes) {
          take();
          return cut;
        }
      }
      return cut;
    }

    /// Whether the item shows that the target has been passed.
    private boolean isBehind(SegmentReader.Item item) {
      return switch (target) {
        case Target.Offset(long offset) -> reader.offset() > offset;
        case Target.Time(long wallMillis) ->
            switch (item) {
              case MARK -> markMillis() > wallMillis;
              // `#TS` tells the time of what follows.
              case ANNOTATION -> reader.wallMillis() > wallMillis;
              case COMMAND, END -> false;
            };
      };
    }

    /// Whether what was read is known to be before the target. Commands are as old as the mark
    /// behind them says; where there are no marks, as the annotation before them says.
    private boolean isCertain(SegmentReader.Item item) {
      return switch (target) {
        case Target.Offset _ -> true;
        case Target.Time _ -> item == SegmentReader.Item.MARK || reader.marks() == 0;
      };
    }

    private long markMillis() {
      Mark mark = reader.mark();
      return mark == null ? 0 : mark.wallMillis();
    }

    private void take() {
      cut =
          new SegmentCut(
              reader.goodBytes(),
              Math.max(reader.offset(), 0),
              reader.markedBytes(),
              reader.marks() > 0,
              reader.wallMillis(),
              false);
    }

    private SegmentCut reached() {
      return new SegmentCut(
          cut.bytes(), cut.offset(), cut.markedBytes(), cut.marked(), cut.wallMillis(), true);
    }
  }
}
