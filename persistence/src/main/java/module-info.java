/// The files: RDB snapshots, what they are made of, saving, loading and checking them.
///
/// It knows nothing of sockets and replicas; those are given channels.
module carnelian.persistence {
  requires transitive carnelian.base;
  requires transitive carnelian.command;
  requires transitive carnelian.engine;
  requires transitive carnelian.keyspace;
  requires transitive carnelian.memory;
  requires transitive carnelian.resp;
  requires transitive carnelian.structures;
  requires com.ning.compress.lzf;

  exports carnelian.persistence.log;
  exports carnelian.persistence.rdb;
  exports carnelian.persistence.restore;
  exports carnelian.persistence.snapshot;
}
