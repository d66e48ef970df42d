package carnelian.net;

import carnelian.base.Invariant;
import carnelian.memory.NativeBuffer;
import carnelian.resp.ProtocolException;
import carnelian.resp.RequestBatch;
import io.netty.channel.Channel;
import io.netty.channel.unix.UnixChannel;
import org.jspecify.annotations.Nullable;

/// A client's connection, as the engine sees it.
///
/// Called on the engine's loop, whichever loop reads the socket: the I/O loop's side is
/// [ClientSocket]. With one I/O thread both loops are the same and everything happens inline; with
/// more, the two sides signal each other through their loops' inboxes:
///
/// ```
/// I/O loop: read ─▶ parse ─BATCH─▶ engine: execute ─EXECUTED, WRITE─▶ I/O loop: parse on, write
/// ```
///
/// At most one batch of a connection is out at a time, so its commands are executed in order, and
/// at most one entry of it stands in an inbox, so these are bounded by the number of connections.
public final class Connection {
  /// How the client reached us.
  public enum Kind {
    TCP,
    TLS,
    UNIX
  }

  private final Network network;
  private final long id;
  private final Kind kind;
  private final Channel channel;
  private final EventLoop engine;
  private final boolean inline;
  private final RequestHandler handler;
  private final ClientSocket socket;
  private final ReplyOutput output;
  private final String remoteAddress;
  private final String localAddress;
  private final int descriptor;

  /// From the I/O loop.
  private final Signals signals = new Signals();

  private @Nullable Object attachment;
  private OutputLimits limits = OutputLimits.NONE;
  private boolean held;
  private boolean executing;
  private boolean closeToldToHandler;

  /// The command that is executed has let the loop turn: until it is done, its arguments and what
  /// is written of its reply stay where they are.
  private boolean turning;

  /// The connection has gone within a turn.
  private boolean closedInTurn;

  /// The batch goes on in a task of its own.
  private boolean deferred;

  /// What the client says to the command that is executed, if that listens.
  private volatile @Nullable Heard heard;

  private int executingBytes;
  private volatile boolean paused;

  /// Nothing more is executed.
  private volatile boolean closing;

  private volatile boolean closeWhenSent;
  private volatile String closeReason = "client closed connection";

  Connection(Network network, Kind kind, Channel channel, EventLoop io) {
    this.network = network;
    this.id = network.nextConnectionId();
    this.kind = kind;
    this.channel = channel;
    this.engine = network.engineLoop();
    this.inline = io == engine;
    this.handler = network.handler();
    this.socket = new ClientSocket(this, network, channel, io);
    this.output = socket.output();
    this.remoteAddress = Addresses.text(channel, Addresses.End.REMOTE);
    this.localAddress = Addresses.text(channel, Addresses.End.LOCAL);
    this.descriptor = channel instanceof UnixChannel unix ? unix.fd().intValue() : -1;
  }

  // ---- Who it is -----------------------------------------------------------------------------

  /// Unique in the network, ascending.
  public long id() {
    return id;
  }

  public Kind kind() {
    return kind;
  }

  /// `ip:port`, `[ip]:port`, or `path:0` over a Unix socket.
  public String remoteAddress() {
    return remoteAddress;
  }

  public String localAddress() {
    return localAddress;
  }

  /// Whether the peer is this machine: a Unix socket or a loopback address.
  public boolean isLocal() {
    return kind == Kind.UNIX || Addresses.isLoopback(channel.remoteAddress());
  }

  /// The file descriptor, or -1 if the transport does not tell.
  public int descriptor() {
    return descriptor;
  }

  /// What the handler keeps with the connection.
  public @Nullable Object attachment() {
    return attachment;
  }

  public void attach(@Nullable Object attachment) {
    this.attachment = attachment;
  }

  /// Whether the client may send large commands; false until it has authenticated, if it has to.
  public void authenticated(boolean authenticated) {
    socket.authenticated(authenticated);
  }

  // ---- Output --------------------------------------------------------------------------------

  /// Where replies are written; the same object for the life of the connection. What the handler
  /// writes in its methods is sent when they return; what it writes at other times, by [#flush].
  public NativeBuffer output() {
    return output.buffer();
  }

  /// What the source has follows what was written, whenever there is room; [#flush] asks it.
  public void follow(OutputSource source) {
    output.source = source;
  }

  /// Sends what stands in [#output], unless an earlier piece is still on its way: then after that.
  public void flush() {
    if (held || closeToldToHandler || (turning && heard == null)) {
      return;
    }
    if (!closeWhenSent && isOverOutputLimit()) {
      close("output buffer limit: " + output.bytes() + " bytes unread");
      return;
    }
    if (stage()) {
      socket.startWriting();
    }
    if (closeWhenSent) {
      output.wanted = true;
      if (!output.writing && output.isEmpty()) {
        socket.close();
      }
    }
  }

