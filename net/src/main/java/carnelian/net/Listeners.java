package carnelian.net;

import io.netty.channel.Channel;
import io.netty.channel.ChannelConfig;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.socket.nio.NioChannelOption;
import io.netty.channel.unix.IntegerUnixChannelOption;
import io.netty.channel.unix.UnixChannelOption;
import io.netty.channel.uring.IoUringChannelOption;
import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardSocketOptions;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The sockets that an instance listens on: plain TCP, TLS, a Unix socket. Each kind can be changed
/// while connections made through the old sockets live on.
///
/// Called from any thread but an I/O loop that is not the engine's.
public final class Listeners {
  private static final Logger LOG = LoggerFactory.getLogger(Listeners.class);

  /// `IPPROTO_IPV6` and `IPV6_V6ONLY` of Linux, which Netty does not name.
  private static final IntegerUnixChannelOption IPV6_ONLY =
      new IntegerUnixChannelOption("IPV6_V6ONLY", 41, 26);

  private static final long ACCEPT_PAUSE_SECONDS = 1;

  private final Network network;
  private final EventLoop loop;

  /// By kind and text of the address, on the accepting loop only.
  private final Map<Endpoint, ServerChannel> open = new LinkedHashMap<>();

  /// Sockets that are closed soon.
  private final Queue<ChannelFuture> closing = new ConcurrentLinkedQueue<>();

  private volatile @Nullable TlsContext tls;

  /// @param optional whether an address that this machine does not have is no error
  private record Endpoint(Connection.Kind kind, String address, int port, boolean optional) {
    boolean isSameSocket(Endpoint other) {
      return kind == other.kind && address.equals(other.address) && port == other.port;
    }
  }

  Listeners(Network network, EventLoop loop) {
    this.network = network;
    this.loop = loop;
  }

  /// Listens for plain TCP on these addresses and no others. An address is as in `bind`: `*` is any
  /// IPv4 address, `::*` any IPv6 address, a leading `-` makes it optional. Port 0 listens nowhere.
  public void tcp(List<String> addresses, int port, int backlog) throws ListenException {
    listen(Connection.Kind.TCP, addresses, port, backlog);
  }

  /// As [#tcp], on a port that is free on the first address, which is returned.
  public int tcpOnFreePort(List<String> addresses, int backlog) throws ListenException {
    return onLoop(
        () -> {
          Endpoint any = endpoint(Connection.Kind.TCP, addresses.getFirst(), 0);
          boolean _ = bindTcp(any, backlog, false);
          ServerChannel channel = open.remove(any);
          if (channel == null) {
            throw failed(any, "no address could be bound", new IOException());
          }
          int port = ((InetSocketAddress) channel.localAddress()).getPort();
          open.put(endpoint(any.kind, addresses.getFirst(), port), channel);
          exchange(any.kind, endpoints(any.kind, addresses, port), backlog);
          return port;
        });
  }

  /// Listens for TLS; the context must have been given.
  public void tls(List<String> addresses, int port, int backlog) throws ListenException {
    listen(Connection.Kind.TLS, addresses, port, backlog);
  }

  /// The certificate and rules of TLS connections to come.
  public void tlsContext(TlsContext context) {
    tls = context;
  }

  /// Listens on a Unix socket with these permissions (as in `unixsocketperm`; 0 leaves what the
  /// process's mask gives), in place of an earlier one. An empty path listens nowhere.
  public void unix(String path, int permissions, int backlog) throws ListenException {
    onLoop(
        () -> {
          closeAll(Connection.Kind.UNIX);
          if (!path.isEmpty()) {
            listenUnix(path, permissions, backlog);
          }
          return true;
        });
  }

