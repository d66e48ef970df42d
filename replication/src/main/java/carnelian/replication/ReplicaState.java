package carnelian.replication;

/// Where a replica stands, as its primary sees it.
///
/// ```
/// Waiting ──a snapshot is cut──▶ Receiving ──all of it sent──▶ Unconfirmed ──ACK──▶ Online
///                                    └──── (the length was known) ──────────────────▶ Online
/// partial resync ───────────────────────────────────────────────────────────────────▶ Online
/// any of them ──its connection is lost or closed────────────────────────────────────▶ Gone
/// ```
///
/// | state | in Redis | what it is sent |
/// |---|---|---|
/// | `Waiting` | `wait_bgsave` (start) | newlines, so that it does not give up |
/// | `Receiving` | `wait_bgsave` (end), `send_bulk` | the snapshot; the stream from the cut on is kept |
/// | `Unconfirmed` | `online` | nothing: it still looks for the end mark in what comes |
/// | `Online` | `online` | the stream |
/// | `Gone` | | nothing, although its connection may ask once more: what was kept for it is given up |
sealed interface ReplicaState {
  record Waiting(long sinceNanos) implements ReplicaState {}

  record Receiving(FullSync sync) implements ReplicaState {}

  record Unconfirmed(long sinceNanos) implements ReplicaState {}

  record Online() implements ReplicaState {}

  record Gone() implements ReplicaState {}
}
