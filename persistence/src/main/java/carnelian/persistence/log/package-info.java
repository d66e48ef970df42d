/// The log: every write's effect, appended once, in files that Redis 7 can load; writing it without
/// ever making the engine wait, reading it back, and rewriting it. What a snapshot in it holds is
/// the business of `carnelian.persistence.rdb`; docs/formats/log.md has the bytes.
@NullMarked
package carnelian.persistence.log;

import org.jspecify.annotations.NullMarked;
