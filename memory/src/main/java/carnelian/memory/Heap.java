package carnelian.memory;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The memory of one store: an allocator over reserved address space, the write barrier, and the
/// snapshots cut from it. Heaps know nothing of each other.
///
/// Owned by one thread, the engine's, which alone calls it; only an open [Snapshot] is read by
/// another. A block is known by its address and freed once, by whoever holds its only owning
/// reference. Blocks are aligned to 8 bytes, and to 64 if their size is a multiple of 64.
///
/// What an object needs while it changes:
///
/// ```
/// at = allocate(n)          may be written until the next cut
/// cut()                     from here on every object needs a touch before it is written
/// touch(at, n); write …     may be written until the next cut
/// free(at)                  needs no touch
/// ```
public final class Heap implements AutoCloseable {
  /// How much may be allocated between [#prepareCut] and the cut.
  private static final long ROOM_BYTES = 1L << 20;

  private final HeapOptions options;
  private final View live = new LiveView();
  private Region region;
  private Pages pages;
  private Runs runs;
  private Slabs slabs;
  private long largeBytes;
  private long largeBlocks;
  private @Nullable Snapshot snapshot;

  /// Made by `prepareCut` for the next cut.
  private @Nullable Snapshot prepared;

  /// Of the last snapshot; the next one takes them over if they are still there.
  private @Nullable Shadows shadows;

  private boolean closed;

  public Heap(HeapOptions options) {
    this.options = options;
    region = new Region(options.reserveBytes());
    pages = new Pages(region);
    runs = new Runs(region, pages, options.hugePages());
    slabs = new Slabs(runs);
    if (AddressStates.ON) {
      AddressStates.claim(this, region);
    }
  }

  /// Returns the address of an uninitialised block of at least `bytes` bytes.
  public long allocate(long bytes) {
    if (!AddressStates.ON) {
      return block(bytes);
    }
    long zone = bytes < 0 ? 0 : AddressStates.redZone(bytes);
    long at = block(bytes + zone);
    AddressStates.allocated(at, bytes, size(at));
    return at;
  }

  private long block(long bytes) {
    if (bytes > SizeClasses.MAX_BYTES || bytes < 0) {
      return largeBlock(bytes);
    }
    int sizeClass = SizeClasses.of((int) bytes);
    long at = slabs.allocate(sizeClass);
    if (at == 0) {
      throw exhausted(bytes);
    }
    if (pages.isActive()) {
      pages.touch(at, SizeClasses.bytes(sizeClass));
    }
    return at;
  }

  private long largeBlock(long bytes) {
    if (bytes < 0) {
      throw new IllegalArgumentException(
          "allocate: " + bytes + " bytes (expected: 0 to " + region.dataBytes + ")");
    }
    if (bytes > region.dataBytes) {
      throw exhausted(bytes);
    }
    long run = runs.allocate(pagesFor(bytes), RunLayout.LARGE);
    if (run == 0) {
      throw exhausted(bytes);
    }
    long size = (long) RunLayout.pages(run) << Runs.PAGE_SHIFT;
    largeBytes += size;
    largeBlocks++;
    long at = RunLayout.start(run);
    if (pages.isActive()) {
      pages.touch(at, size);
    }
    return at;
  }

  /// Gives a block back. Its bytes are not written.
  public void free(long at) {
    if (AddressStates.ON) {
      AddressStates.freed(at, size(at), !pages.isActive());
    }
    long run = runs.runAt(at);
    if (run != 0 && RunLayout.kind(run) >= RunLayout.SLAB) {
      slabs.free(run, at);
    } else {
      requireLarge(run, at);
      largeBytes -= (long) RunLayout.pages(run) << Runs.PAGE_SHIFT;
      largeBlocks--;
      runs.free(run);
    }
  }

  /// How many bytes the block really has: at least what was asked for.
  public long usable(long at) {
    long size = size(at);
    return AddressStates.ON ? AddressStates.claimUsable(at, size) : size;
  }

  /// What the block counts for in [#usedBytes].
  public long size(long at) {
    long run = ownerOf(at);
    int kind = RunLayout.kind(run);
    return kind >= RunLayout.SLAB
        ? SizeClasses.bytes(kind - RunLayout.SLAB)
        : (long) RunLayout.pages(run) << Runs.PAGE_SHIFT;
  }

  /// What a block for `bytes` bytes will count for in [#usedBytes].
  public long sizeFor(long bytes) {
    return bytes <= SizeClasses.MAX_BYTES
        ? SizeClasses.bytes(SizeClasses.of((int) bytes))
        : (long) pagesFor(bytes) << Runs.PAGE_SHIFT;
  }

