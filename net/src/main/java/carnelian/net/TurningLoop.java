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

  private boolean inIo;

  TurningLoop(IoEventLoopGroup parent, Executor executor, IoHandlerFactory handlers) {
    super(parent, executor, handlers);
  }

  @Override
  protected int runIo() {
    inIo = true;
    try {
      return super.runIo();
    } finally {
      inIo = false;
    }
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

  private static void nothing() {}
}
