package carnelian.net;

import io.netty.channel.Channel;
import io.netty.channel.unix.DomainSocketAddress;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.net.UnknownHostException;
import org.jspecify.annotations.Nullable;

/// Socket addresses as CLIENT LIST shows them.
final class Addresses {
  enum End {
    LOCAL,
    REMOTE
  }

  private Addresses() {}

  static String text(Channel channel, End end) {
    SocketAddress address =
        switch (end) {
          case LOCAL -> channel.localAddress();
          case REMOTE -> channel.remoteAddress();
        };
    if (address instanceof InetSocketAddress inet && inet.getAddress() != null) {
      return text(inet.getAddress().getHostAddress(), inet);
    }
    // A client's end of a Unix socket has no name: both ends show the listener's.
    String path = path(address);
    if (path.isEmpty() && channel.parent() != null) {
      path = path(channel.parent().localAddress());
    }
    return path + ":0";
  }

  /// An address as in `bind`: `*` is any IPv4 address, `::*` any IPv6 address.
  static InetSocketAddress toBind(String address, int port) throws UnknownHostException {
    InetAddress resolved =
        switch (address) {
          case "*" -> InetAddress.getByAddress(new byte[4]);
          case "::*" -> InetAddress.getByAddress(new byte[16]);
          default -> InetAddress.getByName(address);
        };
    return new InetSocketAddress(resolved, port);
  }

  static boolean isLoopback(@Nullable SocketAddress address) {
    return address instanceof InetSocketAddress inet
        && inet.getAddress() != null
        && inet.getAddress().isLoopbackAddress();
  }

  private static String text(String host, InetSocketAddress inet) {
    if (!(inet.getAddress() instanceof Inet6Address)) {
      return host + ":" + inet.getPort();
    }
    int scope = host.indexOf('%');
    String bare = scope < 0 ? host : host.substring(0, scope);
    return "[" + shorten(bare) + "]:" + inet.getPort();
  }

  /// The usual short form: the longest run of zero groups becomes `::`.
  private static String shorten(String ip6) {
    String[] groups = ip6.split(":", -1);
    int bestStart = -1;
    int bestLength = 1;
    for (int i = 0; i < groups.length; i++) {
      int length = 0;
      while (i + length < groups.length && groups[i + length].equals("0")) {
        length++;
      }
      if (length > bestLength) {
        bestStart = i;
        bestLength = length;
      }
    }
    if (bestStart < 0) {
      return ip6;
    }
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < bestStart; i++) {
      text.append(i == 0 ? "" : ":").append(groups[i]);
    }
    text.append("::");
    for (int i = bestStart + bestLength; i < groups.length; i++) {
      text.append(i == bestStart + bestLength ? "" : ":").append(groups[i]);
    }
    return text.toString();
  }

  private static String path(@Nullable SocketAddress address) {
    return switch (address) {
      case DomainSocketAddress domain -> domain.path();
      case UnixDomainSocketAddress unix -> unix.getPath().toString();
      case null, default -> "";
    };
  }
}
