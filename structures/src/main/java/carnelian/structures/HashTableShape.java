package carnelian.structures;

import static carnelian.structures.HashTableLayout.BUCKET_BYTES;
import static carnelian.structures.HashTableLayout.BUCKET_WORDS;
import static carnelian.structures.HashTableLayout.LAST_WORD;
import static carnelian.structures.HashTableLayout.SEGMENT_BUCKETS;
import static carnelian.structures.HashTableLayout.SEGMENT_BYTES;
import static carnelian.structures.HashTableLayout.SEGMENT_SHIFT;
import static carnelian.structures.HashTableLayout.TAG_MASK;
import static carnelian.structures.HashTableLayout.address;
import static carnelian.structures.HashTableLayout.bucket;
import static carnelian.structures.HashTableLayout.buckets;
import static carnelian.structures.HashTableLayout.isLink;
import static carnelian.structures.HashTableLayout.link;
import static carnelian.structures.HashTableLayout.linkCapacity;
import static carnelian.structures.HashTableLayout.lowMask;
import static carnelian.structures.HashTableLayout.shape;
import static carnelian.structures.HashTableLayout.tag;
import static carnelian.structures.HashTableLayout.tagShift;
import static carnelian.structures.HashTableLayout.word;

import carnelian.base.Invariant;
import carnelian.memory.Heap;
import carnelian.memory.HeapLimitException;
import carnelian.memory.Memory;
import java.util.Arrays;

/// How hash tables grow and shrink: splits and merges of buckets, the segments that buckets stand
/// in, and the arrays of what a bucket has no room for.
///
/// What allocates does so before it changes anything: a heap that is full leaves the table whole.
final class HashTableShape {
  private static final int FIRST_DIRECTORY_SEGMENTS = 4;

  private final Heap heap;
  private final HashTables tables;

  /// The words of the bucket that is being rewritten; grows with the longest chain.
  private long[] gathered = new long[64];

  private int gatheredCount;

  HashTableShape(Heap heap, HashTables tables) {
    this.heap = heap;
    this.tables = tables;
  }

  long create() {
    long segment = heap.allocate(BUCKET_BYTES);
    long table = allocateBeside(segment, HashTableLayout.ROOT_BYTES);
    Memory.fill(table, HashTableLayout.ROOT_BYTES, (byte) 0);
    Memory.fill(segment, BUCKET_BYTES, (byte) 0);
    HashTableLayout.directory(table, segment);
    HashTableLayout.capacity(table, 1);
    HashTableLayout.bytes(table, heap.size(table) + heap.size(segment));
    return table;
  }

  /// Allocates a second block, and frees the first if there is no room for it.
  private long allocateBeside(long first, long bytes) {
    try {
      return heap.allocate(bytes);
    } catch (HeapLimitException full) {
      if (first != 0) {
        heap.free(first);
      }
      throw full;
    }
  }

  void destroy(long table) {
    long shape = shape(table);
    long buckets = buckets(shape);
    for (long index = 0; index < buckets; index++) {
      long last = Memory.getLong(bucket(table, shape, index) + LAST_WORD);
      if (isLink(last)) {
        heap.free(address(last));
      }
    }
    long directory = HashTableLayout.directory(table);
    if (!HashTableLayout.isSingle(shape)) {
      for (long segment = 0; segment << SEGMENT_SHIFT < buckets; segment++) {
        heap.free(Memory.getLong(directory + (segment << 3)));
      }
    }
    heap.free(directory);
    heap.free(table);
  }

  /// Splits the next bucket in two. Without memory for it the table stays as it is.
  void split(long table) {
    long shape = shape(table);
    int level = HashTableLayout.level(shape);
    long from = HashTableLayout.split(shape);
    long to = lowMask(shape) + 1 + from;
    Invariant.check(to < Integer.MAX_VALUE, "buckets of a hash table: ", to);
    gatheredCount = 0;
    long old = gather(bucket(table, shape, from));
    int moved = partition(level);
    int stay = gatheredCount - moved;
    long stayArray = allocateArray(stay, 0);
    long movedArray = allocateArray(moved, stayArray);
    heap.touch(table, HashTableLayout.ROOT_BYTES);
    try {
      makeRoom(table, to);
    } catch (HeapLimitException full) {
      discard(stayArray);
      discard(movedArray);
      throw full;
    }
    // Nothing fails from here on.
    setShape(table, level, from + 1);
    freeArray(table, old);
    account(table, stayArray);
    account(table, movedArray);
    long grown = shape(table);
    store(table, bucket(table, grown, from), 0, stay, stayArray);
    store(table, bucket(table, grown, to), stay, moved, movedArray);
  }

