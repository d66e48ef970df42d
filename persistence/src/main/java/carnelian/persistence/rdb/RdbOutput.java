package carnelian.persistence.rdb;

import carnelian.memory.Memory;
import carnelian.memory.NativeBuffer;
import carnelian.memory.Slice;
import carnelian.structures.Decimals;
import carnelian.structures.Element;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/// Writes what RDB is made of, the counterpart of [RdbInput]: into a blocking channel through a
/// buffer, or into a buffer alone (DUMP). Keeps offset and checksum. Allocates nothing per key,
/// except one buffer view for each string larger than the buffer.
///
/// One owner, one thread; [#close] frees the buffers. It neither flushes nor closes the channel:
/// what was not flushed was not meant to be kept.
public final class RdbOutput implements AutoCloseable {
  public static final int BUFFER_BYTES = 1 << 18;

  /// Whether strings are compressed (`rdbcompression`).
  public enum Compression {
    NONE,
    LZF
  }

  /// The longest text of a 32-bit integer.
  private static final int MAX_INT_LENGTH = 11;

  /// Shorter strings are not worth trying.
  private static final int MIN_COMPRESSED_BYTES = 20;

  /// Compression that saves less is dropped.
  private static final int MIN_SAVED_BYTES = 4;

  private static final int MAX_LENGTH_BYTES = 9;

  private static final int KEPT_SCRATCH_BYTES = 1 << 22;

  private final @Nullable WritableByteChannel channel;
  private final NativeBuffer buffer;
  private final @Nullable LzfEncoder encoder;
  private final NativeBuffer compressed = new NativeBuffer(0);
  private long flushedBytes;
  private final int startLength;
  private int summedLength;
  private long crc;

  private RdbOutput(
      @Nullable WritableByteChannel channel, NativeBuffer buffer, Compression compression) {
    this.channel = channel;
    this.buffer = buffer;
    encoder =
        switch (compression) {
          case NONE -> null;
          case LZF -> new LzfEncoder();
        };
    startLength = buffer.length();
    summedLength = startLength;
  }

  /// Writes to a channel.
  public static RdbOutput to(WritableByteChannel channel, Compression compression) {
    return new RdbOutput(channel, new NativeBuffer(BUFFER_BYTES), compression);
  }

  /// Appends to `target`, which stays the caller's.
  public static RdbOutput into(NativeBuffer target, Compression compression) {
    return new RdbOutput(null, target, compression);
  }

  /// Bytes written so far.
  public long offset() {
    return flushedBytes + buffer.length() - startLength;
  }

  /// The checksum of the bytes written so far.
  public long crc() {
    sum();
    return crc;
  }

  // ---- Numbers --------------------------------------------------------------------------------

  /// The low eight bits.
  public void writeByte(int value) throws IOException {
    long to = room(1);
    Memory.putByte(to, (byte) value);
    buffer.advance(1);
  }

  public void writeOpcode(RdbOpcode opcode) throws IOException {
    writeByte(opcode.code());
  }

  public void writeType(RdbType type) throws IOException {
    writeByte(type.code());
  }

  /// Four bytes, little-endian.
  public void writeInt(int value) throws IOException {
    long to = room(Integer.BYTES);
    Memory.putInt(to, value);
    buffer.advance(Integer.BYTES);
  }

  /// Eight bytes, little-endian.
  public void writeLong(long value) throws IOException {
    long to = room(Long.BYTES);
    Memory.putLong(to, value);
    buffer.advance(Long.BYTES);
  }

  /// A binary double.
  public void writeDouble(double value) throws IOException {
    writeLong(Double.doubleToRawLongBits(value));
  }

  /// A double as text, as before RDB 8.
  public void writeTextDouble(double value) throws IOException {
    if (Double.isNaN(value)) {
      writeByte(253);
    } else if (Double.isInfinite(value)) {
      writeByte(value > 0 ? 254 : 255);
    } else {
      byte[] digits = textOf(value).getBytes(StandardCharsets.ISO_8859_1);
      writeByte(digits.length);
      writeAscii(digits);
    }
  }

  /// A length or another number, unsigned, in the shortest length encoding.
  public void writeLength(long length) throws IOException {
    long to = room(MAX_LENGTH_BYTES);
    buffer.advance(putLength(to, length));
  }

  /// `REDIS` or `VALKEY` and the version.
  public void writeSignature(int version) throws IOException {
    String signature =
        RdbVersion.isValkey(version)
            ? "VALKEY%03d".formatted(version)
            : "REDIS%04d".formatted(version);
    writeAscii(signature.getBytes(StandardCharsets.ISO_8859_1));
  }

  /// The checksum of all before it; eight zero bytes if `rdbchecksum` is off.
  public void writeChecksum(boolean enabled) throws IOException {
    writeLong(enabled ? crc() : 0);
  }

  // ---- Strings --------------------------------------------------------------------------------

  /// A string: as an integer if it is one of 32 bits, compressed if that pays, else as it is.
  public void writeString(long at, int length) throws IOException {
    if (length <= MAX_INT_LENGTH && Decimals.isCanonical(at, length)) {
      long value = Decimals.parse(at, length);
      if (value == (int) value) {
        writeInteger((int) value);
        return;
      }
    }
    if (encoder == null
        || length <= MIN_COMPRESSED_BYTES
        || !writeCompressed(encoder, at, length)) {
      writeLength(length);
      writeBytes(at, length);
    }
  }

