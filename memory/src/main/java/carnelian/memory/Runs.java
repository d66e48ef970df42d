package carnelian.memory;

/// Runs of 4 KiB pages: what slabs and large objects lie in. Free neighbours are joined, a freed
/// run is reused before fresh address space, and memory beyond a slack goes back to the operating
/// system, oldest first and in slices.
///
/// A run freed while a snapshot is open is held back, untouched, until the snapshot has closed,
/// unless it was born after the cut: so whatever is free below the cut was free at the cut, and a
/// run taken from there needs no preserving.
final class Runs {
  static final int PAGE_SHIFT = 12;
  static final int PAGE_BYTES = 1 << PAGE_SHIFT;

  /// Freed memory that is kept for reuse, at least.
  private static final long MIN_SLACK_PAGES = (1 << 20) / PAGE_BYTES;

  /// Freed memory that is kept for reuse, as a part of what is in use.
  private static final int SLACK_SHIFT = 5;

  /// The most that one call gives back to the operating system: 1 MiB takes some 30 µs.
  private static final int SLICE_PAGES = (1 << 20) / PAGE_BYTES;

  private static final int RELEASED_PER_CALL = 16;
  private static final long HUGE_FROM_BYTES = 64L << 20;

  private final Region region;
  private final Pages barrier;
  private final boolean hugePages;
  private final RunBins dirty = new RunBins();
  private final RunBins clean = new RunBins();
  private final RunQueue dirtyByAge = new RunQueue();
  private final RunQueue heldBack = new RunQueue();

  /// Descriptors that were given up, linked by `next`.
  private long spareDescriptor;

  private int descriptors;
  private long top;
  private boolean hugePagesAdvised;
  private long activePages;
  private long dirtyPages;
  private long heldBackPages;
  private long heldBackRuns;

  /// Of [#heldBackRuns], the oldest so many are no longer needed by any snapshot.
  private long releasableRuns;

  Runs(Region region, Pages barrier, HeapOptions.HugePages hugePages) {
    this.region = region;
    this.barrier = barrier;
    this.hugePages = hugePages != HeapOptions.HugePages.NEVER;
    top = region.data;
  }

  /// Returns the descriptor of a run of exactly `pages` pages, or 0 if there is no room.
  long allocate(int pages, int kind) {
    releaseSome();
    long run = takeFree(pages);
    if (run == 0) {
      run = takeFresh(pages);
    }
    if (run == 0) {
      run = takeLastResort(pages);
    }
    if (run == 0) {
      return 0;
    }
    RunLayout.kind(run, kind);
    barrier.born(RunLayout.start(run), (long) pages << PAGE_SHIFT);
    map(run, kind >= RunLayout.SLAB);
    activePages += pages;
    return run;
  }

  void free(long run) {
    activePages -= RunLayout.pages(run);
    giveUp(run);
    releaseSome();
    purgeSurplus();
  }

  /// Gives the pages behind the first `pages` of a run back.
  void shrink(long run, int pages) {
    int rest = RunLayout.pages(run) - pages;
    long tail = descriptor(RunLayout.start(run) + ((long) pages << PAGE_SHIFT), rest);
    RunLayout.pages(run, pages);
    activePages -= rest;
    giveUp(tail);
    purgeSurplus();
  }

  /// Makes a run longer where it stands, if what follows is free.
  boolean grow(long run, int pages) {
    int more = pages - RunLayout.pages(run);
    long end = RunLayout.end(run);
    if (end == top) {
      long newTop = top + ((long) more << PAGE_SHIFT);
      if (newTop > region.limit()) {
        return false;
      }
      raiseTop(newTop);
    } else {
      long next = runAt(end);
      if (next == 0 || !isFree(next) || RunLayout.pages(next) < more) {
        return false;
      }
      removeFree(next);
      giveBackRest(next, more);
      discard(next);
    }
    barrier.born(end, (long) more << PAGE_SHIFT);
    RunLayout.pages(run, pages);
    activePages += more;
    return true;
  }