  /// Keeps replies back until [#releaseOutput], while commands go on being executed.
  public void holdOutput() {
    held = true;
  }

  /// Sends what was kept back.
  public void releaseOutput() {
    if (held) {
      held = false;
      flush();
    }
  }

  /// Bytes written and not yet taken by the client, as far as the kernel lets us know.
  public long outputBytes() {
    return output.bytes();
  }

  /// Size of the memory that replies are being written to.
  public int outputCapacity() {
    return output.buffer().capacity();
  }

  public void outputLimits(OutputLimits limits) {
    this.limits = limits;
  }

  /// Whether the client has left more unread than it may; it is disconnected at the next [#flush].
  /// Called now and then for every connection, so that the soft limit's time runs out.
  public boolean isOverOutputLimit() {
    return output.isOver(limits);
  }

  // ---- Input ---------------------------------------------------------------------------------

  /// Stops executing the client's commands. Reading goes on, up to a bound, so that a client that
  /// leaves is noticed.
  public void pause() {
    paused = true;
  }

  /// Goes on with what a paused client has sent: not within this call but soon after.
  public void resume() {
    if (paused) {
      paused = false;
      if (inline) {
        engine.resume(this);
      } else {
        socket.signal(Signals.RESUME);
      }
    }
  }

  /// Goes on with the batch that is executed now, from the command on that the handler has left, in
  /// a task of the loop's own: soon, and where [EventLoop#canTurn] is true. Called by the handler
  /// where it is false.
  public void defer() {
    deferred = true;
    engine.resume(this);
  }

  public boolean isPaused() {
    return paused;
  }

  /// Bytes read and not yet executed, the commands that are being executed included.
  public int queryBytes() {
    return socket.input().unreadBytes() + executingBytes;
  }

  /// Room left in the query buffer.
  public int queryFreeBytes() {
    return socket.input().freeBytes();
  }

  /// Bytes of the arguments of a command that is not complete yet.
  public long pendingArgumentBytes() {
    return socket.pendingArgumentBytes();
  }

  public long receivedBytes() {
    return socket.receivedBytes();
  }

  public long sentBytes() {
    return socket.sentBytes();
  }

  /// Since the client last sent something.
  public long idleNanos() {
    return System.nanoTime() - socket.lastReadNanos();
  }

  // ---- A command that listens ----------------------------------------------------------------

  /// From now on, what the client sends is for the command that is executed, not in the query
  /// buffer, and what the command writes to [#output] is sent by [#flush]. Null if replies to
  /// earlier commands have not left yet.
  public @Nullable Heard listen() {
    if (executing && !held && output.isEmpty() && !socket.hasEnded() && !closing) {
      heard = new Heard(this);
    }
    return heard;
  }

  /// The command listens no more.
  void stopListening() {
    heard = null;
  }

  /// Whether the client will say nothing more.
  boolean isSilent() {
    return socket.hasEnded() || closing || closedInTurn || closeToldToHandler;
  }

  /// What was heard has been taken: there may be room for more.
  void wasHeard() {
    if (!inline) {
      socket.signal(Signals.RESUME);
    }
  }

  // ---- End -----------------------------------------------------------------------------------

  /// Sends what stands in [#output], then closes; no further command is executed.
  public void closeAfterReply() {
    closing = true;
    closeWhenSent = true;
    if (!executing) {
      flush();
    }
  }

  /// The client has ended its output: nothing follows what was read from it. It gets the replies
  /// that are still on their way; if there are none, it is gone for the handler at once, so that
  /// whatever another client has sent after that no longer meets it. The channel follows when its
  /// transport has closed it, which takes io_uring a turn of the loop and more.
  void ended() {
    closeAfterReply();
    if (!turning && !held && !output.writing && !output.isReady()) {
      disconnect();
    }
  }

  /// Closes at once; what was not sent is lost. The handler hears of it later.
  public void close(String reason) {
    if (!closing || closeWhenSent) {
      closeReason = reason;
    }
    closing = true;
    socket.close();
  }

  public boolean isClosing() {
    return closing;
  }

  // ---- Execution -----------------------------------------------------------------------------

  /// Signals from the I/O loop.
  void engineTurn() {
    int taken = signals.take();
    if ((taken & Signals.OPENED) != 0) {
      handOver(Signals.OPENED);
    }
    if ((taken & Signals.BATCH) != 0) {
      executeBatch();
    }
    if ((taken & Signals.REFUSED) != 0) {
      handOver(Signals.REFUSED);
    }
    if ((taken & Signals.DRAINED) != 0) {
      flush();
    }
    if ((taken & Signals.ENDED) != 0) {
      ended();
    }
    if ((taken & Signals.CLOSED) != 0) {
      closed();
    }
  }

