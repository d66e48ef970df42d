package carnelian.engine;

import org.jspecify.annotations.Nullable;

/// Port: what replication allows now. Asked after [WriteGuard].
public interface ReplicationGuard {
  /// Null if the client may write, else why not: too few replicas, or this is one.
  @Nullable ReplyError writes(Client client);

  /// Null if the data may be asked, else why not: it is a copy, and cut off from what it is of.
  @Nullable ReplyError stale();

  ReplicationGuard OPEN =
      new ReplicationGuard() {
        @Override
        public @Nullable ReplyError writes(Client client) {
          return null;
        }

        @Override
        public @Nullable ReplyError stale() {
          return null;
        }
      };
}
