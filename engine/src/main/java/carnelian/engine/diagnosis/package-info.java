/// Looking at commands as they run and at what keys hold: MONITOR, the slow log, delays and their
/// causes, hot and big keys. Hears of commands from the dispatcher and never changes what they do.
@NullMarked
package carnelian.engine.diagnosis;

import org.jspecify.annotations.NullMarked;
