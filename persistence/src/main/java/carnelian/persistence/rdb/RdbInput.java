package carnelian.persistence.rdb;

import carnelian.base.Invariant;
import carnelian.memory.Memory;
import carnelian.memory.NativeBuffer;
import carnelian.memory.Slice;
import carnelian.structures.Decimals;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/// Reads what RDB is made of: bytes, numbers, lengths, strings, doubles; docs/formats/rdb.md has
/// their tables. Which of them stand where is for the loader.
///
/// Streams from a blocking channel through a buffer of fixed size. Nothing that is read is trusted:
/// a length only becomes memory as fast as bytes for it arrive. Errors carry path and offset. The
/// checksum of all that was read is kept on the way. Short strings are handed out where they lie in
/// the buffer, without a copy.
///
/// One owner, one thread; [#close] frees the buffers, not the channel.
public final class RdbInput implements AutoCloseable {
  public static final int BUFFER_BYTES = 1 << 18;

  /// Longer strings are refused; what holds them in memory could not.
  public static final int MAX_STRING_BYTES = 1 << 30;

  /// Room for the longest thing that is read in one piece, a double as text.
  private static final int MIN_BUFFER_BYTES = 256;

  /// By how much a long string's memory may run ahead of its bytes.
  private static final int CHUNK_BYTES = 1 << 20;

  /// What is kept of the scratch between strings.
  private static final int KEPT_SCRATCH_BYTES = 1 << 22;

  private final String path;
  private final @Nullable ReadableByteChannel channel;
  private final NativeBuffer buffer;
  private final long bufferAt;
  private final int bufferBytes;
  private final @Nullable ByteBuffer window;
  private final NativeBuffer scratch = new NativeBuffer(64);
  private final NativeBuffer compressed = new NativeBuffer(0);
  private final Slice text = new Slice();

  // The bytes there are: [summed, at) handed out and not yet in the sum, [at, end) to be handed
  // out.
  private long summed;
  private long at;
  private long end;
  private long endOffset;
  private long crc;

  private boolean integral;
  private long integer;
  private boolean lengthEncoded;

  /// Reads a channel whose next byte is the first of the file named `path`.
  public RdbInput(String path, ReadableByteChannel channel) {
    this(path, channel, BUFFER_BYTES);
  }

  /// The same with a buffer of another size.
  public RdbInput(String path, ReadableByteChannel channel, int bufferBytes) {
    this.path = path;
    this.channel = channel;
    this.bufferBytes = Math.max(bufferBytes, MIN_BUFFER_BYTES);
    buffer = new NativeBuffer(this.bufferBytes);
    bufferAt = buffer.reserve(this.bufferBytes);
    window = Memory.asByteBuffer(bufferAt, this.bufferBytes);
    summed = bufferAt;
    at = bufferAt;
    end = bufferAt;
  }

  private RdbInput(String path, Slice payload) {
    this.path = path;
    channel = null;
    bufferBytes = payload.length;
    buffer = new NativeBuffer(0);
    bufferAt = payload.at;
    window = null;
    summed = payload.at;
    at = payload.at;
    end = payload.at + payload.length;
    endOffset = payload.length;
  }

  /// Reads bytes in memory, which stay the caller's; `path` names them in errors.
  public static RdbInput of(String path, Slice payload) {
    return new RdbInput(path, payload);
  }

  // ---- Where ----------------------------------------------------------------------------------

  /// Bytes read so far.
  public long offset() {
    return endOffset - (end - at);
  }

  /// The checksum of the bytes read so far.
  public long crc() {
    sum();
    return crc;
  }

  /// Whether all bytes have been read. May block, to find out.
  public boolean isAtEnd() throws IOException {
    return at == end && !fill();
  }

  /// Points `into` at bytes that came from the channel and were not read: on a replication link,
  /// what follows the snapshot. Valid until the next read.
  public Slice unread(Slice into) {
    return into.set(at, (int) (end - at));
  }

  /// An error about the `bytes` that were read last.
  public RdbFormatException broken(int bytes, String expected, String found) {
    return new RdbFormatException(path, offset() - bytes, expected, found);
  }

