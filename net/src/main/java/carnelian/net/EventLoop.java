package carnelian.net;

import carnelian.base.Invariant;
import carnelian.resp.RequestBatch;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoEventLoop;
import io.netty.util.concurrent.ScheduledFuture;
import java.util.ArrayDeque;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One thread that waits for sockets and timers and runs what is due. The engine's work is done on
/// one of them; connections are spread over the others, or all live on the engine's own if there is
/// only that one.
public final class EventLoop {
  private static final Logger LOG = LoggerFactory.getLogger(EventLoop.class);

  private final TurningLoop loop;
  private final boolean engine;
  private final BufferPool buffers;
  private final RequestBatch batch;
  private final int batchCommands;

  private final @Nullable Inbox inbox;

  /// Connections that may go on after a pause.
  private final ArrayDeque<Connection> resumed = new ArrayDeque<>();

  private final Runnable runResumed = this::runResumed;

  /// Tasks that came up within a turn.
  private final ArrayDeque<Runnable> postponed = new ArrayDeque<>();

  private boolean turning;

  /// The batch of connections that are executed within a turn.
  private @Nullable RequestBatch turnBatch;

  private @Nullable Connection executing;

  private final QueueTimes queueTimes = new QueueTimes();

  /// Written by this thread only; others may read them a moment late.
  long inputBytes;

  long outputBytes;
  long reads;
  long writes;

  EventLoop(
      TurningLoop loop, boolean engine, boolean alone, BufferPool buffers, int batchCommands) {
    this.loop = loop;
    this.engine = engine;
    this.inbox = alone ? null : new Inbox(this);
    this.buffers = buffers;
    this.batch = new RequestBatch(batchCommands);
    this.batchCommands = batchCommands;
  }

  /// Something was read from a connection; replies with the time.
  long readNow() {
    long now = System.nanoTime();
    if (engine) {
      queueTimes.add(loop.waitedNanos(now));
    }
    return now;
  }

  /// A batch that another loop has read is executed now.
  void executesWhatWasRead(long readNanos) {
    queueTimes.add(System.nanoTime() - readNanos);
  }

  QueueTimes queueTimes() {
    return queueTimes;
  }

  /// Runs the task on this loop, after what it is doing now: not within a [#turn].
  public void execute(Runnable task) {
    loop.execute(() -> run(task));
  }

  /// As [#execute], but also within a turn: the task may not touch what a command works with.
  public void executeInTurns(Runnable task) {
    loop.execute(task);
  }

  /// Runs the task on this loop when the delay is over: not within a [#turn].
  @SuppressWarnings("FutureReturnValueIgnored") // The loop logs what a task throws.
  public void schedule(long delayNanos, Runnable task) {
    loop.schedule(() -> run(task), delayNanos, TimeUnit.NANOSECONDS);
  }

  private void run(Runnable task) {
    if (!turning) {
      task.run();
    } else {
      postponed.add(task);
    }
  }

  // ---- Turns -----------------------------------------------------------------------------------

  /// Whether what runs now may call [#turn]: it is a task, and not in a turn.
  public boolean canTurn() {
    return !loop.isInIo() && !turning;
  }

  /// Serves sockets that are ready, from within a command that takes long. Commands of others are
  /// executed meanwhile; what they may do is the handler's business. Of the connection whose
  /// command it is nothing moves until the command is done.
  public void turn() {
    turn(false);
    if (!postponed.isEmpty()) {
      loop.execute(this::runPostponed);
    }
  }

  /// As [#turn], but waits until there is something to do, for so long at most: a socket, a timer,
  /// a task.
  public void await(long mostNanos) {
    ScheduledFuture<?> end =
        mostNanos == Long.MAX_VALUE
            ? null
            : loop.schedule(EventLoop::nothing, mostNanos, TimeUnit.NANOSECONDS);
    turn(true);
    if (end != null) {
      end.cancel(false);
    }
  }

  private static void nothing() {}

  private void turn(boolean waits) {
    Invariant.check(canTurn(), "a turn begins in a task");
    Connection present = executing;
    if (present != null) {
      present.turns();
    }
    executing = null;
    turning = true;
    try {
      if (inbox != null && !inbox.isEmpty()) {
        inbox.schedule(); // Of what came with the command, only that one was taken out.
      }
      runResumed();
      if (waits) {
        loop.await();
      } else {
        loop.turn();
      }
    } finally {
      turning = false;
      executing = present;
    }
  }

  /// What waited for the end of a turn. If another one has begun, it waits for that one's end.
  private void runPostponed() {
    while (!turning) {
      @Nullable Runnable task = postponed.poll();
      if (task == null) {
        return;
      }
      try {
        task.run();
      } catch (Throwable bug) {
        LOG.warn("A task failed by a bug", bug);
      }
    }
  }

  /// The connection whose commands are executed now; null at the end of that.
  void executing(@Nullable Connection connection) {
    executing = connection;
    if (connection == null && !turning && !postponed.isEmpty()) {
      loop.execute(this::runPostponed); // A command that has waited has left them.
    }
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
    if (!turning) {
      return batch;
    }
    RequestBatch present = turnBatch;
    if (present == null) {
      present = new RequestBatch(batchCommands);
      turnBatch = present;
    }
    return present;
  }

  /// Gives a connection its turn on this loop; called from other loops. The caller has set the
  /// signals first, and calls only if there were none.
  void post(Connection connection) {
    if (inbox == null) {
      throw Invariant.broken("another loop posts to one that is alone");
    }
    inbox.post(connection);
  }

  void takesTurn(Connection connection) {
    if (engine) {
      connection.engineTurn();
    } else {
      connection.socket().ioTurn();
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
    if (turnBatch != null) {
      turnBatch.close();
    }
  }
}
