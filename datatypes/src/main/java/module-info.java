/// The command families.
module carnelian.datatypes {
  requires static org.jspecify;
  requires transitive carnelian.engine;
  requires carnelian.command;
  requires carnelian.keyspace;
  requires carnelian.memory;
  requires carnelian.resp;
  requires carnelian.structures;

  exports carnelian.datatypes;
}
