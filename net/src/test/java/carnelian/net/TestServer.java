package carnelian.net;

import carnelian.memory.Slice;
import carnelian.resp.ProtocolException;
import carnelian.resp.Reply;
import carnelian.resp.RequestBatch;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;

/// A network whose commands are just enough to see what connections do: PING, ECHO, BIG bytes, WAIT
/// (pause until somebody says WAKE id), YIELD (ends the batch), QUIT, PUBLISH id bytes, LIMIT, DIE.
final class TestServer implements RequestHandler, AutoCloseable {
  final Network network;
  final int port;
  final Map<Long, Connection> open = new ConcurrentHashMap<>();
  final BlockingQueue<String> closed = new LinkedBlockingQueue<>();
  final BlockingQueue<Throwable> bugs = new LinkedBlockingQueue<>();
  private final byte[] filler = new byte[1 << 20];

  TestServer(NetworkOptions options) throws ListenException {
    network = new Network(options);
    network.serve(this);
    network.listeners().tcp(List.of("127.0.0.1"), freePort(), 128);
    port = network.listeners().ports(Connection.Kind.TCP).getFirst();
  }

  TestServer() throws ListenException {
    this(NetworkOptions.defaults());
  }

  Connection connection(long id) {
    Connection connection = open.get(id);
    if (connection == null) {
      throw new IllegalStateException("no such connection: " + id);
    }
    return connection;
  }

  static int freePort() {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void opened(Connection connection) {
    open.put(connection.id(), connection);
    connection.attach(new Reply(connection.output()));
  }

  @Override
  public int execute(Connection connection, RequestBatch batch) {
    for (int i = 0; i < batch.commands(); i++) {
      if (execute(connection, batch, i) || connection.isPaused() || connection.isClosing()) {
        return i + 1;
      }
    }
    return batch.commands();
  }

  /// True to end the batch.
  private boolean execute(Connection connection, RequestBatch batch, int command) {
    if (!(connection.attachment() instanceof Reply reply)) {
      throw new IllegalStateException("opened first");
    }
    Slice name = batch.arg(command, 0);
    if (name.isIgnoringCase("PING")) {
      reply.pong();
    } else if (name.isIgnoringCase("ECHO")) {
      reply.bulk(batch.arg(command, 1));
    } else if (name.isIgnoringCase("ID")) {
      reply.integer(connection.id());
    } else if (name.isIgnoringCase("BIG")) {
      big(reply, number(batch.arg(command, 1)));
    } else if (name.isIgnoringCase("WAIT")) {
      connection.pause();
      reply.simple("WAITED");
    } else if (name.isIgnoringCase("WAKE")) {
      other(batch, command).resume();
      reply.ok();
    } else if (name.isIgnoringCase("PUBLISH") && !open.containsKey(id(batch, command))) {
      reply.error("ERR gone");
    } else if (name.isIgnoringCase("PUBLISH")) {
      Connection other = other(batch, command);
      if (other.attachment() instanceof Reply otherReply) {
        big(otherReply, number(batch.arg(command, 2)));
      }
      other.flush();
      reply.ok();
    } else if (name.isIgnoringCase("LIMIT")) {
      connection.outputLimits(limits(batch, command));
      reply.ok();
    } else if (name.isIgnoringCase("YIELD")) {
      reply.ok();
      return true;
    } else if (name.isIgnoringCase("QUIT")) {
      reply.ok();
      connection.closeAfterReply();
    } else if (name.isIgnoringCase("DIE")) {
      throw new IllegalStateException("asked to");
    } else {
      reply.error("ERR unknown command");
    }
    return false;
  }

  private void big(Reply reply, int bytes) {
    reply.raw(("$" + bytes + "\r\n").getBytes(StandardCharsets.US_ASCII));
    int left = bytes;
    while (left > 0) {
      int piece = Math.min(left, filler.length);
      reply.raw(piece == filler.length ? filler : new byte[piece]);
      left -= piece;
    }
    reply.raw(new byte[] {'\r', '\n'});
  }

  private Connection other(RequestBatch batch, int command) {
    return connection(id(batch, command));
  }

  /// LIMIT hard [soft seconds].
  private static OutputLimits limits(RequestBatch batch, int command) {
    long hard = number(batch.arg(command, 1));
    return batch.argc(command) == 2
        ? new OutputLimits(hard, 0, 0)
        : new OutputLimits(hard, number(batch.arg(command, 2)), number(batch.arg(command, 3)));
  }

  private static long id(RequestBatch batch, int command) {
    return number(batch.arg(command, 1));
  }

  private static int number(Slice digits) {
    return Integer.parseInt(digits.toString());
  }

  @Override
  public void refused(Connection connection, ProtocolException error) {
    if (connection.attachment() instanceof Reply reply) {
      reply.error(error.reply());
    }
  }

  @Override
  public void closed(Connection connection, String reason) {
    open.remove(connection.id());
    closed.add(reason);
  }

  @Override
  public void failed(Connection connection, Throwable bug) {
    bugs.add(bug);
  }

  @Override
  public void close() {
    network.close();
    if (network.buffersInUse() != 0) {
      throw new AssertionError(network.buffersInUse() + " buffers were not given back");
    }
  }
}
