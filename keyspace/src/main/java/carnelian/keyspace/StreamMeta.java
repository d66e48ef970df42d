package carnelian.keyspace;

/// What a stream says of itself as a whole.
///
/// @param groups consumer groups
public record StreamMeta(
    long length,
    StreamId lastId,
    StreamId firstId,
    StreamId maxDeletedId,
    long entriesAdded,
    long groups) {}
