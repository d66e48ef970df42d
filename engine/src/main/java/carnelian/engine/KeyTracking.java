package carnelian.engine;

import carnelian.keyspace.Database;
import carnelian.memory.Slice;
import org.jspecify.annotations.Nullable;

/// Port: client-side caching, which tells clients that keys they have read are no longer as they
/// were.
public interface KeyTracking {
  /// A key changed; `by` is the client whose command did it, null if none (expiry, eviction).
  void changed(Database database, Slice key, @Nullable Client by);

  /// All keys of all databases that are being flushed are gone.
  void flushed(@Nullable Client by);
}