  /// Makes the block `bytes` long, in place or by moving it with its contents; returns where it is
  /// now. Touch it before writing, as if it were an old object.
  public long resize(long at, long bytes) {
    if (bytes < 0) {
      throw new IllegalArgumentException("resize: " + bytes + " bytes (expected: 0 or more)");
    }
    long padded = AddressStates.ON ? bytes + AddressStates.redZone(bytes) : bytes;
    if (resizeInPlace(at, padded)) {
      if (AddressStates.ON) {
        AddressStates.allocated(at, bytes, size(at));
      }
      return at;
    }
    long moved = allocate(bytes);
    Raw.copy(at, moved, Math.min(size(at), bytes));
    free(at);
    return moved;
  }

  private boolean resizeInPlace(long at, long bytes) {
    long run = ownerOf(at);
    int kind = RunLayout.kind(run);
    if (kind >= RunLayout.SLAB) {
      return bytes <= SizeClasses.MAX_BYTES && SizeClasses.of((int) bytes) == kind - RunLayout.SLAB;
    }
    if (bytes <= SizeClasses.MAX_BYTES || bytes > region.dataBytes) {
      return false;
    }
    int old = RunLayout.pages(run);
    int wanted = pagesFor(bytes);
    if (wanted < old) {
      if (AddressStates.ON) {
        long end = at + ((long) wanted << Runs.PAGE_SHIFT);
        AddressStates.freed(end, (long) (old - wanted) << Runs.PAGE_SHIFT, !pages.isActive());
      }
      runs.shrink(run, wanted);
    } else if (wanted > old && !runs.grow(run, wanted)) {
      return false;
    }
    largeBytes += (long) (wanted - old) << Runs.PAGE_SHIFT;
    return true;
  }

  /// The write barrier: to be called before an object is written that existed at the last cut.
  /// Costs a branch when no snapshot is open.
  public void touch(long at, long bytes) {
    if (pages.isActive()) {
      pages.touch(at, bytes);
    }
  }

  public boolean snapshotActive() {
    return snapshot != null;
  }

  /// Does beforehand what takes longer than the cut itself: shadow space and its thread. Optional.
  public void prepareCut() {
    if (prepared == null && snapshot == null) {
      prepared = prepare(Math.min(region.dataBytes, runs.top() - region.data + ROOM_BYTES));
    }
  }

  /// For so much data, and if there are no shadows yet, for twice as much: the next snapshot of a
  /// heap that has grown finds them good enough, too.
  private Snapshot prepare(long bytes) {
    Shadows kept = shadows;
    if (kept == null || !kept.reopen(bytes)) {
      // The other ones are returned by their thread.
      kept = new Shadows(Math.min(region.dataBytes, 2 * bytes), options);
      shadows = kept;
    }
    return new Snapshot(this, region, pages, kept);
  }

  /// Cuts a snapshot of everything allocated now. One at a time; the caller closes it.
  public Snapshot cut() {
    if (snapshot != null) {
      throw new IllegalStateException("cut: a snapshot is open (expected: one at a time)");
    }
    long limit = runs.top();
    long bytes = limit - region.data;
    Snapshot cut = prepared;
    prepared = null;
    if (cut != null && !cut.hasRoomFor(bytes)) {
      cut.discard();
      cut = null;
    }
    if (cut == null) {
      cut = prepare(bytes);
    }
    cut.open(limit);
    snapshot = cut;
    return cut;
  }

  void snapshotClosed(Snapshot cut, Region of) {
    snapshot = null;
    if (of == region) {
      runs.snapshotClosed();
    } else {
      of.releaseAside(cut.limit(), options.threads()); // Left to the snapshot by freeAll.
    }
  }

  public View live() {
    return live;
  }

  /// The size of all live blocks. Costs nothing.
  public long usedBytes() {
    return slabs.usedBytes() + largeBytes;
  }

  /// How many blocks are live.
  public long usedBlocks() {
    return slabs.usedSlots() + largeBlocks;
  }

  /// Address space that is in no run: what can still be allocated, if it need not be in one piece.
  /// Costs nothing.
  public long freeBytes() {
    return region.dataBytes - runs.activeBytes() - runs.heldBackBytes();
  }

  /// All address space for data.
  public long reservedBytes() {
    return region.dataBytes;
  }

