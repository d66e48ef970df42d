package carnelian.persistence.rdb;

import carnelian.memory.Memory;

/// Reads LZF, the compression of strings in RDB files: one block of tokens without a header, as
/// liblzf writes it.
///
/// | first byte | what follows                                     | meaning                           |
/// |------------|--------------------------------------------------|-----------------------------------|
/// | `000xxxxx` | x + 1 bytes                                      | these bytes                       |
/// | `lllyyyyy` | 1 byte: low eight of the distance                | l + 2 bytes from y·256+low+1 back |
/// | `111yyyyy` | 1 byte: l; 1 byte: low eight of the distance     | l + 9 bytes, likewise             |
///
/// Own code, because the compress-lzf library decodes whole values in Java arrays and a value may
/// be larger than the Java heap; [LzfEncoder] does use the library, 64 KiB at a time.
final class Lzf {
  private static final int MAX_LITERALS = 32;

  /// No three bytes give more than this, so a larger claim is a lie.
  private static final int MAX_MATCH = 264;

  private static final int MAX_MATCH_TOKEN_BYTES = 3;

  private Lzf() {}

  /// Whether `compressedBytes` bytes may hold so many; checked before memory is taken for them.
  static boolean isPlausible(long compressedBytes, long bytes) {
    return bytes / MAX_MATCH <= compressedBytes / MAX_MATCH_TOKEN_BYTES + 1;
  }

  /// Decompresses into exactly `toBytes` bytes at `to`. False if the tokens are broken or give
  /// another number of bytes. Reads and writes inside the two ranges only, whatever they hold.
  static boolean decompress(long from, long fromBytes, long to, long toBytes) {
    long in = from;
    long inEnd = from + fromBytes;
    long out = to;
    long outEnd = to + toBytes;
    while (in < inEnd) {
      int control = Memory.getByte(in++) & 0xff;
      if (control < MAX_LITERALS) {
        int count = control + 1;
        if (count > inEnd - in || count > outEnd - out) {
          return false;
        }
        copyLiterals(in, inEnd, out, outEnd, count);
        in += count;
        out += count;
        continue;
      }
      int count = control >>> 5;
      if (inEnd - in < (count == 7 ? 2 : 1)) {
        return false;
      }
      if (count == 7) {
        count += Memory.getByte(in++) & 0xff;
      }
      count += 2;
      long source = out - ((control & 0x1f) << 8) - (Memory.getByte(in++) & 0xff) - 1;
      if (source < to || count > outEnd - out) {
        return false;
      }
      copyMatch(source, out, outEnd, count);
      out += count;
    }
    return out == outEnd;
  }

  /// Four words at once where there is room for them: most runs are short, and a call of a copy
  /// costs more than the copying.
  private static void copyLiterals(long in, long inEnd, long out, long outEnd, int count) {
    if (inEnd - in >= MAX_LITERALS && outEnd - out >= MAX_LITERALS) {
      Memory.putLong(out, Memory.getLong(in));
      Memory.putLong(out + 8, Memory.getLong(in + 8));
      Memory.putLong(out + 16, Memory.getLong(in + 16));
      Memory.putLong(out + 24, Memory.getLong(in + 24));
      return;
    }
    for (int i = 0; i < count; i++) {
      Memory.putByte(out + i, Memory.getByte(in + i));
    }
  }

  /// A match may reach into what it writes, and then repeats it.
  private static void copyMatch(long source, long out, long outEnd, int count) {
    if (out - source >= Long.BYTES && outEnd - out >= count + Long.BYTES) {
      for (int i = 0; i < count; i += Long.BYTES) {
        Memory.putLong(out + i, Memory.getLong(source + i));
      }
      return;
    }
    for (int i = 0; i < count; i++) {
      Memory.putByte(out + i, Memory.getByte(source + i));
    }
  }
}
