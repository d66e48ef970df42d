/// JMH benchmarks of the structures that commands spend their time in. Each class says which number
/// of docs/structures.md it guards; nothing imports this module.
@NullMarked
package carnelian.bench;

import org.jspecify.annotations.NullMarked;
