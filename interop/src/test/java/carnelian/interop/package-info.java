/// Runs the built server as a process, beside Debian's redis-server and with real client libraries.
/// Knows nothing of the server's insides: only sockets, files and signals.
@NullMarked
package carnelian.interop;

import org.jspecify.annotations.NullMarked;
