/// What a command is, said once: name, arity, flags, keys, arguments, replies and documentation.
/// COMMAND, ACL categories, key extraction and the generated documents are derived from it; nothing
/// here knows how a command runs.
@NullMarked
package carnelian.command;

import org.jspecify.annotations.NullMarked;