  /// The same.
  public void writeString(Slice string) throws IOException {
    writeString(string.at, string.length);
  }

  /// An element of a compact structure as a string.
  public void writeString(Element element) throws IOException {
    if (element.isInteger()) {
      writeString(element.integer());
    } else {
      writeString(element.at(), element.length());
    }
  }

  /// An integer as a string.
  public void writeString(long integer) throws IOException {
    if (integer == (int) integer) {
      writeInteger((int) integer);
      return;
    }
    long to = room(1 + Decimals.MAX_LENGTH);
    int length = Decimals.write(integer, to + 1);
    Memory.putByte(to, (byte) length);
    buffer.advance(1 + length);
  }

  /// Text of the server's own, AUX fields and the like, as a string.
  public void writeText(String ascii) throws IOException {
    byte[] bytes = ascii.getBytes(StandardCharsets.ISO_8859_1);
    try (NativeBuffer copy = new NativeBuffer(Math.max(1, bytes.length))) {
      copy.put(bytes);
      writeString(copy.address(), bytes.length);
    }
  }

  /// Bytes as they are, without a length.
  public void writeBytes(long at, long bytes) throws IOException {
    if (channel != null && bytes >= BUFFER_BYTES) {
      writeThrough(channel, at, bytes);
      return;
    }
    Memory.copy(at, room((int) bytes), bytes);
    buffer.advance((int) bytes);
  }

  /// Gives everything to the channel. May block.
  public void flush() throws IOException {
    if (channel != null) {
      sum();
      write(channel, buffer.address(), buffer.length());
      flushedBytes += buffer.length();
      buffer.clear();
      summedLength = 0;
    }
  }

  @Override
  public void close() {
    if (channel != null) {
      buffer.close();
    }
    compressed.close();
    if (encoder != null) {
      encoder.close();
    }
  }

  // ---- How ------------------------------------------------------------------------------------

  private void writeInteger(int value) throws IOException {
    if (value == (byte) value) {
      writeByte(LengthEncoding.STRING_ENCODING | StringEncoding.INT_8);
      writeByte(value);
    } else if (value == (short) value) {
      writeByte(LengthEncoding.STRING_ENCODING | StringEncoding.INT_16);
      long to = room(Short.BYTES);
      Memory.putShort(to, (short) value);
      buffer.advance(Short.BYTES);
    } else {
      writeByte(LengthEncoding.STRING_ENCODING | StringEncoding.INT_32);
      writeInt(value);
    }
  }

  private boolean writeCompressed(LzfEncoder lzf, long at, int length) throws IOException {
    compressed.clear();
    if (!lzf.compress(at, length, compressed, length - MIN_SAVED_BYTES)) {
      return false;
    }
    writeByte(LengthEncoding.STRING_ENCODING | StringEncoding.LZF);
    writeLength(compressed.length());
    writeLength(length);
    writeBytes(compressed.address(), compressed.length());
    if (compressed.capacity() > KEPT_SCRATCH_BYTES) {
      compressed.close();
    }
    return true;
  }

  private static int putLength(long to, long length) {
    if (length >= 0 && length <= LengthEncoding.MAX_6) {
      Memory.putByte(to, (byte) length);
      return 1;
    }
    if (length >= 0 && length <= LengthEncoding.MAX_14) {
      Memory.putByte(to, (byte) (LengthEncoding.BITS_14 | (length >>> 8)));
      Memory.putByte(to + 1, (byte) length);
      return 2;
    }
    if (length >>> 32 == 0) {
      Memory.putByte(to, (byte) LengthEncoding.BITS_32);
      Memory.putInt(to + 1, Integer.reverseBytes((int) length));
      return 1 + Integer.BYTES;
    }
    Memory.putByte(to, (byte) LengthEncoding.BITS_64);
    Memory.putLong(to + 1, Long.reverseBytes(length));
    return 1 + Long.BYTES;
  }

  private void writeAscii(byte[] bytes) throws IOException {
    Memory.copyIn(bytes, 0, room(bytes.length), bytes.length);
    buffer.advance(bytes.length);
  }

  /// Integers without point and exponent, as Redis prints them; else what reads back the same.
  private static String textOf(double value) {
    return value == (long) value && Math.abs(value) < 0x1p52
        ? Long.toString((long) value)
        : Double.toString(value);
  }

  /// Where `bytes` bytes, at most a bufferful, may be written.
  private long room(int bytes) throws IOException {
    if (channel != null && buffer.length() + bytes > BUFFER_BYTES) {
      flush();
    }
    return buffer.reserve(bytes);
  }

  private void writeThrough(WritableByteChannel to, long at, long bytes) throws IOException {
    flush();
    crc = Crc64.update(crc, at, bytes);
    for (long done = 0; done < bytes; ) {
      int part = (int) Math.min(bytes - done, 1 << 30);
      write(to, at + done, part);
      done += part;
    }
    flushedBytes += bytes;
  }

  private static void write(WritableByteChannel to, long at, int bytes) throws IOException {
    ByteBuffer view = Memory.asByteBuffer(at, bytes);
    while (view.hasRemaining()) {
      to.write(view);
    }
  }

  private void sum() {
    crc = Crc64.update(crc, buffer.address() + summedLength, buffer.length() - summedLength);
    summedLength = buffer.length();
  }
}
