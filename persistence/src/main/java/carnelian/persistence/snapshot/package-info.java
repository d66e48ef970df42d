/// Snapshots as files: when they are saved, in the foreground and in the background, loading at the
/// start, and the commands for it. What the files hold is the business of
/// `carnelian.persistence.rdb`.
@NullMarked
package carnelian.persistence.snapshot;

import org.jspecify.annotations.NullMarked;
