package carnelian.keyspace;

/// What a key holds. The codes stand in the low bits of an entry's first byte; they never reach
/// disk.
public enum Type {
  STRING(0, "string"),
  LIST(1, "list"),
  SET(2, "set"),
  ZSET(3, "zset"),
  HASH(4, "hash"),
  STREAM(5, "stream");

  private static final Type[] BY_CODE = values();

  private final int code;
  private final String word;

  Type(int code, String word) {
    this.code = code;
    this.word = word;
  }

  public int code() {
    return code;
  }

  /// What `TYPE` replies.
  public String word() {
    return word;
  }

  public static Type ofCode(int code) {
    return BY_CODE[code];
  }
}
