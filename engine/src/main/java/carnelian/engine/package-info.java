/// Runs commands: dispatch, the state of clients, transactions, blocking, and what follows from a
/// change (dirty count, watched keys, notification, propagation). It knows neither sockets nor
/// files: both are ports that others implement.
@NullMarked
package carnelian.engine;

import org.jspecify.annotations.NullMarked;
