package carnelian.engine.diagnosis;

import carnelian.memory.Memory;
import carnelian.memory.Slice;
import java.util.Arrays;

/// The heaviest of more keys than there is room to count (the space-saving sketch): a key that is
/// not there takes the place of the lightest, and its weight as an error. So a key's true weight is
/// at most what stands here and at least that less the error, and none that has more than one part
/// in [#capacity] of the whole is missing.
///
/// Counting allocates nothing but room for a key longer than any before in its place. Keys are told
/// apart by 64 bits of hash and the database.
final class TopKeys {
  /// Of a longer key the beginning is kept.
  static final int KEPT_BYTES = 256;

  private static final int HINTS = 1024;

  private final int capacity;
  private final int notes;
  private final long[] hashes;
  private final long[] weights;
  private final long[] errors;
  private final int[] databases;
  private final int[] lengths;
  private final byte[][] keys;
  private final long[] noted;

  /// Where a hash was met last, to be tried before all places are.
  private final short[] hints = new short[HINTS];

  private int size;
  private long total;

  /// Counts up to `capacity` keys, each with so many sums beside its weight.
  TopKeys(int capacity, int notes) {
    this.capacity = capacity;
    this.notes = notes;
    hashes = new long[capacity];
    weights = new long[capacity];
    errors = new long[capacity];
    databases = new int[capacity];
    lengths = new int[capacity];
    keys = new byte[capacity][];
    Arrays.fill(keys, new byte[0]);
    noted = new long[capacity * notes];
  }

  // ---- Counting --------------------------------------------------------------------------------

  /// Adds to the weight of the first `length` bytes of a key, and replies with its place.
  int add(int database, Slice key, int length, long weight) {
    long hash = hash(database, key, length);
    total += weight;
    int hint = (int) hash & HINTS - 1;
    int place = hints[hint];
    if (place >= size || hashes[place] != hash) {
      place = find(hash);
      if (place < 0) {
        place = take(hash, database, key, length);
      }
      hints[hint] = (short) place;
    }
    weights[place] += weight;
    return place;
  }

  /// Adds to a sum beside a key's weight.
  void note(int place, int note, long amount) {
    noted[place * notes + note] += amount;
  }

  private int find(long hash) {
    for (int i = 0; i < size; i++) {
      if (hashes[i] == hash) {
        return i;
      }
    }
    return -1;
  }

  private int take(long hash, int database, Slice key, int length) {
    int place = size < capacity ? size++ : lightest();
    errors[place] = weights[place];
    hashes[place] = hash;
    databases[place] = database;
    lengths[place] = length;
    int kept = Math.min(length, KEPT_BYTES);
    byte[] bytes = keys[place];
    if (bytes.length < kept) {
      bytes = new byte[kept];
      keys[place] = bytes;
    }
    for (int i = 0; i < kept; i++) {
      bytes[i] = key.byteAt(i);
    }
    Arrays.fill(noted, place * notes, (place + 1) * notes, 0);
    return place;
  }

  private int lightest() {
    int lightest = 0;
    for (int i = 1; i < size; i++) {
      if (weights[i] < weights[lightest]) {
        lightest = i;
      }
    }
    return lightest;
  }

  private static long hash(int database, Slice key, int length) {
    long hash = length + ((long) database << 32);
    int i = 0;
    for (; i + Long.BYTES <= length; i += Long.BYTES) {
      hash = mixed(hash ^ Memory.getLong(key.at + i));
    }
    for (; i < length; i++) {
      hash = mixed(hash ^ key.byteAt(i));
    }
    return hash;
  }

  private static long mixed(long bits) {
    long product = bits * 0x9E37_79B9_7F4A_7C15L;
    return product ^ product >>> 32;
  }

  /// Halves all that was counted: what was counted long ago matters less and less.
  void halve() {
    total /= 2;
    for (int i = 0; i < size; i++) {
      weights[i] /= 2;
      errors[i] /= 2;
    }
    for (int i = 0; i < size * notes; i++) {
      noted[i] /= 2;
    }
  }

  void clear() {
    Arrays.fill(weights, 0);
    Arrays.fill(noted, 0);
    size = 0;
    total = 0;
  }

  // ---- What was counted ------------------------------------------------------------------------

  /// The weight of everything that was counted, keys that have lost their place included.
  long total() {
    return total;
  }

  /// Places, heaviest first by the weight that is certain. Allocates.
  int[] places() {
    Integer[] order = new Integer[size];
    Arrays.setAll(order, i -> i);
    Arrays.sort(order, (a, b) -> Long.compare(certain(b), certain(a)));
    int[] places = new int[size];
    Arrays.setAll(places, i -> order[i]);
    return places;
  }

  /// What the key has at least.
  long certain(int place) {
    return weights[place] - errors[place];
  }

  int database(int place) {
    return databases[place];
  }

  /// The key, or the beginning of a long one.
  byte[] key(int place) {
    return Arrays.copyOf(keys[place], Math.min(lengths[place], KEPT_BYTES));
  }

  long noted(int place, int note) {
    return noted[place * notes + note];
  }
}
