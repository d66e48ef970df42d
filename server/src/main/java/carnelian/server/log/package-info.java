/// The log of the process in Redis's format, behind SLF4J. It must not know who logs what.
@NullMarked
package carnelian.server.log;

import org.jspecify.annotations.NullMarked;
