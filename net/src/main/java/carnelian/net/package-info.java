/// Sockets in, batches of commands out, and the way back for replies: transports, listeners, event
/// loops, connections and their buffers. Knows no command and no data; whoever executes commands
/// implements [carnelian.net.RequestHandler].
@NullMarked
package carnelian.net;

import org.jspecify.annotations.NullMarked;