  /// The run that `at` lies in, whatever its kind, or 0. Inside large objects only the first page
  /// is sure to be found.
  long runAt(long at) {
    if (at < region.data || at >= top) {
      return 0;
    }
    int number = Raw.getInt(region.pageMap + ((at - region.data) >>> PAGE_SHIFT) * Integer.BYTES);
    if (number == 0) {
      return 0;
    }
    long run = region.descriptors + number * RunLayout.BYTES;
    long start = RunLayout.start(run);
    // The map keeps numbers of runs that are gone; they do not reach to this page any more.
    return at >= start && at < RunLayout.end(run) ? run : 0;
  }

  /// A snapshot has closed: all runs held back so far may be reused, step by step.
  void snapshotClosed() {
    releasableRuns = heldBackRuns;
    releaseSome();
  }

  /// Gives back up to `bytes` of freed memory to the operating system, in oldest-first order.
  void purge(long bytes) {
    while (releasableRuns > 0) {
      releaseOldest();
    }
    long left = bytes >>> PAGE_SHIFT;
    while (left > 0 && dirtyPages > 0 && !barrier.isStrained()) {
      left -= purgeSlice((int) Math.min(left, SLICE_PAGES));
    }
  }

  long top() {
    return top;
  }

  long activeBytes() {
    return activePages << PAGE_SHIFT;
  }

  long dirtyBytes() {
    return dirtyPages << PAGE_SHIFT;
  }

  long heldBackBytes() {
    return heldBackPages << PAGE_SHIFT;
  }

  /// Memory of the page map and the descriptors.
  long metadataBytes() {
    return ((top - region.data) >>> PAGE_SHIFT) * Integer.BYTES + descriptors * RunLayout.BYTES;
  }

  private long takeFree(int pages) {
    long run = dirty.take(pages);
    if (run != 0) {
      dirtyByAge.remove(run);
      dirtyPages -= RunLayout.pages(run);
    } else {
      run = clean.take(pages);
    }
    if (run != 0) {
      giveBackRest(run, pages);
    }
    return run;
  }

  private long takeFresh(int pages) {
    long newTop = top + ((long) pages << PAGE_SHIFT);
    if (newTop > region.limit()) {
      return 0;
    }
    long run = descriptor(top, pages);
    raiseTop(newTop);
    return run;
  }

  /// The address space is used up. What a closed snapshot held back is free; what an open one holds
  /// back may be overwritten if from now on every page is preserved at its first touch.
  private long takeLastResort(int pages) {
    if (heldBackRuns == 0) {
      return 0;
    }
    if (releasableRuns < heldBackRuns) {
      barrier.strain();
    }
    releasableRuns = heldBackRuns;
    while (releasableRuns > 0) {
      releaseOldest();
    }
    return takeFree(pages);
  }

  private void raiseTop(long newTop) {
    top = newTop;
    if (hugePages && !hugePagesAdvised && top - region.data > HUGE_FROM_BYTES) {
      hugePagesAdvised = true;
      var _ =
          NativeCalls.advise(
              region.data + HUGE_FROM_BYTES,
              region.dataBytes - HUGE_FROM_BYTES,
              NativeCalls.ADVISE_HUGE_PAGE);
    }
  }

  private void giveUp(long run) {
    if (barrier.mayBeNeeded(RunLayout.start(run))) {
      RunLayout.kind(run, RunLayout.HELD_BACK);
      heldBack.append(run);
      heldBackRuns++;
      heldBackPages += RunLayout.pages(run);
    } else {
      addFree(run, RunLayout.FREE_DIRTY);
    }
  }

  private void releaseSome() {
    for (int i = 0; i < RELEASED_PER_CALL && releasableRuns > 0; i++) {
      releaseOldest();
    }
  }

  private void releaseOldest() {
    long run = heldBack.oldest();
    heldBack.remove(run);
    heldBackRuns--;
    releasableRuns--;
    heldBackPages -= RunLayout.pages(run);
    addFree(run, RunLayout.FREE_DIRTY);
  }

