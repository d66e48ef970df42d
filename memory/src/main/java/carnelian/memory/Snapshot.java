package carnelian.memory;

import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/// The heap as it was at the cut, while its owner goes on writing. Read by one other thread through
/// [#pin]; closed by the heap's owner after the reader has finished.
///
/// The reader's half of the protocol in [Pages], for each page of the object:
///
/// 1. read the entry with acquire; if the page is preserved, its shadow is the answer;
/// 2. else copy the bytes of the live page to scratch,
/// 3. issue a load-load fence,
/// 4. read the entry again; if the page has been preserved meanwhile, the copy may be torn and the
///    shadow is the answer, else nobody had begun to write before the copy was complete.
public final class Snapshot implements View, AutoCloseable {
  private final Heap heap;
  private final Region region;
  private final Pages pages;
  private final Shadows shadows;
  private long epoch;
  private long cutLimit;
  private @Nullable Thread cutter;
  private @Nullable Thread reader;

  /// The reader's; it grows when first used.
  private final NativeBuffer scratch = new NativeBuffer(0);

  /// Checked mode alternates between two, so that a pin that was kept too long is noticed.
  private final NativeBuffer otherScratch = new NativeBuffer(0);

  private boolean useOther;
  private boolean closed;

  /// Step 4. A test switches it off to see that the tests notice.
  boolean looksAgain = true;

  /// A test's way to let the owner write between step 1 and step 2.
  @Nullable Runnable afterFirstLook;

  Snapshot(Heap heap, Region region, Pages pages, Shadows shadows) {
    this.heap = heap;
    this.region = region;
    this.pages = pages;
    this.shadows = shadows;
  }

  /// Cuts: from here on, what lies below `limit` is preserved before it is written.
  void open(long limit) {
    cutLimit = limit;
    epoch = pages.cut(limit, shadows);
    cutter = AddressStates.ON ? Thread.currentThread() : null;
  }

  /// The heap may have grown since the snapshot was prepared.
  boolean hasRoomFor(long bytes) {
    return bytes <= shadows.dataBytes();
  }

  /// Never opened.
  void discard() {
    shadows.close();
  }

  @Override
  public long pin(long at, int bytes) {
    if (at < region.data || bytes < 0 || bytes > cutLimit - at) {
      throw new MemoryViolation(
          "pin: 0x"
              + Long.toHexString(at)
              + ", "
              + bytes
              + " bytes (expected: an object that lived at the cut)");
    }
    if (AddressStates.ON) {
      return checkedPin(at, bytes);
    }
    return pinned(at, bytes, scratch);
  }

  private long pinned(long at, int bytes, NativeBuffer into) {
    if (bytes == 0) {
      return at;
    }
    long first = (at - region.data) >>> Pages.PAGE_SHIFT;
    long last = (at + bytes - 1 - region.data) >>> Pages.PAGE_SHIFT;
    into.clear();
    long copy = into.reserve(bytes);
    if (first == last) {
      long shadow = copyUnlessPreserved(at, bytes, first, copy);
      return shadow == 0 ? copy : shadow;
    }
    long to = copy;
    long end = at + bytes;
    for (long from = at; from < end; ) {
      long page = (from - region.data) >>> Pages.PAGE_SHIFT;
      int part = (int) (Math.min(end, region.data + ((page + 1) << Pages.PAGE_SHIFT)) - from);
      long shadow = copyUnlessPreserved(from, part, page, to);
      if (shadow != 0) {
        Raw.copy(shadow, to, part);
      }
      from += part;
      to += part;
    }
    return copy;
  }

  /// Returns the address of the bytes in the page's shadow, or 0 after a valid copy of them.
  private long copyUnlessPreserved(long at, int bytes, long page, long to) {
    long entryAt = region.entries + (page << 3);
    long entry = Raw.getLongAcquire(entryAt);
    if ((entry & ~Pages.SHADOW_MASK) != epoch) {
      if (afterFirstLook != null) {
        afterFirstLook.run();
      }
      Raw.copy(at, to, bytes);
      VarHandle.loadLoadFence();
      entry = Raw.getLongAcquire(entryAt);
      if ((entry & ~Pages.SHADOW_MASK) != epoch || !looksAgain) {
        return 0;
      }
    }
    long shadow = entry & Pages.SHADOW_MASK;
    if (shadow == 0) {
      throw new MemoryViolation(
          "pin: 0x" + Long.toHexString(at) + " (expected: an object that lived at the cut)");
    }
    return shadows.address(shadow) + (at & (Pages.PAGE_BYTES - 1));
  }

  private long checkedPin(long at, int bytes) {
    if (reader == null) {
      reader = Thread.currentThread();
    }
    useOther = !useOther;
    NativeBuffer into = useOther ? otherScratch : scratch;
    AddressStates.retire(scratch.address(), scratch.capacity());
    AddressStates.retire(otherScratch.address(), otherScratch.capacity());
    long pinned = pinned(at, bytes, into);
    AddressStates.retire(into.address(), into.capacity());
    if (pinned == into.address()) {
      AddressStates.admit(pinned, bytes);
    }
    return pinned;
  }

  /// True if the calling thread reads this snapshot and so must not read the live heap.
  boolean isForeignReader(Thread thread) {
    return thread.equals(reader) && !thread.equals(cutter);
  }

  long limit() {
    return cutLimit;
  }

  Region region() {
    return region;
  }

  /// How many pages have been preserved so far. Asked by the heap's owner.
  public long preservedPages() {
    return shadows.takenPages();
  }

  /// The extra memory that the snapshot costs so far.
  public long preservedBytes() {
    return preservedPages() << Pages.PAGE_SHIFT;
  }

  /// Ends the snapshot. Called by the heap's owner, after the reader has finished; takes no longer
  /// for a large heap than for a small one.
  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    pages.close();
    shadows.close();
    scratch.close();
    otherScratch.close();
    heap.snapshotClosed(this, region);
  }
}
