package carnelian.structures;

import carnelian.memory.Memory;
import carnelian.memory.View;

/// The record of everything that stands in a hash table, as it lies in off-heap memory: a key of
/// the keyspace, a field of a hash, a member of a set or of a sorted set.
///
/// | offset | size | field         | meaning                                                   |
/// |-------:|-----:|---------------|-----------------------------------------------------------|
/// |      0 |    1 | `kind`        | bits 0-2 type, 3-5 encoding, 6 has a deadline, 7 is wide  |
/// |      1 |    3 | `accessClock` | LRU or LFU, as Redis's 24 bits                            |
/// |      4 |    2 | `keyLength`   | narrow form: both lengths are below 65,536                |
/// |      6 |    2 | `valueLength` | narrow form                                               |
/// |      4 |    4 | `keyLength`   | wide form                                                 |
/// |      8 |    4 | `valueLength` | wide form only                                            |
/// |      8 |    8 | `deadline`    | Unix time in ms, only if bit 6; at 12 in the wide form    |
/// |      8 |    … | key, value    | after the fields that are there: at 8, 12, 16 or 20       |
///
/// What the type and encoding numbers mean is the keyspace's business. The key never changes; the
/// value's length and the presence of a deadline change only by writing a new entry. The value is
/// bytes in place, or an integer, a score or a reference of eight bytes: the encoding says which.
///
/// In memory only: never written to disk, little-endian, free to change. The entry belongs to the
/// hash table's owner, who frees it; writers have touched it before; readers of a snapshot pass a
/// pinned address.
public final class EntryLayout {
  /// Bytes before the key of a narrow entry without deadline.
  public static final int HEADER_BYTES = 8;

  public static final int MAX_TYPE = 7;
  public static final int MAX_ENCODING = 7;

  /// Both lengths of a narrow entry are at most this.
  public static final int MAX_NARROW_LENGTH = 0xffff;

  static final int KIND = 0;
  static final int ACCESS_CLOCK = 1;
  static final int NARROW_KEY_LENGTH = 4;
  static final int NARROW_VALUE_LENGTH = 6;
  static final int WIDE_KEY_LENGTH = 4;
  static final int WIDE_VALUE_LENGTH = 8;

  private static final int TYPE_MASK = 7;
  private static final int ENCODING_SHIFT = 3;
  private static final int DEADLINE_BIT = 1 << 6;
  private static final int WIDE_BIT = 1 << 7;
  private static final int DEADLINE_BYTES = 8;
  private static final int WIDE_BYTES = 4;
  private static final int CLOCK_MASK = 0xff_ffff;

  private EntryLayout() {}

  /// The size of an entry, to allocate it.
  public static long bytesFor(int keyLength, int valueLength, boolean hasDeadline) {
    return HEADER_BYTES
        + (isWide(keyLength, valueLength) ? WIDE_BYTES : 0)
        + (hasDeadline ? DEADLINE_BYTES : 0)
        + (long) keyLength
        + valueLength;
  }

  /// The size of an entry that is there.
  public static long bytes(long entry) {
    return value(entry) - entry + valueLength(entry);
  }

  /// Pins the whole entry in a view, live or snapshot, and returns where it can be read.
  public static long pin(View view, long entry) {
    long header = view.pin(entry, HEADER_BYTES);
    long pinned = isWide(header) ? view.pin(entry, HEADER_BYTES + WIDE_BYTES) : header;
    return view.pin(entry, Math.toIntExact(bytes(pinned)));
  }

  /// Writes header and key; the access clock is zero, the value is left to the caller.
  public static void write(
      long entry, int type, int encoding, long keyAt, int keyLength, int valueLength) {
    writeHeader(entry, type, encoding, 0, keyLength, valueLength);
    Memory.copy(keyAt, key(entry), keyLength);
  }

  /// As [#write], with a deadline.
  public static void writeVolatile(
      long entry,
      int type,
      int encoding,
      long deadlineMillis,
      long keyAt,
      int keyLength,
      int valueLength) {
    writeHeader(entry, type, encoding, DEADLINE_BIT, keyLength, valueLength);
    deadline(entry, deadlineMillis);
    Memory.copy(keyAt, key(entry), keyLength);
  }

  private static void writeHeader(
      long entry, int type, int encoding, int deadlineBit, int keyLength, int valueLength) {
    int kind = type | (encoding << ENCODING_SHIFT) | deadlineBit;
    if (isWide(keyLength, valueLength)) {
      Memory.putLong(entry, (kind | WIDE_BIT) | ((long) keyLength << 32));
      Memory.putInt(entry + WIDE_VALUE_LENGTH, valueLength);
    } else {
      Memory.putLong(entry, kind | ((long) keyLength << 32) | ((long) valueLength << 48));
    }
  }