  /// `split` may be 2^level: then the round is over.
  private static void setShape(long table, int level, long split) {
    int l = split == 1L << level ? level + 1 : level;
    HashTableLayout.shape(table, (1L << l) - 1, l == level ? split : 0);
    HashTableLayout.shifts(table, tagShift(l), tagShift(l + 1));
  }

  /// Brings the gathered words that belong to the upper half to the end and returns their number.
  private int partition(int level) {
    int shift = tagShift(level);
    int newShift = tagShift(level + 1);
    int stay = 0;
    for (int i = 0; i < gatheredCount; i++) {
      long word = gathered[i];
      boolean isMoved;
      if (shift == newShift) {
        isMoved = ((tag(word) >>> (level - shift)) & 1) != 0;
      } else {
        long hash = tables.hashOf(address(word));
        isMoved = ((hash >>> level) & 1) != 0;
        word = word((hash >>> newShift) & TAG_MASK, address(word));
      }
      if (isMoved) {
        gathered[i] = word;
      } else {
        gathered[i] = gathered[stay];
        gathered[stay++] = word;
      }
    }
    return gatheredCount - stay;
  }

  /// Merges the last bucket into the one that it was split from; not if there is no memory for it.
  void merge(long table) {
    long shape = shape(table);
    long last = buckets(shape) - 1;
    int level = 63 - Long.numberOfLeadingZeros(last);
    long into = last - (1L << level);
    gatheredCount = 0;
    long lastLink = gather(bucket(table, shape, last));
    retag(last, level, 0);
    int fromLast = gatheredCount;
    long intoBucket = bucket(table, shape, into);
    long intoLink = gather(intoBucket);
    retag(into, level, fromLast);
    long array = intoLink;
    if (fromLast > 0) {
      try {
        array = allocateArray(gatheredCount, 0);
      } catch (HeapLimitException _) {
        return; // The table is a bucket larger than it should be.
      }
    }
    heap.touch(table, HashTableLayout.ROOT_BYTES);
    freeArray(table, lastLink);
    if (array != intoLink) {
      freeArray(table, intoLink);
      account(table, array);
    }
    setShape(table, level, into);
    store(table, intoBucket, 0, gatheredCount, array);
    try {
      trim(table, last);
    } catch (HeapLimitException _) {
      return; // The only segment is larger than it should be, until the next merge.
    }
  }

  /// Turns tags of level + 1 into those of `level`. The bucket's number and the tag hold all bits.
  private void retag(long index, int level, int begin) {
    int shift = tagShift(level);
    int oldShift = tagShift(level + 1);
    if (shift == oldShift) {
      return;
    }
    long known = index & ((1L << oldShift) - 1);
    for (int i = begin; i < gatheredCount; i++) {
      long hash = known | ((long) tag(gathered[i]) << oldShift);
      gathered[i] = word((hash >>> shift) & TAG_MASK, address(gathered[i]));
    }
  }

  long drain(long table, int limit, EntryVisitor visitor) {
    for (int i = 0; i < limit && HashTableLayout.count(table) > 0; i++) {
      long shape = shape(table);
      long bucket = bucket(table, shape, buckets(shape) - 1);
      gatheredCount = 0;
      heap.touch(table, HashTableLayout.ROOT_BYTES);
      freeArray(table, gather(bucket));
      HashTableLayout.count(table, HashTableLayout.count(table) - gatheredCount);
      long[] words = Arrays.copyOf(gathered, gatheredCount);
      store(table, bucket, 0, 0, 0);
      if (buckets(shape) > 1) {
        merge(table);
      }
      for (long word : words) {
        visitor.visit(address(word));
      }
    }
    return HashTableLayout.count(table);
  }

  // ---- Buckets and their arrays ----------------------------------------------------------------

