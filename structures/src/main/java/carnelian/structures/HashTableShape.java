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
import carnelian.memory.Memory;
import java.util.Arrays;

/// How hash tables grow and shrink: splits and merges of buckets, the segments that buckets stand
/// in, and the arrays of what a bucket has no room for.
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
    long table = heap.allocate(HashTableLayout.ROOT_BYTES);
    long segment = heap.allocate(BUCKET_BYTES);
    Memory.fill(table, HashTableLayout.ROOT_BYTES, (byte) 0);
    Memory.fill(segment, BUCKET_BYTES, (byte) 0);
    HashTableLayout.directory(table, segment);
    HashTableLayout.capacity(table, 1);
    HashTableLayout.bytes(table, heap.size(table) + heap.size(segment));
    return table;
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

  /// Splits the next bucket in two. The table has been touched by nobody.
  void split(long table) {
    long shape = shape(table);
    long lowMask = lowMask(shape);
    long from = HashTableLayout.split(shape);
    long to = lowMask + 1 + from;
    Invariant.check(to < Integer.MAX_VALUE, "buckets of a hash table: ", to);
    heap.touch(table, HashTableLayout.ROOT_BYTES);
    makeRoom(table, to);
    int level = HashTableLayout.level(shape);
    setShape(table, level, from + 1);
    long grown = shape(table);
    long fromBucket = bucket(table, grown, from);
    gather(table, fromBucket);
    int moved = partition(level);
    store(table, fromBucket, 0, gatheredCount - moved);
    store(table, bucket(table, grown, to), gatheredCount - moved, moved);
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

  /// Merges the last bucket into the one that it was split from.
  void merge(long table) {
    long shape = shape(table);
    long last = buckets(shape) - 1;
    int level = 63 - Long.numberOfLeadingZeros(last);
    long into = last - (1L << level);
    heap.touch(table, HashTableLayout.ROOT_BYTES);
    gatheredCount = 0;
    gatherMore(table, bucket(table, shape, last));
    retag(last, level, 0);
    int fromLast = gatheredCount;
    long intoBucket = bucket(table, shape, into);
    gatherMore(table, intoBucket);
    retag(into, level, fromLast);
    setShape(table, level, into);
    store(table, intoBucket, 0, gatheredCount);
    trim(table, last);
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
      gather(table, bucket);
      heap.touch(table, HashTableLayout.ROOT_BYTES);
      HashTableLayout.count(table, HashTableLayout.count(table) - gatheredCount);
      long[] words = Arrays.copyOf(gathered, gatheredCount);
      store(table, bucket, 0, 0);
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

  private void gather(long table, long bucket) {
    gatheredCount = 0;
    gatherMore(table, bucket);
  }

  /// Appends the bucket's words to what is gathered and frees its array. The bucket is to be
  /// rewritten.
  private void gatherMore(long table, long bucket) {
    long last = Memory.getLong(bucket + LAST_WORD);
    if (!isLink(last)) {
      gatherWords(bucket, BUCKET_WORDS);
      return;
    }
    gatherWords(bucket, BUCKET_WORDS - 1);
    gatherWords(address(last), linkCapacity(last));
    free(table, address(last));
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

  /// Writes `words` gathered words into the bucket, whose old contents do not matter.
  private void store(long table, long bucket, int begin, int words) {
    heap.touch(bucket, BUCKET_BYTES);
    noteChain(table, words);
    int inBucket = words <= BUCKET_WORDS ? words : BUCKET_WORDS - 1;
    for (int i = 0; i < inBucket; i++) {
      Memory.putLong(bucket + ((long) i << 3), gathered[begin + i]);
    }
    if (words <= BUCKET_WORDS) {
      for (int i = words; i < BUCKET_WORDS; i++) {
        Memory.putLong(bucket + ((long) i << 3), 0);
      }
      return;
    }
    int capacity = even(words - inBucket);
    long array = allocateArray(table, capacity);
    for (int i = inBucket; i < words; i++) {
      Memory.putLong(array + ((long) (i - inBucket) << 3), gathered[begin + i]);
    }
    Memory.putLong(bucket + LAST_WORD, link(array, capacity));
  }

  private static int even(int words) {
    return (words + 1) & ~1;
  }

  private static void noteChain(long table, int words) {
    if (words > HashTableLayout.longestChain(table)) {
      HashTableLayout.longestChain(table, words);
    }
  }

  /// Adds a word to a full bucket and returns the number of entries in it.
  int appendToArray(long table, long bucket, long word) {
    heap.touch(bucket, BUCKET_BYTES);
    heap.touch(table, HashTableLayout.ROOT_BYTES);
    long last = Memory.getLong(bucket + LAST_WORD);
    if (!isLink(last)) {
      long array = allocateArray(table, 2);
      Memory.putLong(array, last);
      Memory.putLong(array + 8, word);
      Memory.putLong(bucket + LAST_WORD, link(array, 2));
      return BUCKET_WORDS + 1;
    }
    int capacity = linkCapacity(last);
    long array = address(last);
    long end = array + ((long) capacity << 3);
    if (Memory.getLong(end - 8) == 0) {
      heap.touch(end - 8, 8);
      Memory.putLong(end - 8, word);
      return BUCKET_WORDS - 1 + capacity;
    }
    Invariant.check(capacity + 2 < HashTables.maxChain(), "entries in one bucket: ", capacity);
    long bigger = reallocateArray(table, array, capacity, capacity + 2);
    Memory.putLong(bigger + ((long) capacity << 3), word);
    Memory.putLong(bucket + LAST_WORD, link(bigger, capacity + 2));
    return BUCKET_WORDS + capacity;
  }

  /// Removes the word at `slot` from a bucket that has an array: its last word fills the hole.
  void removeBeforeArray(long table, long bucket, long slot) {
    heap.touch(bucket, BUCKET_BYTES);
    heap.touch(table, HashTableLayout.ROOT_BYTES);
    long linkWord = Memory.getLong(bucket + LAST_WORD);
    int capacity = linkCapacity(linkWord);
    long array = address(linkWord);
    heap.touch(array, (long) capacity << 3);
    int words = capacity - (Memory.getLong(array + ((capacity - 1L) << 3)) == 0 ? 1 : 0);
    long last = array + ((words - 1L) << 3);
    Memory.putLong(slot, Memory.getLong(last));
    Memory.putLong(last, 0);
    if (words == 2) {
      Memory.putLong(bucket + LAST_WORD, Memory.getLong(array));
      free(table, array);
    } else if (capacity - (words - 1) == 2) {
      long smaller = reallocateArray(table, array, capacity - 2, capacity - 2);
      Memory.putLong(bucket + LAST_WORD, link(smaller, capacity - 2));
    }
  }

  private long allocateArray(long table, int capacity) {
    long array = heap.allocate((long) capacity << 3);
    Memory.putLong(array + ((capacity - 1L) << 3), 0);
    HashTableLayout.bytes(table, HashTableLayout.bytes(table) + heap.size(array));
    return array;
  }

  private long reallocateArray(long table, long array, int words, int capacity) {
    long copy = allocateArray(table, capacity);
    Memory.copy(array, copy, (long) words << 3);
    free(table, array);
    return copy;
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
    long segment = allocate(table, (long) capacity * BUCKET_BYTES);
    Memory.copy(old, segment, (long) buckets * BUCKET_BYTES);
    free(table, old);
    HashTableLayout.directory(table, segment);
    HashTableLayout.capacity(table, capacity);
  }

  /// Four sizes per doubling.
  private static int segmentCapacity(int buckets) {
    int step = Math.max(1, Integer.highestOneBit(buckets - 1) >>> 2);
    return Math.min(SEGMENT_BUCKETS, (buckets + step - 1) / step * step);
  }

  private void addSegment(long table, long number) {
    int capacity = HashTableLayout.capacity(table);
    long directory = HashTableLayout.directory(table);
    if (number == 1) {
      capacity = FIRST_DIRECTORY_SEGMENTS;
      long first = directory;
      directory = allocate(table, (long) capacity << 3);
      Memory.putLong(directory, first);
      HashTableLayout.directory(table, directory);
      HashTableLayout.capacity(table, capacity);
    } else if (number == capacity) {
      int bigger = capacity + Math.max(2, capacity >>> 2);
      long copy = allocate(table, (long) bigger << 3);
      Memory.copy(directory, copy, (long) capacity << 3);
      free(table, directory);
      directory = copy;
      HashTableLayout.directory(table, directory);
      HashTableLayout.capacity(table, bigger);
    }
    long segment = allocate(table, SEGMENT_BYTES);
    long entry = directory + (number << 3);
    heap.touch(entry, 8);
    Memory.putLong(entry, segment);
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

  private long allocate(long table, long bytes) {
    long block = heap.allocate(bytes);
    HashTableLayout.bytes(table, HashTableLayout.bytes(table) + heap.size(block));
    return block;
  }
}
