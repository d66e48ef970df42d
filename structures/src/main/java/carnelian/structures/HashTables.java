package carnelian.structures;

import static carnelian.structures.HashTableLayout.BUCKET_BYTES;
import static carnelian.structures.HashTableLayout.BUCKET_WORDS;
import static carnelian.structures.HashTableLayout.LAST_WORD;
import static carnelian.structures.HashTableLayout.TAG_MASK;
import static carnelian.structures.HashTableLayout.TAG_SHIFT;
import static carnelian.structures.HashTableLayout.address;
import static carnelian.structures.HashTableLayout.bucket;
import static carnelian.structures.HashTableLayout.buckets;
import static carnelian.structures.HashTableLayout.index;
import static carnelian.structures.HashTableLayout.isLink;
import static carnelian.structures.HashTableLayout.linkCapacity;
import static carnelian.structures.HashTableLayout.shape;
import static carnelian.structures.HashTableLayout.splitMask;
import static carnelian.structures.HashTableLayout.word;

import carnelian.base.RandomSource;
import carnelian.memory.Heap;
import carnelian.memory.HeapLimitException;
import carnelian.memory.Memory;
import carnelian.memory.View;

/// Hash tables of entries ([EntryLayout]) in off-heap memory: linear hashing over buckets of one
/// cache line.
///
/// A table is known by its address, which never changes. It holds references to entries, never owns
/// them: who takes an entry out frees it. A slot is the address of the word that refers to an
/// entry; it is valid until the table changes next.
///
/// Thread: the heap's owner, except [#forEach] with the view of a snapshot. Nothing here blocks.
public final class HashTables {
  /*
   * Structure. The number of buckets grows and shrinks by one: with 2^level <= buckets <
   * 2^(level+1), the buckets below `split` have been split in this round, and hash their entries
   * with one bit more. So there is no time of rehashing, no second table, and no array that is
   * allocated at once: buckets stand in segments of 64 KiB, a small table in one smaller segment.
   *
   * Load. A table grows beyond 6.5 entries a bucket and shrinks below 4. Buckets of one round
   * differ in load by two, so a good part of them has more than eight entries; those overflow into
   * an array that is allocated to measure, which costs less memory than more buckets, and one more
   * cache miss for one entry in six. See docs/structures.md for the figures.
   *
   * Tags. Each reference carries 16 bits of its entry's hash. A lookup compares these and seldom
   * reads the wrong record; a split finds in them the bit that it needs, and reads no record, except
   * in one round of eight, when the bits have to be moved up (HashTableLayout#tagShift).
   *
   * SCAN. Bucket numbers are the low bits of a hash, so in the order of the reversed bits each
   * bucket is an interval, a split halves it and a merge joins two halves. The cursor is a point on
   * that line:
   * (1) every hash whose reversed bits are below the reversed cursor has been visited;
   * (2) the bucket of the cursor begins at or before it, because its number is the cursor's low
   *     bits, and the next cursor is its end.
   * Neither depends on the number of buckets, so an element that stays from start to end is
   * returned at least once, whatever happens in between. Shrinking may repeat some, as in Redis.
   */

  /// Entries per bucket beyond which the table grows, times two.
  private static final int GROW_AT_HALVES = 13;

  /// Entries per bucket below which the table shrinks.
  private static final int SHRINK_AT = 4;

  private static final int MAX_CHAIN = TAG_MASK;
  private static final int RANDOM_TRIES = 256;

  private final Heap heap;
  private final HashTableShape shaping;
  private final long hashKey0;
  private final long hashKey1;

  /// What prefetching read; kept so that the reads are not optimised away.
  @SuppressWarnings("UnusedVariable")
  private long prefetched;

  /// @param hashKey0 with `hashKey1`, 128 secret random bits
  public HashTables(Heap heap, long hashKey0, long hashKey1) {
    this.heap = heap;
    this.hashKey0 = hashKey0;
    this.hashKey1 = hashKey1;
    this.shaping = new HashTableShape(heap, this);
  }

  /// A new empty table of one bucket.
  public long create() {
    return shaping.create();
  }

  /// Frees the table, not its entries: the caller has dealt with them ([#drain], [#forEach]).
  public void destroy(long table) {
    shaping.destroy(table);
  }

  public long count(long table) {
    return HashTableLayout.count(table);
  }

  /// Bytes of all blocks of the table, without its entries.
  public long bytes(long table) {
    return HashTableLayout.bytes(table);
  }

  /// SipHash-1-2 under this instance's secret key.
  public long hash(long keyAt, int keyLength) {
    return SipHash.hash(hashKey0, hashKey1, keyAt, keyLength);
  }

