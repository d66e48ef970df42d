/// Sends the stream of writes to replicas, and a snapshot first where they have nothing to begin
/// with. Knows clients by the engine's ports and nothing of sockets, except those it opens itself.
@NullMarked
package carnelian.replication;

import org.jspecify.annotations.NullMarked;
