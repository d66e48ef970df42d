package carnelian.memory;

/// The sizes that slabs serve: every 8 bytes from 16 to 128, then eight per doubling to 32 KiB.
///
/// A size that is a multiple of 64 has a class that is a multiple of 64, and slabs begin at a page:
/// so such blocks are aligned to cache lines.
final class SizeClasses {
  static final int MAX_BYTES = 32 << 10;

  /// Room of a slab's bitmap.
  static final int MAX_SLOTS = 512;

  private static final int MIN_BYTES = 16;
  private static final int FINE_BYTES = 128;
  private static final int FINE_COUNT = (FINE_BYTES - MIN_BYTES) / 8 + 1;
  private static final int PER_DOUBLING = 8;
  private static final int DOUBLINGS = 8;

  static final int COUNT = FINE_COUNT + PER_DOUBLING * DOUBLINGS;

  private static final int MAX_SLAB_PAGES = 32;
  private static final int WANTED_SLAB_BYTES = 64 << 10;

  private static final int[] BYTES = sizes();
  private static final int[] SLAB_PAGES = slabPages();
  private static final int[] SLOTS = slots();

  /// Class by eighths, for sizes up to 1 KiB.
  private static final byte[] SMALL = small();

  private SizeClasses() {}

  /// The smallest class that holds `bytes`, which is at most [#MAX_BYTES].
  static int of(int bytes) {
    return bytes <= 1024 ? SMALL[(bytes + 7) >>> 3] : spaced(bytes);
  }

  static int bytes(int sizeClass) {
    return BYTES[sizeClass];
  }

  static int slabPages(int sizeClass) {
    return SLAB_PAGES[sizeClass];
  }

  static int slots(int sizeClass) {
    return SLOTS[sizeClass];
  }

  private static int spaced(int bytes) {
    int shift = 31 - Integer.numberOfLeadingZeros(bytes - 1); // 2^shift <= bytes - 1 < 2^(shift+1)
    int step = ((bytes - 1) >>> (shift - 3)) & (PER_DOUBLING - 1);
    return FINE_COUNT + (shift - 7) * PER_DOUBLING + step;
  }

  private static int[] sizes() {
    int[] sizes = new int[COUNT];
    for (int i = 0; i < FINE_COUNT; i++) {
      sizes[i] = MIN_BYTES + 8 * i;
    }
    for (int i = FINE_COUNT; i < COUNT; i++) {
      int doubling = (i - FINE_COUNT) / PER_DOUBLING;
      int step = (i - FINE_COUNT) % PER_DOUBLING + 1;
      sizes[i] = (FINE_BYTES << doubling) + step * ((FINE_BYTES / PER_DOUBLING) << doubling);
    }
    return sizes;
  }

  /// The number of pages that wastes least behind the last slot, of those that are about 64 KiB;
  /// the smallest slab that fills the bitmap for small classes.
  private static int[] slabPages() {
    int[] pages = new int[COUNT];
    for (int i = 0; i < COUNT; i++) {
      int full = (BYTES[i] * MAX_SLOTS + Runs.PAGE_BYTES - 1) / Runs.PAGE_BYTES;
      pages[i] = full <= WANTED_SLAB_BYTES / Runs.PAGE_BYTES ? full : leastWaste(BYTES[i]);
    }
    return pages;
  }

  private static int[] slots() {
    int[] slots = new int[COUNT];
    for (int i = 0; i < COUNT; i++) {
      slots[i] = Math.min(SLAB_PAGES[i] * Runs.PAGE_BYTES / BYTES[i], MAX_SLOTS);
    }
    return slots;
  }

  private static int leastWaste(int bytes) {
    int best = MAX_SLAB_PAGES;
    double bestWaste = 1;
    for (int pages = 8; pages <= MAX_SLAB_PAGES; pages++) {
      int slab = pages * Runs.PAGE_BYTES;
      int slots = Math.min(slab / bytes, MAX_SLOTS);
      double waste = slots == 0 ? 1 : (slab - slots * bytes) / (double) slab;
      // A bigger slab must be worth it.
      if (waste < bestWaste - 0.005) {
        best = pages;
        bestWaste = waste;
      }
    }
    return best;
  }

  private static byte[] small() {
    byte[] classes = new byte[1024 / 8 + 1];
    int sizeClass = 0;
    for (int eighths = 0; eighths < classes.length; eighths++) {
      while (BYTES[sizeClass] < eighths * 8) {
        sizeClass++;
      }
      classes[eighths] = (byte) sizeClass;
    }
    return classes;
  }
}
