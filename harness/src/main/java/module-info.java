/// A store in process for tests. Imported by tests alone.
module carnelian.harness {
  requires transitive carnelian.engine;
  requires jdk.management;
  requires static transitive org.jspecify;

  exports carnelian.harness;
}
