package carnelian.persistence.log;

import org.jspecify.annotations.Nullable;

/// Port: who counts the stream of writes. On the engine's thread.
public interface StreamPosition {
  /// Where the stream stands; null if nobody counts.
  @Nullable Position position();
}
