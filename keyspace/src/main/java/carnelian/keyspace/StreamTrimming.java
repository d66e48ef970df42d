package carnelian.keyspace;

/// How much of a stream is kept: so many entries, or those from an ID on.
///
/// @param byId whether `minId` says it, else `maxLength`
/// @param approximate whether only whole nodes are removed
/// @param limit entries to remove at most; 0: no limit
public record StreamTrimming(
    boolean byId, long maxLength, StreamId minId, boolean approximate, long limit) {}
