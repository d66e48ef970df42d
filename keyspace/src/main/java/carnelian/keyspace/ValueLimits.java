package carnelian.keyspace;

/// Where a value's compact encoding ends, and how large anything may be: the directives of the same
/// names. Replaced whole when one of them is set.
public record ValueLimits(
    int hashMaxListpackEntries,
    int hashMaxListpackValue,
    int listMaxListpackSize,
    int listCompressDepth,
    int setMaxIntsetEntries,
    int setMaxListpackEntries,
    int setMaxListpackValue,
    int zsetMaxListpackEntries,
    int zsetMaxListpackValue,
    int streamNodeMaxBytes,
    int streamNodeMaxEntries,
    int hllSparseMaxBytes,
    long protoMaxBulkLength) {

  /// Redis 7.0's: sets have no listpack.
  public static final ValueLimits DEFAULT =
      new ValueLimits(128, 64, -2, 0, 512, 0, 64, 128, 64, 4096, 100, 3000, 512L << 20);
}
