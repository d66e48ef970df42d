/// What a command is: its declaration, its keys, its arguments and where it stands in the table.
module carnelian.command {
  requires transitive carnelian.memory;
  requires static transitive org.jspecify;

  exports carnelian.command;
}
