package carnelian.net;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.ScheduledFuture;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// Serves pages over HTTP/1.1, on a thread of its own, to clients that are not trusted: GET alone,
/// a request is small and has its time, a reply too, and there are few connections.
public final class PageServer implements AutoCloseable {
  /// One page, whole.
  @SuppressWarnings("ArrayRecordComponent") // Made once and sent once.
  public record Page(int status, String contentType, byte[] body) {
    /// A page of one line.
    public static Page text(int status, String line) {
      byte[] body = (line + "\n").getBytes(StandardCharsets.UTF_8);
      return new Page(status, "text/plain; charset=utf-8", body);
    }
  }

  /// Port: what is served.
  public interface Pages {
    /// The page at a path, without its query. Called on the server's thread, and may be completed
    /// by any.
    ///
    /// @param local whether the client sits on this machine
    CompletionStage<Page> page(String path, boolean local);
  }

  private static final int MOST_CONNECTIONS = 16;
  private static final int LONGEST_LINE = 1024;
  private static final int MOST_HEADER_BYTES = 8 * 1024;
  private static final int BACKLOG = 16;

  /// For a request to be complete, and between two of them.
  private static final long REQUEST_SECONDS = 30;

  /// For a page to be made, and then for the client to take it.
  private static final long REPLY_SECONDS = 10;

  private final Pages pages;
  private final EventLoopGroup group;
  private final List<Channel> listeners = new ArrayList<>();

  /// On the server's thread.
  private int connections;

  /// Begins to listen. Addresses are as in `bind`; port 0 takes a free one.
  ///
  /// @throws ListenException if none of the addresses can be listened on, or one that is not
  ///   optional
  public PageServer(List<String> addresses, int port, String threadName, Pages pages)
      throws ListenException {
    this.pages = pages;
    group =
        new MultiThreadIoEventLoopGroup(
            1, new DefaultThreadFactory(threadName, true), NioIoHandler.newFactory());
    try {
      for (String address : addresses) {
        listen(address, port);
      }
      if (listeners.isEmpty()) {
        throw failed(port, "no address could be bound", new IOException());
      }
    } catch (ListenException e) {
      close();
      throw e;
    }
  }

  private void listen(String text, int port) throws ListenException {
    boolean optional = text.startsWith("-");
    InetSocketAddress address;
    try {
      address = Addresses.toBind(optional ? text.substring(1) : text, port);
    } catch (UnknownHostException e) {
      if (optional) {
        return;
      }
      throw failed(port, text + ": Name or service not known", e);
    }
    var bound =
        new ServerBootstrap()
            .group(group)
            .channel(NioServerSocketChannel.class)
            .option(ChannelOption.SO_BACKLOG, BACKLOG)
            .option(ChannelOption.SO_REUSEADDR, true)
            .childHandler(new Greeting())
            .bind(address)
            .awaitUninterruptibly();
    if (bound.isSuccess()) {
      listeners.add(bound.channel());
      return;
    }
    Throwable cause = bound.cause();
    if (!optional || !(cause instanceof IOException e) || !Listeners.isNotHere(e)) {
      throw failed(port, text + ": " + cause.getMessage(), cause);
    }
  }

  private static ListenException failed(int port, String detail, Throwable cause) {
    return new ListenException("Failed listening on port " + port + " (HTTP)", detail, cause);
  }

  /// The port that is listened on.
  public int port() {
    return ((InetSocketAddress) listeners.getFirst().localAddress()).getPort();
  }

  /// Closes everything. Not on the server's thread.
  @Override
  public void close() {
    group.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
  }

  // ---- Connections -----------------------------------------------------------------------------

  private final class Greeting extends ChannelInitializer<Channel> {
    @Override
    protected void initChannel(Channel channel) {
      HttpDecoderConfig limits =
          new HttpDecoderConfig()
              .setMaxInitialLineLength(LONGEST_LINE)
              .setMaxHeaderSize(MOST_HEADER_BYTES)
              .setMaxChunkSize(LONGEST_LINE);
      channel.pipeline().addLast(new HttpServerCodec(limits)).addLast(new Visitor());
    }
  }

