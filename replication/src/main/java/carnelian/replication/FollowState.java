package carnelian.replication;

import carnelian.base.config.ReplicaOf;
import org.jspecify.annotations.Nullable;

/// What this server is to a primary.
///
/// ```
/// Primary ─REPLICAOF─▶ Connecting ─▶ Receiving ─▶ Loading ─▶ Following
///    ▲                  ▲   └───── partial resync ───────────▶ │
///    └── NO ONE         └──────────── the link ended ──────────┘
/// ```
///
/// | state | `ROLE` | `master_link_status` |
/// |---|---|---|
/// | `Primary` | `master` | |
/// | `Unconnected` | `connect` | `down` |
/// | `Connecting` | `connecting` | `down` |
/// | `Receiving` | `sync` | `down` |
/// | `Loading` | `sync` | `down` |
/// | `Following` | `connected` | `up` |
sealed interface FollowState {
  /// Whose copy this is; null: nobody's.
  default @Nullable ReplicaOf of() {
    return null;
  }

  /// The connection to the primary; null if there is none.
  default @Nullable PrimaryLink link() {
    return null;
  }

  record Primary() implements FollowState {}

  /// The next link is made when this moment has come.
  record Unconnected(ReplicaOf of, long retryNanos) implements FollowState {}

  record Connecting(ReplicaOf of, PrimaryLink link) implements FollowState {}

  record Receiving(ReplicaOf of, PrimaryLink link) implements FollowState {}

  record Loading(ReplicaOf of, PrimaryLink link) implements FollowState {}

  record Following(ReplicaOf of, PrimaryLink link) implements FollowState {}
}
