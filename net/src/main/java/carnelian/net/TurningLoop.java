package carnelian.net;

import io.netty.channel.IoEventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.SingleThreadIoEventLoop;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;

/// Netty's loop, which can also be run once from within one of its own tasks: so that a task that
/// takes long lets sockets be served meanwhile. See docs/decisions/0003-a-turn-of-the-loop.md.
final class TurningLoop extends SingleThreadIoEventLoop {
  private static final long TASKS_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

  /// A poll that finds something within this time has not slept: it was there before.
  private static final long NO_SLEEP_NANOS = TimeUnit.MICROSECONDS.toNanos(20);

  private boolean inIo;

  // When the loop looked at its sockets last, and what it found.
  private long polledNanos = System.nanoTime();
  private long pollReturnedNanos = polledNanos;
  private long awayNanos;
  private long firstReadNanos;
  private long waitedBeforeNanos;
  private boolean hasRead;

  TurningLoop(IoEventLoopGroup parent, Executor executor, IoHandlerFactory handlers) {
    super(parent, executor, handlers);
  }

  @Override
  protected int runIo() {
    polledNanos = System.nanoTime();
    awayNanos = polledNanos - pollReturnedNanos;
    hasRead = false;
    inIo = true;
    try {
      return super.runIo();
    } finally {
      inIo = false;
      pollReturnedNanos = hasRead ? firstReadNanos : System.nanoTime();
    }
  }

  /// How long what is read now can have waited, at most: since the loop found it, behind others of
  /// the same turn, and while the loop was not looking, unless it has slept since.
  long waitedNanos(long nowNanos) {
    if (!hasRead) {
      hasRead = true;
      firstReadNanos = nowNanos;
      waitedBeforeNanos = nowNanos - polledNanos < NO_SLEEP_NANOS ? awayNanos : 0;
    }
    return waitedBeforeNanos + nowNanos - firstReadNanos;
  }

  /// Whether the loop reads or writes sockets, as opposed to running a task: then it cannot turn,
  /// because no handler of sockets can be entered twice.
  boolean isInIo() {
    return inIo;
  }

  /// Serves the sockets that are ready, without waiting, and runs tasks.
  void turn() {
    execute(TurningLoop::nothing); // The loop does not wait while there is a task.
    runIo();
    runAllTasks(TASKS_NANOS);
  }

  /// As [#turn], but waits until there is something to do.
  void await() {
    runIo();
    runAllTasks(TASKS_NANOS);
  }

  private static void nothing() {}
}
