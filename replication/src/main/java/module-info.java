/// Copies of the data on other servers: both sides of Redis's replication.
module carnelian.replication {
  requires transitive carnelian.base;
  requires transitive carnelian.command;
  requires transitive carnelian.engine;
  requires transitive carnelian.keyspace;
  requires transitive carnelian.memory;
  requires transitive carnelian.persistence;
  requires transitive carnelian.resp;
  requires org.slf4j;
  requires static transitive org.jspecify;

  exports carnelian.replication;
}
