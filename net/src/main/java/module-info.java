/// Connections and event loops on Netty: transports, listeners, TLS, Unix sockets.
module carnelian.net {
  requires transitive carnelian.base;
  requires transitive carnelian.memory;
  requires transitive carnelian.resp;
  requires io.netty.buffer;
  requires io.netty.codec;
  requires io.netty.codec.http;
  requires io.netty.common;
  requires io.netty.handler;
  requires io.netty.transport;
  requires io.netty.transport.classes.epoll;
  requires io.netty.transport.classes.io_uring;
  requires io.netty.transport.unix.common;
  requires org.jctools.core;
  requires org.jctools.core.jdk11;
  requires static transitive org.jspecify;

  exports carnelian.net;
}
