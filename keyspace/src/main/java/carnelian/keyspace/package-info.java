/// The keyspace: databases of typed values with their expiry and eviction, and one report of every
/// change. It knows nothing of commands, clients, replies or files.
@NullMarked
package carnelian.keyspace;

import org.jspecify.annotations.NullMarked;
