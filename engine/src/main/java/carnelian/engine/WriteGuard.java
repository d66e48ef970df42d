package carnelian.engine;

import org.jspecify.annotations.Nullable;

/// Port: whether writes are allowed now. Persistence refuses them with MISCONF while it cannot
/// save, replication with READONLY or NOREPLICAS.
public interface WriteGuard {
  /// Null if writes are allowed, else what a client that tries is told. Also asked for PING, which
  /// Redis refuses while the disk fails, so that monitoring notices.
  @Nullable ReplyError refusal(Client client);

  WriteGuard OPEN = client -> null;
}
