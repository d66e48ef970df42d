package carnelian.memory;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.MemoryLayout;
import java.lang.foreign.StructLayout;

/// What the allocator knows of one run of pages: a slab, a large object or free space. A `run` is
/// the address of this descriptor, which stands outside the run.
///
/// | offset | size | field       | meaning                                                |
/// |-------:|-----:|-------------|--------------------------------------------------------|
/// |      0 |    8 | `start`     | address of the first page                              |
/// |      8 |    4 | `pages`     | length in pages of 4 KiB                               |
/// |     12 |    4 | `kind`      | `UNUSED`, free, large, or `SLAB` plus its size class   |
/// |     16 |    8 | `next`      | in a bin of free runs or in the slabs with room        |
/// |     24 |    8 | `previous`  |                                                        |
/// |     32 |    8 | `younger`   | in the order of being freed                            |
/// |     40 |    8 | `older`     |                                                        |
/// |     48 |    4 | `freeSlots` | slab: slots not allocated                              |
/// |     52 |    4 | `hint`      | slab: no bitmap word before this one has a free slot   |
/// |     56 |    8 | (padding)   |                                                        |
/// |     64 |   64 | `bitmap`    | slab: one bit per slot, set if free                    |
///
/// In memory only. Written by the heap's owner alone; a snapshot's reader never looks here.
final class RunLayout {
  static final StructLayout LAYOUT =
      MemoryLayout.structLayout(
              JAVA_LONG.withName("start"),
              JAVA_INT.withName("pages"),
              JAVA_INT.withName("kind"),
              JAVA_LONG.withName("next"),
              JAVA_LONG.withName("previous"),
              JAVA_LONG.withName("younger"),
              JAVA_LONG.withName("older"),
              JAVA_INT.withName("freeSlots"),
              JAVA_INT.withName("hint"),
              MemoryLayout.paddingLayout(8),
              MemoryLayout.sequenceLayout(SizeClasses.MAX_SLOTS / Long.SIZE, JAVA_LONG)
                  .withName("bitmap"))
          .withName("Run");

  static final long BYTES = LAYOUT.byteSize();

  static final int UNUSED = 0;

  /// Free; its pages may hold memory.
  static final int FREE_DIRTY = 1;

  /// Free; its pages were given back or never used.
  static final int FREE_CLEAN = 2;

  /// Freed while a snapshot may still need its contents.
  static final int HELD_BACK = 3;

  static final int LARGE = 4;
  static final int SLAB = 5;

  private static final long START = offsetOf("start");
  private static final long PAGES = offsetOf("pages");
  private static final long KIND = offsetOf("kind");
  private static final long NEXT = offsetOf("next");
  private static final long PREVIOUS = offsetOf("previous");
  private static final long YOUNGER = offsetOf("younger");
  private static final long OLDER = offsetOf("older");
  private static final long FREE_SLOTS = offsetOf("freeSlots");
  private static final long HINT = offsetOf("hint");
  private static final long BITMAP = offsetOf("bitmap");

  private RunLayout() {}

  static long start(long run) {
    return Raw.getLong(run + START);
  }

  static void start(long run, long address) {
    Raw.putLong(run + START, address);
  }

  static int pages(long run) {
    return Raw.getInt(run + PAGES);
  }

  static void pages(long run, int count) {
    Raw.putInt(run + PAGES, count);
  }

  static int kind(long run) {
    return Raw.getInt(run + KIND);
  }

  static void kind(long run, int kind) {
    Raw.putInt(run + KIND, kind);
  }

  static long next(long run) {
    return Raw.getLong(run + NEXT);
  }

  static void next(long run, long other) {
    Raw.putLong(run + NEXT, other);
  }

  static long previous(long run) {
    return Raw.getLong(run + PREVIOUS);
  }

  static void previous(long run, long other) {
    Raw.putLong(run + PREVIOUS, other);
  }

  static long younger(long run) {
    return Raw.getLong(run + YOUNGER);
  }

  static void younger(long run, long other) {
    Raw.putLong(run + YOUNGER, other);
  }

  static long older(long run) {
    return Raw.getLong(run + OLDER);
  }

  static void older(long run, long other) {
    Raw.putLong(run + OLDER, other);
  }

  static int freeSlots(long run) {
    return Raw.getInt(run + FREE_SLOTS);
  }

  static void freeSlots(long run, int count) {
    Raw.putInt(run + FREE_SLOTS, count);
  }

  static int hint(long run) {
    return Raw.getInt(run + HINT);
  }

  static void hint(long run, int word) {
    Raw.putInt(run + HINT, word);
  }

  static long bitmapWord(long run, int word) {
    return Raw.getLong(run + BITMAP + 8L * word);
  }

  static void bitmapWord(long run, int word, long bits) {
    Raw.putLong(run + BITMAP + 8L * word, bits);
  }

  /// The address behind the last page.
  static long end(long run) {
    return start(run) + (long) pages(run) * Runs.PAGE_BYTES;
  }

  private static long offsetOf(String field) {
    return Offsets.of(LAYOUT, field);
  }
}