  long hashOf(long entry) {
    return hash(EntryLayout.key(entry), EntryLayout.keyLength(entry));
  }

  /// The slot of the entry with this key, or 0. `hash` is the key's [#hash].
  public long findSlot(long table, long hash, long keyAt, int keyLength) {
    long shape = shape(table);
    long isSplit = splitMask(shape, hash);
    long bucket = bucket(table, shape, index(shape, isSplit, hash));
    long tag = tag(table, isSplit, hash);
    for (int matches = matches(bucket, tag); matches != 0; matches &= matches - 1) {
      long slot = bucket + ((long) Integer.numberOfTrailingZeros(matches) << 3);
      if (refersTo(Memory.getLong(slot), keyAt, keyLength)) {
        return slot;
      }
    }
    long last = Memory.getLong(bucket + LAST_WORD);
    return isLink(last) ? findInArray(last, tag, keyAt, keyLength) : 0;
  }

  /// A bit for each word of the bucket with this tag. No branch: which word matches cannot be
  /// foretold, and a wrong guess costs more than the eight comparisons.
  private static int matches(long bucket, long tag) {
    int matches = 0;
    for (int i = 0; i < BUCKET_WORDS; i++) {
      long difference = (Memory.getLong(bucket + ((long) i << 3)) >>> TAG_SHIFT) ^ tag;
      matches |= (int) ((difference - 1) >>> 63) << i;
    }
    return matches;
  }

  private static long findInArray(long link, long tag, long keyAt, int keyLength) {
    long array = address(link);
    long end = array + ((long) linkCapacity(link) << 3);
    for (long slot = array; slot < end; slot += 8) {
      long word = Memory.getLong(slot);
      if (word >>> TAG_SHIFT == tag && refersTo(word, keyAt, keyLength)) {
        return slot;
      }
    }
    return 0;
  }

  private static boolean refersTo(long word, long keyAt, int keyLength) {
    // A tag may be zero as an empty word is, or equal a link's capacity.
    return word != 0 && !isLink(word) && EntryLayout.hasKey(address(word), keyAt, keyLength);
  }

  private static long tag(long table, long isSplit, long hash) {
    int lowShift = HashTableLayout.lowShift(table);
    long shift = lowShift + (isSplit & (HashTableLayout.highShift(table) - lowShift));
    return (hash >>> shift) & TAG_MASK;
  }

  /// The entry with this key, or 0.
  public long find(long table, long hash, long keyAt, int keyLength) {
    long slot = findSlot(table, hash, keyAt, keyLength);
    return slot == 0 ? 0 : entryAt(slot);
  }

  public long entryAt(long slot) {
    return address(Memory.getLong(slot));
  }

  /// Puts another entry with the same key into the slot. The caller frees the old one.
  public void replace(long table, long slot, long entry) {
    heap.touch(slot, 8);
    Memory.putLong(slot, word(Memory.getLong(slot) >>> TAG_SHIFT, entry));
  }

  /// Adds an entry whose key is known to be absent. If the heap is full ([HeapLimitException]) it
  /// is not in the table.
  public void insert(long table, long hash, long entry) {
    long shape = shape(table);
    long isSplit = splitMask(shape, hash);
    long bucket = bucket(table, shape, index(shape, isSplit, hash));
    int chain = append(table, bucket, word(tag(table, isSplit, hash), entry));
    heap.touch(table, HashTableLayout.ROOT_BYTES);
    if (chain > HashTableLayout.longestChain(table)) {
      HashTableLayout.longestChain(table, chain);
    }
    long count = HashTableLayout.count(table) + 1;
    HashTableLayout.count(table, count);
    if (count * 2 > buckets(shape) * GROW_AT_HALVES) {
      grow(table);
    }
  }

  private void grow(long table) {
    try {
      shaping.split(table);
    } catch (HeapLimitException _) {
      return; // The heap is full; the table works on with fuller buckets.
    }
  }

  /// Returns the number of entries in the bucket.
  private int append(long table, long bucket, long word) {
    for (int i = 0; i < BUCKET_WORDS; i++) {
      long slot = bucket + (i << 3);
      if (Memory.getLong(slot) == 0) {
        heap.touch(slot, 8);
        Memory.putLong(slot, word);
        return i + 1;
      }
    }
    return shaping.appendToArray(table, bucket, word);
  }

