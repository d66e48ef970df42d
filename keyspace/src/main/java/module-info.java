/// Databases, typed values, expiry, eviction, change events and the snapshot's cut.
module carnelian.keyspace {
  requires transitive carnelian.base;
  requires transitive carnelian.memory;
  requires transitive carnelian.structures;
  requires static transitive org.jspecify;

  exports carnelian.keyspace;
}
