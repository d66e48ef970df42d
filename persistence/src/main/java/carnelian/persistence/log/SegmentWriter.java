package carnelian.persistence.log;

import carnelian.base.Clock;
import carnelian.memory.Memory;
import carnelian.memory.NativeBuffer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32C;

/// One open segment: commands go in whole, with marks and times as the settings say. After a failed
/// write the segment can be cut back to what it held before.
final class SegmentWriter implements AutoCloseable {
  private static final long MILLIS_PER_SECOND = 1000;

  /// What Redis begins with when it goes on with a file.
  private static final byte[] SELECT = "*2\r\n$6\r\nSELECT".getBytes(StandardCharsets.US_ASCII);

  private static final byte[] BATCH_LINE =
      (SegmentReader.BATCH + "\r\n").getBytes(StandardCharsets.US_ASCII);

  private final LogFile file;
  private final Disk.Appender appender;
  private final Clock clock;
  private final CRC32C crc;
  private long bytes;
  private long timestampSeconds;

  /// The checksum has seen nothing since the last mark.
  private boolean fresh;

  /// It was so before the last write.
  private boolean wasFresh;

  /// Goes on with a file of `bytes` bytes; `crc` has seen what stands behind its last mark.
  SegmentWriter(LogFile file, Disk.Appender appender, Clock clock, CRC32C crc, long bytes) {
    this.file = file;
    this.appender = appender;
    this.clock = clock;
    this.crc = crc;
    this.bytes = bytes;
    fresh = bytes == 0;
    wasFresh = fresh;
  }

  LogFile file() {
    return file;
  }

  /// The file's length.
  long bytes() {
    return bytes;
  }

  /// The first lines of a new segment: once they are on disk, whatever stands behind them and makes
  /// no sense is known to be a torn tail.
  void open(LogSettings settings, Position at, long durableOffset) throws IOException {
    timestamp(settings);
    if (settings.marks()) {
      mark(at, durableOffset);
    }
  }

  /// A mark with nothing before it.
  void mark(Position at, long durableOffset) throws IOException {
    byte[] line = Mark.print(at, clock.wallMillis(), durableOffset, crc);
    fresh = true;
    put(ByteBuffer.wrap(line));
  }

  /// Writes the commands in `[from, end)` of the buffer, which end at `behind`. The mark goes into
  /// the buffer behind them if they are its last, so that it costs no call of its own.
  void write(
      NativeBuffer buffer,
      int from,
      int end,
      LogSettings settings,
      Position behind,
      long durableOffset)
      throws IOException {
    wasFresh = fresh;
    timestamp(settings);
    if (settings.marks() && beginsLikeRedis(buffer, from, end)) {
      annotate(BATCH_LINE);
    }
    fresh = false;
    crc.update(Memory.asByteBuffer(buffer.address() + from, end - from));
    if (!settings.marks()) {
      put(Memory.asByteBuffer(buffer.address() + from, end - from));
    } else if (end == buffer.length()) {
      buffer.put(Mark.print(behind, clock.wallMillis(), durableOffset, crc));
      fresh = true;
      int written = buffer.length() - from;
      try {
        put(Memory.asByteBuffer(buffer.address() + from, written));
      } finally {
        buffer.length(end);
      }
    } else {
      put(Memory.asByteBuffer(buffer.address() + from, end - from));
      mark(behind, durableOffset);
    }
  }

  private void put(ByteBuffer source) throws IOException {
    int count = source.remaining();
    appender.write(source);
    bytes += count;
  }

  /// A line that says when what follows was written.
  static byte[] timestampLine(long seconds) {
    return ("#TS:" + seconds + "\r\n").getBytes(StandardCharsets.US_ASCII);
  }

  private void timestamp(LogSettings settings) throws IOException {
    long seconds = clock.wallMillis() / MILLIS_PER_SECOND;
    if (settings.timestamps() && seconds > timestampSeconds) {
      timestampSeconds = seconds;
      annotate(timestampLine(seconds));
    }
  }

  private void annotate(byte[] line) throws IOException {
    crc.update(line);
    fresh = false;
    put(ByteBuffer.wrap(line));
  }

  private static boolean beginsLikeRedis(NativeBuffer buffer, int from, int end) {
    if (end - from < SELECT.length) {
      return false;
    }
    for (int i = 0; i < SELECT.length; i++) {
      if (Memory.getByte(buffer.address() + from + i) != SELECT[i]) {
        return false;
      }
    }
    return true;
  }

  /// Takes back what a failed write has left.
  void cutBackTo(long length) throws IOException {
    if (!wasFresh) {
      throw new IOException("the checksum of what stands before it is gone");
    }
    appender.truncate(length);
    bytes = length;
    crc.reset();
    fresh = true;
    timestampSeconds = 0;
  }

  void fsync() throws IOException {
    appender.fsync();
  }

  @Override
  public void close() throws IOException {
    appender.close();
  }
}