  /// Takes the entry out of the table and returns it; the caller frees it. `hash` is its key's.
  public long remove(long table, long hash, long slot) {
    long shape = shape(table);
    long bucket = bucket(table, shape, index(shape, splitMask(shape, hash), hash));
    long entry = entryAt(slot);
    long last = Memory.getLong(bucket + LAST_WORD);
    if (isLink(last)) {
      shaping.removeBeforeArray(table, bucket, slot);
    } else {
      removeInBucket(bucket, slot);
    }
    heap.touch(table, HashTableLayout.ROOT_BYTES);
    long count = HashTableLayout.count(table) - 1;
    HashTableLayout.count(table, count);
    if (count < (buckets(shape) - 1) * SHRINK_AT) {
      shaping.merge(table);
    }
    return entry;
  }

  /// As [#remove(long, long, long)] for a caller that has not kept the hash.
  public long remove(long table, long slot) {
    return remove(table, hashOf(entryAt(slot)), slot);
  }

  /// Fills the hole with the bucket's last word.
  private void removeInBucket(long bucket, long slot) {
    long last = bucket + LAST_WORD;
    while (Memory.getLong(last) == 0) {
      last -= 8;
    }
    heap.touch(bucket, BUCKET_BYTES);
    Memory.putLong(slot, Memory.getLong(last));
    Memory.putLong(last, 0);
  }

  /// Makes room for this many entries, so that adding them moves none. The caller bounds the
  /// number; the memory is taken now.
  public void reserve(long table, long entries) {
    while (buckets(shape(table)) * GROW_AT_HALVES < entries * 2) {
      shaping.split(table);
    }
  }

  /// First step of a batch lookup: brings the key's bucket into the cache.
  public void prefetchBucket(long table, long hash) {
    long shape = shape(table);
    prefetched += Memory.getLong(bucket(table, shape, index(shape, splitMask(shape, hash), hash)));
  }

  /// Second step, after the first for all keys of the batch: brings the header of the entry with
  /// this hash into the cache. False if the third step is needed, because the entry may be in the
  /// bucket's array, which is now on its way.
  public boolean prefetchEntry(long table, long hash) {
    long shape = shape(table);
    long isSplit = splitMask(shape, hash);
    long bucket = bucket(table, shape, index(shape, isSplit, hash));
    int matches = matches(bucket, tag(table, isSplit, hash));
    long last = Memory.getLong(bucket + LAST_WORD);
    if (matches != 0) {
      prefetchAt(Memory.getLong(bucket + ((long) Integer.numberOfTrailingZeros(matches) << 3)));
      return true;
    }
    if (isLink(last)) {
      prefetchAt(last);
      return false;
    }
    return true;
  }

  /// Third step, for the entries that stand in an array: brings the entry's header into the cache.
  public void prefetchOutside(long table, long hash) {
    long shape = shape(table);
    long isSplit = splitMask(shape, hash);
    long bucket = bucket(table, shape, index(shape, isSplit, hash));
    long tag = tag(table, isSplit, hash);
    long last = Memory.getLong(bucket + LAST_WORD);
    int capacity = isLink(last) ? linkCapacity(last) : 0;
    for (int i = 0; i < capacity; i++) {
      long word = Memory.getLong(address(last) + ((long) i << 3));
      if (word >>> TAG_SHIFT == tag) {
        prefetchAt(word);
        return;
      }
    }
  }

  private void prefetchAt(long word) {
    if (word != 0) {
      prefetched += Memory.getLong(address(word));
    }
  }

  /// Brings buckets and entry headers of `count` hashes into the cache, all of one kind after the
  /// other, so that the misses overlap. Up to 64 hashes at a time profit in full.
  public void prefetch(long table, long[] hashes, int count) {
    for (int i = 0; i < count; i++) {
      prefetchBucket(table, hashes[i]);
    }
    long outside = 0;
    for (int i = 0; i < count; i++) {
      if (!prefetchEntry(table, hashes[i])) {
        outside |= 1L << i;
      }
    }
    for (; outside != 0; outside &= outside - 1) {
      prefetchOutside(table, hashes[Long.numberOfTrailingZeros(outside)]);
    }
  }

  /// Visits the entries of the bucket at `cursor` and returns the next cursor; 0 begins and ends.
  /// What is in the table from the first call to the last is visited at least once; see (1), (2).
  public long scan(long table, long cursor, EntryVisitor visitor) {
    long shape = shape(table);
    long isSplit = splitMask(shape, cursor);
    long lowMask = HashTableLayout.lowMask(shape);
    long mask = lowMask | (isSplit & (lowMask + 1));
    visitBucket(bucket(table, shape, cursor & mask), visitor);
    return Long.reverse(Long.reverse(cursor | ~mask) + 1);
  }

  private static void visitBucket(long bucket, EntryVisitor visitor) {
    int words = chainLength(bucket);
    for (int i = 0; i < words; i++) {
      visitor.visit(address(chainWord(bucket, i)));
    }
  }

