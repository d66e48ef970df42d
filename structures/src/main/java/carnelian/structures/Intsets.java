package carnelian.structures;

import carnelian.base.Invariant;
import carnelian.base.RandomSource;
import carnelian.memory.Heap;
import carnelian.memory.Memory;
import carnelian.memory.View;

/// Intsets in the heap: small sets of integers, sorted, all of one width, with Redis's bytes.
///
/// | offset | size | field  | meaning                                             |
/// |-------:|-----:|--------|-----------------------------------------------------|
/// |      0 |    4 | width  | 2, 4 or 8 bytes an integer; little-endian           |
/// |      4 |    4 | count  | number of integers; little-endian                   |
/// |      8 |    … | values | ascending, each once, signed, little-endian         |
///
/// A `set` is the address of its bytes and holds until it is changed. Methods that change one
/// return where it is afterwards; whether they changed anything, [#isChanged()] says. Methods that
/// only read are static and work on bytes anywhere. What needs memory may throw
/// [carnelian.memory.HeapLimitException]; then nothing has changed. The bytes are a format of files
/// and of the wire. Owned by the engine's thread; allocates nothing on the Java heap.
public final class Intsets {
  /// As many as a block below 1 GiB holds at full width.
  public static final int MAX_COUNT = (1 << 30) / 8 - 1;

  private static final int COUNT_OFFSET = 4;
  private static final int HEADER_BYTES = 8;

  private final Heap heap;
  private boolean changed;

  public Intsets(Heap heap) {
    this.heap = heap;
  }

  /// An empty set.
  public long create() {
    long set = heap.allocate(HEADER_BYTES);
    Memory.putInt(set, Short.BYTES);
    Memory.putInt(set + COUNT_OFFSET, 0);
    return set;
  }

  /// A copy in this heap of the set at `from`, which may lie anywhere and must be valid.
  public long copyOf(long from) {
    long bytes = bytes(from);
    long set = heap.allocate(bytes);
    Memory.copy(from, set, bytes);
    return set;
  }

  /// Frees the set.
  public void destroy(long set) {
    heap.free(set);
  }

  /// Number of integers.
  public static int count(long set) {
    return Memory.getInt(set + COUNT_OFFSET);
  }

  /// Bytes of the whole set.
  public static long bytes(long set) {
    return HEADER_BYTES + (long) count(set) * width(set);
  }

  /// Pins the whole set, live or as it was at a snapshot's cut. The result is good for all that
  /// only reads, until the view's next pin.
  public static long pin(View view, long set) {
    return view.pin(set, (int) bytes(view.pin(set, HEADER_BYTES)));
  }

  /// The integer at `index` in ascending order.
  public static long get(long set, int index) {
    return read(set, width(set), index);
  }

  /// Any of the integers, each as likely; the set is not empty.
  public static long random(long set, RandomSource random) {
    return get(set, random.nextInt(count(set)));
  }

  /// Whether `value` is in the set.
  public static boolean contains(long set, long value) {
    return indexOf(set, value) >= 0;
  }

  /// Index of `value`, or, if it is not there, `-1 - index` with the index it would get.
  public static int indexOf(long set, long value) {
    int width = width(set);
    int low = 0;
    int high = count(set) - 1;
    // Ascending additions are common, and then the last integer answers at once.
    if (high >= 0 && value > read(set, width, high)) {
      return -2 - high;
    }
    while (low <= high) {
      int middle = (low + high) >>> 1;
      long there = read(set, width, middle);
      if (there == value) {
        return middle;
      }
      if (there < value) {
        low = middle + 1;
      } else {
        high = middle - 1;
      }
    }
    return -1 - low;
  }

  /// Whether the last [#add] or [#remove] changed the set.
  public boolean isChanged() {
    return changed;
  }

  /// Puts `value` into the set.
  public long add(long set, long value) {
    int width = width(set);
    int needed = widthOf(value);
    if (needed > width) {
      changed = true;
      return widen(set, width, needed, value);
    }
    int found = indexOf(set, value);
    changed = found < 0;
    return found < 0 ? insert(set, width, -1 - found, value) : set;
  }

