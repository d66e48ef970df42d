/// RESP2 and RESP3: bytes in, bytes out.
module carnelian.resp {
  requires carnelian.base;
  requires transitive carnelian.memory;
  requires static transitive org.jspecify;

  exports carnelian.resp;
}
