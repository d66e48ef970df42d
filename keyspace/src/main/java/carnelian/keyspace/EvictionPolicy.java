package carnelian.keyspace;

/// `maxmemory-policy`: which keys may go when memory is short, and which of them first.
public enum EvictionPolicy {
  NOEVICTION("noeviction", Candidates.NONE, Order.NONE),
  ALLKEYS_LRU("allkeys-lru", Candidates.ALL, Order.LRU),
  ALLKEYS_LFU("allkeys-lfu", Candidates.ALL, Order.LFU),
  ALLKEYS_RANDOM("allkeys-random", Candidates.ALL, Order.RANDOM),
  VOLATILE_LRU("volatile-lru", Candidates.VOLATILE, Order.LRU),
  VOLATILE_LFU("volatile-lfu", Candidates.VOLATILE, Order.LFU),
  VOLATILE_RANDOM("volatile-random", Candidates.VOLATILE, Order.RANDOM),
  VOLATILE_TTL("volatile-ttl", Candidates.VOLATILE, Order.TTL);

  /// Which keys may go.
  enum Candidates {
    NONE,
    ALL,
    VOLATILE
  }

  /// Which of them go first.
  enum Order {
    NONE,
    LRU,
    LFU,
    TTL,
    RANDOM
  }

  private final String word;
  private final Candidates candidates;
  private final Order order;

  EvictionPolicy(String word, Candidates candidates, Order order) {
    this.word = word;
    this.candidates = candidates;
    this.order = order;
  }

  /// The directive's value.
  public String word() {
    return word;
  }

  /// Whether access clocks count frequencies instead of telling the time of the last access.
  public boolean isLfu() {
    return order == Order.LFU;
  }

  /// Whether access clocks decide at all.
  public boolean usesAccessClock() {
    return order == Order.LFU || order == Order.LRU;
  }

  Candidates candidates() {
    return candidates;
  }

  Order order() {
    return order;
  }
}
