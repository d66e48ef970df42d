package carnelian.engine.diagnosis;

import carnelian.base.Clock;
import carnelian.engine.Engine;
import carnelian.engine.ServingState;
import carnelian.keyspace.Database;
import carnelian.keyspace.Keyspace;
import carnelian.keyspace.Type;
import carnelian.memory.Slice;
import carnelian.structures.EntryLayout;
import carnelian.structures.EntryVisitor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// Walks over all keys again and again, a little at a time, and tallies what they hold: for INFO
/// keysizes, BIGKEYS and MEMORY DOCTOR. The walk goes in the order of hashes, so what it has seen
/// when it is not at its end is a fair sample.
///
/// It takes at most [#NANOS_PER_SECOND] of every second, never more than [#LONGEST_NANOS] at once,
/// rests for [#REST_NANOS] after each walk, and while nothing changes.
public final class Census {
  static final long NANOS_PER_SECOND = TimeUnit.MILLISECONDS.toNanos(5);
  static final long LONGEST_NANOS = TimeUnit.MILLISECONDS.toNanos(1);
  static final long REST_NANOS = TimeUnit.SECONDS.toNanos(10);

  /// So few keys are counted anew whenever somebody asks.
  static final int FEW_KEYS = 1000;

  /// Buckets of some six keys between two looks at the clock.
  private static final int BUCKETS_PER_LOOK = 8;

  /// Elements of a large collection that its size is estimated from.
  private static final int SAMPLES = 5;

  private final Engine engine;
  private final Keyspace keyspace;
  private final Clock clock;
  private final Slice key = new Slice();
  private final EntryVisitor visitor = this::visit;
  private @Nullable Tally running;
  private @Nullable Tally last;
  private int database;
  private long cursor;
  private long restUntilNanos;
  private long reportsAtStart = -1;

  Census(Engine engine) {
    this.engine = engine;
    keyspace = engine.keyspace();
    clock = engine.clock();
  }

  // ---- Walking ---------------------------------------------------------------------------------

  /// Goes on with the walk. `hertz` times a second.
  void step() {
    if (engine.serving() != ServingState.SERVING) {
      return;
    }
    long now = clock.monotonicNanos();
    if (running == null && (rests(now) || keyspace.reports() == reportsAtStart)) {
      return;
    }
    long budget = Math.min(NANOS_PER_SECOND / engine.settings().hertz(), LONGEST_NANOS);
    if (walk(now + budget)) {
      restUntilNanos = now + REST_NANOS;
    }
  }

  private boolean rests(long nowNanos) {
    return nowNanos < restUntilNanos && last != null && !isOutdated(last);
  }

  /// Whether there were less than half or more than twice as many keys then.
  private boolean isOutdated(Tally tally) {
    long keys = keyspace.size();
    return tally.keysAtStart() < keys / 2 || tally.keysAtStart() / 2 > keys;
  }

  /// Walks until the deadline at least a little. True if it has come to the end.
  private boolean walk(long deadlineNanos) {
    Tally tally = running;
    if (tally == null) {
      tally = begin();
    }
    do {
      for (int i = 0; i < BUCKETS_PER_LOOK; i++) {
        if (!bucket()) {
          tally.complete(clock.wallMillis());
          last = tally;
          running = null;
          return true;
        }
      }
    } while (clock.monotonicNanos() < deadlineNanos);
    return false;
  }

  private Tally begin() {
    Tally tally = new Tally(clock.wallMillis(), keyspace.size());
    running = tally;
    database = 0;
    cursor = 0;
    reportsAtStart = keyspace.reports();
    return tally;
  }

  /// Visits one bucket. False if there is none left.
  private boolean bucket() {
    while (cursor == 0 && database < keyspace.databases() && isEmpty(database)) {
      database++;
    }
    if (database == keyspace.databases()) {
      return false;
    }
    cursor = keyspace.database(database).traversal().scan(cursor, visitor);
    if (cursor == 0) {
      database++;
    }
    return true;
  }

  private boolean isEmpty(int index) {
    return keyspace.database(index).size() == 0;
  }

  private void visit(long entry) {
    Tally tally = running;
    if (tally != null) {
      Type type = Database.type(entry);
      tally.add(
          database,
          Database.key(entry, key),
          type,
          elements(type, entry),
          keyspace.database(database).bytes(entry, SAMPLES),
          EntryLayout.hasDeadline(entry));
    }
  }

  private long elements(Type type, long entry) {
    return switch (type) {
      case STRING -> keyspace.strings().length(entry);
      case LIST -> keyspace.lists().count(entry);
      case SET -> keyspace.sets().count(entry);
      case ZSET -> keyspace.sortedSets().count(entry);
      case HASH -> keyspace.hashes().count(entry);
      case STREAM -> keyspace.streams().length(entry);
    };
  }

  // ---- What it has seen ------------------------------------------------------------------------

  /// The last whole walk; if there has been none, or the data is another by now, what the present
  /// one has seen. A store with few keys is walked over now.
  public Tally tally() {
    if (keyspace.size() <= FEW_KEYS) {
      running = null;
      boolean _ = walk(Long.MAX_VALUE);
    }
    Tally whole = last;
    if (whole != null && !isOutdated(whole)) {
      return whole;
    }
    if (running == null) {
      boolean _ = walk(clock.monotonicNanos() + LONGEST_NANOS);
    }
    Tally part = running;
    return part != null ? part : last != null ? last : begin();
  }
}
