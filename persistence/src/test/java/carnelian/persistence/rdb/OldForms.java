package carnelian.persistence.rdb;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;

/// Writes RDB as old Redises did, byte by byte, with nothing of the product's own writer.
@SuppressWarnings("ByteBufferBackingArray") // All come from `little`.
final class OldForms {
  private static final int EOF = 0xff;
  private static final int SELECTDB = 0xfe;

  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final int version;

  private OldForms(int version) {
    this.version = version;
    bytes.writeBytes(latin1("REDIS%04d".formatted(version)));
  }

  /// The beginning of a file of this version.
  static OldForms version(int version) {
    return new OldForms(version);
  }

  OldForms database(int index) {
    bytes.write(SELECTDB);
    bytes.write(index);
    return this;
  }

  OldForms put(byte[] raw) {
    bytes.writeBytes(raw);
    return this;
  }

  /// A key with a value that is written as it stands.
  OldForms key(String name, int type, byte[] value) {
    bytes.write(type);
    bytes.writeBytes(string(name));
    bytes.writeBytes(value);
    return this;
  }

  /// The whole file; the checksum is 0, which means none.
  byte[] end() {
    bytes.write(EOF);
    if (version >= 5) {
      bytes.writeBytes(new byte[8]);
    }
    return bytes.toByteArray();
  }

  // ---- Values ----------------------------------------------------------------------------------

  static byte[] latin1(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  static byte[] length(int length) {
    if (length < 64) {
      return new byte[] {(byte) length};
    }
    return length < 1 << 14
        ? new byte[] {(byte) (0x40 | length >> 8), (byte) length}
        : ByteBuffer.allocate(5).put((byte) 0x80).putInt(length).array();
  }

  static byte[] string(String text) {
    return string(latin1(text));
  }

  static byte[] string(byte[] raw) {
    return concat(length(raw.length), raw);
  }

  /// A string that is an integer of one, two or four bytes.
  static byte[] integer(int value) {
    if (value == (byte) value) {
      return new byte[] {(byte) 0xc0, (byte) value};
    }
    return value == (short) value
        ? little(3, 0xc1).putShort(1, (short) value).array()
        : little(5, 0xc2).putInt(1, value).array();
  }

  /// `count` and then the strings: lists, sets, hashes as they were before ziplists.
  static byte[] strings(int count, String... texts) {
    byte[] all = length(count);
    for (String text : texts) {
      all = concat(all, string(text));
    }
    return all;
  }

  /// A score as text, with the codes of what is no finite number.
  static byte[] score(String text) {
    return switch (text) {
      case "nan" -> new byte[] {(byte) 253};
      case "inf" -> new byte[] {(byte) 254};
      case "-inf" -> new byte[] {(byte) 255};
      default -> concat(new byte[] {(byte) text.length()}, latin1(text));
    };
  }

  /// Elements that are integers are written in the narrowest of the encodings.
  static byte[] ziplist(Object... elements) {
    ByteArrayOutputStream entries = new ByteArrayOutputStream();
    int before = 0;
    int tail = 10;
    for (Object element : elements) {
      tail = 10 + entries.size();
      byte[] entry = concat(previousLength(before), ziplistElement(element));
      entries.writeBytes(entry);
      before = entry.length;
    }
    ByteBuffer all = little(10 + entries.size() + 1, 0);
    all.putInt(0, all.capacity()).putInt(4, tail).putShort(8, (short) elements.length);
    all.put(10, entries.toByteArray()).put(all.capacity() - 1, (byte) 0xff);
    return string(all.array());
  }

  private static byte[] previousLength(int bytes) {
    return bytes < 254 ? new byte[] {(byte) bytes} : little(5, 254).putInt(1, bytes).array();
  }

  private static byte[] ziplistElement(Object element) {
    if (element instanceof Number number) {
      return ziplistInteger(number.longValue());
    }
    byte[] text = latin1((String) element);
    if (text.length < 64) {
      return concat(new byte[] {(byte) text.length}, text);
    }
    return text.length < 1 << 14
        ? concat(new byte[] {(byte) (0x40 | text.length >> 8), (byte) text.length}, text)
        : concat(ByteBuffer.allocate(5).put((byte) 0x80).putInt(text.length).array(), text);
  }

  private static byte[] ziplistInteger(long value) {
    if (value >= 0 && value <= 12) {
      return new byte[] {(byte) (0xf1 + value)};
    }
    if (value == (byte) value) {
      return new byte[] {(byte) 0xfe, (byte) value};
    }
    if (value == (short) value) {
      return little(3, 0xc0).putShort(1, (short) value).array();
    }
    if (value == (int) value << 8 >> 8) {
      return new byte[] {(byte) 0xf0, (byte) value, (byte) (value >> 8), (byte) (value >> 16)};
    }
    return value == (int) value
        ? little(5, 0xd0).putInt(1, (int) value).array()
        : little(9, 0xe0).putLong(1, value).array();
  }

  static byte[] zipmap(String... texts) {
    byte[] all = {(byte) (texts.length / 2)};
    for (int i = 0; i < texts.length; i++) {
      byte[] text = latin1(texts[i]);
      all = concat(all, new byte[] {(byte) text.length});
      all = concat(all, i % 2 == 1 ? new byte[1] : new byte[0]); // No slack behind a value.
      all = concat(all, text);
    }
    return string(concat(all, new byte[] {(byte) 0xff}));
  }

  static byte[] intset(int width, long... integers) {
    ByteBuffer all = little(8 + width * integers.length, 0);
    all.putInt(0, width).putInt(4, integers.length);
    for (int i = 0; i < integers.length; i++) {
      int at = 8 + width * i;
      switch (width) {
        case 2 -> all.putShort(at, (short) integers[i]);
        case 4 -> all.putInt(at, (int) integers[i]);
        case 8 -> all.putLong(at, integers[i]);
        default -> throw new IllegalArgumentException("width: " + width);
      }
    }
    return string(all.array());
  }

  static byte[] concat(byte[]... parts) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    List.of(parts).forEach(all::writeBytes);
    return all.toByteArray();
  }

  static ByteBuffer little(int bytes, int first) {
    return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN).put(0, (byte) first);
  }
}
