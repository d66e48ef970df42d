/// The composition root and the program.
module carnelian.server {
  requires transitive carnelian.base;
  requires static transitive org.jspecify;
  requires jdk.unsupported;

  exports carnelian.server;

  provides org.slf4j.spi.SLF4JServiceProvider with
      carnelian.server.log.ServerLogProvider;
}
