package carnelian.memory;

import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/// The write barrier: one entry per 512-byte page of data says whether the page has been preserved
/// since the last cut, and where.
///
/// ```
/// entry = epoch of the last preservation (24 bits) | number of the shadow (40 bits, 0 if none)
/// ```
///
/// A cut bumps the epoch, which makes every entry stale at once. The first touch of a page
/// afterwards
///
/// 1. copies the page to a shadow,
/// 2. publishes `epoch | shadow` in the entry with release,
/// 3. issues a store-store fence, because release does not order the plain stores that follow,
///
/// and only then may the page be written. [Snapshot] is the other side of the protocol. Entries are
/// written by the heap's owner and read by the snapshot's thread; nothing else is shared.
final class Pages {
  static final int PAGE_SHIFT = 9;
  static final int PAGE_BYTES = 1 << PAGE_SHIFT;
  static final int SHADOW_BITS = 40;
  static final long SHADOW_MASK = (1L << SHADOW_BITS) - 1;

  static final long LAST_EPOCH = (1L << (Long.SIZE - SHADOW_BITS)) - 1;

  private final Region region;
  private long epoch;

  /// While a snapshot is open: what lies from here on did not exist at the cut.
  private long cutLimit;

  private @Nullable Shadows shadows;

  /// Runs that the snapshot may need are being reused, so nothing is born preserved any more.
  private boolean strained;

  Pages(Region region) {
    this.region = region;
  }

  boolean isActive() {
    return shadows != null;
  }

  /// Starts a snapshot of everything below `limit`; returns its epoch, shifted as in the entries.
  long cut(long limit, Shadows into) {
    if (epoch == LAST_EPOCH) {
      // Old entries would look new again.
      boolean cleared =
          NativeCalls.advise(
              region.entries, region.pageMap - region.entries, NativeCalls.ADVISE_DONT_NEED);
      if (!cleared) {
        throw new IllegalStateException("page entries: not cleared at the last epoch");
      }
      epoch = 0;
    }
    epoch++;
    cutLimit = limit;
    strained = false;
    shadows = into;
    return epoch << SHADOW_BITS;
  }

  void close() {
    shadows = null;
    strained = false;
  }

  /// Before `bytes` bytes at `at` are written: preserves what the open snapshot may read of them.
  void touch(long at, long bytes) {
    Shadows into = shadows;
    if (into == null || at >= cutLimit || bytes <= 0) {
      return;
    }
    long current = epoch << SHADOW_BITS;
    long last = entry(at + bytes - 1);
    for (long entry = entry(at); entry <= last; entry += Long.BYTES) {
      if ((Raw.getLong(entry) & ~SHADOW_MASK) != current) {
        preserve(entry, into);
      }
    }
  }

  private void preserve(long entry, Shadows into) {
    long page = region.data + ((entry - region.entries) >>> 3 << PAGE_SHIFT);
    long shadow = into.take();
    Raw.copy(page, into.address(shadow), PAGE_BYTES);
    Raw.putLongRelease(entry, epoch << SHADOW_BITS | shadow);
    VarHandle.storeStoreFence();
  }

  /// A run begins to be used. If a snapshot is open, the run was free at the cut, so nobody reads
  /// it through the snapshot and it needs no preserving.
  void born(long at, long bytes) {
    if (shadows == null || at >= cutLimit || strained) {
      return;
    }
    long current = epoch << SHADOW_BITS;
    long last = entry(at + bytes - 1);
    for (long entry = entry(at); entry <= last; entry += Long.BYTES) {
      Raw.putLongRelease(entry, current);
    }
  }

  /// True if the open snapshot may read the run that begins at `at`.
  boolean mayBeNeeded(long at) {
    return shadows != null
        && !strained
        && at < cutLimit
        && Raw.getLong(entry(at)) != epoch << SHADOW_BITS;
  }

  /// From now on until the snapshot closes, free runs may hold what it needs.
  void strain() {
    strained = true;
  }

  boolean isStrained() {
    return strained;
  }

  /// The first byte of the range that may not be written without a touch, or 0.
  long firstUntouched(long at, long bytes) {
    if (shadows == null || at >= cutLimit) {
      return 0;
    }
    long current = epoch << SHADOW_BITS;
    long last = entry(at + bytes - 1);
    for (long entry = entry(at); entry <= last; entry += Long.BYTES) {
      if ((Raw.getLong(entry) & ~SHADOW_MASK) != current) {
        return Math.max(at, region.data + ((entry - region.entries) >>> 3 << PAGE_SHIFT));
      }
    }
    return 0;
  }

  void epochForTest(long value) {
    epoch = value;
  }

  private long entry(long at) {
    return region.entries + ((at - region.data) >>> PAGE_SHIFT << 3);
  }
}
