/// The debugger of scripts: reads what its user asks for, says where the script has stopped, and
/// when it stops next. Knows nothing of Lua's machine, which is behind [Frames], nor of sockets.
@NullMarked
package carnelian.scripting.debugger;

import org.jspecify.annotations.NullMarked;
