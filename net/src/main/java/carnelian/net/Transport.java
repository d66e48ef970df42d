package carnelian.net;

import io.netty.channel.Channel;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketProtocolFamily;
import io.netty.channel.socket.nio.NioServerDomainSocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.channel.uring.IoUring;
import io.netty.channel.uring.IoUringIoHandler;
import io.netty.channel.uring.IoUringServerDomainSocketChannel;
import io.netty.channel.uring.IoUringServerSocketChannel;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.spi.SelectorProvider;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// How sockets are read and written: what the kernel offers, best first. Containers often forbid
/// io_uring, and only Linux has epoll.
public enum Transport {
  IO_URING,
  EPOLL,
  NIO;

  /// A transport and why it was taken, for the log.
  public record Choice(Transport transport, String reason) {}

  /// The best transport that works here, or the first that does of those which are asked for.
  ///
  /// @param wanted `auto`, or names with a blank between two: `io_uring`, `epoll`, `nio`
  /// @throws IllegalArgumentException if one is unknown, or none works here
  public static Choice choose(String wanted) {
    boolean auto = wanted.equals("auto");
    StringBuilder missing = new StringBuilder();
    for (String word : (auto ? "io_uring epoll nio" : wanted).split(" ", -1)) {
      Transport transport = named(word);
      String problem = transport.problem();
      if (problem == null) {
        String reason = auto ? "the best there is" : "asked for";
        return new Choice(transport, missing.isEmpty() ? reason : missing.toString());
      }
      missing.append(missing.isEmpty() ? "" : "; ").append(word);
      missing.append(" does not work here: ").append(problem);
    }
    throw new IllegalArgumentException("transport: " + missing);
  }

  private static Transport named(String word) {
    for (Transport transport : values()) {
      if (transport.word().equals(word)) {
        return transport;
      }
    }
    throw new IllegalArgumentException(
        "transport: " + word + " (expected: auto, io_uring, epoll or nio)");
  }

  /// Its name in configuration and log.
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  public boolean isAvailable() {
    return problem() == null;
  }

  /// Why it does not work here, or null if it does.
  private @Nullable String problem() {
    return switch (this) {
      case IO_URING -> IoUring.isAvailable() ? null : rootCause(IoUring.unavailabilityCause());
      case EPOLL -> Epoll.isAvailable() ? null : rootCause(Epoll.unavailabilityCause());
      case NIO -> null;
    };
  }

  IoHandlerFactory loops() {
    return switch (this) {
      case IO_URING -> IoUringIoHandler.newFactory();
      case EPOLL -> EpollIoHandler.newFactory();
      case NIO -> NioIoHandler.newFactory();
    };
  }

  /// Opens a socket to listen on, and closes it: the next one finds its classes loaded. Any thread.
  public void rehearseListening() {
    tcpListener(InetAddress.getLoopbackAddress()).unsafe().closeForcibly();
  }

  ServerChannel tcpListener(InetAddress address) {
    SocketProtocolFamily family =
        address instanceof Inet6Address ? SocketProtocolFamily.INET6 : SocketProtocolFamily.INET;
    return switch (this) {
      case IO_URING -> new IoUringServerSocketChannel();
      case EPOLL -> new EpollServerSocketChannel(family);
      case NIO -> nioTcpListener(family);
    };
  }

  /// Here, and for the Unix socket, an interface among the results, so that this class can be
  /// verified without loading all three transports to find what they have in common.
  private static ServerChannel nioTcpListener(SocketProtocolFamily family) {
    return new NioServerSocketChannel(SelectorProvider.provider(), family);
  }

  ServerChannel unixListener() {
    return switch (this) {
      case IO_URING -> new IoUringServerDomainSocketChannel();
      case EPOLL -> new EpollServerDomainSocketChannel();
      case NIO -> nioUnixListener();
    };
  }

  private static ServerChannel nioUnixListener() {
    return new NioServerDomainSocketChannel();
  }

  SocketAddress unixAddress(String path) {
    return switch (this) {
      case IO_URING, EPOLL -> new DomainSocketAddress(path);
      case NIO -> UnixDomainSocketAddress.of(path);
    };
  }

  /// Whether a listener knows options of the socket that Java does not name.
  boolean hasNativeOptions(Channel channel) {
    return this == EPOLL && channel instanceof EpollServerSocketChannel;
  }

  private static String rootCause(@Nullable Throwable cause) {
    Throwable root = cause;
    while (root != null && root.getCause() != null) {
      root = root.getCause();
    }
    return root == null ? "unknown" : String.valueOf(root.getMessage()).replace('\n', ' ').trim();
  }
}
