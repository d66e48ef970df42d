/// Hash table, listpack, counted B+tree and intset over off-heap memory.
module carnelian.structures {
  requires transitive carnelian.base;
  requires transitive carnelian.memory;
  requires static org.jspecify;

  exports carnelian.structures;
}