  /// Appends the bucket's words to what is gathered, and returns its link to an array, or 0.
  private long gather(long bucket) {
    long last = Memory.getLong(bucket + LAST_WORD);
    if (!isLink(last)) {
      gatherWords(bucket, BUCKET_WORDS);
      return 0;
    }
    gatherWords(bucket, BUCKET_WORDS - 1);
    gatherWords(address(last), linkCapacity(last));
    return last;
  }

  private void gatherWords(long from, int limit) {
    if (gatheredCount + limit > gathered.length) {
      gathered = Arrays.copyOf(gathered, 2 * (gatheredCount + limit));
    }
    for (int i = 0; i < limit; i++) {
      long word = Memory.getLong(from + ((long) i << 3));
      if (word == 0) {
        return;
      }
      gathered[gatheredCount++] = word;
    }
  }

  /// Writes gathered words into the bucket, whose old contents do not matter, and into the array of
  /// the link, which is 0 if they fit.
  private void store(long table, long bucket, int begin, int words, long link) {
    heap.touch(bucket, BUCKET_BYTES);
    noteChain(table, words);
    if (link == 0) {
      putWords(bucket, BUCKET_WORDS, begin, words);
      return;
    }
    int inBucket = BUCKET_WORDS - 1;
    putWords(bucket, inBucket, begin, inBucket);
    Memory.putLong(bucket + LAST_WORD, link);
    long array = address(link);
    int capacity = linkCapacity(link);
    heap.touch(array, (long) capacity << 3);
    putWords(array, capacity, begin + inBucket, words - inBucket);
  }

  /// Writes words and fills with zeros up to `limit`.
  private void putWords(long to, int limit, int begin, int words) {
    for (int i = 0; i < limit; i++) {
      Memory.putLong(to + ((long) i << 3), i < words ? gathered[begin + i] : 0);
    }
  }

  private static void noteChain(long table, int words) {
    if (words > HashTableLayout.longestChain(table)) {
      HashTableLayout.longestChain(table, words);
    }
  }

  /// Adds a word to a full bucket and returns the number of entries in it.
  int appendToArray(long table, long bucket, long word) {
    long last = Memory.getLong(bucket + LAST_WORD);
    int chain = HashTables.chainLength(bucket);
    if (isLink(last) && chain - (BUCKET_WORDS - 1) < linkCapacity(last)) {
      long slot = address(last) + ((long) (chain - (BUCKET_WORDS - 1)) << 3);
      heap.touch(slot, 8);
      Memory.putLong(slot, word);
      return chain + 1;
    }
    Invariant.check(chain + 2 < HashTables.maxChain(), "entries in one bucket: ", chain);
    long link = allocateArray(chain + 1, 0);
    gatheredCount = 0;
    long old = gather(bucket);
    gatherWord(word);
    heap.touch(table, HashTableLayout.ROOT_BYTES);
    freeArray(table, old);
    account(table, link);
    store(table, bucket, 0, chain + 1, link);
    return chain + 1;
  }

  private void gatherWord(long word) {
    if (gatheredCount == gathered.length) {
      gathered = Arrays.copyOf(gathered, 2 * gatheredCount);
    }
    gathered[gatheredCount++] = word;
  }

  /// Removes the word at `slot` from a bucket that has an array: its last word fills the hole.
  void removeBeforeArray(long table, long bucket, long slot) {
    long link = Memory.getLong(bucket + LAST_WORD);
    int chain = HashTables.chainLength(bucket);
    long last = address(link) + ((long) (chain - BUCKET_WORDS) << 3);
    heap.touch(slot, 8);
    heap.touch(last, 8);
    Memory.putLong(slot, Memory.getLong(last));
    Memory.putLong(last, 0);
    int left = chain - 1;
    if (arrayCapacity(left) == linkCapacity(link)) {
      return;
    }
    long smaller;
    try {
      smaller = allocateArray(left, 0);
    } catch (HeapLimitException _) {
      return; // The array is larger than it should be.
    }
    gatheredCount = 0;
    gather(bucket);
    heap.touch(table, HashTableLayout.ROOT_BYTES);
    freeArray(table, link);
    account(table, smaller);
    store(table, bucket, 0, left, smaller);
  }

  /// Room in the array of a bucket with this many entries: none if they fit the bucket.
  private static int arrayCapacity(int words) {
    return words <= BUCKET_WORDS ? 0 : (words - BUCKET_WORDS + 2) & ~1;
  }