  // ---- Numbers --------------------------------------------------------------------------------

  /// One byte, 0 to 255.
  public int readByte() throws IOException {
    need(1);
    return Memory.getByte(at++) & 0xff;
  }

  /// Four bytes, little-endian.
  public int readInt() throws IOException {
    need(Integer.BYTES);
    int value = Memory.getInt(at);
    at += Integer.BYTES;
    return value;
  }

  /// Eight bytes, little-endian.
  public long readLong() throws IOException {
    need(Long.BYTES);
    long value = Memory.getLong(at);
    at += Long.BYTES;
    return value;
  }

  /// A binary double.
  public double readDouble() throws IOException {
    return Double.longBitsToDouble(readLong());
  }

  /// A binary float, as modules write it.
  public float readFloat() throws IOException {
    return Float.intBitsToFloat(readInt());
  }

  /// A double as text, as before RDB 8.
  public double readTextDouble() throws IOException {
    int length = readByte();
    if (length >= 253) {
      return length == 253
          ? Double.NaN
          : length == 254 ? Double.POSITIVE_INFINITY : Double.NEGATIVE_INFINITY;
    }
    need(length);
    byte[] digits = new byte[length];
    Memory.copyOut(at, digits, 0, length);
    at += length;
    return parseDouble(new String(digits, StandardCharsets.ISO_8859_1));
  }

  /// A length or another number in length encoding: 64 bits, unsigned.
  public long readLength() throws IOException {
    long length = readLengthOrEncoding();
    if (lengthEncoded) {
      throw broken(1, "a length", "a string encoding: " + length);
    }
    return length;
  }

  /// A length of at most `max`, which names a number of elements or the like in `what`.
  public long readLength(long max, String what) throws IOException {
    long start = offset();
    long length = readLength();
    if (Long.compareUnsigned(length, max) > 0) {
      throw new RdbFormatException(
          path, start, what + " of at most " + max, Long.toUnsignedString(length));
    }
    return length;
  }

  /// `REDIS` or `VALKEY` and the version, which is the result. Versions that nobody here reads are
  /// the caller's to refuse ([RdbVersion#isReadable]).
  public int readSignature() throws IOException {
    need(9);
    byte[] signature = new byte[9];
    Memory.copyOut(at, signature, 0, signature.length);
    at += signature.length;
    String found = new String(signature, StandardCharsets.ISO_8859_1);
    boolean valkey = found.startsWith("VALKEY");
    int version = valkey || found.startsWith("REDIS") ? number(found, valkey ? 6 : 5) : -1;
    if (version < 0 || RdbVersion.isValkey(version) != valkey) {
      throw broken(9, "REDIS or VALKEY and a version", printable(found));
    }
    return version;
  }

  /// The checksum behind [RdbOpcode#EOF], which must agree with what was read unless it is 0, for
  /// then whoever wrote it did without. Older files than [RdbVersion#CHECKSUM_SINCE] have none.
  public void readChecksum() throws IOException {
    long expected = crc();
    long found = readLong();
    if (found != 0 && found != expected) {
      throw broken(
          Long.BYTES,
          "checksum %016x".formatted(expected),
          "an RDB CRC error: %016x".formatted(found));
    }
  }

  // ---- Strings --------------------------------------------------------------------------------

  /// A string, whichever way it is encoded, as bytes; valid until the next read. For one that is
  /// written as an integer [#isInteger] holds afterwards.
  public Slice readString(Slice into) throws IOException {
    release();
    long start = offset();
    long length = readLengthOrEncoding();
    integral = false;
    if (lengthEncoded) {
      return readEncoded(start, (int) length, into);
    }
    return readPlain(checkedLength(start, length), scratch, into);
  }

  /// Whether the last string was written as an integer.
  public boolean isInteger() {
    return integral;
  }

  /// The integer; only if [#isInteger].
  public long integer() {
    return integer;
  }

  /// A string on the Java heap: AUX fields and the like.
  public String readText() throws IOException {
    return readString(text).toString();
  }

