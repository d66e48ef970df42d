package carnelian.persistence.log;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/// A line of the log that says where in the history it stands, when it was written, what was on
/// disk by then, and the checksum of what stands before it; docs/formats/log.md#marks. To Redis it
/// is a comment.
///
/// ```
/// #MARK:<replication ID>:<offset>:<unix ms>:<durable offset>:<CRC-32C>\r\n
/// ```
///
/// @param position of what follows the mark
/// @param wallMillis when it was written
/// @param durableOffset up to here everything was on disk by then
/// @param crc CRC-32C of the file's bytes from behind the mark before, or from its start, to this
///   mark's last colon
public record Mark(Position position, long wallMillis, long durableOffset, int crc) {
  /// What every mark begins with.
  static final String START = "#MARK:";

  /// No mark is longer, its line end included; Redis takes annotations of up to 1023 bytes.
  static final int MAX_BYTES = 128;

  private static final int FIELDS = 6;
  private static final int CRC_DIGITS = 8;

  /// The line up to and including the last colon: what the checksum goes over.
  private static String open(Position position, long wallMillis, long durableOffset) {
    return START
        + position.replicationId()
        + ':'
        + position.offset()
        + ':'
        + wallMillis
        + ':'
        + durableOffset
        + ':';
  }

  /// The line of a mark. `crc` has seen what the file holds since the mark before; it is ready for
  /// the next one afterwards.
  public static byte[] print(Position position, long wallMillis, long durableOffset, CRC32C crc) {
    String open = open(position, wallMillis, durableOffset);
    crc.update(open.getBytes(StandardCharsets.US_ASCII));
    String line = open + HexFormat.of().toHexDigits((int) crc.getValue()) + "\r\n";
    crc.reset();
    return line.getBytes(StandardCharsets.US_ASCII);
  }

  /// How many bytes of the line the checksum goes over.
  static int checkedBytes(String line) {
    return line.lastIndexOf(':') + 1;
  }

  /// Understands a line without its line end; null if it is no mark.
  public static @Nullable Mark parse(String line) {
    if (!line.startsWith(START) || line.length() > MAX_BYTES) {
      return null;
    }
    String[] fields = line.split(":", -1);
    if (fields.length != FIELDS || !Position.isId(fields[1])) {
      return null;
    }
    for (int i = 2; i < FIELDS - 1; i++) {
      if (!fields[i].matches("0|[1-9][0-9]{0,17}")) {
        return null;
      }
    }
    String crc = fields[FIELDS - 1];
    if (crc.length() != CRC_DIGITS || !crc.matches("[0-9a-f]*")) {
      return null;
    }
    return new Mark(
        new Position(fields[1], Long.parseLong(fields[2])),
        Long.parseLong(fields[3]),
        Long.parseLong(fields[4]),
        HexFormat.fromHexDigits(crc));
  }
}
