/// Client-side caching: what clients have read is remembered, and they are told when it changes. It
/// knows the engine's clients and hears of changes through a port; it never looks at the data.
@NullMarked
package carnelian.engine.tracking;

import org.jspecify.annotations.NullMarked;
