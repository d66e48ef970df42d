package carnelian.persistence.rdb;

import org.jspecify.annotations.Nullable;

/// What stands between keys: the bytes from the top of the range down that are no [RdbType].
public enum RdbOpcode {
  /// Valkey's: slots that are being imported.
  SLOT_IMPORT(243),
  /// Slot, its keys, its keys with a deadline: three lengths. May be skipped.
  SLOT_INFO(244),
  /// One function library: its code as a string.
  FUNCTION_2(245),
  /// Of 7.0 release candidates; nobody reads it.
  FUNCTION_PRE_GA(246),
  /// What a module keeps outside keys.
  MODULE_AUX(247),
  /// Seconds since the next key was accessed: a length.
  IDLE(248),
  /// LFU counter of the next key: a byte.
  FREQ(249),
  /// A fact about the file: two strings.
  AUX(250),
  /// Keys and keys with a deadline in this database: two lengths.
  RESIZEDB(251),
  /// Deadline of the next key: eight bytes of Unix milliseconds.
  EXPIRETIME_MS(252),
  /// Deadline of the next key: four bytes of Unix seconds.
  EXPIRETIME(253),
  /// The database of the keys that follow: a length.
  SELECTDB(254),
  /// The end; the checksum follows.
  EOF(255);

  private static final @Nullable RdbOpcode[] TABLE = table();

  private final int code;

  RdbOpcode(int code) {
    this.code = code;
  }

  /// The byte in the file.
  public int code() {
    return code;
  }

  /// The opcode of this byte, or null if it is a type, or nothing.
  public static @Nullable RdbOpcode of(int code) {
    return code >= 0 && code < TABLE.length ? TABLE[code] : null;
  }

  private static @Nullable RdbOpcode[] table() {
    @Nullable RdbOpcode[] table = new @Nullable RdbOpcode[256];
    for (RdbOpcode opcode : values()) {
      table[opcode.code] = opcode;
    }
    return table;
  }
}
