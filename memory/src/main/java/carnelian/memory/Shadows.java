package carnelian.memory;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/// The pages that one snapshot has preserved, in the order of their preservation, and the thread
/// that keeps the next ones faulted in just ahead of the writer, who would otherwise pay for a page
/// fault every eight pages. The thread lives as long as the snapshot and unmaps the shadows at the
/// end, so that closing is quick for the engine.
final class Shadows {
  /// The writer wakes the feeder once per so many pages (1 MiB).
  private static final long WAKE_EVERY_PAGES = (1 << 20) >>> Pages.PAGE_SHIFT;

  private static final long FED_FROM_BYTES = 4L << 20;
  private static final long MIN_AHEAD_BYTES = 2L << 20;
  private static final long MAX_AHEAD_BYTES = 32L << 20;
  private static final long HUGE_FROM_BYTES = 64L << 20;
  private static final long SLICE_BYTES = 256L << 10;
  private static final int SMALL_PAGE_BYTES = 4096;

  private static final VarHandle PUBLISHED;

  static {
    try {
      PUBLISHED = MethodHandles.lookup().findVarHandle(Shadows.class, "published", long.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final long base;
  private final long bytes;
  private final @Nullable Thread feeder;

  /// The last shadow that was taken; number 0 means "born after the cut".
  private long taken;

  private long wakeAt = WAKE_EVERY_PAGES;

  /// What the feeder knows of `taken`; negative when the snapshot has closed.
  @SuppressWarnings("unused") // Through PUBLISHED.
  private volatile long published;

  /// Room for every page of `dataBytes` bytes of data.
  Shadows(long dataBytes, HeapOptions options) {
    bytes = Region.roundUp(dataBytes + Pages.PAGE_BYTES, SMALL_PAGE_BYTES);
    base = NativeCalls.reserve(bytes);
    boolean huge = options.hugePages() != HeapOptions.HugePages.NEVER && bytes >= HUGE_FROM_BYTES;
    var _ =
        NativeCalls.advise(
            base, bytes, huge ? NativeCalls.ADVISE_HUGE_PAGE : NativeCalls.ADVISE_NO_HUGE_PAGE);
    feeder = bytes < FED_FROM_BYTES ? null : start(options.threads());
  }

  private @Nullable Thread start(ThreadFactory threads) {
    Thread thread = threads.newThread(this::feed);
    if (thread != null) {
      thread.start();
    }
    return thread;
  }

  /// Takes the next shadow. Called by the heap's owner.
  long take() {
    long shadow = ++taken;
    if (AddressStates.ON) {
      AddressStates.admit(address(shadow), Pages.PAGE_BYTES);
    }
    if (shadow >= wakeAt && feeder != null) {
      wakeAt += WAKE_EVERY_PAGES;
      PUBLISHED.setRelease(this, shadow);
      LockSupport.unpark(feeder);
    }
    return shadow;
  }

  long address(long shadow) {
    return base + (shadow << Pages.PAGE_SHIFT);
  }

  /// How much data there is room for.
  long dataBytes() {
    return bytes - Pages.PAGE_BYTES;
  }

  long takenPages() {
    return taken;
  }

  /// The reader has finished. Returns the memory, on the feeder's thread if there is one.
  void close() {
    if (AddressStates.ON) {
      AddressStates.retire(address(1), taken << Pages.PAGE_SHIFT);
    }
    if (feeder == null) {
      NativeCalls.release(base, bytes);
    } else {
      PUBLISHED.setRelease(this, -1 - taken);
      LockSupport.unpark(feeder);
    }
  }

  private void feed() {
    long ahead = Math.clamp(bytes >>> 4, MIN_AHEAD_BYTES, MAX_AHEAD_BYTES);
    long fed = 0;
    while (true) {
      long seen = (long) PUBLISHED.getAcquire(this);
      if (seen < 0) {
        long resident = Math.max(fed, -seen << Pages.PAGE_SHIFT);
        NativeCalls.releaseInSlices(base, Math.min(resident, bytes), bytes);
        return;
      }
      long writer = seen << Pages.PAGE_SHIFT;
      long wanted = Math.min(bytes, writer + ahead);
      if (fed < writer) {
        fed = writer / SMALL_PAGE_BYTES * SMALL_PAGE_BYTES; // The writer was faster.
      }
      if (fed < wanted) {
        long slice = Math.min(SLICE_BYTES, wanted - fed);
        populate(base + fed, slice);
        fed += slice;
      } else {
        LockSupport.park(this);
      }
    }
  }

  private static void populate(long at, long bytes) {
    long end = Region.roundUp(at + bytes, SMALL_PAGE_BYTES);
    if (!NativeCalls.advise(at, end - at, NativeCalls.ADVISE_POPULATE_WRITE)) {
      for (long page = at; page < end; page += SMALL_PAGE_BYTES) {
        Raw.faultIn(page);
      }
    }
  }
}
