package carnelian.structures;

import static carnelian.structures.ListpackFormat.COUNT_UNKNOWN;
import static carnelian.structures.ListpackFormat.EMPTY_BYTES;
import static carnelian.structures.ListpackFormat.HEADER_BYTES;

import carnelian.base.Invariant;
import carnelian.memory.Heap;
import carnelian.memory.Memory;
import carnelian.memory.Slice;
import carnelian.memory.View;

/// Listpacks in the heap: small sequences of strings and integers in one block of memory, with
/// Redis's bytes ([ListpackFormat]), so that loading and saving them is a copy.
///
/// A `listpack` is the address of its bytes, an `element` the address of one of its elements; 0 is
/// no element. Both hold until the listpack is changed. Methods that change one return where it is
/// afterwards; where they put something, [#position()] says. Methods that only read are static and
/// work on bytes anywhere: in the heap, in a snapshot's pinned copy, in a buffer.
///
/// What needs memory may throw [carnelian.memory.HeapLimitException]; then nothing has changed.
/// Bytes to be stored must not lie in the listpack that is changed. What is canonical decimal is
/// stored as an integer. Owned by the engine's thread; allocates nothing on the Java heap.
public final class Listpacks {
  /// Redis's own limit; callers ask [#isSafeToAdd] first and choose another encoding.
  public static final int MAX_BYTES = 1 << 30;

  private final Heap heap;
  private long position;

  public Listpacks(Heap heap) {
    this.heap = heap;
  }

  // ---- Life -----------------------------------------------------------------------------------

  /// An empty listpack.
  public long create() {
    return create(EMPTY_BYTES);
  }

  /// An empty listpack with room for `expectedBytes` in all.
  public long create(int expectedBytes) {
    long listpack = heap.allocate(Math.max(expectedBytes, EMPTY_BYTES));
    ListpackFormat.totalBytes(listpack, EMPTY_BYTES);
    ListpackFormat.headerCount(listpack, 0);
    putEnd(listpack);
    return listpack;
  }

  /// A copy in this heap of the listpack at `from`, which may lie anywhere and must be valid.
  public long copyOf(long from) {
    int bytes = bytes(from);
    long listpack = heap.allocate(bytes);
    Memory.copy(from, listpack, bytes);
    return listpack;
  }

  /// Frees the listpack.
  public void destroy(long listpack) {
    heap.free(listpack);
  }

  // ---- Reading --------------------------------------------------------------------------------

  /// Bytes of the whole listpack.
  public static int bytes(long listpack) {
    return ListpackFormat.totalBytes(listpack);
  }

  /// Pins the whole listpack, live or as it was at a snapshot's cut. The result is good for all
  /// that only reads, until the view's next pin.
  public static long pin(View view, long listpack) {
    return view.pin(listpack, bytes(view.pin(listpack, HEADER_BYTES)));
  }

  /// Number of elements; walks the listpack if there are 65,535 or more.
  public static int count(long listpack) {
    int count = ListpackFormat.headerCount(listpack);
    return count == COUNT_UNKNOWN ? walk(listpack) : count;
  }

  /// Whether there is no element.
  public static boolean isEmpty(long listpack) {
    return bytes(listpack) == EMPTY_BYTES;
  }

  /// The first element, or 0.
  public static long first(long listpack) {
    return orNone(listpack + HEADER_BYTES);
  }

  /// The last element, or 0.
  public static long last(long listpack) {
    return previous(listpack, end(listpack));
  }

  /// The element after, or 0.
  public static long next(long element) {
    return orNone(element + ListpackFormat.entryBytes(element));
  }

  /// The element before, or 0.
  public static long previous(long listpack, long element) {
    long floor = listpack + HEADER_BYTES;
    if (element == floor) {
      return 0;
    }
    long encoded = ListpackFormat.backlen(element - 1, floor);
    return element - encoded - ListpackFormat.backlenBytes(encoded);
  }

  /// The element at `index`, which counts from the end if negative (-1 is the last), or 0.
  public static long seek(long listpack, long index) {
    int known = ListpackFormat.headerCount(listpack);
    if (known == COUNT_UNKNOWN) {
      return index < 0 ? backward(listpack, -1 - index) : forward(listpack, index);
    }
    long fromStart = index < 0 ? index + known : index;
    if (fromStart < 0 || fromStart >= known) {
      return 0;
    }
    return fromStart <= known >>> 1
        ? forward(listpack, fromStart)
        : backward(listpack, known - 1 - fromStart);
  }

