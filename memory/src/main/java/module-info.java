/// Off-heap memory: access by address, allocator, copy-on-write pages and snapshots of them.
module carnelian.memory {
  requires static transitive org.jspecify;

  exports carnelian.memory;
}
