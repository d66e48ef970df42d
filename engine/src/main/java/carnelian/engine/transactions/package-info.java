/// MULTI, EXEC, DISCARD, WATCH and UNWATCH: the commands. What they do to a client and to what
/// follows is the dispatcher's; see docs/transactions-and-blocking.md.
@NullMarked
package carnelian.engine.transactions;

import org.jspecify.annotations.NullMarked;