  /// Reads one element.
  public static Element get(long element, Element into) {
    ListpackFormat.read(element, into);
    return into;
  }

  /// Whether the element's string form is the `length` bytes at `at`.
  public static boolean isEqual(long element, long at, int length) {
    boolean integral = Decimals.isCanonical(at, length);
    return ListpackFormat.matches(
        element, at, length, integral, integral ? Decimals.parse(at, length) : 0);
  }

  /// The first element from `from` on that equals `what`, or 0. After each one that is looked at,
  /// `skip` are passed over: 1 finds a field among fields and values. `from` may be 0.
  public static long find(long from, Slice what, int skip) {
    return find(from, what.at, what.length, skip);
  }

  /// The same for the `length` bytes at `at`.
  public static long find(long from, long at, int length, int skip) {
    boolean integral = Decimals.isCanonical(at, length);
    long integer = integral ? Decimals.parse(at, length) : 0;
    long element = from;
    while (element != 0) {
      if (ListpackFormat.matches(element, at, length, integral, integer)) {
        return element;
      }
      element = next(element);
      for (int i = skip; i > 0 && element != 0; i--) {
        element = next(element);
      }
    }
    return 0;
  }

  /// Whether the two hold the same bytes.
  public static boolean isSame(long one, long other) {
    int bytes = bytes(one);
    return bytes == bytes(other) && Memory.equal(one, other, bytes);
  }

  /// Bytes that an element of the given bytes adds to a listpack.
  public static long entryBytes(long at, int length) {
    return Decimals.isCanonical(at, length)
        ? ListpackFormat.integerEntryBytes(Decimals.parse(at, length))
        : ListpackFormat.stringEntryBytes(length);
  }

  /// Bytes that an integer adds to a listpack.
  public static int integerBytes(long value) {
    return ListpackFormat.integerEntryBytes(value);
  }

  /// Bytes that this element takes in its listpack.
  public static int entryBytes(long element) {
    return ListpackFormat.entryBytes(element);
  }

  /// Whether the listpack stays below Redis's limit if `bytes` are added.
  public static boolean isSafeToAdd(long listpack, long bytes) {
    return bytes(listpack) + bytes <= MAX_BYTES;
  }

  /// Whether the `bytes` at `at`, which may come from anyone, are one listpack. Never reads outside
  /// them. Only if this says so with `deep` may the bytes be given to any other method; the shallow
  /// form looks at header and end alone.
  public static boolean validate(long at, long bytes, boolean deep) {
    return ListpackValidation.isValid(at, bytes, deep);
  }

  // ---- Changing -------------------------------------------------------------------------------

  /// Where the last change put its element; after a deletion, the element that followed, or 0.
  public long position() {
    return position;
  }

  /// Makes room for so many bytes more, so that adding them needs no memory.
  public long reserve(long listpack, long bytes) {
    return Blocks.grow(heap, listpack, bytes(listpack) + bytes);
  }

  /// Adds at the end.
  public long append(long listpack, Slice value) {
    return place(listpack, end(listpack), 0, value.at, value.length);
  }

  /// Adds at the end.
  public long append(long listpack, long at, int length) {
    return place(listpack, end(listpack), 0, at, length);
  }

  /// Adds at the end; an element read from another listpack, say.
  public long append(long listpack, Element value) {
    return value.isInteger()
        ? appendInteger(listpack, value.integer())
        : append(listpack, value.at(), value.length());
  }

  /// Adds at the end.
  public long appendInteger(long listpack, long value) {
    return placeInteger(listpack, end(listpack), 0, value);
  }

  /// Adds at the start.
  public long prepend(long listpack, Slice value) {
    return place(listpack, listpack + HEADER_BYTES, 0, value.at, value.length);
  }

  /// Adds at the start.
  public long prepend(long listpack, long at, int length) {
    return place(listpack, listpack + HEADER_BYTES, 0, at, length);
  }

