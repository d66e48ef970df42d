/// Starts stores in this process and hands them to the program: their port, their commands, their
/// clock, their faults. It must not know what a store does, nor anything of test frameworks.
@NullMarked
package carnelian.embedded;

import org.jspecify.annotations.NullMarked;
