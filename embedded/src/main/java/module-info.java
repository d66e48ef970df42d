/// A store within the program that uses it, for tests above all: with a port or without, with a
/// clock that the test moves, and with faults that the test switches on. JUnit is not needed unless
/// its extension is used.
module carnelian.embedded {
  requires carnelian.base;
  requires carnelian.net;
  requires carnelian.persistence;
  requires carnelian.resp;
  requires carnelian.server;
  requires static transitive org.jspecify;
  requires static transitive org.junit.jupiter.api;

  exports carnelian.embedded;
  exports carnelian.embedded.junit;
}