  /// Adds at the start.
  public long prepend(long listpack, Element value) {
    return value.isInteger()
        ? prependInteger(listpack, value.integer())
        : prepend(listpack, value.at(), value.length());
  }

  /// Adds at the start.
  public long prependInteger(long listpack, long value) {
    return placeInteger(listpack, listpack + HEADER_BYTES, 0, value);
  }

  /// Adds before `element`.
  public long insertBefore(long listpack, long element, Slice value) {
    return place(listpack, element, 0, value.at, value.length);
  }

  /// Adds before `element`.
  public long insertBefore(long listpack, long element, long at, int length) {
    return place(listpack, element, 0, at, length);
  }

  /// Adds before `element`.
  public long insertIntegerBefore(long listpack, long element, long value) {
    return placeInteger(listpack, element, 0, value);
  }

  /// Adds after `element`.
  public long insertAfter(long listpack, long element, Slice value) {
    return insertAfter(listpack, element, value.at, value.length);
  }

  /// Adds after `element`.
  public long insertAfter(long listpack, long element, long at, int length) {
    return place(listpack, element + ListpackFormat.entryBytes(element), 0, at, length);
  }

  /// Adds after `element`.
  public long insertIntegerAfter(long listpack, long element, long value) {
    return placeInteger(listpack, element + ListpackFormat.entryBytes(element), 0, value);
  }

  /// Puts the value in the place of `element`.
  public long replace(long listpack, long element, Slice value) {
    return replace(listpack, element, value.at, value.length);
  }

  /// Puts the value in the place of `element`.
  public long replace(long listpack, long element, long at, int length) {
    return place(listpack, element, ListpackFormat.entryBytes(element), at, length);
  }

  /// Puts the value in the place of `element`.
  public long replaceInteger(long listpack, long element, long value) {
    return placeInteger(listpack, element, ListpackFormat.entryBytes(element), value);
  }

  /// Writes an integer from 0 to 127 over another such, which the caller has touched. Nothing
  /// moves.
  public static void putSmallInteger(long element, int value) {
    Invariant.check(
        value >= 0 && ListpackFormat.encodedBytes(element) == 1, "not a small integer: ", value);
    ListpackFormat.putInteger(element, value);
  }

  /// Takes `element` out.
  public long delete(long listpack, long element) {
    return delete(listpack, element, 1);
  }

  /// Takes `element` and those after it out, `count` in all or as many as there are.
  public long delete(long listpack, long element, int count) {
    long stop = element;
    int deleted = 0;
    while (deleted < count && !ListpackFormat.isEnd(stop)) {
      stop += ListpackFormat.entryBytes(stop);
      deleted++;
    }
    return cut(listpack, element, (int) (stop - element), deleted);
  }

  /// Takes out `count` elements from `index` on, or as many as there are; the index counts from the
  /// end if negative.
  public long deleteRange(long listpack, long index, int count) {
    long element = seek(listpack, index);
    if (element == 0 || count <= 0) {
      return listpack;
    }
    return delete(listpack, element, count);
  }

  /// Appends the elements of `second` to `first`; `second` is no more afterwards.
  public long merge(long first, long second) {
    int added = bytes(second) - EMPTY_BYTES;
    int count = count(first) + count(second);
    long merged = openGap(first, end(first), 0, added);
    Memory.copy(second + HEADER_BYTES, position, added);
    ListpackFormat.headerCount(merged, count);
    heap.free(second);
    return merged;
  }

  /// Cuts the listpack before the element at `index`: it keeps what is before and stays where it
  /// is; the rest is the result, a new listpack. Call [#trim] to give back what this frees.
  public long split(long listpack, long index) {
    int count = count(listpack);
    long spot = index >= count ? end(listpack) : seek(listpack, index);
    int kept = (int) Math.min(index, count);
    int moved = (int) (end(listpack) - spot);
    long tail = heap.allocate(EMPTY_BYTES + moved);
    ListpackFormat.totalBytes(tail, EMPTY_BYTES + moved);
    ListpackFormat.headerCount(tail, count - kept);
    Memory.copy(spot, tail + HEADER_BYTES, moved);
    putEnd(tail);
    closeGap(listpack, spot, moved, 0);
    ListpackFormat.headerCount(listpack, kept);
    position = tail + HEADER_BYTES;
    return tail;
  }

