package carnelian.net;

import carnelian.memory.NativeBuffer;
import org.jspecify.annotations.Nullable;

/// Memory for what is read or written, with Netty's view of it. Comes from a [BufferPool].
final class IoBuffer {
  final NativeBuffer bytes;
  private @Nullable IoByteBuf view;
  private long viewAddress;
  private int viewCapacity;

  IoBuffer(int capacity) {
    bytes = new NativeBuffer(capacity);
  }

  /// Netty's view of all the memory; made anew only after the memory has moved.
  IoByteBuf view() {
    IoByteBuf known = view;
    if (known != null && viewAddress == bytes.address() && viewCapacity == bytes.capacity()) {
      return known;
    }
    viewAddress = bytes.address();
    viewCapacity = bytes.capacity();
    IoByteBuf made = new IoByteBuf(viewAddress, viewCapacity);
    view = made;
    return made;
  }
}
