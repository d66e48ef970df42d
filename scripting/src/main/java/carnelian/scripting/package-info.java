/// Runs Lua scripts and functions on the real Lua 5.1, in a sandbox whose only way out is
/// `redis.call`. Knows nothing of sockets, files or where functions are kept on disk.
@NullMarked
package carnelian.scripting;

import org.jspecify.annotations.NullMarked;
