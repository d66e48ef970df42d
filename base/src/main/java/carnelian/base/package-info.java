/// Time, randomness and invariant checks: the only door to the machine's clock and entropy. It must
/// not know what anyone uses them for.
@NullMarked
package carnelian.base;

import org.jspecify.annotations.NullMarked;
