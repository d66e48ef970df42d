package carnelian.keyspace;

import carnelian.memory.HeapLimitException;
import carnelian.structures.CountedTrees;
import carnelian.structures.TreeCursor;

/// Removes keys, and fields of hashes, when their deadline comes: every key that has one stands in
/// its database's index, in the order of the deadlines, and every hash of which fields have one in
/// another, by the first of its fields. The engine's timer is set to the first of all.
///
/// See docs/expiry-and-eviction.md.
public final class Expiry {
  private static final int TTL_SAMPLES = 16;

  /// When the timer comes again after the full heap had no room for a change of the index.
  private static final int RETRY_MILLIS = 100;

  private final Keyspace keyspace;
  private final CountedTrees trees;
  private final TreeCursor cursor = new TreeCursor();

  /// No deadline of any database is before this one. It may be that of a key that has gone since:
  /// then the timer comes once for nothing.
  private long earliest = Long.MAX_VALUE;

  /// Before, hashes are not looked at again.
  private long retryAt;

  private boolean active = true;
  private int nextDatabase;

  Expiry(Keyspace keyspace) {
    this.keyspace = keyspace;
    this.trees = keyspace.trees();
  }

  /// Whether the timer removes keys: `DEBUG SET-ACTIVE-EXPIRE`. Lookups go on removing what they
  /// find.
  public void active(boolean isActive) {
    active = isActive;
  }

  /// When [#expireDue] should be called next, in Unix ms; [Long#MAX_VALUE] for never, as far as is
  /// known now.
  public long nextDueMillis() {
    boolean removes = active && keyspace.expiryMode() == ExpiryMode.REMOVE;
    return removes && earliest != Long.MAX_VALUE ? earliest + 1 : Long.MAX_VALUE;
  }

  /// Removes up to `budget` keys and fields whose deadline has passed, and returns how many it
  /// removed. If some are left, [#nextDueMillis] is in the past: the engine serves its clients and
  /// comes again.
  public int expireDue(int budget) {
    if (keyspace.nowMillis() < nextDueMillis()) {
      return 0;
    }
    int left = budget;
    int databases = keyspace.databases();
    for (int i = 0; i < databases && left > 0; i++) {
      // Begins where the last slice was cut short, so that one database cannot starve another.
      left = expireDue(keyspace.database(nextDatabase), left);
      if (left > 0) {
        nextDatabase = (nextDatabase + 1) % databases;
      }
    }
    if (left == 0) {
      keyspace.statistics().expiryStepsCutShort++;
      nextDatabase = (nextDatabase + 1) % databases;
    }
    findEarliest();
    return budget - left;
  }

  /// Fields get half of the time, so that neither of the two waits for all of the other.
  private int expireDue(Database database, int budget) {
    int half = budget / 2;
    int left = expireKeys(database, budget - half + expireFields(database, half));
    return left == 0 ? 0 : expireFields(database, left);
  }

  private int expireFields(Database database, int budget) {
    int left = budget;
    try {
      while (left > 0
          && trees.first(database.indexes().hashes(), cursor)
          && cursor.word() < keyspace.nowMillis()) {
        left -= keyspace.hashes().expireDue(database, cursor.reference(), left);
      }
    } catch (HeapLimitException _) {
      // What was due has gone. The hash stays in the index where it was; there will be room.
      retryAt = keyspace.nowMillis() + RETRY_MILLIS;
    }
    return left;
  }

  private int expireKeys(Database database, int budget) {
    int left = budget;
    while (left > 0
        && trees.first(database.indexes().keys(), cursor)
        && cursor.word() < keyspace.nowMillis()) {
      database.expire(cursor.reference());
      left--;
    }
    keyspace.statistics().expiredByTimer += budget - left;
    return left;
  }

  private void findEarliest() {
    earliest = Long.MAX_VALUE;
    for (int i = 0; i < keyspace.databases(); i++) {
      if (trees.first(keyspace.database(i).indexes().keys(), cursor)) {
        earliest = Math.min(earliest, cursor.word());
      }
      if (trees.first(keyspace.database(i).indexes().hashes(), cursor)) {
        earliest = Math.min(earliest, Math.max(retryAt, cursor.word()));
      }
    }
  }

  void noteDeadline(long deadline) {
    if (deadline < earliest) {
      earliest = deadline;
    }
  }

  void forgetAll() {
    earliest = Long.MAX_VALUE;
  }

  /// Keys whose deadline has passed and that are still there.
  public long overdueKeys() {
    long overdue = 0;
    for (int i = 0; i < keyspace.databases(); i++) {
      trees.atLeast(keyspace.database(i).indexes().keys(), keyspace.nowMillis(), cursor);
      overdue += cursor.weightBefore();
    }
    return overdue;
  }

  /// Those as a percentage of the keys with a deadline: `expired_stale_perc`, here exact.
  public double overduePercent() {
    long all = 0;
    for (int i = 0; i < keyspace.databases(); i++) {
      all += keyspace.database(i).volatileKeys();
    }
    return all == 0 ? 0 : 100.0 * overdueKeys() / all;
  }

  long averageTtlMillis(long deadlines) {
    long count = trees.count(deadlines);
    long samples = Math.min(count, TTL_SAMPLES);
    double sum = 0;
    for (long i = 0; i < samples; i++) {
      trees.seek(deadlines, i * count / samples, cursor);
      sum += Math.max(0, cursor.word() - keyspace.nowMillis());
    }
    return samples == 0 ? 0 : Math.round(sum / samples);
  }
}
