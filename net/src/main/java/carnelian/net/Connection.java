package carnelian.net;

import carnelian.base.Invariant;
import carnelian.memory.NativeBuffer;
import carnelian.resp.ProtocolException;
import carnelian.resp.RequestBatch;
import carnelian.resp.RequestParser;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.unix.UnixChannel;
import org.jspecify.annotations.Nullable;

/// A client's connection, as the engine sees it.
///
/// Public methods are called on the engine's loop, whichever loop reads the socket. With one I/O
/// thread both are the same and everything below happens inline; with more, the two sides signal
/// each other through their loops' inboxes:
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

  /// Output is sent between two batches of one read if it is as long as this.
  private static final int SEND_BYTES = 64 * 1024;

  /// What is read from a client that is not executed, until its reading pauses too.
  private static final int READ_AHEAD_BYTES = 1024 * 1024;

  private final Network network;
  private final long id;
  private final Kind kind;
  private final Channel channel;
  private final EventLoop io;
  private final EventLoop engine;
  private final boolean inline;
  private final RequestHandler handler;
  private final RequestParser parser;
  private final QueryInput input;
  private final ReplyOutput output;
  private final String remoteAddress;
  private final String localAddress;
  private final int descriptor;
  private final Signals toEngine = new Signals();
  private final Signals toIo = new Signals();

  // ---- Engine's side -------------------------------------------------------------------------

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
  private @Nullable Runnable flushAgain;
  private volatile boolean paused;

  /// Nothing more is executed.
  private volatile boolean closing;

  private volatile boolean closeWhenSent;
  private volatile String closeReason = "client closed connection";

  // ---- I/O side ------------------------------------------------------------------------------

  private @Nullable ChannelHandlerContext context;
  private @Nullable RequestBatch ownBatch;
  private @Nullable ProtocolException refusal;

  /// A batch is with the engine.
  private boolean busy;

  private boolean inactive;

  /// The client sends no more.
  private volatile boolean ended;

  /// Written by the engine before EXECUTED is signalled.
  private int executedCommands;

  private volatile long lastReadNanos;

  // Counted here, read by the engine a moment late.
  private long receivedBytes;
  private long sentBytes;

  Connection(Network network, Kind kind, Channel channel, EventLoop io) {
    this.network = network;
    this.id = network.nextConnectionId();
    this.kind = kind;
    this.channel = channel;
    this.io = io;
    this.engine = network.engineLoop();
    this.inline = io == engine;
    this.handler = network.handler();
    this.parser = new RequestParser(network.options().requestLimits());
    this.input = new QueryInput(io.buffers(), parser);
    this.output = new ReplyOutput(this, io.buffers());
    this.remoteAddress = Addresses.text(channel, Addresses.End.REMOTE);
    this.localAddress = Addresses.text(channel, Addresses.End.LOCAL);
    this.descriptor = channel instanceof UnixChannel unix ? unix.fd().intValue() : -1;
    this.lastReadNanos = System.nanoTime();
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
    parser.authenticated(authenticated);
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
      signalWrite();
    }
    if (closeWhenSent) {
      output.wanted = true;
      if (!output.writing && output.isEmpty()) {
        closeChannel();
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
        signalIo(Signals.RESUME);
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
    return input.unreadBytes() + executingBytes;
  }

  /// Room left in the query buffer.
  public int queryFreeBytes() {
    return input.freeBytes();
  }

  /// Bytes of the arguments of a command that is not complete yet.
  public long pendingArgumentBytes() {
    return parser.pendingArgumentBytes();
  }

  public long receivedBytes() {
    return receivedBytes;
  }

  public long sentBytes() {
    return sentBytes;
  }

  /// Since the client last sent something.
  public long idleNanos() {
    return System.nanoTime() - lastReadNanos;
  }

  // ---- A command that listens ----------------------------------------------------------------

  /// From now on, what the client sends is for the command that is executed, not in the query
  /// buffer, and what the command writes to [#output] is sent by [#flush]. Null if replies to
  /// earlier commands have not left yet.
  public @Nullable Heard listen() {
    if (executing && !held && output.isEmpty() && !ended && !closing) {
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
    return ended || closing || closedInTurn || closeToldToHandler;
  }

  /// What was heard has been taken: there may be room for more.
  void wasHeard() {
    if (!inline) {
      signalIo(Signals.RESUME);
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

  /// Closes at once; what was not sent is lost. The handler hears of it later.
  public void close(String reason) {
    if (!closing || closeWhenSent) {
      closeReason = reason;
    }
    closing = true;
    closeChannel();
  }

  public boolean isClosing() {
    return closing;
  }

  private void closeChannel() {
    if (inline) {
      closeContext();
    } else {
      signalIo(Signals.CLOSE);
    }
  }

  // ---- Engine's side -------------------------------------------------------------------------

  /// Signals from the I/O loop.
  void engineTurn() {
    int signals = toEngine.take();
    if ((signals & Signals.OPENED) != 0) {
      handOver(Signals.OPENED);
    }
    if ((signals & Signals.BATCH) != 0) {
      executeBatch();
    }
    if ((signals & Signals.REFUSED) != 0) {
      handOver(Signals.REFUSED);
    }
    if ((signals & Signals.DRAINED) != 0) {
      flush();
    }
    if ((signals & Signals.ENDED) != 0) {
      closeAfterReply();
    }
    if ((signals & Signals.CLOSED) != 0) {
      tellClosed();
    }
  }

  private void executeBatch() {
    RequestBatch batch = ownBatch;
    if (batch == null) {
      throw Invariant.broken("a batch was signalled");
    }
    engine.executesWhatWasRead(lastReadNanos);
    executedCommands = paused || closing ? 0 : execute(batch);
    endTurn(Signals.EXECUTED);
  }

  /// Opened or refused: the handler writes something, perhaps.
  private void handOver(int signal) {
    executing = true;
    output.prepare();
    try {
      ProtocolException error = refusal;
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

  private int execute(RequestBatch batch) {
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
        input.freeze(); // Otherwise it is, because the batch is out.
      }
    }
  }

  /// Sends the replies of a turn, in one signal with another one.
  private void endTurn(int signal) {
    executing = false;
    turning = false;
    if (signal != 0) {
      boolean write = !closeWhenSent && !held && !isOverOutputLimit() && stage();
      signalIo(write ? signal | Signals.WRITE : signal);
    }
    if (closeWhenSent || !output.isEmpty()) {
      flush();
    }
    output.rest();
    if (closedInTurn) {
      closedInTurn = false;
      tellClosed();
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

  private void signalWrite() {
    if (inline) {
      write();
    } else {
      signalIo(Signals.WRITE);
    }
  }

  private void signalIo(int signals) {
    if (toIo.add(signals)) {
      io.post(this);
    }
  }

  private void tellClosed() {
    if (turning) {
      closedInTurn = true;
      closing = true;
    } else if (!closeToldToHandler) {
      closeToldToHandler = true;
      closing = true;
      output.close();
      network.removed(this);
      handler.closed(this, closeReason);
    }
  }

  /// After [EventLoop#resume]: on the one loop that does everything.
  void goOn() {
    deferred = false;
    if (!inactive) {
      runInline();
      input.rest();
      balanceReading();
    }
  }

  // ---- I/O side ------------------------------------------------------------------------------

  /// Signals from the engine.
  void ioTurn() {
    int signals = toIo.take();
    if ((signals & Signals.WRITE) != 0) {
      write();
    }
    if ((signals & Signals.EXECUTED) != 0) {
      executed();
    } else if ((signals & Signals.RESUME) != 0) {
      submit();
    }
    if ((signals & Signals.CLOSE) != 0) {
      closeContext();
    }
    balanceReading();
  }

  QueryInput input() {
    return input;
  }

  void active(ChannelHandlerContext context) {
    this.context = context;
    network.added(this);
    if (inline) {
      handOver(Signals.OPENED);
    } else {
      signalEngine(Signals.OPENED);
    }
  }

  void received(ByteBuf read) {
    Heard listening = heard;
    int bytes = listening == null ? input.received(read) : listening.received(input, read);
    io.inputBytes += bytes;
    io.reads++;
    receivedBytes += bytes;
    lastReadNanos = io.readNow();
    if (closing) {
      input.drop();
      return;
    }
    if (listening != null) {
      if (!inline) {
        signalEngine(Signals.HEARD);
      }
    } else if (inline) {
      runInline();
    } else {
      submit();
    }
    if (input.unreadBytes() > network.queryLimitBytes()) {
      closeReason = "query buffer limit: " + input.unreadBytes() + " bytes";
      closing = true;
      closeContext();
    }
  }

  void readComplete() {
    input.rest();
    balanceReading();
  }

  /// Netty can take more again.
  void writable() {
    write();
  }

  void failed(String reason) {
    if (!closing) {
      closeReason = reason;
    }
    closeContext();
  }

  void inactive() {
    if (inactive) {
      return;
    }
    inactive = true;
    output.abandon();
    input.close();
    if (context == null) {
      return;
    }
    if (inline) {
      tellClosed();
    } else {
      signalEngine(Signals.CLOSED);
      if (!busy) {
        freeBatch();
      }
    }
  }

  /// The client has ended its output, perhaps before the replies to it were written.
  void ended() {
    ended = true;
    if (!inline) {
      signalEngine(busy ? Signals.HEARD : Signals.ENDED);
    } else if (!executing && !deferred) {
      closeAfterReply();
    }
  }

  /// A piece of output has left.
  void sent(int bytes) {
    sentBytes += bytes;
    io.outputBytes += bytes;
    io.writes++;
  }

  /// The last piece has left and the engine has more, or waits for it to close.
  void drained() {
    if (!inline) {
      signalEngine(Signals.DRAINED);
      return;
    }
    Runnable again = flushAgain;
    if (again == null) {
      again = this::flush;
      flushAgain = again;
    }
    engine.executeInTurns(again); // Which is not what a command works with, unless it listens.
  }

  /// Executes everything complete that stands in the query buffer.
  private void runInline() {
    NativeBuffer query = input.query();
    if (query == null || paused || deferred || closing || executing) {
      return;
    }
    RequestBatch batch = engine.batch();
    try {
      while (!paused && !deferred && !closing) {
        batch.clear();
        parser.parse(query, batch);
        if (batch.isEmpty()) {
          break;
        }
        int executed = execute(batch);
        if (executed < batch.commands()) {
          parser.rewind(batch.startOffset(executed));
          thaw();
          sendSome(0);
        } else {
          thaw();
          sendSome(SEND_BYTES);
        }
      }
    } catch (ProtocolException error) {
      refusal = error;
      handOver(Signals.REFUSED);
    } finally {
      batch.clear();
      endTurn(0);
      if (ended && !deferred) {
        closeAfterReply();
      }
    }
  }

  /// After a command in which the loop has turned: what came meanwhile is parsed next.
  private void thaw() {
    if (turning) {
      turning = false;
      input.thaw();
    }
  }

  /// Sends between two batches of one read, if more than so many bytes wait.
  private void sendSome(int bytes) {
    if (output.buffer().length() > bytes && !closing) {
      flush();
      if (output.isEmpty()) {
        output.prepare();
      }
    }
  }

  /// Parses and hands a batch to the engine, unless it has one.
  private void submit() {
    NativeBuffer query = input.query();
    if (busy || paused || closing || inactive || refusal != null || query == null) {
      return;
    }
    RequestBatch batch = ownBatch;
    if (batch == null) {
      batch = new RequestBatch(network.options().batchCommands());
      ownBatch = batch;
    }
    batch.clear();
    try {
      parser.parse(query, batch);
    } catch (ProtocolException error) {
      refusal = error;
      signalEngine(Signals.REFUSED);
      return;
    }
    if (!batch.isEmpty()) {
      busy = true;
      input.freeze();
      signalEngine(Signals.BATCH);
    }
  }

  private void executed() {
    RequestBatch batch = ownBatch;
    if (batch != null && executedCommands < batch.commands()) {
      parser.rewind(batch.startOffset(executedCommands));
    }
    busy = false;
    input.thaw();
    if (inactive) {
      freeBatch();
      return;
    }
    submit();
    if (!busy) {
      input.rest();
      if (ended) {
        signalEngine(Signals.ENDED);
      }
    }
  }

  private void freeBatch() {
    if (ownBatch != null) {
      ownBatch.close();
      ownBatch = null;
    }
  }

  @SuppressWarnings("FutureReturnValueIgnored")
  private void write() {
    ChannelHandlerContext to = context;
    if (inactive) {
      output.abandon();
      return;
    }
    if (to == null || !output.isStaged() || !channel.isWritable()) {
      return;
    }
    IoByteBuf piece = output.take();
    if (piece != null) {
      // A failure goes to exceptionCaught, which closes the connection.
      to.writeAndFlush(piece, to.voidPromise());
    }
  }

  @SuppressWarnings("FutureReturnValueIgnored") // channelInactive tells of the end.
  private void closeContext() {
    ChannelHandlerContext open = context;
    if (open != null && !inactive) {
      open.close();
    }
  }

  /// Stops reading from a client that is not executed and has sent enough, and starts again.
  private void balanceReading() {
    boolean read = input.mayKeep(paused || busy || turning ? READ_AHEAD_BYTES : Integer.MAX_VALUE);
    Heard listening = heard;
    read &= listening == null || listening.bytes() < READ_AHEAD_BYTES;
    if (read != channel.config().isAutoRead()) {
      channel.config().setAutoRead(read);
    }
  }

  private void signalEngine(int signal) {
    if (toEngine.add(signal)) {
      engine.post(this);
    }
  }

  @Override
  public String toString() {
    return "connection " + id + " " + remoteAddress;
  }
}