  /// Takes `value` out of the set. The width stays, as in Redis.
  public long remove(long set, long value) {
    int index = indexOf(set, value);
    changed = index >= 0;
    return index < 0 ? set : removeAt(set, index);
  }

  /// Takes the integer at `index` out of the set.
  public long removeAt(long set, int index) {
    changed = true;
    int width = width(set);
    int count = count(set) - 1;
    long at = address(set, width, index);
    heap.touch(set, HEADER_BYTES);
    heap.touch(at, (long) (count + 1 - index) * width);
    Memory.copy(at + width, at, (long) (count - index) * width);
    Memory.putInt(set + COUNT_OFFSET, count);
    return Blocks.shrink(heap, set, bytes(set));
  }

  /// Whether the `bytes` at `at`, which may come from anyone, are one set that is not empty. Never
  /// reads outside them. Only if this says so with `deep` may the bytes be given to any other
  /// method; the shallow form does not look at the integers.
  public static boolean validate(long at, long bytes, boolean deep) {
    if (bytes <= HEADER_BYTES) {
      return false;
    }
    int width = width(at);
    if (width != Short.BYTES && width != Integer.BYTES && width != Long.BYTES) {
      return false;
    }
    long count = Integer.toUnsignedLong(count(at));
    if (count > MAX_COUNT || bytes != HEADER_BYTES + count * width) {
      return false;
    }
    return !deep || isAscending(at, width, (int) count);
  }

  private static boolean isAscending(long set, int width, int count) {
    long before = read(set, width, 0);
    for (int i = 1; i < count; i++) {
      long value = read(set, width, i);
      if (value <= before) {
        return false;
      }
      before = value;
    }
    return true;
  }

  private long insert(long set, int width, int index, long value) {
    int count = count(set);
    long grown = grow(set, width, count);
    long at = address(grown, width, index);
    long followingBytes = (long) (count - index) * width;
    heap.touch(grown, HEADER_BYTES);
    heap.touch(at, followingBytes + width);
    Memory.copy(at, at + width, followingBytes);
    write(grown, width, index, value);
    Memory.putInt(grown + COUNT_OFFSET, count + 1);
    return grown;
  }

  /// A value too wide for all others is smaller than all of them or greater.
  private long widen(long set, int width, int needed, long value) {
    int count = count(set);
    long grown = grow(set, needed, count);
    heap.touch(grown, HEADER_BYTES + (long) (count + 1) * needed);
    int shift = value < 0 ? 1 : 0;
    // From the last to the first, so that nothing is overwritten before it is read.
    for (int i = count - 1; i >= 0; i--) {
      write(grown, needed, i + shift, read(grown, width, i));
    }
    write(grown, needed, value < 0 ? 0 : count, value);
    Memory.putInt(grown, needed);
    Memory.putInt(grown + COUNT_OFFSET, count + 1);
    return grown;
  }

  private long grow(long set, int width, int count) {
    Invariant.check(count < MAX_COUNT, "integers in an intset of full size: ", count);
    return Blocks.grow(heap, set, HEADER_BYTES + (count + 1L) * width);
  }

  private static int width(long set) {
    return Memory.getInt(set);
  }

  private static int widthOf(long value) {
    if (value == (short) value) {
      return Short.BYTES;
    }
    return value == (int) value ? Integer.BYTES : Long.BYTES;
  }

  private static long address(long set, int width, int index) {
    return set + HEADER_BYTES + (long) index * width;
  }

  private static long read(long set, int width, int index) {
    long at = address(set, width, index);
    return switch (width) {
      case Short.BYTES -> Memory.getShort(at);
      case Integer.BYTES -> Memory.getInt(at);
      default -> Memory.getLong(at);
    };
  }

  private static void write(long set, int width, int index, long value) {
    long at = address(set, width, index);
    switch (width) {
      case Short.BYTES -> Memory.putShort(at, (short) value);
      case Integer.BYTES -> Memory.putInt(at, (int) value);
      default -> Memory.putLong(at, value);
    }
  }
}