  private void executeBatch() {
    RequestBatch batch = socket.batch();
    if (batch == null) {
      throw Invariant.broken("a batch was signalled");
    }
    engine.executesWhatWasRead(socket.lastReadNanos());
    socket.executed(paused || closing ? 0 : execute(batch));
    endTurn(Signals.EXECUTED);
  }

  /// Opened or refused: the handler writes something, perhaps.
  void handOver(int signal) {
    executing = true;
    output.prepare();
    try {
      ProtocolException error = socket.refusal();
      if (signal == Signals.OPENED) {
        handler.opened(this);
      } else if (error != null) {
        handler.refused(this, error);
        closing = true;
        closeWhenSent = true;
      }
    } catch (Throwable bug) {
      fail(bug);
    }
    endTurn(0);
  }

  /// Has the handler execute a batch; returns how many of its commands it has.
  int execute(RequestBatch batch) {
    executing = true;
    executingBytes = batch.endOffset(batch.commands() - 1) - batch.startOffset(0);
    output.prepare();
    engine.executing(this);
    try {
      int executed = handler.execute(this, batch);
      boolean goesOn = executed > 0 || paused || deferred || closing || !output.isEmpty();
      Invariant.check(goesOn, "a handler executes something, or pauses, closes or sends");
      return executed;
    } catch (Throwable bug) {
      fail(bug);
      return 0;
    } finally {
      executingBytes = 0;
      engine.executing(null);
    }
  }

  /// The loop turns while a command of this connection is executed.
  void turns() {
    if (!turning) {
      turning = true;
      if (inline) {
        socket.input().freeze(); // Otherwise it is, because the batch is out.
      }
    }
  }

  /// After a command in which the loop has turned: what came meanwhile is parsed next.
  void thaw() {
    if (turning) {
      turning = false;
      socket.input().thaw();
    }
  }

  /// Sends between two batches of one read, if more than so many bytes wait.
  void sendSome(int bytes) {
    if (output.buffer().length() > bytes && !closing) {
      flush();
      if (output.isEmpty()) {
        output.prepare();
      }
    }
  }

  /// Sends the replies of a turn, in one signal with another one.
  void endTurn(int signal) {
    executing = false;
    turning = false;
    if (signal != 0) {
      boolean write = !closeWhenSent && !held && !isOverOutputLimit() && stage();
      socket.signal(write ? signal | Signals.WRITE : signal);
    }
    if (closeWhenSent || !output.isEmpty()) {
      flush();
    }
    output.rest();
    if (closedInTurn) {
      closedInTurn = false;
      closed();
    }
  }

  private void fail(Throwable bug) {
    close("bug: " + bug);
    handler.failed(this, bug);
  }

  /// Puts the output on its way if there is any and no earlier piece is.
  private boolean stage() {
    if (!output.isReady()) {
      return false;
    }
    if (output.writing) {
      output.wanted = true;
      if (output.writing) {
        return false;
      }
      output.wanted = false;
    }
    output.stage();
    return true;
  }

  /// The socket is closed.
  void closed() {
    if (turning) {
      closedInTurn = true;
      closing = true;
    } else {
      disconnect();
      network.removed(this);
    }
  }

  private void disconnect() {
    if (!closeToldToHandler) {
      closeToldToHandler = true;
      closing = true;
      output.close();
      handler.closed(this, closeReason);
    }
  }

  /// After [EventLoop#resume]: on the one loop that does everything.
  void goOn() {
    deferred = false;
    socket.goOn();
  }

  // ---- For the I/O loop ------------------------------------------------------------------------

  ClientSocket socket() {
    return socket;
  }

  /// Tells the engine, where it runs on another loop. On the I/O loop.
  void signal(int more) {
    if (signals.add(more)) {
      engine.post(this);
    }
  }

  /// The socket is about to be closed for this reason: nothing more is executed. On the I/O loop.
  void socketEnds(String reason) {
    closeReason = reason;
    closing = true;
  }

  /// The socket has failed. On the I/O loop.
  void socketFailed(String reason) {
    if (!closing) {
      closeReason = reason;
    }
  }

  /// Who hears what the client sends, in place of the query buffer. On either loop.
  @Nullable Heard heard() {
    return heard;
  }

  /// Whether what has been read has to wait.
  boolean isHeldUp() {
    return paused || deferred || closing;
  }

  boolean isDeferred() {
    return deferred;
  }

  boolean isExecuting() {
    return executing;
  }

  boolean isTurning() {
    return turning;
  }

  @Override
  public String toString() {
    return "connection " + id + " " + remoteAddress;
  }
}
