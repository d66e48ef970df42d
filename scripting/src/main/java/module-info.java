/// Scripts and functions in Lua.
module carnelian.scripting {
  requires transitive carnelian.engine;
  requires org.slf4j;
  requires static transitive org.jspecify;

  exports carnelian.scripting;
}