  /// The ports that are listened on, for one kind.
  public List<Integer> ports(Connection.Kind kind) {
    try {
      return onLoop(
          () -> {
            List<Integer> ports = new ArrayList<>();
            for (Map.Entry<Endpoint, ServerChannel> each : open.entrySet()) {
              if (each.getKey().kind == kind
                  && each.getValue().localAddress() instanceof InetSocketAddress inet) {
                ports.add(inet.getPort());
              }
            }
            return ports;
          });
    } catch (ListenException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  /// Waits until the sockets that were closed are gone. Not on a loop.
  void awaitClosed() {
    for (ChannelFuture socket : closing) {
      socket.awaitUninterruptibly();
    }
  }

  /// Closes all listening sockets; connections stay.
  public void close() {
    try {
      onLoop(
          () -> {
            for (Connection.Kind kind : Connection.Kind.values()) {
              closeAll(kind);
            }
            return true;
          });
    } catch (ListenException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  // ---- TCP -----------------------------------------------------------------------------------

  private void listen(Connection.Kind kind, List<String> addresses, int port, int backlog)
      throws ListenException {
    List<Endpoint> wanted = endpoints(kind, addresses, port);
    onLoop(
        () -> {
          exchange(kind, wanted, backlog);
          return true;
        });
  }

  private List<Endpoint> endpoints(Connection.Kind kind, List<String> addresses, int port) {
    List<Endpoint> endpoints = new ArrayList<>();
    if (port != 0) {
      for (String address : withoutCovered(addresses)) {
        endpoints.add(endpoint(kind, address, port));
      }
    }
    return endpoints;
  }

  private static Endpoint endpoint(Connection.Kind kind, String address, int port) {
    boolean optional = address.startsWith("-");
    return new Endpoint(kind, optional ? address.substring(1) : address, port, optional);
  }

  /// Java's and Netty's IPv6 sockets take IPv4, too, where the option to prevent it is not at hand:
  /// then any IPv6 address covers any IPv4 address, and only one of the two can be bound.
  private List<String> withoutCovered(List<String> addresses) {
    boolean anyFour = addresses.contains("*") || addresses.contains("-*");
    boolean anySix = addresses.contains("::*") || addresses.contains("-::*");
    if (!anyFour || !anySix || network.transport().transport() == Transport.EPOLL) {
      return addresses;
    }
    String covered = hasIp6() ? "*" : "::*";
    return addresses.stream().filter(a -> !a.equals(covered) && !a.equals("-" + covered)).toList();
  }

  private static boolean hasIp6() {
    return Files.isReadable(Path.of("/proc/net/if_inet6"));
  }

  /// Opens what is wanted and not open, then closes what is open and not wanted; if something
  /// cannot be opened all is as before. An old socket may be in the new one's way (`*` and
  /// `127.0.0.1` on one port) and its closing ends only later, so both are marked to share the port
  /// for that moment.
  private void exchange(Connection.Kind kind, List<Endpoint> wanted, int backlog)
      throws ListenException {
    List<Endpoint> replaced = new ArrayList<>();
    for (Endpoint endpoint : open.keySet()) {
      if (endpoint.kind == kind && !isAmong(wanted, endpoint)) {
        replaced.add(endpoint);
      }
    }
    List<Endpoint> added = new ArrayList<>();
    sharePort(replaced, true);
    try {
      for (Endpoint endpoint : wanted) {
        if (!isAmong(open.keySet(), endpoint) && bindTcp(endpoint, backlog, !replaced.isEmpty())) {
          added.add(endpoint);
        }
      }
      if (!wanted.isEmpty() && added.isEmpty() && !isAnyOpen(wanted)) {
        throw failed(wanted.getFirst(), "no address could be bound", new IOException());
      }
    } catch (ListenException e) {
      closeEach(added);
      sharePort(replaced, false);
      throw e;
    }
    closeEach(replaced);
    sharePort(added, false);
  }

  private void closeEach(List<Endpoint> endpoints) {
    for (Endpoint endpoint : endpoints) {
      closeOne(endpoint);
    }
  }

  private static boolean isAmong(Collection<Endpoint> endpoints, Endpoint sought) {
    for (Endpoint endpoint : endpoints) {
      if (endpoint.isSameSocket(sought)) {
        return true;
      }
    }
    return false;
  }

  private boolean isAnyOpen(List<Endpoint> endpoints) {
    for (Endpoint endpoint : endpoints) {
      if (isAmong(open.keySet(), endpoint)) {
        return true;
      }
    }
    return false;
  }

  private void sharePort(List<Endpoint> endpoints, boolean share) {
    for (Endpoint endpoint : endpoints) {
      ServerChannel channel = open.get(endpoint);
      if (channel != null) {
        sharePort(channel, share);
      }
    }
  }

  private void sharePort(ServerChannel channel, boolean share) {
    switch (network.transport().transport()) {
      case IO_URING, EPOLL -> channel.config().setOption(UnixChannelOption.SO_REUSEPORT, share);
      case NIO ->
          channel
              .config()
              .setOption(NioChannelOption.of(StandardSocketOptions.SO_REUSEPORT), share);
    }
  }

  /// False if the address is optional and not there.
  private boolean bindTcp(Endpoint endpoint, int backlog, boolean share) throws ListenException {
    InetSocketAddress address;
    try {
      address = Addresses.toBind(endpoint.address, endpoint.port);
    } catch (UnknownHostException e) {
      if (endpoint.optional) {
        return false;
      }
      throw failed(endpoint, "Name or service not known", e);
    }
    ServerChannel channel = network.transport().transport().tcpListener(address.getAddress());
    channel.config().setOption(ChannelOption.SO_BACKLOG, backlog);
    channel.config().setOption(ChannelOption.SO_REUSEADDR, true);
    if (share) {
      sharePort(channel, true);
    }
    if (address.getAddress() instanceof Inet6Address
        && network.transport().transport().hasNativeOptions(channel)) {
      channel.config().setOption(IPV6_ONLY, 1);
    }
    try {
      bind(channel, address, endpoint.kind);
    } catch (IOException e) {
      if (endpoint.optional && isNotHere(e)) {
        return false;
      }
      throw failed(endpoint, reason(e), e);
    }
    open.put(endpoint, channel);
    return true;
  }

  /// The machine lacks the address or its whole family.
  static boolean isNotHere(IOException e) {
    String text = String.valueOf(e.getMessage());
    return text.contains("Cannot assign requested address")
        || text.contains("not supported")
        || text.contains("not available");
  }

  private static ListenException failed(Endpoint endpoint, String reason, Throwable cause) {
    String protocol = endpoint.kind == Connection.Kind.TLS ? "TLS" : "TCP";
    return new ListenException(
        "Failed listening on port " + endpoint.port + " (" + protocol + ")",
        "Could not create server TCP listening socket "
            + endpoint.address
            + ":"
            + endpoint.port
            + ": "
            + reason,
        cause);
  }

  private static String reason(IOException e) {
    String text = String.valueOf(e.getMessage());
    return "bind: "
        + (text.contains("in use") ? "Address already in use" : text.replaceFirst("^.*: ", ""));
  }

  // ---- Unix socket ---------------------------------------------------------------------------

  private void listenUnix(String path, int permissions, int backlog) throws ListenException {
    ServerChannel channel = network.transport().transport().unixListener();
    try {
      // A socket that a crash left behind; Redis removes it likewise.
      Files.deleteIfExists(Path.of(path));
      channel.config().setOption(ChannelOption.SO_BACKLOG, backlog);
      SocketAddress address = network.transport().transport().unixAddress(path);
      bind(channel, address, Connection.Kind.UNIX);
      if (permissions != 0) {
        Files.setPosixFilePermissions(
            Path.of(path), PosixFilePermissions.fromString(symbolic(permissions)));
      }
    } catch (IOException e) {
      channel.unsafe().closeForcibly();
      throw new ListenException("Failed opening Unix socket", path + ": " + reason(e), e);
    }
    open.put(new Endpoint(Connection.Kind.UNIX, path, 0, false), channel);
  }

  /// 0750 as `rwxr-x---`.
  private static String symbolic(int permissions) {
    StringBuilder text = new StringBuilder();
    for (int bit = 8; bit >= 0; bit--) {
      text.append((permissions >> bit & 1) == 1 ? "xwr".charAt(bit % 3) : '-');
    }
    return text.toString();
  }

  // ---- Channels ------------------------------------------------------------------------------

  private void bind(ServerChannel channel, SocketAddress address, Connection.Kind kind)
      throws IOException {
    channel.pipeline().addLast(new Acceptor(kind));
    ChannelFuture registered = loop.register(channel);
    ChannelFuture bound = registered.isSuccess() ? channel.bind(address) : registered;
    if (bound.isSuccess()) {
      return;
    }
    Throwable cause = bound.cause();
    channel.unsafe().closeForcibly();
    throw cause instanceof IOException io ? io : new IOException("bind did not complete", cause);
  }

  private void closeAll(Connection.Kind kind) {
    for (Endpoint endpoint : List.copyOf(open.keySet())) {
      if (endpoint.kind == kind) {
        closeOne(endpoint);
      }
    }
  }

  private void closeOne(Endpoint endpoint) {
    ServerChannel channel = open.remove(endpoint);
    if (channel == null) {
      return;
    }
    ChannelFuture closed = channel.close();
    closing.removeIf(ChannelFuture::isDone);
    closing.add(closed);
    if (endpoint.kind == Connection.Kind.UNIX) {
      try {
        Files.deleteIfExists(Path.of(endpoint.address));
      } catch (IOException e) {
        LOG.warn("Unix socket {} was not removed: {}", endpoint.address, e.getMessage());
      }
    }
  }

  /// Sockets are opened, closed and accepted from on one loop.
  private <T> T onLoop(Callable<T> work) throws ListenException {
    try {
      return loop.inLoop() ? work.call() : loop.netty().submit(work).syncUninterruptibly().getNow();
    } catch (ListenException e) {
      throw e;
    } catch (RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  /// Makes a connection of each socket that is accepted.
  private final class Acceptor extends ChannelInboundHandlerAdapter {
    private final Connection.Kind kind;

    Acceptor(Connection.Kind kind) {
      this.kind = kind;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
      Channel channel = (Channel) message;
      EventLoop io = network.nextIoLoop();
      configure(channel.config());
      ClientSocket socket = new Connection(network, kind, channel, io).socket();
      TlsContext context0 = tls;
      if (kind == Connection.Kind.TLS && context0 != null) {
        channel.pipeline().addLast(context0.handler(channel.alloc()));
      } else {
        channel.config().setRecvByteBufAllocator(socket.input());
        // The end of its input must overtake neither a batch that is executed nor the replies.
        channel.config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
      }
      channel.pipeline().addLast(socket);
      io.register(channel)
          .addListener(
              done -> {
                if (!done.isSuccess()) {
                  LOG.warn("Error registering a client connection", done.cause());
                  channel.unsafe().closeForcibly();
                }
              });
    }

    private void configure(ChannelConfig config) {
      if (kind == Connection.Kind.UNIX) {
        return;
      }
      config.setOption(ChannelOption.TCP_NODELAY, true);
      int seconds = network.keepAliveSeconds();
      if (seconds == 0) {
        return;
      }
      config.setOption(ChannelOption.SO_KEEPALIVE, true);
      // Redis's schedule: a probe after the time given, then three at thirds of it.
      int third = Math.max(1, seconds / 3);
      switch (network.transport().transport()) {
        case IO_URING -> {
          config.setOption(IoUringChannelOption.TCP_KEEPIDLE, seconds);
          config.setOption(IoUringChannelOption.TCP_KEEPINTVL, third);
          config.setOption(IoUringChannelOption.TCP_KEEPCNT, 3);
        }
        case EPOLL -> {
          config.setOption(EpollChannelOption.TCP_KEEPIDLE, seconds);
          config.setOption(EpollChannelOption.TCP_KEEPINTVL, third);
          config.setOption(EpollChannelOption.TCP_KEEPCNT, 3);
        }
        case NIO -> {
          // Java's sockets keep the system's schedule.
        }
      }
    }

    /// Out of file descriptors, mostly: to try again at once would only burn the processor.
    @Override
    @SuppressWarnings("FutureReturnValueIgnored") // Of the timer.
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      LOG.warn("Accepting client connection: {}", cause.getMessage());
      ChannelConfig config = context.channel().config();
      if (config.isAutoRead()) {
        config.setAutoRead(false);
        context
            .channel()
            .eventLoop()
            .schedule(() -> config.setAutoRead(true), ACCEPT_PAUSE_SECONDS, TimeUnit.SECONDS);
      }
    }
  }
}
