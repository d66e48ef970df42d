package carnelian.persistence.rdb;

import carnelian.memory.Memory;
import carnelian.memory.NativeBuffer;
import carnelian.memory.Slice;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/// Native bytes for tests.
final class Bytes implements AutoCloseable {
  private final NativeBuffer buffer = new NativeBuffer(1);
  private final Slice slice = new Slice();

  /// Valid until the next call. The memory is exactly as long as the bytes, for checked mode.
  Slice of(byte[] bytes) {
    buffer.close();
    buffer.put(bytes);
    buffer.shrinkTo(0);
    return slice.set(buffer.address(), bytes.length);
  }

  Slice ofHex(String hex) {
    return of(hex(hex));
  }

  Slice ofText(String text) {
    return of(latin1(text));
  }

  static byte[] hex(String hex) {
    return HexFormat.of().parseHex(hex.replace(" ", ""));
  }

  static byte[] latin1(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  static String hexOf(byte[] bytes) {
    return HexFormat.of().formatHex(bytes);
  }

  static byte[] at(long at, int bytes) {
    byte[] copy = new byte[bytes];
    Memory.copyOut(at, copy, 0, bytes);
    return copy;
  }

  /// A channel that gives at most `step` bytes at a time.
  static ReadableByteChannel dribble(byte[] bytes, int step) {
    return new ReadableByteChannel() {
      private int position;

      @Override
      public int read(ByteBuffer into) {
        if (position == bytes.length) {
          return -1;
        }
        int count = Math.min(step, Math.min(into.remaining(), bytes.length - position));
        into.put(bytes, position, count);
        position += count;
        return count;
      }

      @Override
      public boolean isOpen() {
        return true;
      }

      @Override
      public void close() {}
    };
  }

  @Override
  public void close() {
    buffer.close();
  }
}
