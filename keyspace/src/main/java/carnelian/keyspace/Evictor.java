package carnelian.keyspace;

import carnelian.base.Clock;
import carnelian.base.RandomSource;
import carnelian.memory.NativeBuffer;
import carnelian.memory.Slice;
import carnelian.structures.CountedTrees;
import carnelian.structures.EntryLayout;
import carnelian.structures.EntryVisitor;
import carnelian.structures.TreeCursor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// Keeps the memory used below `maxmemory` by removing keys, as the policy says.
///
/// See docs/expiry-and-eviction.md.
public final class Evictor implements AutoCloseable {
  /// How much memory is used, by the count that the limit is held against.
  @FunctionalInterface
  public interface UsedMemory {
    /// Without buffers that do not count, such as those of replicas.
    long countedBytes();
  }

  /// How an attempt to get below the limit ended.
  public enum Outcome {
    /// Memory is below the limit.
    ENOUGH,
    /// Time ran out while keys could still be removed: commands go on, and so should evicting.
    RUNNING,
    /// Memory is above the limit and nothing may be removed.
    FAILED
  }

  /// Redis's: how many keys between two looks at the clock.
  private static final int KEYS_PER_LOOK = 16;

  private static final int LAZY_STEP = 1024;
  private static final int BUCKETS_PER_SAMPLE = 10;

  private final Keyspace keyspace;
  private final CountedTrees trees;
  private final Clock time;
  private final RandomSource random;
  private final TreeCursor cursor = new TreeCursor();
  private final EvictionPool pool = new EvictionPool();
  private final NativeBuffer keyBuffer = new NativeBuffer(0);
  private final Slice key = new Slice();
  private final EntryVisitor sampling = this::sampled;

  private EvictionSettings settings = EvictionSettings.DEFAULT;
  private @Nullable UsedMemory usedMemory;
  private int nextDatabase;
  private long exceededSinceNanos;
  private boolean exceeded;
  private long exceededTotalNanos;

  /// What is being sampled, and how many samples are still wanted.
  private @Nullable Database sampledDatabase;

  private int samplesWanted;

  private boolean timesDeletions;
  private long slowestDeletionNanos;

  Evictor(Keyspace keyspace, Clock time, RandomSource random) {
    this.keyspace = keyspace;
    this.trees = keyspace.trees();
    this.time = time;
    this.random = random;
  }

  public EvictionSettings settings() {
    return settings;
  }

  public void settings(EvictionSettings newSettings) {
    if (newSettings.policy() != settings.policy()) {
      pool.clear();
    }
    settings = newSettings;
    keyspace.clock().configure(newSettings);
  }

  /// Replaces the count of memory, which is the heap's alone at first.
  public void usedMemory(UsedMemory counter) {
    usedMemory = counter;
  }

  /// Whether the limit is exceeded now. Costs nothing.
  public boolean isOverLimit() {
    return settings.maxmemoryBytes() > 0 && countedBytes() > settings.maxmemoryBytes();
  }

  private long countedBytes() {
    UsedMemory counter = usedMemory;
    return counter == null ? keyspace.heap().usedBytes() : counter.countedBytes();
  }

  /// Removes keys until memory is below the limit or the time for one step is over.
  public Outcome evict() {
    if (!isOverLimit()) {
      noteExceeded(false);
      return Outcome.ENOUGH;
    }
    noteExceeded(true);
    if (settings.policy() == EvictionPolicy.NOEVICTION) {
      return Outcome.FAILED;
    }
    long deadlineNanos = time.monotonicNanos() + stepNanos();
    for (int keys = 1; isOverLimit(); keys++) {
      long entry = choose();
      if (entry == 0) {
        return waitForLazyFreeing(deadlineNanos);
      }
      evict(entry);
      if (keyspace.lazyFreePending() > 0) {
        keyspace.freeLazily(LAZY_STEP);
      }
      if (keys % KEYS_PER_LOOK == 0 && time.monotonicNanos() >= deadlineNanos) {
        return isOverLimit() ? Outcome.RUNNING : enough();
      }
    }
    return enough();
  }

  private void evict(long entry) {
    if (!timesDeletions) {
      keyspace.database(chosenDatabase).evict(entry);
      return;
    }
    long start = time.monotonicNanos();
    keyspace.database(chosenDatabase).evict(entry);
    slowestDeletionNanos = Math.max(slowestDeletionNanos, time.monotonicNanos() - start);
  }

  /// Whether the time of each deletion is taken, for the latency monitor.
  public void timeDeletions(boolean times) {
    timesDeletions = times;
  }

  /// How long the slowest deletion took since this was asked last.
  public long takeSlowestDeletionNanos() {
    long slowest = slowestDeletionNanos;
    slowestDeletionNanos = 0;
    return slowest;
  }

  private Outcome enough() {
    noteExceeded(false);
    return Outcome.ENOUGH;
  }

  /// Nothing is left to remove; what has been removed may still have to be given back.
  private Outcome waitForLazyFreeing(long deadlineNanos) {
    while (isOverLimit()) {
      if (keyspace.lazyFreePending() == 0) {
        return Outcome.FAILED;
      }
      keyspace.freeLazily(LAZY_STEP);
      if (time.monotonicNanos() >= deadlineNanos && isOverLimit()) {
        return Outcome.RUNNING;
      }
    }
    return enough();
  }

