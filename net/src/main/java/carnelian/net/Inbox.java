package carnelian.net;

import java.util.concurrent.atomic.AtomicBoolean;
import org.jctools.queues.varhandle.MpscUnboundedVarHandleArrayQueue;

/// Connections with signals for a loop, from other loops. Each stands in it at most once. A loop
/// that is alone has none.
final class Inbox implements Runnable {
  private static final int CHUNK = 256;

  private final EventLoop loop;
  private final MpscUnboundedVarHandleArrayQueue<Connection> queue =
      new MpscUnboundedVarHandleArrayQueue<>(CHUNK);
  private final AtomicBoolean scheduled = new AtomicBoolean();

  Inbox(EventLoop loop) {
    this.loop = loop;
  }

  /// Any thread.
  void post(Connection connection) {
    queue.offer(connection);
    schedule();
  }

  boolean isEmpty() {
    return queue.isEmpty();
  }

  /// Has the loop empty it, soon. Any thread.
  void schedule() {
    if (!scheduled.get() && scheduled.compareAndSet(false, true)) {
      loop.netty().execute(this);
    }
  }

  /// Gives each its turn. On the loop.
  @Override
  public void run() {
    scheduled.set(false);
    try {
      Connection connection = queue.poll();
      while (connection != null) {
        loop.takesTurn(connection);
        connection = queue.poll();
      }
    } finally {
      if (!queue.isEmpty()) {
        schedule(); // A bug in one connection's turn: the others have theirs all the same.
      }
    }
  }
}
