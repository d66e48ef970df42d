package carnelian.keyspace;

/// Counters for INFO since the start or the last `CONFIG RESETSTAT`. Written on the engine's
/// thread.
public final class KeyspaceStatistics {
  long hits;
  long misses;
  long expired;
  long expiredByTimer;
  long expiredFields;
  long expiryStepsCutShort;
  long lagLastMillis;
  long lagMaxMillis;
  long lagSumMillis;
  long evicted;
  long lazyfreed;

  KeyspaceStatistics() {}

  public long hits() {
    return hits;
  }

  public long misses() {
    return misses;
  }

  /// Keys removed because their deadline had passed, by the timer and by lookups.
  public long expired() {
    return expired;
  }

  /// Those of [#expired] that the timer found.
  public long expiredByTimer() {
    return expiredByTimer;
  }

  /// Fields of hashes removed because their deadline had passed.
  public long expiredFields() {
    return expiredFields;
  }

  /// How often the timer had to leave due keys to the next slice.
  public long expiryStepsCutShort() {
    return expiryStepsCutShort;
  }

  /// How long after its deadline the last expired key was removed.
  public long lagLastMillis() {
    return lagLastMillis;
  }

  public long lagMaxMillis() {
    return lagMaxMillis;
  }

  public double lagAverageMillis() {
    return expired == 0 ? 0 : (double) lagSumMillis / expired;
  }

  public long evicted() {
    return evicted;
  }

  /// Objects whose memory was given back later than they were removed.
  public long lazyfreed() {
    return lazyfreed;
  }

  public void reset() {
    hits = 0;
    misses = 0;
    expired = 0;
    expiredByTimer = 0;
    expiredFields = 0;
    expiryStepsCutShort = 0;
    lagLastMillis = 0;
    lagMaxMillis = 0;
    lagSumMillis = 0;
    evicted = 0;
    lazyfreed = 0;
  }

  void countExpired(long lagMillis) {
    expired++;
    lagLastMillis = lagMillis;
    lagMaxMillis = Math.max(lagMaxMillis, lagMillis);
    lagSumMillis += lagMillis;
  }
}