  /// An array for a bucket with this many entries, as a link; 0 if it needs none. Without memory,
  /// discards `first` and throws.
  private long allocateArray(int words, long first) {
    int capacity = arrayCapacity(words);
    return capacity == 0 ? 0 : link(allocateBeside(address(first), (long) capacity << 3), capacity);
  }

  /// Frees an array that no bucket has referred to yet.
  private void discard(long link) {
    if (link != 0) {
      heap.free(address(link));
    }
  }

  private void account(long table, long link) {
    if (link != 0) {
      HashTableLayout.bytes(table, HashTableLayout.bytes(table) + heap.size(address(link)));
    }
  }

  private void freeArray(long table, long link) {
    if (link != 0) {
      free(table, address(link));
    }
  }

  private void free(long table, long block) {
    HashTableLayout.bytes(table, HashTableLayout.bytes(table) - heap.size(block));
    heap.free(block);
  }

  // ---- Segments --------------------------------------------------------------------------------

  /// Sees to it that there is memory for bucket `index`, the first that is not there yet.
  private void makeRoom(long table, long index) {
    if (index < SEGMENT_BUCKETS) {
      int capacity = HashTableLayout.capacity(table);
      if (index >= capacity) {
        moveOnlySegment(table, (int) index, segmentCapacity((int) index + 1));
      }
    } else if ((index & (SEGMENT_BUCKETS - 1)) == 0) {
      addSegment(table, index >>> SEGMENT_SHIFT);
    }
  }

  private void moveOnlySegment(long table, int buckets, int capacity) {
    long old = HashTableLayout.directory(table);
    long segment = heap.allocate((long) capacity * BUCKET_BYTES);
    Memory.copy(old, segment, (long) buckets * BUCKET_BYTES);
    free(table, old);
    replaceDirectory(table, segment, capacity);
  }

  /// Four sizes per doubling.
  private static int segmentCapacity(int buckets) {
    int step = Math.max(1, Integer.highestOneBit(buckets - 1) >>> 2);
    return Math.min(SEGMENT_BUCKETS, (buckets + step - 1) / step * step);
  }

  private void addSegment(long table, long number) {
    long segment = heap.allocate(SEGMENT_BYTES);
    int capacity = HashTableLayout.capacity(table);
    long directory = HashTableLayout.directory(table);
    if (number == 1) {
      capacity = FIRST_DIRECTORY_SEGMENTS;
      long first = directory;
      directory = allocateBeside(segment, (long) capacity << 3);
      Memory.putLong(directory, first);
      replaceDirectory(table, directory, capacity);
    } else if (number == capacity) {
      int bigger = capacity + Math.max(2, capacity >>> 2);
      long copy = allocateBeside(segment, (long) bigger << 3);
      Memory.copy(directory, copy, (long) capacity << 3);
      free(table, directory);
      directory = copy;
      replaceDirectory(table, directory, bigger);
    }
    HashTableLayout.bytes(table, HashTableLayout.bytes(table) + heap.size(segment));
    long entry = directory + (number << 3);
    heap.touch(entry, 8);
    Memory.putLong(entry, segment);
  }

  private void replaceDirectory(long table, long directory, int capacity) {
    HashTableLayout.bytes(table, HashTableLayout.bytes(table) + heap.size(directory));
    HashTableLayout.directory(table, directory);
    HashTableLayout.capacity(table, capacity);
  }

  /// Frees what is not needed any more now that there are `buckets` buckets.
  private void trim(long table, long buckets) {
    if (buckets < SEGMENT_BUCKETS) {
      int capacity = HashTableLayout.capacity(table);
      if (buckets * 2 <= capacity) {
        moveOnlySegment(table, (int) buckets, segmentCapacity((int) (buckets + buckets / 4)));
      }
    } else if ((buckets & (SEGMENT_BUCKETS - 1)) == 0) {
      long directory = HashTableLayout.directory(table);
      free(table, Memory.getLong(directory + (buckets >>> SEGMENT_SHIFT << 3)));
      if (buckets == SEGMENT_BUCKETS) {
        HashTableLayout.directory(table, Memory.getLong(directory));
        HashTableLayout.capacity(table, SEGMENT_BUCKETS);
        free(table, directory);
      }
    }
  }
}
