/// The files: RDB snapshots, what they are made of, saving, loading and checking them.
///
/// It knows nothing of sockets and replicas; those are given channels.
module carnelian.persistence {
  requires transitive carnelian.structures;
  requires com.ning.compress.lzf;

  exports carnelian.persistence.rdb;
}
