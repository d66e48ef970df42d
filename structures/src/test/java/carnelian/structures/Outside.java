package carnelian.structures;

import carnelian.memory.Memory;
import carnelian.memory.NativeBuffer;
import carnelian.memory.Slice;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/// Bytes outside the heap for tests: arguments, and payloads of exactly their own length.
final class Outside implements AutoCloseable {
  private final NativeBuffer buffer = new NativeBuffer(64);
  private final Slice slice = new Slice();

  Slice text(String text) {
    return bytes(text.getBytes(StandardCharsets.ISO_8859_1));
  }

  Slice hex(String hex) {
    return bytes(HexFormat.of().parseHex(hex.replace(" ", "")));
  }

  /// Valid until the next call.
  Slice bytes(byte[] bytes) {
    buffer.clear();
    buffer.put(bytes);
    return slice.set(buffer.address(), bytes.length);
  }

  static String hexOf(long at, long bytes) {
    byte[] copy = new byte[(int) bytes];
    Memory.copyOut(at, copy, 0, copy.length);
    return HexFormat.of().formatHex(copy);
  }

  @Override
  public void close() {
    buffer.close();
  }
}
