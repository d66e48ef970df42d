package carnelian.keyspace;

/// The directives of memory limit and eviction. `maxmemoryBytes` 0 means no limit.
public record EvictionSettings(
    long maxmemoryBytes,
    EvictionPolicy policy,
    int samples,
    int tenacity,
    int lfuLogFactor,
    int lfuDecayMinutes) {

  /// Redis's.
  public static final EvictionSettings DEFAULT =
      new EvictionSettings(0, EvictionPolicy.NOEVICTION, 5, 10, 10, 1);
}
