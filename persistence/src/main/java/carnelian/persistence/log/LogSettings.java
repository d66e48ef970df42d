package carnelian.persistence.log;

import carnelian.base.config.Choices.AppendFsync;

/// The directives that the writer obeys.
///
/// @param fsync `appendfsync`
/// @param marks `aof-marks`
/// @param timestamps `aof-timestamp-enabled`
/// @param segmentBytes `aof-segment-size`; 0: a segment ends with a rewrite only
/// @param suspendedFsync flushing pauses now: `no-appendfsync-on-rewrite`, while a snapshot is
///   written
public record LogSettings(
    AppendFsync fsync,
    boolean marks,
    boolean timestamps,
    long segmentBytes,
    boolean suspendedFsync) {}
