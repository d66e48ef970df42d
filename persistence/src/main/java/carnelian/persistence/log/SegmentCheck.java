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
