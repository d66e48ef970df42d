package carnelian.net;

import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.atomic.AtomicInteger;
import org.jctools.queues.atomic.MpmcAtomicArrayQueue;
import org.jspecify.annotations.Nullable;

/// Buffers between uses: what a connection reads into and writes from while it has something to
/// read or write. An idle connection holds none (with io_uring one to be read into).
final class BufferPool implements AutoCloseable {
  /// As large as Redis's query and reply buffers.
  static final int BUFFER_BYTES = 16 * 1024;

  /// A buffer that grew beyond this is not kept.
  private static final int KEPT_BYTES = 4 * BUFFER_BYTES;

  private static final int KEPT_BUFFERS = 1024;

  private final Queue<IoBuffer> free;
  private final AtomicInteger lent = new AtomicInteger();
  private volatile boolean closed;

  /// @param shared whether several threads use the pool
  BufferPool(boolean shared) {
    if (shared) { // Not as one expression: the class's verification would load both.
      free = new MpmcAtomicArrayQueue<>(KEPT_BUFFERS);
    } else {
      free = new ArrayDeque<>();
    }
  }

  IoBuffer take() {
    lent.incrementAndGet();
    IoBuffer buffer = free.poll();
    return buffer == null ? new IoBuffer(BUFFER_BYTES) : buffer;
  }

  void give(@Nullable IoBuffer buffer) {
    if (buffer == null) {
      return;
    }
    lent.decrementAndGet();
    int capacity = buffer.bytes.capacity();
    buffer.bytes.clear();
    if (closed
        || capacity < BUFFER_BYTES
        || capacity > KEPT_BYTES
        || free.size() >= KEPT_BUFFERS
        || !free.offer(buffer)) {
      buffer.bytes.close();
    }
  }

  /// Buffers in use; 0 when every connection is gone.
  int lent() {
    return lent.get();
  }

  /// Frees what is in the pool; what comes back later is freed then.
  @Override
  public void close() {
    closed = true;
    IoBuffer buffer = free.poll();
    while (buffer != null) {
      buffer.bytes.close();
      buffer = free.poll();
    }
  }
}
