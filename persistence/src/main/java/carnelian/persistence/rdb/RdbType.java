package carnelian.persistence.rdb;

import org.jspecify.annotations.Nullable;

/// How a value is written: the byte before a key. Codes never change; a new form gets a new code.
///
/// Redis and Valkey went separate ways at 22: which of the two a file means, its version says.
public enum RdbType {
  STRING(0, 1),
  /// Elements as strings, as in Redis up to 3.0 and in others' files.
  LIST(1, 1),
  SET(2, 1),
  /// Members with scores as text.
  ZSET(3, 1),
  HASH(4, 1),
  /// Members with scores as doubles.
  ZSET_2(5, 8),
  /// Of 4.0 release candidates; nobody reads it.
  MODULE_PRE_GA(6, 8),
  MODULE_2(7, 8),
  HASH_ZIPMAP(9, 1),
  LIST_ZIPLIST(10, 1),
  SET_INTSET(11, 1),
  ZSET_ZIPLIST(12, 1),
  HASH_ZIPLIST(13, 4),
  /// Ziplists one after another.
  LIST_QUICKLIST(14, 7),
  STREAM_LISTPACKS(15, 9),
  HASH_LISTPACK(16, 10),
  ZSET_LISTPACK(17, 10),
  /// Listpacks, or single large elements, one after another.
  LIST_QUICKLIST_2(18, 10),
  /// With the first ID, the greatest deleted ID and entries ever added.
  STREAM_LISTPACKS_2(19, 10),
  SET_LISTPACK(20, 11),
  /// With the time a consumer was last active.
  STREAM_LISTPACKS_3(21, 11),
  /// Fields with deadlines, as 7.4 release candidates wrote them.
  HASH_METADATA_PRE_GA(22, 12),
  HASH_LISTPACK_EX_PRE_GA(23, 12),
  /// The earliest deadline, then each field with its distance from it.
  HASH_METADATA(24, 12),
  /// The earliest deadline, then a listpack of field, value, deadline.
  HASH_LISTPACK_EX(25, 12),
  /// Valkey's hash whose fields have deadlines.
  VALKEY_HASH_2(22, RdbVersion.VALKEY_9);

  private static final @Nullable RdbType[] REDIS = table(false);
  private static final @Nullable RdbType[] VALKEY = table(true);

  private final int code;
  private final int sinceVersion;

  RdbType(int code, int sinceVersion) {
    this.code = code;
    this.sinceVersion = sinceVersion;
  }

  /// The byte in the file.
  public int code() {
    return code;
  }

  /// The RDB version that introduced it.
  public int sinceVersion() {
    return sinceVersion;
  }

  /// What `code` means in a file of `version`, or null if nothing. Types newer than the file's
  /// version are known all the same, as in Redis.
  public static @Nullable RdbType of(int code, int version) {
    @Nullable RdbType[] table = RdbVersion.isValkey(version) ? VALKEY : REDIS;
    return code >= 0 && code < table.length ? table[code] : null;
  }

  private static @Nullable RdbType[] table(boolean valkey) {
    @Nullable RdbType[] table = new @Nullable RdbType[26];
    for (RdbType type : values()) {
      boolean shared = type.sinceVersion < RdbVersion.REDIS_7_4;
      if (shared || RdbVersion.isValkey(type.sinceVersion) == valkey) {
        table[type.code] = type;
      }
    }
    return table;
  }
}