  /// One connection. On the server's thread.
  @SuppressWarnings("FutureReturnValueIgnored") // channelInactive tells of the end of a close.
  private final class Visitor extends SimpleChannelInboundHandler<HttpObject> {
    private @Nullable ScheduledFuture<?> deadline;
    private boolean busy;

    @Override
    public void channelActive(ChannelHandlerContext context) {
      connections++;
      if (connections > MOST_CONNECTIONS) {
        context.close();
      } else {
        closeAfter(context, REQUEST_SECONDS);
      }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
      connections--;
      cancelDeadline();
    }

    private void closeAfter(ChannelHandlerContext context, long seconds) {
      cancelDeadline();
      deadline = context.executor().schedule(() -> context.close(), seconds, TimeUnit.SECONDS);
    }

    private void cancelDeadline() {
      if (deadline != null) {
        deadline.cancel(false);
        deadline = null;
      }
    }

    @Override
    protected void channelRead0(ChannelHandlerContext context, HttpObject message) {
      if (message instanceof HttpContent content && content.content().isReadable()) {
        context.close(); // Nothing here takes a body.
      }
      if (message instanceof HttpRequest request) {
        if (busy) {
          context.close(); // One at a time.
        } else {
          busy = true;
          answer(context, request);
        }
      }
    }

    private void answer(ChannelHandlerContext context, HttpRequest request) {
      boolean stays = HttpUtil.isKeepAlive(request);
      if (request.decoderResult().isFailure()) {
        send(context, Page.text(400, "Bad request"), false);
      } else if (!request.method().equals(HttpMethod.GET)) {
        send(context, Page.text(405, "Only GET is served"), false);
      } else if (HttpUtil.isContentLengthSet(request)
          || HttpUtil.isTransferEncodingChunked(request)) {
        send(context, Page.text(413, "A request has no body here"), false);
      } else {
        closeAfter(context, REPLY_SECONDS);
        String uri = request.uri();
        int query = uri.indexOf('?');
        boolean local = Addresses.isLoopback(context.channel().remoteAddress());
        pages
            .page(query < 0 ? uri : uri.substring(0, query), local)
            .whenComplete(
                (page, failure) ->
                    context
                        .executor()
                        .execute(() -> send(context, orFailure(page, failure), stays)));
      }
    }

    private static Page orFailure(@Nullable Page page, @Nullable Throwable failure) {
      return page == null || failure != null ? Page.text(503, "Not available now") : page;
    }

    private void send(ChannelHandlerContext context, Page page, boolean stays) {
      if (!context.channel().isActive()) {
        return;
      }
      FullHttpResponse response =
          new DefaultFullHttpResponse(
              HttpVersion.HTTP_1_1,
              HttpResponseStatus.valueOf(page.status()),
              Unpooled.wrappedBuffer(page.body()));
      response
          .headers()
          .set(HttpHeaderNames.CONTENT_TYPE, page.contentType())
          .set(HttpHeaderNames.CONTENT_LENGTH, page.body().length)
          .set(HttpHeaderNames.CACHE_CONTROL, "no-store");
      if (page.status() == HttpResponseStatus.METHOD_NOT_ALLOWED.code()) {
        response.headers().set(HttpHeaderNames.ALLOW, "GET");
      }
      HttpUtil.setKeepAlive(response, stays);
      closeAfter(context, REPLY_SECONDS);
      context
          .writeAndFlush(response)
          .addListener(
              (ChannelFutureListener)
                  sent -> {
                    busy = false;
                    if (stays && sent.isSuccess()) {
                      closeAfter(context, REQUEST_SECONDS);
                    } else {
                      context.close();
                    }
                  });
    }

    /// A client that breaks off, or speaks something else.
    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      context.close();
    }
  }
}
