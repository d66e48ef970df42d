/// A store in process for tests: commands in, decoded replies out, time by hand. What every command
/// family is tested with.
@NullMarked
package carnelian.harness;

import org.jspecify.annotations.NullMarked;