  /// Gives back memory that the listpack does not use.
  public long trim(long listpack) {
    int bytes = bytes(listpack);
    return bytes < heap.usable(listpack) ? Blocks.fit(heap, listpack, bytes) : listpack;
  }

  // ---- How ------------------------------------------------------------------------------------

  private long place(long listpack, long spot, int replaced, long at, int length) {
    if (Decimals.isCanonical(at, length)) {
      return placeInteger(listpack, spot, replaced, Decimals.parse(at, length));
    }
    long placed = makeRoom(listpack, spot, replaced, ListpackFormat.stringEntryBytes(length));
    ListpackFormat.putString(position, at, length);
    return settle(placed, replaced);
  }

  private long placeInteger(long listpack, long spot, int replaced, long value) {
    long placed = makeRoom(listpack, spot, replaced, ListpackFormat.integerEntryBytes(value));
    ListpackFormat.putInteger(position, value);
    return settle(placed, replaced);
  }

  /// Makes the `old` bytes at `spot` into `needed` bytes to be written at [#position].
  private long makeRoom(long listpack, long spot, int old, long needed) {
    if (needed == old) {
      heap.touch(spot, old);
      position = spot;
      return listpack;
    }
    if (needed > old) {
      return openGap(listpack, spot, old, needed);
    }
    closeGap(listpack, spot, old, (int) needed);
    return listpack;
  }

  private long openGap(long listpack, long spot, int old, long needed) {
    int total = bytes(listpack);
    long grownTotal = total - old + needed;
    Invariant.check(grownTotal <= MAX_BYTES, "bytes of a listpack above 1 GiB: ", grownTotal);
    long offset = spot - listpack;
    long grown = Blocks.grow(heap, listpack, grownTotal);
    long hole = grown + offset;
    heap.touch(grown, HEADER_BYTES);
    heap.touch(hole, grownTotal - offset);
    Memory.copy(hole + old, hole + needed, total - offset - old);
    ListpackFormat.totalBytes(grown, (int) grownTotal);
    position = hole;
    return grown;
  }

  private void closeGap(long listpack, long spot, int old, int needed) {
    int total = bytes(listpack);
    long offset = spot - listpack;
    heap.touch(listpack, HEADER_BYTES);
    heap.touch(spot, total - offset);
    Memory.copy(spot + old, spot + needed, total - offset - old);
    ListpackFormat.totalBytes(listpack, total - old + needed);
    position = spot;
  }

  private long settle(long listpack, int replaced) {
    if (replaced == 0) {
      addToCount(listpack, 1);
      return listpack;
    }
    return shrink(listpack);
  }

  private long cut(long listpack, long spot, int bytes, int elements) {
    if (elements == 0) {
      position = orNone(spot);
      return listpack;
    }
    closeGap(listpack, spot, bytes, 0);
    addToCount(listpack, -elements);
    long shrunk = shrink(listpack);
    position = orNone(position);
    return shrunk;
  }

  private long shrink(long listpack) {
    long offset = position - listpack;
    long shrunk = Blocks.shrink(heap, listpack, bytes(listpack));
    position = shrunk + offset;
    return shrunk;
  }

  /// The header is touched by every caller.
  private static void addToCount(long listpack, int change) {
    int count = ListpackFormat.headerCount(listpack);
    if (count != COUNT_UNKNOWN) {
      ListpackFormat.headerCount(listpack, count + change);
    }
  }

  private static long end(long listpack) {
    return listpack + bytes(listpack) - 1;
  }

  private static void putEnd(long listpack) {
    Memory.putByte(end(listpack), (byte) ListpackFormat.END);
  }

  private static long orNone(long element) {
    return ListpackFormat.isEnd(element) ? 0 : element;
  }

  private static int walk(long listpack) {
    int count = 0;
    for (long element = first(listpack); element != 0; element = next(element)) {
      count++;
    }
    return count;
  }

  private static long forward(long listpack, long steps) {
    long element = first(listpack);
    for (long i = steps; i > 0 && element != 0; i--) {
      element = next(element);
    }
    return element;
  }

  private static long backward(long listpack, long steps) {
    long element = last(listpack);
    for (long i = steps; i > 0 && element != 0; i--) {
      element = previous(listpack, element);
    }
    return element;
  }
}