  /// Entries in the bucket.
  static int chainLength(long bucket) {
    long last = Memory.getLong(bucket + LAST_WORD);
    if (isLink(last)) {
      long array = address(last);
      int outside = linkCapacity(last);
      while (Memory.getLong(array + ((outside - 1L) << 3)) == 0) {
        outside--;
      }
      return BUCKET_WORDS - 1 + outside;
    }
    int words = BUCKET_WORDS;
    while (words > 0 && Memory.getLong(bucket + ((words - 1L) << 3)) == 0) {
      words--;
    }
    return words;
  }

  static long chainWord(long bucket, int i) {
    return Memory.getLong(chainSlot(bucket, i));
  }

  private static long chainSlot(long bucket, int i) {
    if (i >= BUCKET_WORDS - 1) {
      long last = Memory.getLong(bucket + LAST_WORD);
      if (isLink(last)) {
        return address(last) + ((long) (i - (BUCKET_WORDS - 1)) << 3);
      }
    }
    return bucket + ((long) i << 3);
  }

  /// An entry of the table, each as likely as the other. 0 if there is none.
  public long random(long table, RandomSource random) {
    long slot = randomSlot(table, random);
    return slot == 0 ? 0 : entryAt(slot);
  }

  /// As [#random], but its slot.
  public long randomSlot(long table, RandomSource random) {
    if (count(table) == 0) {
      return 0;
    }
    long shape = shape(table);
    long buckets = buckets(shape);
    int longest = HashTableLayout.longestChain(table);
    // A place in the grid of buckets and chain positions; the empty ones are drawn again, so each
    // entry has the same share. About longestChain / 6 draws.
    for (int tries = 0; tries < RANDOM_TRIES; tries++) {
      long bucket = bucket(table, shape, random.nextLong(buckets));
      int position = random.nextInt(longest);
      if (position < chainLength(bucket)) {
        return chainSlot(bucket, position);
      }
    }
    // A table with hardly anything in it, after reserve: the next entry from somewhere.
    long index = random.nextLong(buckets);
    while (chainLength(bucket(table, shape, index)) == 0) {
      index = index + 1 < buckets ? index + 1 : 0;
    }
    long bucket = bucket(table, shape, index);
    return chainSlot(bucket, random.nextInt(chainLength(bucket)));
  }

  /// Visits `entries` different entries (all, if there are not more), each subset as likely as the
  /// other, in the table's order. Reads the whole table: for samples that are not much smaller.
  public void sample(long table, long entries, RandomSource random, EntryVisitor visitor) {
    long left = count(table);
    long wanted = Math.min(entries, left);
    long shape = shape(table);
    for (long index = 0; wanted > 0; index++) {
      long bucket = bucket(table, shape, index);
      int words = chainLength(bucket);
      for (int i = 0; i < words && wanted > 0; i++, left--) {
        if (random.nextLong(left) < wanted) {
          wanted--;
          visitor.visit(address(chainWord(bucket, i)));
        }
      }
    }
  }

  /// Visits at least `entries` entries (all, if there are not more) that stand beside each other,
  /// from a random place on: cheap, but not fair to each. For eviction, which samples often.
  public void neighbours(long table, int entries, RandomSource random, EntryVisitor visitor) {
    long shape = shape(table);
    long buckets = buckets(shape);
    long index = random.nextLong(buckets);
    int visited = 0;
    for (long steps = 0; steps < buckets && visited < entries; steps++) {
      long bucket = bucket(table, shape, index);
      visited += chainLength(bucket);
      visitBucket(bucket, visitor);
      index = index + 1 < buckets ? index + 1 : 0;
    }
  }

  /// Visits every entry once, in the table's order. The view is the live heap's or a snapshot's; a
  /// snapshot's is read on its own thread, while the table goes on changing.
  public void forEach(View view, long table, EntryVisitor visitor) {
    TableCursor cursor = new TableCursor();
    cursor.start(view, table);
    while (cursor.next()) {
      visitor.visit(cursor.entry());
    }
  }

  /// Takes the entries of up to `buckets` buckets out of the table and gives them to the visitor,
  /// who may free them; returns how many are left. For deleting a big table in slices.
  public long drain(long table, int buckets, EntryVisitor visitor) {
    return shaping.drain(table, buckets, visitor);
  }

  /// Reads the whole table.
  public HashTableStats stats(long table) {
    return HashTableStats.of(table);
  }

  /// Checks what must hold between calls and throws if it does not. For tests and DEBUG.
  public void verify(long table) {
    HashTableCheck.verify(this, table);
  }

  static int maxChain() {
    return MAX_CHAIN;
  }
}
