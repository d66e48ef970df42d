/// The composition root: reads the command line and the configuration, wires the modules into an
/// instance, and answers the system's signals. It must not hold rules that belong to a module
/// below.
@NullMarked
package carnelian.server;

import org.jspecify.annotations.NullMarked;
