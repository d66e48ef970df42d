/// jcstress tests of what two threads share without a lock. Nothing imports this module.
@NullMarked
package carnelian.stress;

import org.jspecify.annotations.NullMarked;
