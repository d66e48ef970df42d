/// Publish and subscribe: channels, patterns, shard channels, and keyspace notifications, which are
/// messages too. Knows nothing of sockets; messages go to the engine's clients.
@NullMarked
package carnelian.engine.pubsub;

import org.jspecify.annotations.NullMarked;
