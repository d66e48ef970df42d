package carnelian.persistence.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/// Reads one segment without applying it, to tell a torn tail from damage;
/// docs/formats/log.md#damage.
public final class SegmentCheck {
  private static final int CHUNK_BYTES = 1 << 18;

  /// How much of a large file's end is read first: if that is well, and proves that the rest was on
  /// disk, nothing can be torn.
  private static final int END_BYTES = 1 << 23;

  private static final String MARK_LINE = "\n" + Mark.START;

  private final Disk disk;

  public SegmentCheck(Disk disk) {
    this.disk = disk;
  }

  /// What a segment is like.
  ///
  /// @param goodBytes up to here it can be loaded
  /// @param damage what stands behind that; null if nothing does
  /// @param torn the damage is what a crash leaves: what follows was never on disk for sure
  /// @param checksum of what stands behind the last good mark
  /// @param provenBytes up to here a mark proves that the file was on disk; -1 if it has no marks
  public record Result(
      long goodBytes,
      @Nullable LogDamage damage,
      boolean torn,
      CRC32C checksum,
      long provenBytes) {}

  /// Reads the whole file, or so much of its end that the rest cannot be torn. The rest may be
  /// damaged all the same: that is found when it is loaded.
  Result checkEnd(Path file) throws IOException {
    long bytes = disk.size(file);
    if (bytes > 2 * END_BYTES) {
      Result end = check(file, bytes - END_BYTES);
      if (end != null) {
        return end;
      }
    }
    return check(file);
  }

  /// From the first mark behind a place; null if that does not tell enough.
  private @Nullable Result check(Path file, long from) throws IOException {
    ByteBuffer chunk = ByteBuffer.allocate(CHUNK_BYTES);
    try (ReadableByteChannel channel = disk.read(file, from)) {
      while (chunk.hasRemaining() && channel.read(chunk) >= 0) {
        // Until it is full.
      }
    }
    String text = new String(chunk.array(), 0, chunk.position(), StandardCharsets.ISO_8859_1);
    int at = text.indexOf(MARK_LINE);
    int end = at < 0 ? -1 : text.indexOf("\r\n", at);
    Mark first = end < 0 ? null : Mark.parse(text.substring(at + 1, end));
    if (first == null) {
      return null;
    }
    long start = from + end + 2;
    long offset = first.position().offset();
    try (ReadableByteChannel channel = disk.read(file, start);
        SegmentReader reader = new SegmentReader(file.toString(), channel, start, offset)) {
      while (reader.next() != SegmentReader.Item.END) {
        // Each item is verified as it is read.
      }
      boolean proves = reader.marks() > 0 && reader.durableOffset() >= offset;
      if (!proves || reader.endsWithinBatch()) {
        return null;
      }
      long proven = Math.max(start, reader.provenBytes());
      return new Result(reader.position(), null, false, reader.takeChecksum(), proven);
    } catch (LogDamage _) {
      return null; // What it means is for a look at the whole to say.
    }
  }

  /// Reads the whole file.
  public Result check(Path file) throws IOException {
    try (ReadableByteChannel channel = disk.read(file, 0);
        SegmentReader reader = new SegmentReader(file.toString(), channel, -1)) {
      try {
        while (reader.next() != SegmentReader.Item.END) {
          // Each item is verified as it is read.
        }
        if (reader.endsWithinBatch()) {
          throw reader.missingMark();
        }
        return new Result(reader.position(), null, false, reader.takeChecksum(), proven(reader));
      } catch (LogDamage damage) {
        boolean torn = isTorn(file, damage, reader);
        CRC32C checksum = checksum(file, reader.markedBytes(), damage.goodBytes());
        return new Result(damage.goodBytes(), damage, torn, checksum, proven(reader));
      }
    }
  }

  private static long proven(SegmentReader reader) {
    return reader.marks() == 0 ? -1 : reader.provenBytes();
  }

  private boolean isTorn(Path file, LogDamage damage, SegmentReader reader) throws IOException {
    if (reader.marks() == 0 && damage.kind() != LogDamage.Kind.TRUNCATED) {
      return false;
    }
    return !laterMarkProves(file, damage.goodBytes(), damage.goodOffset());
  }

  /// Whether a mark behind the place says that more than the offset was on disk.
  private boolean laterMarkProves(Path file, long from, long offset) throws IOException {
    byte[] bytes = new byte[CHUNK_BYTES];
    int kept = 0;
    try (ReadableByteChannel channel = disk.read(file, from)) {
      while (true) {
        int read = channel.read(ByteBuffer.wrap(bytes, kept, bytes.length - kept));
        if (read < 0) {
          return proves(new String(bytes, 0, kept, StandardCharsets.ISO_8859_1), offset);
        }
        int length = kept + read;
        if (length == bytes.length) {
          if (proves(new String(bytes, 0, length, StandardCharsets.ISO_8859_1), offset)) {
            return true;
          }
          // A mark may lie across two chunks.
          System.arraycopy(bytes, length - Mark.MAX_BYTES, bytes, 0, Mark.MAX_BYTES);
          length = Mark.MAX_BYTES;
        }
        kept = length;
      }
    }
  }

  private static boolean proves(String text, long offset) {
    int at = text.indexOf(Mark.START);
    while (at >= 0) {
      int end = text.indexOf("\r\n", at);
      if (end >= 0 && end - at <= Mark.MAX_BYTES) {
        Mark mark = Mark.parse(text.substring(at, end));
        if (mark != null && mark.durableOffset() > offset) {
          return true;
        }
      }
      at = text.indexOf(Mark.START, at + 1);
    }
    return false;
  }

  private CRC32C checksum(Path file, long from, long to) throws IOException {
    CRC32C crc = new CRC32C();
    ByteBuffer buffer = ByteBuffer.allocate(CHUNK_BYTES);
    long left = to - from;
    try (ReadableByteChannel channel = disk.read(file, from)) {
      while (left > 0) {
        buffer.clear().limit((int) Math.min(left, CHUNK_BYTES));
        int read = channel.read(buffer);
        if (read < 0) {
          break;
        }
        crc.update(buffer.flip());
        left -= read;
      }
    }
    return crc;
  }
}
