package carnelian.net;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import java.io.IOException;

/// Netty's end of a [Connection]: passes its events on. The last handler of the pipeline, behind
/// TLS if there is any.
@SuppressWarnings("FutureReturnValueIgnored") // channelInactive tells of the end of a close.
final class ConnectionHandler extends ChannelInboundHandlerAdapter {
  private final Connection connection;
  private final Network network;

  ConnectionHandler(Connection connection, Network network) {
    this.connection = connection;
    this.network = network;
  }

  @Override
  public void channelActive(ChannelHandlerContext context) {
    if (connection.kind() != Connection.Kind.TLS) {
      connection.active(context);
    }
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext context, Object event) {
    if (event instanceof SslHandshakeCompletionEvent handshake) {
      if (handshake.isSuccess()) {
        connection.active(context);
      } else {
        network.handshakeFailed(connection, String.valueOf(handshake.cause().getMessage()));
        context.close();
      }
    } else if (event instanceof ChannelInputShutdownEvent) {
      connection.ended();
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    connection.received((ByteBuf) message);
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext context) {
    connection.readComplete();
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext context) {
    connection.writable();
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    connection.inactive();
  }

  /// A read or write failed (also one that was promised to nobody), or a bug in this module.
  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    String what =
        cause instanceof IOException ? String.valueOf(cause.getMessage()) : cause.toString();
    network.connectionFailed(connection, what, cause);
    connection.failed(what);
    context.close();
  }
}
