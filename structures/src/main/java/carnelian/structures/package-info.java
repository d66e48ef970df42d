/// The data structures of the store, as they lie in off-heap memory: hash table, counted B+tree,
/// listpack and intset, and the record of everything that stands in a hash table. They are given
/// references and answer references; they know nothing of databases, commands or expiry.
@NullMarked
package carnelian.structures;

import org.jspecify.annotations.NullMarked;
