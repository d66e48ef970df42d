/// Looking at commands as they run: MONITOR, the slow log, and what delays there were. Hears of
/// commands from the dispatcher and never changes what they do.
@NullMarked
package carnelian.engine.diagnosis;

import org.jspecify.annotations.NullMarked;