  private void purgeSurplus() {
    long slackPages = Math.max(MIN_SLACK_PAGES, activePages >>> SLACK_SHIFT);
    if (dirtyPages > slackPages && !barrier.isStrained()) {
      var _ = purgeSlice(SLICE_PAGES);
    }
  }

  /// Gives the oldest dirty run back to the operating system, or its first `pages` pages; returns
  /// how many.
  private int purgeSlice(int pages) {
    long run = dirtyByAge.oldest();
    removeFree(run);
    giveBackRest(run, Math.min(pages, RunLayout.pages(run)));
    int purged = RunLayout.pages(run);
    var _ =
        NativeCalls.advise(
            RunLayout.start(run), (long) purged << PAGE_SHIFT, NativeCalls.ADVISE_DONT_NEED);
    addFree(run, RunLayout.FREE_CLEAN);
    return purged;
  }

  /// Makes a free run of what stands behind the first `pages` pages of a run taken out of the bins.
  private void giveBackRest(long run, int pages) {
    int rest = RunLayout.pages(run) - pages;
    int kind = RunLayout.kind(run);
    RunLayout.pages(run, pages);
    RunLayout.kind(run, RunLayout.UNUSED); // Or the rest would be joined with it again.
    if (rest > 0) {
      addFree(descriptor(RunLayout.end(run), rest), kind);
    }
  }

  private static boolean isFree(long run) {
    int kind = RunLayout.kind(run);
    return kind == RunLayout.FREE_DIRTY || kind == RunLayout.FREE_CLEAN;
  }

  private void addFree(long run, int kind) {
    long before = runAt(RunLayout.start(run) - 1);
    if (before != 0 && before != run && RunLayout.kind(before) == kind) {
      removeFree(before);
      RunLayout.start(run, RunLayout.start(before));
      RunLayout.pages(run, RunLayout.pages(run) + RunLayout.pages(before));
      discard(before);
    }
    long after = runAt(RunLayout.end(run));
    if (after != 0 && after != run && RunLayout.kind(after) == kind) {
      removeFree(after);
      RunLayout.pages(run, RunLayout.pages(run) + RunLayout.pages(after));
      discard(after);
    }
    RunLayout.kind(run, kind);
    map(run, false);
    if (kind == RunLayout.FREE_DIRTY) {
      dirty.add(run);
      dirtyByAge.append(run);
      dirtyPages += RunLayout.pages(run);
    } else {
      clean.add(run);
    }
  }

  private void removeFree(long run) {
    if (RunLayout.kind(run) == RunLayout.FREE_DIRTY) {
      dirty.remove(run);
      dirtyByAge.remove(run);
      dirtyPages -= RunLayout.pages(run);
    } else {
      clean.remove(run);
    }
  }

  private long descriptor(long start, int pages) {
    long run = spareDescriptor;
    if (run != 0) {
      spareDescriptor = RunLayout.next(run);
    } else {
      run = region.descriptors + ++descriptors * RunLayout.BYTES;
    }
    RunLayout.start(run, start);
    RunLayout.pages(run, pages);
    return run;
  }

  private void discard(long run) {
    RunLayout.start(run, 0);
    RunLayout.pages(run, 0);
    RunLayout.kind(run, RunLayout.UNUSED);
    RunLayout.next(run, spareDescriptor);
    spareDescriptor = run;
  }

  /// Enters the run's number at its first and last page, or at all.
  private void map(long run, boolean allPages) {
    int number = (int) ((run - region.descriptors) / RunLayout.BYTES);
    long first =
        region.pageMap + ((RunLayout.start(run) - region.data) >>> PAGE_SHIFT) * Integer.BYTES;
    int last = RunLayout.pages(run) - 1;
    Raw.putInt(first, number);
    Raw.putInt(first + (long) last * Integer.BYTES, number);
    if (allPages) {
      for (int i = 1; i < last; i++) {
        Raw.putInt(first + (long) i * Integer.BYTES, number);
      }
    }
  }
}
