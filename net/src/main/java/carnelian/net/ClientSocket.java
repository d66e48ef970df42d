package carnelian.net;

import carnelian.memory.NativeBuffer;
import carnelian.resp.ProtocolException;
import carnelian.resp.RequestBatch;
import carnelian.resp.RequestParser;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/// The socket of a [Connection], on the connection's I/O loop, and Netty's end of it: the last
/// handler of the pipeline, behind TLS if there is any. Reads into the query buffer, parses, has
/// the engine execute what is complete, and writes what the engine has put out.
///
/// Owns the channel, the query buffer and its parser, and the one batch that may be with the
/// engine. Called on the I/O loop, unless a section says otherwise. What fails in the socket, and a
/// bug in this module, closes the connection; a request that breaks the protocol is for the engine
/// to answer.
@SuppressWarnings("FutureReturnValueIgnored") // channelInactive tells of the end of a close.
final class ClientSocket extends ChannelInboundHandlerAdapter {
  /// Output is sent between two batches of one read if it is as long as this.
  private static final int SEND_BYTES = 64 * 1024;

  /// What is read from a client that is not executed, until its reading pauses too.
  private static final int READ_AHEAD_BYTES = 1024 * 1024;

  private final Connection connection;
  private final Network network;
  private final Channel channel;
  private final EventLoop loop;
  private final boolean inline;
  private final RequestParser parser;
  private final QueryInput input;
  private final ReplyOutput output;

  /// From the engine.
  private final Signals signals = new Signals();

  /// Null until the client is connected, and its TLS handshake done.
  private @Nullable ChannelHandlerContext active;

  private @Nullable RequestBatch ownBatch;
  private @Nullable ProtocolException refusal;
  private @Nullable Runnable flushAgain;

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

  ClientSocket(Connection connection, Network network, Channel channel, EventLoop loop) {
    this.connection = connection;
    this.network = network;
    this.channel = channel;
    this.loop = loop;
    this.inline = loop == network.engineLoop();
    this.parser = new RequestParser(network.options().requestLimits());
    this.input = new QueryInput(loop.buffers(), parser);
    this.output = new ReplyOutput(this, loop.buffers());
    this.lastReadNanos = System.nanoTime();
  }

  QueryInput input() {
    return input;
  }

  // ---- What Netty tells ----------------------------------------------------------------------

  @Override
  public void channelActive(ChannelHandlerContext context) {
    if (connection.kind() != Connection.Kind.TLS) {
      opened(context);
    }
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext context, Object event) {
    if (event instanceof SslHandshakeCompletionEvent handshake) {
      if (handshake.isSuccess()) {
        opened(context);
      } else {
        network.handshakeFailed(connection, String.valueOf(handshake.cause().getMessage()));
        context.close();
      }
    } else if (event instanceof ChannelInputShutdownEvent) {
      ended();
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    ByteBuf read = (ByteBuf) message;
    Heard listening = connection.heard();
    int bytes = listening == null ? input.received(read) : listening.received(input, read);
    loop.inputBytes += bytes;
    loop.reads++;
    receivedBytes += bytes;
    lastReadNanos = loop.readNow();
    if (connection.isClosing()) {
      input.drop();
      return;
    }
    if (listening != null) {
      if (!inline) {
        connection.signal(Signals.HEARD);
      }
    } else if (inline) {
      runInline();
    } else {
      submit();
    }
    if (input.unreadBytes() > network.queryLimitBytes()) {
      connection.socketEnds("query buffer limit: " + input.unreadBytes() + " bytes");
      closeContext();
    }
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext context) {
    input.rest();
    balanceReading();
  }

  /// Netty can take more again.
  @Override
  public void channelWritabilityChanged(ChannelHandlerContext context) {
    write();
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    if (inactive) {
      return;
    }
    inactive = true;
    output.abandon();
    input.close();
    if (active == null) {
      return;
    }
    if (inline) {
      connection.closed();
    } else {
      connection.signal(Signals.CLOSED);
      if (!busy) {
        freeBatch();
      }
    }
  }

  /// A read or write failed (also one that was promised to nobody), or a bug in this module.
  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    String what =
        cause instanceof IOException ? String.valueOf(cause.getMessage()) : cause.toString();
    network.connectionFailed(connection, what, cause);
    connection.socketFailed(what);
    context.close();
  }

  private void opened(ChannelHandlerContext context) {
    active = context;
    network.added(connection);
    if (inline) {
      connection.handOver(Signals.OPENED);
    } else {
      connection.signal(Signals.OPENED);
    }
  }

  /// The client has ended its output, perhaps before the replies to it were written.
  private void ended() {
    ended = true;
    if (!inline) {
      connection.signal(busy ? Signals.HEARD : Signals.ENDED);
    } else if (!connection.isExecuting() && !connection.isDeferred()) {
      connection.ended();
    }
  }

  // ---- Input, where one loop does everything ---------------------------------------------------

