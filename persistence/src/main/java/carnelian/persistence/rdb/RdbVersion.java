package carnelian.persistence.rdb;

/// RDB versions and who writes them. Redis counts from 1; Valkey went on at 80, so that the two
/// cannot be mistaken for each other.
public final class RdbVersion {
  /// The first with a checksum at the end.
  public static final int CHECKSUM_SINCE = 5;

  public static final int REDIS_4 = 8;
  public static final int REDIS_5 = 9;
  public static final int REDIS_7 = 10;
  public static final int REDIS_7_2 = 11;
  public static final int REDIS_7_4 = 12;
  public static final int VALKEY_9 = 80;

  /// What Carnelian can write.
  public static final int OLDEST_WRITABLE = REDIS_5;

  public static final int NEWEST_WRITABLE = REDIS_7_4;

  private RdbVersion() {}

  /// The version in which to write data, of which fields of some hashes may have deadlines, under
  /// `rdb-version`: under `auto` (0) what Redis 7.0 reads, unless that would lose the deadlines.
  public static int toWrite(int configured, boolean fieldsHaveDeadlines) {
    if (configured != 0) {
      return configured;
    }
    return fieldsHaveDeadlines ? REDIS_7_4 : REDIS_7;
  }

  /// Whether files of this version are Valkey's own.
  public static boolean isValkey(int version) {
    return version >= VALKEY_9;
  }

  /// Whether Carnelian reads files of this version.
  public static boolean isReadable(int version) {
    return (version >= 1 && version <= REDIS_7_4) || version == VALKEY_9;
  }
}
