package carnelian.keyspace;

import java.util.Locale;

/// How a value lies in memory, per type. Two of our encodings may have one name in Redis: a raw
/// string is kept in its entry while it is small and in an allocation of its own when it is not.
public enum Encoding {
  STRING_INT(Type.STRING, 0, "int"),
  STRING_EMBSTR(Type.STRING, 1, "embstr"),
  STRING_RAW(Type.STRING, 2, "raw"),
  /// A raw string whose entry holds a reference to its bytes.
  STRING_BLOB(Type.STRING, 3, "raw"),
  /// One node. Redis 7.2 calls it listpack; the name here is 7.0's, which knows only one.
  LIST_LISTPACK(Type.LIST, 0, "quicklist"),
  LIST_QUICKLIST(Type.LIST, 1, "quicklist"),
  SET_INTSET(Type.SET, 0, "intset"),
  SET_LISTPACK(Type.SET, 1, "listpack"),
  SET_HASHTABLE(Type.SET, 2, "hashtable"),
  ZSET_LISTPACK(Type.ZSET, 0, "listpack"),
  ZSET_SKIPLIST(Type.ZSET, 1, "skiplist"),
  HASH_LISTPACK(Type.HASH, 0, "listpack"),
  HASH_HASHTABLE(Type.HASH, 1, "hashtable"),
  /// Fields, values and deadlines: some field has one. So has the next.
  HASH_LISTPACK_EX(Type.HASH, 2, "listpackex"),
  HASH_HASHTABLE_EX(Type.HASH, 3, "hashtable"),
  STREAM(Type.STREAM, 0, "stream");

  private static final int CODES = 8;
  private static final Encoding[] BY_CODES = byCodes();

  private final Type type;
  private final int code;
  private final String word;

  Encoding(Type type, int code, String word) {
    this.type = type;
    this.code = code;
    this.word = word;
  }

  public Type type() {
    return type;
  }

  /// The code within the type; it never reaches disk.
  public int code() {
    return code;
  }

  /// What `OBJECT ENCODING` replies.
  public String word() {
    return word;
  }

  static Encoding of(int typeCode, int encodingCode) {
    return BY_CODES[typeCode * CODES + encodingCode];
  }

  private static Encoding[] byCodes() {
    Encoding[] table = new Encoding[CODES * CODES];
    for (Encoding encoding : values()) {
      table[encoding.type.code() * CODES + encoding.code] = encoding;
    }
    return table;
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