  /// Goes on with what has been read, after [EventLoop#resume].
  void goOn() {
    if (!inactive) {
      runInline();
      input.rest();
      balanceReading();
    }
  }

  /// Executes everything complete that stands in the query buffer.
  private void runInline() {
    NativeBuffer query = input.query();
    if (query == null || connection.isHeldUp() || connection.isExecuting()) {
      return;
    }
    RequestBatch batch = loop.batch();
    try {
      while (!connection.isHeldUp()) {
        batch.clear();
        parser.parse(query, batch);
        if (batch.isEmpty()) {
          break;
        }
        int executed = connection.execute(batch);
        if (executed < batch.commands()) {
          parser.rewind(batch.startOffset(executed));
          connection.thaw();
          connection.sendSome(0);
        } else {
          connection.thaw();
          connection.sendSome(SEND_BYTES);
        }
      }
    } catch (ProtocolException error) {
      refusal = error;
      connection.handOver(Signals.REFUSED);
    } finally {
      batch.clear();
      connection.endTurn(0);
      if (ended && !connection.isDeferred()) {
        connection.ended();
      }
    }
  }

  // ---- Input, where the engine has a loop of its own -------------------------------------------

  /// Signals from the engine.
  void ioTurn() {
    int taken = signals.take();
    if ((taken & Signals.WRITE) != 0) {
      write();
    }
    if ((taken & Signals.EXECUTED) != 0) {
      batchExecuted();
    } else if ((taken & Signals.RESUME) != 0) {
      submit();
    }
    if ((taken & Signals.CLOSE) != 0) {
      closeContext();
    }
    balanceReading();
  }

  /// Parses and hands a batch to the engine, unless it has one.
  private void submit() {
    NativeBuffer query = input.query();
    if (busy
        || connection.isPaused()
        || connection.isClosing()
        || inactive
        || refusal != null
        || query == null) {
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
      connection.signal(Signals.REFUSED);
      return;
    }
    if (!batch.isEmpty()) {
      busy = true;
      input.freeze();
      connection.signal(Signals.BATCH);
    }
  }

  private void batchExecuted() {
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
        connection.signal(Signals.ENDED);
      }
    }
  }

  private void freeBatch() {
    if (ownBatch != null) {
      ownBatch.close();
      ownBatch = null;
    }
  }

  /// Stops reading from a client that is not executed and has sent enough, and starts again.
  private void balanceReading() {
    boolean waits = connection.isPaused() || busy || connection.isTurning();
    boolean read = input.mayKeep(waits ? READ_AHEAD_BYTES : Integer.MAX_VALUE);
    Heard listening = connection.heard();
    read &= listening == null || listening.bytes() < READ_AHEAD_BYTES;
    if (read != channel.config().isAutoRead()) {
      channel.config().setAutoRead(read);
    }
  }

  // ---- Output --------------------------------------------------------------------------------

  private void write() {
    ChannelHandlerContext to = active;
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

  /// A piece of output has left.
  void sent(int bytes) {
    sentBytes += bytes;
    loop.outputBytes += bytes;
    loop.writes++;
  }

  /// The last piece has left and the engine has more, or waits for it to close.
  void drained() {
    if (!inline) {
      connection.signal(Signals.DRAINED);
      return;
    }
    Runnable again = flushAgain;
    if (again == null) {
      again = connection::flush;
      flushAgain = again;
    }
    loop.executeInTurns(again); // Which is not what a command works with, unless it listens.
  }

  private void closeContext() {
    ChannelHandlerContext open = active;
    if (open != null && !inactive) {
      open.close();
    }
  }

  // ---- On the engine's loop --------------------------------------------------------------------

  /// Tells the I/O loop, where it is another one.
  void signal(int more) {
    if (signals.add(more)) {
      loop.post(connection);
    }
  }

  /// Sends what was staged.
  void startWriting() {
    if (inline) {
      write();
    } else {
      signal(Signals.WRITE);
    }
  }

  void close() {
    if (inline) {
      closeContext();
    } else {
      signal(Signals.CLOSE);
    }
  }

  ReplyOutput output() {
    return output;
  }

  /// The batch that BATCH was signalled for.
  @Nullable RequestBatch batch() {
    return ownBatch;
  }

  /// So many commands of that batch were executed; EXECUTED follows.
  void executed(int commands) {
    executedCommands = commands;
  }

  /// What REFUSED was signalled for.
  @Nullable ProtocolException refusal() {
    return refusal;
  }

  void authenticated(boolean authenticated) {
    parser.authenticated(authenticated);
  }

  /// Whether the client sends no more.
  boolean hasEnded() {
    return ended;
  }

  long pendingArgumentBytes() {
    return parser.pendingArgumentBytes();
  }

  long receivedBytes() {
    return receivedBytes;
  }

  long sentBytes() {
    return sentBytes;
  }

  long lastReadNanos() {
    return lastReadNanos;
  }
}
