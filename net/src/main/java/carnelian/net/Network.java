package carnelian.net;

import carnelian.base.Invariant;
import io.netty.channel.IoEventLoop;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.FastThreadLocalThread;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The event loops of one instance, its listeners and its connections.
///
/// Made first, because the engine needs its loop; [#serve] names the handler before anything
/// listens. The loops' threads are daemons: whoever starts the instance has to wait for its end.
public final class Network implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Network.class);

  /// Address space; only what is used takes memory. Lua needs up to 9 KiB for each of 200 nested
  /// calls, and its patterns recurse with their length.
  private static final long STACK_BYTES = 16L << 20;

  private final NetworkOptions options;
  private final Transport.Choice transport;
  private final MultiThreadIoEventLoopGroup group;
  private final BufferPool buffers;
  private final EventLoop engineLoop;
  private final List<EventLoop> ioLoops = new ArrayList<>();
  private final Listeners listeners;
  private final AtomicLong connectionIds = new AtomicLong();
  private final Set<Connection> connections = ConcurrentHashMap.newKeySet();
  private @Nullable RequestHandler handler;
  private int nextIoLoop;
  private volatile long queryLimitBytes = 1L << 30;
  private volatile int keepAliveSeconds = 300;

  public Network(NetworkOptions options) {
    this.options = options;
    transport = Transport.choose(options.transport());
    int threads = options.ioThreads() == 1 ? 1 : options.ioThreads() + 1;
    group = new Loops(threads, options.threadName(), transport.transport().loops());
    buffers = new BufferPool(threads > 1);
    EventLoop first = null;
    for (EventExecutor executor : group) {
      boolean engine = first == null;
      EventLoop loop =
          new EventLoop(
              (TurningLoop) executor, engine, threads == 1, buffers, options.batchCommands());
      if (engine) {
        first = loop;
      }
      if (!engine || threads == 1) {
        ioLoops.add(loop);
      }
    }
    if (first == null) {
      throw Invariant.broken("a group has a loop");
    }
    engineLoop = first;
    listeners = new Listeners(this, ioLoops.getFirst());
    LOG.info(
        "Transport {} ({}), I/O threads: {}",
        transport.transport().word(),
        transport.reason(),
        options.ioThreads());
  }

  /// Loops that can turn, on threads with room for what scripts may recurse.
  private static final class Loops extends MultiThreadIoEventLoopGroup {
    Loops(int threads, String name, IoHandlerFactory handlers) {
      super(threads, new LoopThreads(name), handlers);
    }

    @Override
    protected IoEventLoop newChild(Executor executor, IoHandlerFactory handlers, Object... more) {
      return new TurningLoop(this, executor, handlers);
    }
  }

  private static final class LoopThreads extends DefaultThreadFactory {
    LoopThreads(String name) {
      super(name, true);
    }

    @Override
    protected Thread newThread(Runnable work, String name) {
      return new FastThreadLocalThread(threadGroup, work, name, STACK_BYTES);
    }
  }

  /// Names who executes what connections send. Once, before anything listens.
  public void serve(RequestHandler requestHandler) {
    Invariant.check(handler == null, "a network serves one handler");
    handler = requestHandler;
  }

  /// The loop that the engine works on.
  public EventLoop engineLoop() {
    return engineLoop;
  }

  public Transport.Choice transport() {
    return transport;
  }

  public Listeners listeners() {
    return listeners;
  }

  public NetworkOptions options() {
    return options;
  }

  /// Applies `client-query-buffer-limit`.
  public void queryLimitBytes(long bytes) {
    queryLimitBytes = bytes;
  }

  long queryLimitBytes() {
    return queryLimitBytes;
  }

  /// Applies `tcp-keepalive` to connections to come; 0 turns it off.
  public void keepAliveSeconds(int seconds) {
    keepAliveSeconds = seconds;
  }

  int keepAliveSeconds() {
    return keepAliveSeconds;
  }

  /// Bytes read from all connections ever: `total_net_input_bytes`.
  public long inputBytes() {
    long bytes = 0;
    for (EventLoop loop : ioLoops) {
      bytes += loop.inputBytes;
    }
    return bytes;
  }

  /// Bytes written to all connections ever: `total_net_output_bytes`.
  public long outputBytes() {
    long bytes = 0;
    for (EventLoop loop : ioLoops) {
      bytes += loop.outputBytes;
    }
    return bytes;
  }

  /// Reads from all connections ever: `total_reads_processed`.
  public long reads() {
    long reads = 0;
    for (EventLoop loop : ioLoops) {
      reads += loop.reads;
    }
    return reads;
  }

  /// Writes to all connections ever: `total_writes_processed`.
  public long writes() {
    long writes = 0;
    for (EventLoop loop : ioLoops) {
      writes += loop.writes;
    }
    return writes;
  }

  /// How long requests have waited before they were executed.
  public QueueTimes queueTimes() {
    return engineLoop.queueTimes();
  }

  /// Buffers that connections hold now, of 16 KiB each and more.
  public int buffersInUse() {
    return buffers.lent();
  }

  public int connectionCount() {
    return connections.size();
  }

  /// Closes the listeners and every connection, then ends the loops. Not from one of them.
  @Override
  public void close() {
    Invariant.check(!engineLoop.inLoop(), "a loop does not wait for its own end");
    listeners.close();
    listeners.awaitClosed();
    engineLoop.netty().submit(this::closeConnections).syncUninterruptibly();
    boolean gone = awaitNoConnections();
    group.shutdownGracefully(0, gone ? 0 : 1, TimeUnit.SECONDS).syncUninterruptibly();
    engineLoop.close();
    for (EventLoop loop : ioLoops) {
      loop.close();
    }
    buffers.close();
  }

  private void closeConnections() {
    for (Connection connection : connections) {
      connection.close("server shut down");
    }
  }

  /// The closing of connections is still to run through the loops.
  private boolean awaitNoConnections() {
    for (int round = 0; round < 200 && !connections.isEmpty(); round++) {
      for (EventLoop loop : ioLoops) {
        loop.netty().schedule(() -> {}, 5, TimeUnit.MILLISECONDS).syncUninterruptibly();
      }
      engineLoop.netty().submit(() -> {}).syncUninterruptibly();
    }
    return connections.isEmpty();
  }

  RequestHandler handler() {
    RequestHandler named = handler;
    if (named == null) {
      throw Invariant.broken("a handler is named before anything listens");
    }
    return named;
  }

  long nextConnectionId() {
    return connectionIds.incrementAndGet();
  }

  /// Spreads connections over the I/O loops. Called on the accepting loop.
  EventLoop nextIoLoop() {
    EventLoop loop = ioLoops.get(nextIoLoop);
    nextIoLoop = (nextIoLoop + 1) % ioLoops.size();
    return loop;
  }

  void added(Connection connection) {
    connections.add(connection);
  }

  void removed(Connection connection) {
    connections.remove(connection);
  }

  void handshakeFailed(Connection connection, String reason) {
    // Redis's words; not a warning, because any client can cause it.
    LOG.debug("Error accepting a client connection: {} ({})", reason, connection.remoteAddress());
  }

  void connectionFailed(Connection connection, String what, Throwable cause) {
    if (cause instanceof IOException || cause.getCause() instanceof SSLException) {
      LOG.debug("Error on {}: {}", connection, what);
    } else {
      LOG.warn("Failure on {}", connection, cause);
    }
  }
}
