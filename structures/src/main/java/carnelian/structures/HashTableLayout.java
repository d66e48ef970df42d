package carnelian.structures;

import static java.lang.foreign.MemoryLayout.structLayout;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import carnelian.memory.Memory;
import carnelian.memory.Offsets;
import java.lang.foreign.StructLayout;

/// The root of a hash table, and the words in its buckets, as they lie in off-heap memory.
///
/// | offset | size | field          | meaning                                                     |
/// |-------:|-----:|----------------|-------------------------------------------------------------|
/// |      0 |    8 | `count`        | entries in the table                                        |
/// |      8 |    4 | `lowMask`      | 2^level - 1                                                 |
/// |     12 |    4 | `split`        | the bucket to be split next; those below it are split       |
/// |     16 |    8 | `directory`    | the only segment of buckets, or the array of all segments   |
/// |     24 |    8 | `bytes`        | bytes of all blocks of the table                     |
/// |     32 |    4 | `capacity`     | buckets in the only segment, or segments in the directory   |
/// |     36 |    2 | `longestChain` | no bucket has ever held more entries since it was empty     |
/// |     38 |    1 | `lowShift`     | first hash bit in the tags of buckets that are not split    |
/// |     39 |    1 | `highShift`    | first hash bit in the tags of split and new buckets         |
///
/// A bucket is [#BUCKET_WORDS] words in one cache line, filled from the front. A word is
///
/// ```
/// 63            48 47                                    1  0
/// +---------------+----------------------------------------+-+
/// |      tag      | address of an entry                    |0|   16 bits of the entry's hash
/// +---------------+----------------------------------------+-+
/// |   capacity    | address of an array of words           |1|   only the last word of a bucket
/// +---------------+----------------------------------------+-+
/// |                            0                             |   empty
/// +----------------------------------------------------------+
/// ```
///
/// The array takes what the bucket has no room for, so it holds at least two words; the others, at
/// most one unless the heap was full, are empty.
///
/// In memory only, little-endian. Owned by [HashTables], written by the engine's thread, which has
/// touched what it writes; readers of a snapshot pass pinned addresses.
final class HashTableLayout {
  static final StructLayout ROOT =
      structLayout(
              JAVA_LONG.withName("count"),
              JAVA_INT.withName("lowMask"),
              JAVA_INT.withName("split"),
              JAVA_LONG.withName("directory"),
              JAVA_LONG.withName("bytes"),
              JAVA_INT.withName("capacity"),
              JAVA_SHORT.withName("longestChain"),
              JAVA_BYTE.withName("lowShift"),
              JAVA_BYTE.withName("highShift"))
          .withName("HashTable");

  static final int ROOT_BYTES = (int) ROOT.byteSize();

  static final int BUCKET_WORDS = 8;
  static final int BUCKET_BYTES = 64;
  static final int BUCKET_SHIFT = 6;

  /// Offset of the word of a bucket that may be a link.
  static final int LAST_WORD = BUCKET_BYTES - 8;

  static final int SEGMENT_SHIFT = 10;

  /// Buckets in a segment, once there is more than one.
  static final int SEGMENT_BUCKETS = 1 << SEGMENT_SHIFT;

  static final int SEGMENT_BYTES = SEGMENT_BUCKETS * BUCKET_BYTES;

  static final int TAG_SHIFT = 48;
  static final int TAG_MASK = 0xffff;

  private static final long ADDRESS_MASK = (1L << TAG_SHIFT) - 2;

  private static final long COUNT = offsetOf("count");
  private static final long SHAPE = offsetOf("lowMask");
  private static final long DIRECTORY = offsetOf("directory");
  private static final long BYTES = offsetOf("bytes");
  private static final long CAPACITY = offsetOf("capacity");
  private static final long LONGEST_CHAIN = offsetOf("longestChain");
  private static final long LOW_SHIFT = offsetOf("lowShift");
  private static final long HIGH_SHIFT = offsetOf("highShift");

  private HashTableLayout() {}

