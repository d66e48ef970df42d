/// What everything else stands on: time, randomness, the directive table, invariant checks.
///
/// It knows nothing of commands, memory or sockets.
module carnelian.base {
  requires static transitive org.jspecify;
  requires transitive org.slf4j;

  exports carnelian.base;
  exports carnelian.base.config;
}
