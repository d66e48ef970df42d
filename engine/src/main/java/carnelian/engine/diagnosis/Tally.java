package carnelian.engine.diagnosis;

import carnelian.keyspace.Type;
import carnelian.memory.Slice;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What one walk over all keys has counted: how large the values of each type are, which prefixes
/// take most memory, and which keys are the biggest.
public final class Tally {
  /// Sizes by the highest bit; 0 has a place of its own, the first.
  static final int SIZES = 65;

  static final int BIGGEST = 64;

  private static final int PREFIXES = 256;
  private static final int KEYS = 0;
  private static final int WITHOUT_DEADLINE = 1;

  /// Keys that begin alike.
  ///
  /// @param prefix empty for keys that begin with nothing in particular
  /// @param withoutDeadline how many of the keys never expire
  @SuppressWarnings("ArrayRecordComponent") // Made once and read once.
  public record PrefixUse(
      int database, byte[] prefix, long bytes, long keys, long withoutDeadline) {}

  /// One big key.
  ///
  /// @param key its first 256 bytes
  /// @param elements of a string, its bytes
  @SuppressWarnings("ArrayRecordComponent") // Made once and read once.
  public record BigKey(int database, byte[] key, Type type, long bytes, long elements) {}

  private final List<long @Nullable []> sizes = new ArrayList<>();
  private final TopKeys prefixes = new TopKeys(PREFIXES, 2);
  private final @Nullable BigKey[] biggest = new @Nullable BigKey[BIGGEST];
  private int bigKeys;
  private final long startMillis;
  private final long keysAtStart;
  private long endMillis;
  private long keys;
  private long bytes;

  Tally(long startMillis, long keysAtStart) {
    this.startMillis = startMillis;
    this.keysAtStart = keysAtStart;
  }

  // ---- Counting --------------------------------------------------------------------------------

  void add(int database, Slice key, Type type, long elements, long keyBytes, boolean expires) {
    keys++;
    bytes += keyBytes;
    while (sizes.size() <= database) {
      sizes.add(null);
    }
    long[] counts = sizes.get(database);
    if (counts == null) {
      counts = new long[Type.values().length * SIZES];
      sizes.set(database, counts);
    }
    counts[type.code() * SIZES + Long.SIZE - Long.numberOfLeadingZeros(elements)]++;
    int place = prefixes.add(database, key, Prefixes.length(key), keyBytes);
    prefixes.note(place, KEYS, 1);
    prefixes.note(place, WITHOUT_DEADLINE, expires ? 0 : 1);
    if (bigKeys < BIGGEST || keyBytes > smallestBig()) {
      addBig(new BigKey(database, beginning(key), type, keyBytes, elements));
    }
  }

  private static byte[] beginning(Slice key) {
    return new Slice(key.at, Math.min(key.length, TopKeys.KEPT_BYTES)).toBytes();
  }

  private long smallestBig() {
    BigKey smallest = biggest[0];
    return smallest == null ? 0 : smallest.bytes();
  }

  /// The biggest stand at the end of the array, smallest first. The added one takes the place of
  /// the smallest, or a new place before all, and moves on to where it belongs.
  private void addBig(BigKey added) {
    bigKeys = Math.min(bigKeys + 1, BIGGEST);
    int at = BIGGEST - bigKeys;
    while (at + 1 < BIGGEST && isSmaller(biggest[at + 1], added)) {
      biggest[at] = biggest[at + 1];
      at++;
    }
    biggest[at] = added;
  }

  private static boolean isSmaller(@Nullable BigKey key, BigKey other) {
    return key != null && key.bytes() < other.bytes();
  }

  void complete(long millis) {
    endMillis = millis;
  }

  // ---- What was counted ------------------------------------------------------------------------

  /// Whether the walk has seen all keys.
  public boolean isComplete() {
    return endMillis > 0;
  }

  public long startMillis() {
    return startMillis;
  }

  /// How many keys there were when the walk began.
  long keysAtStart() {
    return keysAtStart;
  }

  /// When the walk ended; 0 if it has not.
  public long endMillis() {
    return endMillis;
  }

  public long keys() {
    return keys;
  }

  /// Of the keys with their values, estimated for large collections.
  public long bytes() {
    return bytes;
  }

  /// How much of the keys it has seen.
  public double percent() {
    return isComplete() || keysAtStart == 0 ? 100 : Math.min(99.9, 100.0 * keys / keysAtStart);
  }

  /// Databases with numbers below this may have keys.
  public int databases() {
    return sizes.size();
  }

  /// How many values of the type have a size whose highest bit is this one: 0 for empty strings, 1
  /// for 1, 2 for 2 and 3, and so on.
  public long count(int database, Type type, int bit) {
    long[] counts = sizes.get(database);
    return counts == null ? 0 : counts[type.code() * SIZES + bit];
  }

  /// Prefixes that take most, heaviest first. Allocates.
  public List<PrefixUse> prefixes(int most) {
    List<PrefixUse> heaviest = new ArrayList<>();
    for (int place : prefixes.places()) {
      if (heaviest.size() == most) {
        break;
      }
      heaviest.add(
          new PrefixUse(
              prefixes.database(place),
              prefixes.key(place),
              prefixes.certain(place),
              prefixes.noted(place, KEYS),
              prefixes.noted(place, WITHOUT_DEADLINE)));
    }
    return heaviest;
  }

  /// The keys that take most memory, biggest first. Allocates.
  public List<BigKey> biggest(int most) {
    List<BigKey> keysBySize = new ArrayList<>();
    for (BigKey key : Arrays.asList(biggest).reversed()) {
      if (key != null && keysBySize.size() < most) {
        keysBySize.add(key);
      }
    }
    return keysBySize;
  }
}
