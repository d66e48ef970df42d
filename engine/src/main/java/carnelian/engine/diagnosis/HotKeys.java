package carnelian.engine.diagnosis;

import carnelian.base.Clock;
import carnelian.command.CommandFlag;
import carnelian.command.KeyPositions;
import carnelian.engine.Call;
import carnelian.engine.CommandEntry;
import carnelian.engine.CommandSampler;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// The keys that commands name most often, always counted: one command in [#SAMPLE_RATIO] is looked
/// at, at uneven distances, and one of its keys. What was counted counts half after
/// [#HALF_LIFE_NANOS], so what stands here is of the last minute or so.
///
/// A command of a transaction counts when it is queued; what a script does counts for the keys that
/// it was called with.
public final class HotKeys implements CommandSampler {
  static final int SAMPLE_RATIO = 256;
  static final long HALF_LIFE_NANOS = TimeUnit.SECONDS.toNanos(30);

  /// Rarer keys than this part of the sampled commands are not told of.
  static final double LEAST_SHARE = 0.001;

  private static final int PLACES = 128;

  /// A sample's weight, of which halving leaves something for a while.
  private static final long WEIGHT = 256;

  /// Sum of the weights of commands that write.
  private static final int WRITES = 0;

  /// A key that is used much.
  ///
  /// @param callsPerSecond estimated
  /// @param percent of all commands with keys
  /// @param writePercent of the calls with this key
  @SuppressWarnings("ArrayRecordComponent") // Made once and read once.
  public record HotKey(
      int database, byte[] key, double callsPerSecond, double percent, double writePercent) {}

  private final Clock clock;
  private final TopKeys keys = new TopKeys(PLACES, 1);
  private final KeyPositions positions = new KeyPositions();
  private long startMillis;
  private long countedNanos;
  private long sinceNanos;
  private long jitter = 1;

  HotKeys(Clock clock) {
    this.clock = clock;
    reset();
  }

  /// Forgets what was counted.
  void reset() {
    keys.clear();
    startMillis = clock.wallMillis();
    countedNanos = 0;
    sinceNanos = clock.monotonicNanos();
  }

  // ---- Counting --------------------------------------------------------------------------------

  @Override
  public int sampled(Call call, CommandEntry entry) {
    if (entry.declaration().accepts(call.argc())) {
      int count = positions.find(entry.declaration(), call);
      if (count > 0) {
        int position = positions.position(count == 1 ? 0 : next(count));
        count(call, position, entry.has(CommandFlag.WRITE));
      }
    }
    return next(2 * SAMPLE_RATIO - 1);
  }

  private void count(Call call, int position, boolean writes) {
    var key = call.arg(position);
    int place = keys.add(call.db().index(), key, key.length, WEIGHT);
    keys.note(place, WRITES, writes ? WEIGHT : 0);
  }

  /// Below the bound; even enough not to keep step with what clients repeat.
  private int next(int bound) {
    jitter = jitter * 6_364_136_223_846_793_005L + 1_442_695_040_888_963_407L;
    return (int) ((jitter >>> 33) * bound >>> 31);
  }

  /// Lets what was counted long ago count less. Some times a second.
  void age() {
    long now = clock.monotonicNanos();
    if (now - sinceNanos >= HALF_LIFE_NANOS) {
      countedNanos = (countedNanos + now - sinceNanos) / 2;
      sinceNanos = now;
      keys.halve();
    }
  }

  // ---- What was counted ------------------------------------------------------------------------

  /// When counting began: the start, or the last reset.
  public long startMillis() {
    return startMillis;
  }

  /// Commands with keys that were sampled, old ones counting less.
  public long samples() {
    return keys.total() / WEIGHT;
  }

  /// What the samples stand for: seconds, old ones counting less.
  public double seconds() {
    return Math.max((countedNanos + clock.monotonicNanos() - sinceNanos) / 1e9, 1e-3);
  }

  /// The hottest keys, hottest first, at most so many. Allocates.
  public List<HotKey> hottest(int most) {
    List<HotKey> hottest = new ArrayList<>();
    for (int place : keys.places()) {
      double share = keys.certain(place) / (double) Math.max(1, keys.total());
      if (hottest.size() == most || share < LEAST_SHARE) {
        break;
      }
      double calls = keys.certain(place) * SAMPLE_RATIO / (double) WEIGHT;
      hottest.add(
          new HotKey(
              keys.database(place),
              keys.key(place),
              calls / seconds(),
              100 * share,
              Math.min(100.0, 100.0 * keys.noted(place, WRITES) / keys.certain(place))));
    }
    return hottest;
  }
}
