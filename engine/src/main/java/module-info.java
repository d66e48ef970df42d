/// Runs commands: dispatch, transactions, blocking, pub/sub, propagation.
module carnelian.engine {
  requires transitive carnelian.base;
  requires transitive carnelian.command;
  requires transitive carnelian.keyspace;
  requires transitive carnelian.memory;
  requires transitive carnelian.resp;
  requires transitive carnelian.structures;
  requires transitive HdrHistogram;
  requires static transitive org.jspecify;

  exports carnelian.engine;
  exports carnelian.engine.acl;
  exports carnelian.engine.diagnosis;
  exports carnelian.engine.introspection;
  exports carnelian.engine.pubsub;
  exports carnelian.engine.tracking;
  exports carnelian.engine.transactions;
}