  static long count(long table) {
    return Memory.getLong(table + COUNT);
  }

  static void count(long table, long count) {
    Memory.putLong(table + COUNT, count);
  }

  /// `lowMask` and `split` in one word: read and written together.
  static long shape(long table) {
    return Memory.getLong(table + SHAPE);
  }

  static void shape(long table, long lowMask, long split) {
    Memory.putLong(table + SHAPE, lowMask | (split << 32));
  }

  static long lowMask(long shape) {
    return shape & 0xffff_ffffL;
  }

  static long split(long shape) {
    return shape >>> 32;
  }

  static long buckets(long shape) {
    return lowMask(shape) + 1 + split(shape);
  }

  static int level(long shape) {
    return Long.bitCount(lowMask(shape));
  }

  static long directory(long table) {
    return Memory.getLong(table + DIRECTORY);
  }

  static void directory(long table, long at) {
    Memory.putLong(table + DIRECTORY, at);
  }

  static long bytes(long table) {
    return Memory.getLong(table + BYTES);
  }

  static void bytes(long table, long bytes) {
    Memory.putLong(table + BYTES, bytes);
  }

  static int capacity(long table) {
    return Memory.getInt(table + CAPACITY);
  }

  static void capacity(long table, int capacity) {
    Memory.putInt(table + CAPACITY, capacity);
  }

  static int longestChain(long table) {
    return Memory.getShort(table + LONGEST_CHAIN) & 0xffff;
  }

  static void longestChain(long table, int entries) {
    Memory.putShort(table + LONGEST_CHAIN, (short) entries);
  }

  static int lowShift(long table) {
    return Memory.getByte(table + LOW_SHIFT);
  }

  static int highShift(long table) {
    return Memory.getByte(table + HIGH_SHIFT);
  }

  static void shifts(long table, int low, int high) {
    Memory.putByte(table + LOW_SHIFT, (byte) low);
    Memory.putByte(table + HIGH_SHIFT, (byte) high);
  }

  /// The first of the 16 hash bits that tags hold in buckets whose number has `level` bits.
  ///
  /// The bits of the bucket's number tell nothing more, so the 16 bits have to be moved up as the
  /// table grows, which takes the records' keys; but not at each level: in steps of eight at least
  /// seven bits are left that tell entries apart, and seven of eight splits read no record.
  static int tagShift(int level) {
    return level < 10 ? 0 : (((level - 2) >>> 3) << 3) + 2;
  }

  static boolean isSingle(long shape) {
    return lowMask(shape) + split(shape) < SEGMENT_BUCKETS;
  }

  /// All ones if the bucket that `hash` had before this round of splits has been split.
  static long splitMask(long shape, long hash) {
    return ((hash & lowMask(shape)) - split(shape)) >> 63;
  }

  static long index(long shape, long splitMask, long hash) {
    long lowMask = lowMask(shape);
    // No branch: in the middle of a round it would be foretold wrongly every second time.
    return hash & (lowMask | (splitMask & (lowMask + 1)));
  }

  static long bucket(long table, long shape, long index) {
    long segment = directory(table);
    if (!isSingle(shape)) {
      segment = Memory.getLong(segment + ((index >>> SEGMENT_SHIFT) << 3));
    }
    return segment + ((index & (SEGMENT_BUCKETS - 1)) << BUCKET_SHIFT);
  }

  static boolean isLink(long word) {
    return (word & 1) != 0;
  }

  static long link(long array, int capacity) {
    return array | ((long) capacity << TAG_SHIFT) | 1;
  }

  /// The entry, or the array of a link.
  static long address(long word) {
    return word & ADDRESS_MASK;
  }

  static int tag(long word) {
    return (int) (word >>> TAG_SHIFT);
  }

  static int linkCapacity(long word) {
    return (int) (word >>> TAG_SHIFT);
  }

  static long word(long tag, long entry) {
    return (tag << TAG_SHIFT) | entry;
  }

  private static long offsetOf(String field) {
    return Offsets.of(ROOT, field);
  }
}
