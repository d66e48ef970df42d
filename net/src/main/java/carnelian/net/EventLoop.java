package carnelian.net;

import carnelian.resp.RequestBatch;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoEventLoop;
import java.util.ArrayDeque;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jctools.queues.varhandle.MpscUnboundedVarHandleArrayQueue;
import org.jspecify.annotations.Nullable;

/// One thread that waits for sockets and timers and runs what is due. The engine's work is done on
/// one of them; connections are spread over the others, or all live on the engine's own if there is
/// only that one.
public final class EventLoop {
  private static final int INBOX_CHUNK = 256;

  private final IoEventLoop loop;
  private final boolean engine;
  private final BufferPool buffers;
  private final RequestBatch batch;

  /// Connections with signals from another loop. Each stands in it at most once.
  private final MpscUnboundedVarHandleArrayQueue<Connection> inbox =
      new MpscUnboundedVarHandleArrayQueue<>(INBOX_CHUNK);

  private final AtomicBoolean inboxScheduled = new AtomicBoolean();
  private final Runnable drainInbox = this::drainInbox;

  /// Connections that may go on after a pause.
  private final ArrayDeque<Connection> resumed = new ArrayDeque<>();

  private final Runnable runResumed = this::runResumed;

  /// Written by this thread only; others may read them a moment late.
  long inputBytes;

  long outputBytes;
  long reads;
  long writes;

  EventLoop(IoEventLoop loop, boolean engine, BufferPool buffers, int batchCommands) {
    this.loop = loop;
    this.engine = engine;
    this.buffers = buffers;
    this.batch = new RequestBatch(batchCommands);
  }

  /// Runs the task on this loop, after what it is doing now.
  public void execute(Runnable task) {
    loop.execute(task);
  }

  /// Runs the task on this loop when the delay is over.
  @SuppressWarnings("FutureReturnValueIgnored") // The loop logs what a task throws.
  public void schedule(long delayNanos, Runnable task) {
    loop.schedule(task, delayNanos, TimeUnit.NANOSECONDS);
  }

  /// Whether the caller runs on this loop.
  public boolean inLoop() {
    return loop.inEventLoop();
  }

  /// A timer that can be set again and again without leaving tasks behind. Used on this loop only.
  public Alarm alarm(Runnable ring) {
    return new Alarm(loop, ring);
  }

  IoEventLoop netty() {
    return loop;
  }

  ChannelFuture register(Channel channel) {
    EventLoopGroup group = loop;
    return group.register(channel);
  }

  BufferPool buffers() {
    return buffers;
  }

  /// The batch of connections whose commands are executed on the loop that reads them.
  RequestBatch batch() {
    return batch;
  }

  /// Gives a connection its turn on this loop; called from other loops. The caller has set the
  /// signals first, and calls only if there were none.
  void post(Connection connection) {
    inbox.offer(connection);
    if (!inboxScheduled.get() && inboxScheduled.compareAndSet(false, true)) {
      loop.execute(drainInbox);
    }
  }

  private void drainInbox() {
    inboxScheduled.set(false);
    Connection connection = inbox.poll();
    while (connection != null) {
      if (engine) {
        connection.engineTurn();
      } else {
        connection.ioTurn();
      }
      connection = inbox.poll();
    }
  }

  /// Lets a connection go on after a pause, when the loop is done with what it does now.
  void resume(Connection connection) {
    if (resumed.isEmpty()) {
      loop.execute(runResumed);
    }
    resumed.add(connection);
  }

  private void runResumed() {
    int count = resumed.size();
    for (int i = 0; i < count; i++) {
      @Nullable Connection connection = resumed.poll();
      if (connection != null) {
        connection.goOn();
      }
    }
    if (!resumed.isEmpty()) {
      loop.execute(runResumed);
    }
  }

  void close() {
    batch.close();
  }
}
