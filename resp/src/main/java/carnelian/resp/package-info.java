/// Reads requests from, and writes replies to, native memory in the protocols RESP2 and RESP3.
/// Knows bytes only: neither sockets nor commands nor how values are stored.
@NullMarked
package carnelian.resp;

import org.jspecify.annotations.NullMarked;