  /// Reads over a string without keeping it.
  public void skipString() throws IOException {
    long start = offset();
    long length = readLengthOrEncoding();
    if (!lengthEncoded) {
      skip(length);
      return;
    }
    switch ((int) length) {
      case StringEncoding.INT_8 -> skip(Byte.BYTES);
      case StringEncoding.INT_16 -> skip(Short.BYTES);
      case StringEncoding.INT_32 -> skip(Integer.BYTES);
      case StringEncoding.LZF -> {
        long compressedLength = readLength();
        readLength();
        skip(compressedLength);
      }
      default -> throw unknownEncoding(start, (int) length);
    }
  }

  /// Exactly `bytes` bytes to `to`, which has room for them.
  public void readBytes(long to, long bytes) throws IOException {
    long done = 0;
    while (done < bytes) {
      int part = some(bytes - done);
      Memory.copy(at, to + done, part);
      at += part;
      done += part;
    }
  }

  /// Reads over bytes.
  public void skip(long bytes) throws IOException {
    long left = bytes;
    if (left < 0) {
      throw broken(0, "a length below 2^63", Long.toUnsignedString(left));
    }
    while (left > 0) {
      int part = some(left);
      at += part;
      left -= part;
    }
  }

  /// Reads over what a module wrote behind its ID: numbers and strings, each with its kind, up to
  /// the end mark.
  public void skipModuleValue() throws IOException {
    for (long opcode = readLength(); opcode != ModuleOpcode.EOF; opcode = readLength()) {
      switch ((int) Math.min(opcode & Long.MAX_VALUE, Integer.MAX_VALUE)) {
        case ModuleOpcode.SIGNED, ModuleOpcode.UNSIGNED -> readLength();
        case ModuleOpcode.FLOAT -> readFloat();
        case ModuleOpcode.DOUBLE -> readDouble();
        case ModuleOpcode.STRING -> skipString();
        default -> throw broken(1, "a module opcode: 0 to 5", Long.toUnsignedString(opcode));
      }
    }
  }

  @Override
  public void close() {
    buffer.close();
    scratch.close();
    compressed.close();
  }

  // ---- How ------------------------------------------------------------------------------------

  private long readLengthOrEncoding() throws IOException {
    int first = readByte();
    lengthEncoded = first >>> 6 == 3;
    return switch (first >>> 6) {
      case 0 -> first;
      case 1 -> ((first & 0x3fL) << 8) | readByte();
      case 3 -> first & 0x3f;
      default -> readWideLength(first);
    };
  }

  /// These are the only big-endian numbers in the format.
  private long readWideLength(int first) throws IOException {
    return switch (first) {
      case LengthEncoding.BITS_32 -> Integer.toUnsignedLong(Integer.reverseBytes(readInt()));
      case LengthEncoding.BITS_64 -> Long.reverseBytes(readLong());
      default -> throw broken(1, "a length", "byte 0x%02x".formatted(first));
    };
  }

  private int checkedLength(long start, long length) throws RdbFormatException {
    if (Long.compareUnsigned(length, MAX_STRING_BYTES) > 0) {
      throw new RdbFormatException(
          path,
          start,
          "a string of at most " + MAX_STRING_BYTES + " bytes",
          Long.toUnsignedString(length));
    }
    return (int) length;
  }

  private Slice readEncoded(long start, int encoding, Slice into) throws IOException {
    return switch (encoding) {
      case StringEncoding.INT_8 -> integer((byte) readByte(), into);
      case StringEncoding.INT_16 -> {
        need(Short.BYTES);
        short value = Memory.getShort(at);
        at += Short.BYTES;
        yield integer(value, into);
      }
      case StringEncoding.INT_32 -> integer(readInt(), into);
      case StringEncoding.LZF -> readCompressed(start, into);
      default -> throw unknownEncoding(start, encoding);
    };
  }

  private Slice integer(long value, Slice into) {
    integral = true;
    integer = value;
    scratch.clear();
    long to = scratch.reserve(Decimals.MAX_LENGTH);
    return into.set(to, Decimals.write(value, to));
  }

