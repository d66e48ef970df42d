package carnelian.memory;

/// Small objects: slabs of equal slots, one size class each, with the occupancy in a bitmap
/// outside.
final class Slabs {
  /// Slot numbers by multiplication: exact for offsets below 2^20 and sizes to 2^15.
  private static final int RECIPROCAL_SHIFT = 40;

  private static final long[] RECIPROCAL = new long[SizeClasses.COUNT];
  private static final int[] BYTES = new int[SizeClasses.COUNT];

  static {
    for (int i = 0; i < SizeClasses.COUNT; i++) {
      BYTES[i] = SizeClasses.bytes(i);
      RECIPROCAL[i] = ((1L << RECIPROCAL_SHIFT) + BYTES[i] - 1) / BYTES[i];
    }
  }

  private final Runs runs;

  /// Per class the slab to allocate from, or 0.
  private final long[] current = new long[SizeClasses.COUNT];

  /// Per class the first of the other slabs with room, linked by `next`.
  private final long[] withRoom = new long[SizeClasses.COUNT];

  private final int[] slabCount = new int[SizeClasses.COUNT];
  private final long[] slotCount = new long[SizeClasses.COUNT];
  private long usedBytes;

  Slabs(Runs runs) {
    this.runs = runs;
  }

  /// Returns the address of a slot, or 0 if there is no room for another slab.
  long allocate(int sizeClass) {
    long slab = current[sizeClass];
    if (slab == 0) {
      slab = refill(sizeClass);
      if (slab == 0) {
        return 0;
      }
    }
    int hint = RunLayout.hint(slab);
    int word = hint;
    long bits = RunLayout.bitmapWord(slab, word);
    while (bits == 0) {
      bits = RunLayout.bitmapWord(slab, ++word);
    }
    RunLayout.bitmapWord(slab, word, bits & (bits - 1));
    if (word != hint) {
      RunLayout.hint(slab, word);
    }
    int freeSlots = RunLayout.freeSlots(slab) - 1;
    RunLayout.freeSlots(slab, freeSlots);
    if (freeSlots == 0) {
      current[sizeClass] = 0;
    }
    int bytes = BYTES[sizeClass];
    usedBytes += bytes;
    slotCount[sizeClass]++;
    return RunLayout.start(slab) + (long) ((word << 6) + Long.numberOfTrailingZeros(bits)) * bytes;
  }

  /// Frees the slot at `at` of a slab; refuses what is not an allocated slot.
  void free(long slab, long at) {
    int sizeClass = RunLayout.kind(slab) - RunLayout.SLAB;
    int slot = slot(slab, at);
    int word = slot >>> 6;
    RunLayout.bitmapWord(slab, word, RunLayout.bitmapWord(slab, word) | 1L << slot);
    if (word < RunLayout.hint(slab)) {
      RunLayout.hint(slab, word);
    }
    int freeSlots = RunLayout.freeSlots(slab) + 1;
    RunLayout.freeSlots(slab, freeSlots);
    usedBytes -= BYTES[sizeClass];
    slotCount[sizeClass]--;
    if (slab == current[sizeClass]) {
      return;
    }
    if (freeSlots == 1) {
      addWithRoom(sizeClass, slab);
    }
    if (freeSlots == SizeClasses.slots(sizeClass)) {
      removeWithRoom(sizeClass, slab);
      giveBack(sizeClass, slab);
    }
  }

  /// The number of the allocated slot that begins at `at`.
  int slot(long slab, long at) {
    int sizeClass = RunLayout.kind(slab) - RunLayout.SLAB;
    long offset = at - RunLayout.start(slab);
    int slot = (int) ((offset * RECIPROCAL[sizeClass]) >>> RECIPROCAL_SHIFT);
    if ((long) slot * BYTES[sizeClass] != offset
        || slot >= SizeClasses.slots(sizeClass)
        || (RunLayout.bitmapWord(slab, slot >>> 6) & (1L << slot)) != 0) {
      throw new MemoryViolation(
          "block: 0x"
              + Long.toHexString(at)
              + " is not allocated (expected: the start of a live block; its slab has slots of "
              + BYTES[sizeClass]
              + " bytes)");
    }
    return slot;
  }

  /// Gives back the slabs that are kept although they are empty.
  void purge() {
    for (int i = 0; i < SizeClasses.COUNT; i++) {
      long slab = current[i];
      if (slab != 0 && RunLayout.freeSlots(slab) == SizeClasses.slots(i)) {
        current[i] = 0;
        giveBack(i, slab);
      }
    }
  }

  long usedBytes() {
    return usedBytes;
  }

  long usedSlots() {
    long used = 0;
    for (long slots : slotCount) {
      used += slots;
    }
    return used;
  }

  int slabCount(int sizeClass) {
    return slabCount[sizeClass];
  }

  long slotCount(int sizeClass) {
    return slotCount[sizeClass];
  }

  private long refill(int sizeClass) {
    long slab = withRoom[sizeClass];
    if (slab != 0) {
      removeWithRoom(sizeClass, slab);
    } else {
      slab = runs.allocate(SizeClasses.slabPages(sizeClass), RunLayout.SLAB + sizeClass);
      if (slab == 0) {
        return 0;
      }
      slabCount[sizeClass]++;
      int slots = SizeClasses.slots(sizeClass);
      RunLayout.freeSlots(slab, slots);
      RunLayout.hint(slab, 0);
      for (int word = 0; word < SizeClasses.MAX_SLOTS / Long.SIZE; word++) {
        int left = slots - word * Long.SIZE;
        RunLayout.bitmapWord(slab, word, left >= 64 ? -1L : left <= 0 ? 0 : (1L << left) - 1);
      }
    }
    current[sizeClass] = slab;
    return slab;
  }

  private void giveBack(int sizeClass, long slab) {
    slabCount[sizeClass]--;
    runs.free(slab);
  }

  private void addWithRoom(int sizeClass, long slab) {
    long next = withRoom[sizeClass];
    RunLayout.previous(slab, 0);
    RunLayout.next(slab, next);
    if (next != 0) {
      RunLayout.previous(next, slab);
    }
    withRoom[sizeClass] = slab;
  }

  private void removeWithRoom(int sizeClass, long slab) {
    long previous = RunLayout.previous(slab);
    long next = RunLayout.next(slab);
    if (previous == 0) {
      withRoom[sizeClass] = next;
    } else {
      RunLayout.next(previous, next);
    }
    if (next != 0) {
      RunLayout.previous(next, previous);
    }
  }
}
