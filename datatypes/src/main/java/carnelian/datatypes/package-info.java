/// The command families: one file for each topic, each command a declaration beside its method.
/// They read arguments, use the keyspace's services and write replies; they know nothing of
/// sockets, files or threads.
@NullMarked
package carnelian.datatypes;

import org.jspecify.annotations.NullMarked;
