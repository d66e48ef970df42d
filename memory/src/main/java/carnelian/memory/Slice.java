package carnelian.memory;

import java.nio.charset.StandardCharsets;

/// A mutable window on memory: an argument, a key, a value. It owns nothing and is valid as long as
/// its giver says. Two slices are never `equals`; see [#contentEquals].
public final class Slice {
  /// Redis's `LONG_STR_SIZE` less the terminator: no more characters can be a number.
  private static final int MAX_LONG_LENGTH = 20;

  public long at;
  public int length;
  private long number;

  public Slice() {}

  public Slice(long at, int length) {
    this.at = at;
    this.length = length;
  }

  public Slice set(long at, int length) {
    this.at = at;
    this.length = length;
    return this;
  }

  public Slice set(Slice other) {
    return set(other.at, other.length);
  }

  public boolean isEmpty() {
    return length == 0;
  }

  /// The address behind the last byte.
  public long end() {
    return at + length;
  }

  public byte byteAt(int index) {
    if (index < 0 || index >= length) {
      throw new IndexOutOfBoundsException(
          "slice: byte " + index + " (expected: 0 to " + (length - 1) + ")");
    }
    return Memory.getByte(at + index);
  }

  /// True if the bytes are those of an ASCII word, in whatever case.
  public boolean isIgnoringCase(String asciiWord) {
    if (length != asciiWord.length()) {
      return false;
    }
    for (int i = 0; i < length; i++) {
      int b = Memory.getByte(at + i);
      int c = asciiWord.charAt(i);
      if (b != c && (lower(b) != lower(c))) {
        return false;
      }
    }
    return true;
  }

  private static int lower(int c) {
    return c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c;
  }

  /// True if the bytes are exactly those of an ASCII word.
  public boolean is(String asciiWord) {
    if (length != asciiWord.length()) {
      return false;
    }
    for (int i = 0; i < length; i++) {
      if (Memory.getByte(at + i) != asciiWord.charAt(i)) {
        return false;
      }
    }
    return true;
  }

  public boolean contentEquals(Slice other) {
    return length == other.length && Memory.equal(at, other.at, length);
  }

  public boolean contentEquals(byte[] bytes) {
    if (length != bytes.length) {
      return false;
    }
    for (int i = 0; i < length; i++) {
      if (Memory.getByte(at + i) != bytes[i]) {
        return false;
      }
    }
    return true;
  }

  /// Orders by unsigned bytes, the shorter first.
  public int compareContent(Slice other) {
    return Memory.compare(at, length, other.at, other.length);
  }

  public boolean startsWith(Slice prefix) {
    return length >= prefix.length && Memory.equal(at, prefix.at, prefix.length);
  }

  public void copyTo(long to) {
    Memory.copy(at, to, length);
  }

  /// True if the bytes are a number as Redis writes it: no plus, no spaces, no leading zeros, no
  /// `-0`, within 64 bits. Then [#asLong] has it.
  public boolean isLong() {
    if (length == 0 || length > MAX_LONG_LENGTH) {
      return false;
    }
    int first = Memory.getByte(at);
    if (first == '0') {
      number = 0;
      return length == 1;
    }
    boolean negative = first == '-';
    int i = negative ? 1 : 0;
    if (i == length || Memory.getByte(at + i) == '0') {
      return false;
    }
    // Negated, because the negative numbers reach further.
    long limit = negative ? Long.MIN_VALUE : -Long.MAX_VALUE;
    long negated = 0;
    for (; i < length; i++) {
      int digit = Memory.getByte(at + i) - '0';
      if (digit < 0 || digit > 9 || negated < Long.MIN_VALUE / 10) {
        return false;
      }
      negated *= 10;
      if (negated < limit + digit) {
        return false;
      }
      negated -= digit;
    }
    number = negative ? negated : -negated;
    return true;
  }

  /// The number that the last [#isLong] found.
  public long asLong() {
    return number;
  }

  /// A copy on the Java heap; [CopyLimitException] if that is too long.
  public byte[] toBytes() {
    CopyLimitException.check(length);
    byte[] bytes = new byte[length];
    Memory.copyOut(at, bytes, 0, length);
    return bytes;
  }

  /// The bytes as Latin-1: one character each.
  @Override
  public String toString() {
    return new String(toBytes(), StandardCharsets.ISO_8859_1);
  }
}