  public HeapStats stats() {
    List<HeapStats.SizeClass> classes = new ArrayList<>(SizeClasses.COUNT);
    for (int i = 0; i < SizeClasses.COUNT; i++) {
      int count = slabs.slabCount(i);
      classes.add(
          new HeapStats.SizeClass(
              SizeClasses.bytes(i),
              count,
              (long) count * SizeClasses.slots(i),
              slabs.slotCount(i),
              SizeClasses.slabPages(i) * Runs.PAGE_BYTES));
    }
    Snapshot open = snapshot;
    return new HeapStats(
        usedBytes(),
        usedBlocks(),
        runs.activeBytes(),
        runs.dirtyBytes(),
        runs.heldBackBytes(),
        runs.metadataBytes(),
        open == null ? 0 : open.preservedBytes(),
        runs.top() - region.data,
        region.dataBytes,
        largeBytes,
        largeBlocks,
        classes);
  }

  /// Gives all free memory back to the operating system. Takes time with the amount.
  public void purge() {
    slabs.purge();
    runs.purge(Long.MAX_VALUE);
  }

  /// Gives up to `bytes` bytes of free memory back to the operating system; returns how much is
  /// still kept. For a timer: 1 MiB takes some 30 µs.
  public long purge(long bytes) {
    runs.purge(bytes);
    return runs.dirtyBytes();
  }

  /// Frees every block at once. An open snapshot keeps what it needs.
  public void freeAll() {
    discardPrepared();
    Region old = region;
    long oldTop = runs.top();
    Region fresh = new Region(options.reserveBytes());
    if (AddressStates.ON) {
      AddressStates.disclaim(old);
      AddressStates.claim(this, fresh);
    }
    region = fresh;
    pages = new Pages(fresh);
    runs = new Runs(fresh, pages, options.hugePages());
    slabs = new Slabs(runs);
    largeBytes = 0;
    largeBlocks = 0;
    if (snapshot == null || snapshot.region() != old) {
      old.releaseAside(oldTop, options.threads());
    }
  }

  /// Unmaps everything. A snapshot that is still open is closed; its reader must have finished.
  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    if (snapshot != null) {
      snapshot.close();
    }
    discardPrepared();
    if (shadows != null) {
      shadows.end();
    }
    if (AddressStates.ON) {
      AddressStates.disclaim(region);
    }
    region.release();
  }

  private void discardPrepared() {
    if (prepared != null) {
      prepared.discard();
      prepared = null;
    }
  }

  private long ownerOf(long at) {
    long run = runs.runAt(at);
    if (run != 0 && RunLayout.kind(run) >= RunLayout.SLAB) {
      var _ = slabs.slot(run, at);
    } else {
      requireLarge(run, at);
    }
    return run;
  }

  private static void requireLarge(long run, long at) {
    if (run == 0 || RunLayout.kind(run) != RunLayout.LARGE || RunLayout.start(run) != at) {
      throw new MemoryViolation(
          "block: 0x"
              + Long.toHexString(at)
              + " is not allocated (expected: the start of a live block of this heap)");
    }
  }

  private HeapLimitException exhausted(long bytes) {
    return new HeapLimitException(bytes, usedBytes(), region.dataBytes);
  }

  private static int pagesFor(long bytes) {
    return (int) ((bytes + Runs.PAGE_BYTES - 1) >>> Runs.PAGE_SHIFT);
  }

  Pages pages() {
    return pages;
  }

  // ---- For checked mode ----------------------------------------------------

  long firstUntouched(long at, long bytes) {
    return pages.firstUntouched(at, bytes);
  }

  boolean isReadByForeigner() {
    Snapshot open = snapshot;
    return open != null && open.isForeignReader(Thread.currentThread());
  }

  /// Where in the heap an address lies.
  String locate(long at) {
    long run = runs.runAt(at);
    if (run == 0) {
      return "inside a large object or beyond all runs";
    }
    int kind = RunLayout.kind(run);
    if (kind >= RunLayout.SLAB) {
      int bytes = SizeClasses.bytes(kind - RunLayout.SLAB);
      return "byte " + (at - blockStart(at)) + " of a slot of " + bytes + " bytes";
    }
    long offset = at - RunLayout.start(run);
    return kind == RunLayout.LARGE
        ? "byte " + offset + " of a large object of " + RunLayout.pages(run) + " pages"
        : "byte " + offset + " of " + RunLayout.pages(run) + " free pages";
  }

  /// Where the block that holds `at` begins, or would begin.
  long blockStart(long at) {
    long run = runs.runAt(at);
    if (run == 0 || RunLayout.kind(run) < RunLayout.SLAB) {
      return run == 0 ? at : RunLayout.start(run);
    }
    long start = RunLayout.start(run);
    int bytes = SizeClasses.bytes(RunLayout.kind(run) - RunLayout.SLAB);
    return start + (at - start) / bytes * bytes;
  }
}
