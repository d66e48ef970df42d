package carnelian.memory;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/// The pages that a snapshot has preserved, in the order of their preservation, and the thread that
/// keeps the next ones faulted in just ahead of the writer, who would otherwise pay for a page
/// fault every eight pages.
///
/// After the snapshot the memory is kept for a minute, because the next snapshot may follow
/// ([#reopen]) and need not fault it in again, and is then given back little by little by the same
/// thread: a virtual machine hands free memory on to its host, which stops every core for a hundred
/// milliseconds if a gigabyte becomes free at once.
final class Shadows {
  /// The writer wakes the feeder once per so many pages (1 MiB).
  private static final long WAKE_EVERY_PAGES = (1 << 20) >>> Pages.PAGE_SHIFT;

  private static final long FED_FROM_BYTES = 4L << 20;

  /// The feeder's first burst takes a core from the engine for as long as this many bytes need: 20
  /// ms where a host stands behind the machine's memory.
  private static final long AHEAD_BYTES = 4L << 20;

  private static final long HUGE_FROM_BYTES = 64L << 20;
  private static final long SLICE_BYTES = 256L << 10;
  private static final int SMALL_PAGE_BYTES = 4096;

  /// A minute until something is returned, in rests, as a late wake-up may cut one of them short.
  private static final int RESTS = 120;

  private static final long REST_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

  /// Four megabytes a second: the host is told every two seconds of what has become free since.
  private static final long RETURNED_BYTES = 2L << 20;

  private static final long RETURN_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

  /// What [#published] says of shadows that no snapshot uses: they can be had again; the feeder is
  /// returning a part of them; they are gone, or are to go.
  private static final long IDLE = -1;

  private static final long RETURNING = -2;
  private static final long ENDED = -3;

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
  private final int rests;
  private final @Nullable Thread feeder;

  /// The last shadow that was taken; number 0 means "born after the cut".
  private long taken;

  private long wakeAt = WAKE_EVERY_PAGES;

  /// The most that one snapshot took. Written before the shadows become idle.
  private long mostTaken;

  /// What the feeder knows of `taken` while a snapshot is open; else [#IDLE], [#RETURNING] or
  /// [#ENDED]. Only the feeder leaves RETURNING, so that a snapshot never gets what is going away.
  @SuppressWarnings("unused") // Through PUBLISHED.
  private volatile long published;

  /// Room for every page of `dataBytes` bytes of data.
  Shadows(long dataBytes, HeapOptions options) {
    this(dataBytes, options, RESTS);
  }

  /// `rests` for tests, which do not want to wait.
  Shadows(long dataBytes, HeapOptions options, int rests) {
    this.rests = rests;
    bytes = Region.roundUp(dataBytes + Pages.PAGE_BYTES, SMALL_PAGE_BYTES);
    base = NativeCalls.reserve(bytes);
    boolean huge = options.hugePages() != HeapOptions.HugePages.NEVER && bytes >= HUGE_FROM_BYTES;
    var _ =
        NativeCalls.advise(
            base, bytes, huge ? NativeCalls.ADVISE_HUGE_PAGE : NativeCalls.ADVISE_NO_HUGE_PAGE);
    feeder = bytes < FED_FROM_BYTES ? null : start(options.threads());
  }

  private @Nullable Thread start(@Nullable ThreadFactory threads) {
    Thread thread = threads == null ? null : threads.newThread(this::feed);
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

  /// The reader has finished. Without a feeder the memory is returned at once.
  void close() {
    if (AddressStates.ON) {
      AddressStates.retire(address(1), taken << Pages.PAGE_SHIFT);
    }
    if (feeder == null) {
      NativeCalls.release(base, bytes);
      published = ENDED;
    } else {
      mostTaken = Math.max(mostTaken, taken);
      PUBLISHED.setRelease(this, IDLE);
      LockSupport.unpark(feeder);
    }
  }

  /// For the next snapshot, if there is room for `dataBytes` bytes of data and the memory is still
  /// there.
  boolean reopen(long dataBytes) {
    if (dataBytes > dataBytes() || !PUBLISHED.compareAndSet(this, IDLE, 0L)) {
      return false;
    }
    taken = 0;
    wakeAt = WAKE_EVERY_PAGES;
    LockSupport.unpark(feeder);
    return true;
  }

  /// No snapshot will come. After [#close]; returns what is left on the feeder's thread.
  void end() {
    if (feeder != null) {
      PUBLISHED.setRelease(this, ENDED);
      LockSupport.unpark(feeder);
    }
  }

  private void feed() {
    long fed = 0;
    int rested = 0;
    while (true) {
      long seen = (long) PUBLISHED.getAcquire(this);
      if (seen == ENDED) {
        NativeCalls.releaseInSlices(base, Math.min(resident(fed), bytes), bytes);
        return;
      }
      if (seen >= 0) {
        rested = 0;
        fed = feedAhead(fed, Math.min(bytes, (seen << Pages.PAGE_SHIFT) + AHEAD_BYTES), seen);
      } else if (rested < rests) {
        rested++;
        fed = resident(fed);
        LockSupport.parkNanos(this, REST_NANOS);
      } else if (PUBLISHED.compareAndSet(this, IDLE, RETURNING)) {
        fed = returnSome(fed);
        long next = fed > 0 ? IDLE : ENDED;
        // Fails if the heap has closed meanwhile.
        boolean _ = PUBLISHED.compareAndSet(this, RETURNING, next);
        if (fed > 0) {
          LockSupport.parkNanos(this, RETURN_PAUSE_NANOS);
        }
      }
    }
  }

  /// One slice, or a rest if the writer has enough. Returns up to where shadows are faulted in.
  private long feedAhead(long fed, long wanted, long seen) {
    long writer = seen << Pages.PAGE_SHIFT;
    if (fed < writer) {
      fed = writer / SMALL_PAGE_BYTES * SMALL_PAGE_BYTES; // The writer was faster.
    }
    if (fed >= wanted) {
      LockSupport.park(this);
      return fed;
    }
    long slice = Math.min(SLICE_BYTES, wanted - fed);
    populate(base + fed, slice);
    return fed + slice;
  }

  /// How much memory stands behind the shadows, from the first one on. To be asked while no
  /// snapshot is open.
  private long resident(long fed) {
    return Math.max(fed, Math.min(bytes, (mostTaken + 1) << Pages.PAGE_SHIFT));
  }

  /// Returns what is left. From the end, so that the next snapshot finds its first pages ready.
  private long returnSome(long resident) {
    long left = Math.max(0, (resident - 1) / RETURNED_BYTES * RETURNED_BYTES);
    var _ = NativeCalls.advise(base + left, resident - left, NativeCalls.ADVISE_DONT_NEED);
    return left;
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