  /// `maxmemory-eviction-tenacity`: 500 µs by default, at 100 without end, growing by 15 % a point
  /// in between.
  private long stepNanos() {
    int tenacity = settings.tenacity();
    if (tenacity <= 10) {
      return TimeUnit.MICROSECONDS.toNanos(50L * tenacity);
    }
    if (tenacity < 100) {
      return (long) (TimeUnit.MICROSECONDS.toNanos(500) * Math.pow(1.15, tenacity - 10.0));
    }
    return Long.MAX_VALUE / 2;
  }

  // ---- Choice ----------------------------------------------------------------------------------

  private int chosenDatabase;

  /// The entry to go next, its database in [#chosenDatabase]; 0 if nothing may go.
  private long choose() {
    return switch (settings.policy().order()) {
      case LRU, LFU -> chooseByClock();
      case TTL -> chooseByDeadline();
      case RANDOM -> chooseAtRandom();
      case NONE -> 0;
    };
  }

  private boolean onlyVolatile() {
    return settings.policy().candidates() == EvictionPolicy.Candidates.VOLATILE;
  }

  private long candidates(Database database) {
    return onlyVolatile() ? database.volatileKeys() : database.size();
  }

  private long chooseByClock() {
    while (true) {
      long total = 0;
      for (int i = 0; i < keyspace.databases(); i++) {
        Database database = keyspace.database(i);
        long candidates = candidates(database);
        if (candidates > 0) {
          total += candidates;
          sample(database);
        }
      }
      if (total == 0) {
        return 0;
      }
      long entry = bestOfPool();
      if (entry != 0) {
        return entry;
      }
    }
  }

  /// The best that still exists; the others have gone since they were met.
  private long bestOfPool() {
    while (!pool.isEmpty()) {
      pool.takeBest();
      keyBuffer.clear();
      keyBuffer.put(pool.takenKey(), 0, pool.takenKeyLength());
      Database database = keyspace.database(pool.takenDatabase());
      long entry = database.find(keyBuffer.slice(key));
      if (entry != 0 && (!onlyVolatile() || EntryLayout.hasDeadline(entry))) {
        chosenDatabase = database.index();
        return entry;
      }
    }
    return 0;
  }

  private void sample(Database database) {
    sampledDatabase = database;
    samplesWanted = settings.samples();
    if (onlyVolatile()) {
      long count = database.volatileKeys();
      while (samplesWanted > 0) {
        trees.seek(database.indexes().keys(), random.nextLong(count), cursor);
        sampled(cursor.reference());
      }
    } else {
      // Whole buckets from random places: as fair as needs be, and one cache miss for some six
      // keys.
      int buckets = settings.samples() * BUCKETS_PER_SAMPLE;
      for (int i = 0; i < buckets && samplesWanted > 0; i++) {
        var _ = database.entries().scan(random.nextLong(), sampling);
      }
      if (samplesWanted == settings.samples()) {
        // A table with hardly anything in it: this always finds a key.
        sampled(database.entries().random(random));
      }
    }
    sampledDatabase = null;
  }

  private void sampled(long entry) {
    if (sampledDatabase != null) {
      samplesWanted--;
      long idle = keyspace.clock().idleness(EntryLayout.accessClock(entry));
      pool.offer(sampledDatabase, entry, idle);
    }
  }

  /// The key that would expire first: the index knows it, so nothing is sampled.
  private long chooseByDeadline() {
    long first = Long.MAX_VALUE;
    long entry = 0;
    for (int i = 0; i < keyspace.databases(); i++) {
      Database database = keyspace.database(i);
      if (trees.first(database.indexes().keys(), cursor) && (entry == 0 || cursor.word() < first)) {
        first = cursor.word();
        entry = cursor.reference();
        chosenDatabase = i;
      }
    }
    return entry;
  }

  /// Takes the databases in turn, as Redis does.
  private long chooseAtRandom() {
    for (int i = 0; i < keyspace.databases(); i++) {
      Database database = keyspace.database(nextDatabase);
      chosenDatabase = nextDatabase;
      nextDatabase = (nextDatabase + 1) % keyspace.databases();
      long candidates = candidates(database);
      if (candidates > 0 && onlyVolatile()) {
        trees.seek(database.indexes().keys(), random.nextLong(candidates), cursor);
        return cursor.reference();
      }
      if (candidates > 0) {
        return database.entries().random(random);
      }
    }
    return 0;
  }

  // ---- Statistics ------------------------------------------------------------------------------

  private void noteExceeded(boolean isExceeded) {
    if (isExceeded && !exceeded) {
      exceededSinceNanos = time.monotonicNanos();
    } else if (!isExceeded && exceeded) {
      exceededTotalNanos += time.monotonicNanos() - exceededSinceNanos;
    }
    exceeded = isExceeded;
  }

  /// `current_eviction_exceeded_time`.
  public long currentExceededMillis() {
    return exceeded ? TimeUnit.NANOSECONDS.toMillis(time.monotonicNanos() - exceededSinceNanos) : 0;
  }

  /// `total_eviction_exceeded_time`.
  public long totalExceededMillis() {
    return TimeUnit.NANOSECONDS.toMillis(exceededTotalNanos) + currentExceededMillis();
  }

  /// With the other statistics, at `CONFIG RESETSTAT`.
  public void resetStatistics() {
    exceededTotalNanos = 0;
    exceeded = false;
  }

  @Override
  public void close() {
    keyBuffer.close();
  }
}