  private static boolean isWide(int keyLength, int valueLength) {
    return (keyLength | valueLength) > MAX_NARROW_LENGTH;
  }

  public static int type(long entry) {
    return Memory.getByte(entry + KIND) & TYPE_MASK;
  }

  public static int encoding(long entry) {
    return (Memory.getByte(entry + KIND) >>> ENCODING_SHIFT) & MAX_ENCODING;
  }

  /// Changes type and encoding; the value's length stays.
  public static void kind(long entry, int type, int encoding) {
    int form = Memory.getByte(entry + KIND) & (DEADLINE_BIT | WIDE_BIT);
    Memory.putByte(entry + KIND, (byte) (form | type | (encoding << ENCODING_SHIFT)));
  }

  public static boolean hasDeadline(long entry) {
    return (Memory.getByte(entry + KIND) & DEADLINE_BIT) != 0;
  }

  public static boolean isWide(long entry) {
    return Memory.getByte(entry + KIND) < 0;
  }

  /// Unix time in ms. The entry has a deadline.
  public static long deadline(long entry) {
    return Memory.getLong(deadlineAt(entry));
  }

  /// The entry has room for a deadline: [#hasDeadline].
  public static void deadline(long entry, long unixMillis) {
    Memory.putLong(deadlineAt(entry), unixMillis);
  }

  private static long deadlineAt(long entry) {
    return entry + HEADER_BYTES + ((Memory.getByte(entry + KIND) & WIDE_BIT) >>> 5);
  }

  /// Redis's 24 bits: LRU seconds, or LFU minutes and counter.
  public static int accessClock(long entry) {
    return (Memory.getInt(entry) >>> 8) & CLOCK_MASK;
  }

  public static void accessClock(long entry, int clock) {
    Memory.putInt(entry, (Memory.getInt(entry) & 0xff) | (clock << 8));
  }

  /// Address of the key's bytes.
  public static long key(long entry) {
    return entry + keyOffset(Memory.getByte(entry + KIND));
  }

  private static int keyOffset(long kind) {
    // Bit 7 is worth 4 bytes, bit 6 is worth 8.
    return HEADER_BYTES + (int) ((kind & WIDE_BIT) >>> 5) + (int) ((kind & DEADLINE_BIT) >>> 3);
  }

  public static int keyLength(long entry) {
    return keyLengthOf(Memory.getLong(entry));
  }

  private static int keyLengthOf(long header) {
    int lengths = (int) (header >>> 32);
    return (header & WIDE_BIT) == 0 ? lengths & MAX_NARROW_LENGTH : lengths;
  }

  /// Address of the value's bytes.
  public static long value(long entry) {
    long header = Memory.getLong(entry);
    return entry + keyOffset(header) + keyLengthOf(header);
  }

  public static int valueLength(long entry) {
    long header = Memory.getLong(entry);
    return (header & WIDE_BIT) == 0
        ? (int) (header >>> 48)
        : Memory.getInt(entry + WIDE_VALUE_LENGTH);
  }

  /// Whether the value could be `valueLength` bytes long without a new entry: the entry would have
  /// the same form. The caller sees to it that the allocation is big enough.
  public static boolean canHold(long entry, int valueLength) {
    return isWide(entry) || valueLength <= MAX_NARROW_LENGTH;
  }

  /// Changes the value's length; [#canHold] has said yes.
  public static void valueLength(long entry, int length) {
    if (isWide(entry)) {
      Memory.putInt(entry + WIDE_VALUE_LENGTH, length);
    } else {
      Memory.putShort(entry + NARROW_VALUE_LENGTH, (short) length);
    }
  }

  /// Whether the entry's key is these bytes.
  static boolean hasKey(long entry, long keyAt, int keyLength) {
    long header = Memory.getLong(entry);
    return keyLengthOf(header) == keyLength
        && equalBytes(entry + keyOffset(header), keyAt, keyLength);
  }

  /// Compares the entry's key with these bytes, as unsigned bytes, the shorter first.
  static int compareKey(long entry, long keyAt, int keyLength) {
    long header = Memory.getLong(entry);
    return Memory.compare(entry + keyOffset(header), keyLengthOf(header), keyAt, keyLength);
  }

  private static boolean equalBytes(long a, long b, int length) {
    if (length >= 8) {
      int last = length - 8;
      for (int i = 0; i < last; i += 8) {
        if (Memory.getLong(a + i) != Memory.getLong(b + i)) {
          return false;
        }
      }
      return Memory.getLong(a + last) == Memory.getLong(b + last);
    }
    if (length >= 4) {
      return Memory.getInt(a) == Memory.getInt(b)
          && Memory.getInt(a + length - 4) == Memory.getInt(b + length - 4);
    }
    for (int i = 0; i < length; i++) {
      if (Memory.getByte(a + i) != Memory.getByte(b + i)) {
        return false;
      }
    }
    return true;
  }
}
