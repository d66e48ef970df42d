package carnelian.persistence.restore;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneId;

/// The moment in a history that somebody wants back.
public sealed interface Target {
  /// Every command that ends at this replication offset or before it.
  record Offset(long offset) implements Target {}

  /// Everything that was written at this time or before it, in Unix ms.
  record Time(long wallMillis) implements Target {}

  /// Understands `--offset`.
  static Target offset(String text) throws RestoreException {
    if (!text.matches("[0-9]{1,18}")) {
      throw new RestoreException("--offset " + text + ": expected a number of bytes");
    }
    return new Offset(Long.parseLong(text));
  }

  /// Understands `--to`: ISO 8601 (`2026-11-21T14:03:00Z`, `2026-11-21T14:03:00.250+01:00`, without
  /// a zone in that of the machine), or Unix time in seconds or, from twelve digits on, in ms.
  static Target time(String text, ZoneId zone) throws RestoreException {
    return new Time(millis(text, zone));
  }

  private static long millis(String text, ZoneId zone) throws RestoreException {
    if (text.matches("[0-9]{1,11}")) {
      return Long.parseLong(text) * 1000;
    }
    if (text.matches("[0-9]{12,15}")) {
      return Long.parseLong(text);
    }
    String iso = text.trim().replace(' ', 'T');
    try {
      return iso.matches(".*(Z|z|[+-][0-9:]{2,8})") && iso.indexOf('T') > 0
          ? withZone(iso)
          : LocalDateTime.parse(iso).atZone(zone).toInstant().toEpochMilli();
    } catch (DateTimeException e) {
      throw new RestoreException(
          "--to " + text + ": expected a time such as 2026-11-21T14:03:00Z, or Unix seconds");
    }
  }

  private static long withZone(String iso) {
    return iso.toUpperCase(java.util.Locale.ROOT).endsWith("Z")
        ? Instant.parse(iso).toEpochMilli()
        : OffsetDateTime.parse(iso).toInstant().toEpochMilli();
  }
}
