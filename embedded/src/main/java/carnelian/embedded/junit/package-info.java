/// Stores as parameters of JUnit's tests. It must not know more of a store than its users do.
@NullMarked
package carnelian.embedded.junit;

import org.jspecify.annotations.NullMarked;
