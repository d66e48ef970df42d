package carnelian.memory;

/// Free runs by length: one bin per length up to 64 pages, then eight per doubling. Finds a run
/// that is long enough without a search, except among the long runs of one bin.
final class RunBins {
  private static final int EXACT = 64;
  private static final int PER_DOUBLING_SHIFT = 3;
  private static final int BINS = EXACT + (26 << PER_DOUBLING_SHIFT);

  /// How many runs of the bin in which a long run may or may not fit are looked at.
  private static final int LOOK_AT = 16;

  private final long[] first = new long[BINS];
  private final long[] occupied = new long[(BINS + 63) / 64];

  void add(long run) {
    int bin = bin(RunLayout.pages(run));
    long next = first[bin];
    RunLayout.previous(run, 0);
    RunLayout.next(run, next);
    if (next != 0) {
      RunLayout.previous(next, run);
    }
    first[bin] = run;
    occupied[bin >>> 6] |= 1L << bin;
  }

  void remove(long run) {
    int bin = bin(RunLayout.pages(run));
    long previous = RunLayout.previous(run);
    long next = RunLayout.next(run);
    if (next != 0) {
      RunLayout.previous(next, previous);
    }
    if (previous != 0) {
      RunLayout.next(previous, next);
    } else {
      first[bin] = next;
      if (next == 0) {
        occupied[bin >>> 6] &= ~(1L << bin);
      }
    }
  }

  /// Takes a run of at least `pages` pages out, or returns 0.
  long take(int pages) {
    int bin = bin(pages);
    if (pages > EXACT) {
      long run = first[bin];
      for (int i = 0; i < LOOK_AT && run != 0; i++, run = RunLayout.next(run)) {
        if (RunLayout.pages(run) >= pages) {
          remove(run);
          return run;
        }
      }
      bin++;
    }
    int found = occupiedFrom(bin);
    if (found < 0) {
      return 0;
    }
    long run = first[found];
    remove(run);
    return run;
  }

  private int occupiedFrom(int bin) {
    int word = bin >>> 6;
    if (word >= occupied.length) {
      return -1;
    }
    long bits = occupied[word] & (-1L << bin);
    while (bits == 0) {
      if (++word == occupied.length) {
        return -1;
      }
      bits = occupied[word];
    }
    return (word << 6) + Long.numberOfTrailingZeros(bits);
  }

  /// Every run of a bin beyond `bin(pages)` is at least `pages` long.
  static int bin(int pages) {
    if (pages <= EXACT) {
      return pages - 1;
    }
    int shift = 31 - Integer.numberOfLeadingZeros(pages);
    int step = (pages >>> (shift - PER_DOUBLING_SHIFT)) & ((1 << PER_DOUBLING_SHIFT) - 1);
    return EXACT + ((shift - 6) << PER_DOUBLING_SHIFT) + step;
  }
}
