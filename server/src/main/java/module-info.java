/// The composition root and the program.
module carnelian.server {
  requires transitive carnelian.base;
  requires carnelian.command;
  requires carnelian.datatypes;
  requires carnelian.engine;
  requires carnelian.keyspace;
  requires carnelian.memory;
  requires transitive carnelian.net;
  requires transitive carnelian.persistence;
  requires carnelian.replication;
  requires carnelian.scripting;
  requires carnelian.resp;
  requires carnelian.structures;
  requires static transitive org.jspecify;
  requires java.management;
  requires jdk.management;
  requires jdk.unsupported;

  exports carnelian.server;
}