  private Slice readPlain(int length, NativeBuffer room, Slice into) throws IOException {
    if (length <= end - at || (channel != null && length <= bufferBytes)) {
      need(length);
      into.set(at, length);
      at += length;
      return into;
    }
    room.clear();
    while (room.length() < length) {
      int part = some(Math.min(length - room.length(), CHUNK_BYTES));
      room.put(at, part);
      at += part;
    }
    return room.slice(into);
  }

  private Slice readCompressed(long start, Slice into) throws IOException {
    int compressedLength = checkedLength(start, readLength());
    int length = checkedLength(start, readLength());
    if (length == 0 || !Lzf.isPlausible(compressedLength, length)) {
      throw new RdbFormatException(
          path,
          start,
          "a length that LZF can make of " + compressedLength + " bytes",
          Integer.toString(length));
    }
    readPlain(compressedLength, compressed, into);
    scratch.clear();
    long to = scratch.reserve(length);
    if (!Lzf.decompress(into.at, into.length, to, length)) {
      throw new RdbFormatException(
          path, start, "LZF of " + length + " bytes", "broken tokens or another length");
    }
    return into.set(to, length);
  }

  private RdbFormatException unknownEncoding(long start, int encoding) {
    return new RdbFormatException(
        path, start, "a string encoding: 0 to 3", Integer.toString(encoding));
  }

  /// Gives back what a huge string took.
  private void release() {
    if (scratch.capacity() > KEPT_SCRATCH_BYTES) {
      scratch.close();
    }
    if (compressed.capacity() > KEPT_SCRATCH_BYTES) {
      compressed.close();
    }
  }

  /// Makes `bytes` bytes, at most a bufferful, lie one after the other at [#at].
  private void need(int bytes) throws IOException {
    while (end - at < bytes) {
      if (!fill()) {
        throw RdbFormatException.truncated(path, endOffset, bytes - (end - at));
      }
    }
  }

  /// How many of `wanted` bytes lie at [#at]: at least one.
  private int some(long wanted) throws IOException {
    if (at == end && !fill()) {
      throw RdbFormatException.truncated(path, endOffset, wanted);
    }
    return (int) Math.min(wanted, end - at);
  }

  /// Reads more, after moving what is left to the start. False at the end of the channel.
  private boolean fill() throws IOException {
    ByteBuffer free = window;
    if (channel == null || free == null) {
      return false;
    }
    sum();
    int left = (int) (end - at);
    Invariant.check(left < bufferBytes, "bytes wanted beyond a buffer of ", bufferBytes);
    if (at != bufferAt) {
      Memory.copy(at, bufferAt, left);
      at = bufferAt;
      summed = bufferAt;
      end = bufferAt + left;
    }
    free.limit(bufferBytes).position(left);
    int read;
    do {
      read = channel.read(free);
    } while (read == 0);
    if (read < 0) {
      return false;
    }
    end += read;
    endOffset += read;
    return true;
  }

  private void sum() {
    crc = Crc64.update(crc, summed, at - summed);
    summed = at;
  }

  private double parseDouble(String digits) throws RdbFormatException {
    for (int i = 0; i < digits.length(); i++) {
      if ("0123456789+-.eE".indexOf(digits.charAt(i)) < 0) {
        throw broken(digits.length(), "a number", printable(digits));
      }
    }
    try {
      return Double.parseDouble(digits);
    } catch (NumberFormatException e) {
      RdbFormatException broken = broken(digits.length(), "a number", printable(digits));
      broken.initCause(e);
      throw broken;
    }
  }

  /// The digits from `from` on, or -1.
  private static int number(String text, int from) {
    int number = 0;
    for (int i = from; i < text.length(); i++) {
      char digit = text.charAt(i);
      if (digit < '0' || digit > '9') {
        return -1;
      }
      number = number * 10 + (digit - '0');
    }
    return number;
  }

  private static String printable(String text) {
    StringBuilder printable = new StringBuilder(text.length() + 2).append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c >= ' ' && c < 0x7f) {
        printable.append(c);
      } else {
        printable.append("\\x%02x".formatted((int) c));
      }
    }
    return printable.append('"').toString();
  }
}
