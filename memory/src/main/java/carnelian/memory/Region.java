package carnelian.memory;

import java.util.concurrent.ThreadFactory;
import org.jspecify.annotations.Nullable;

/// The address space of one heap: data first, then what the allocator and the barrier know about
/// it. Everything is reserved at once and resident only where used.
///
/// | part        | bytes per byte of data | what                                         |
/// |-------------|-----------------------:|----------------------------------------------|
/// | data        |                      1 | slabs and large objects                      |
/// | entries     |                   1/64 | one word per 512-byte page, see [Pages]      |
/// | page map    |                 1/1024 | run number of each 4 KiB page, see [Runs]    |
/// | descriptors |                   1/32 | one [RunLayout] per run at most              |
///
/// Owned by the heap; after `freeAll` under an open snapshot, by the snapshot.
final class Region {
  private static final long ALIGNMENT = AddressStates.ON ? AddressStates.CHUNK_BYTES : 2L << 20;

  private static final long RELEASED_ASIDE_FROM_BYTES = 16L << 20;

  final long data;
  final long dataBytes;
  final long entries;
  final long pageMap;
  final long descriptors;

  private final long mappedAt;
  private final long mappedBytes;

  /// Of the data, up to a multiple of what checked mode keeps states for at a time.
  final long spannedBytes;

  Region(long reserveBytes) {
    dataBytes = roundUp(reserveBytes, Runs.PAGE_BYTES);
    spannedBytes = roundUp(dataBytes, ALIGNMENT);
    long pages = dataBytes / Runs.PAGE_BYTES;
    long entryBytes = roundUp(dataBytes / Pages.PAGE_BYTES * Long.BYTES, Runs.PAGE_BYTES);
    long pageMapBytes = roundUp(pages * Integer.BYTES, Runs.PAGE_BYTES);
    // Number 0 means no run, and a run being split needs one more than there are pages.
    long descriptorBytes = (pages + 2) * RunLayout.BYTES;
    mappedBytes = spannedBytes + entryBytes + pageMapBytes + descriptorBytes + ALIGNMENT;
    mappedAt = NativeCalls.reserve(mappedBytes);
    // Where the system gives huge pages unasked, a small heap would take 2 MiB for each part.
    var _ = NativeCalls.advise(mappedAt, mappedBytes, NativeCalls.ADVISE_NO_HUGE_PAGE);
    data = roundUp(mappedAt, ALIGNMENT);
    entries = data + spannedBytes;
    pageMap = entries + entryBytes;
    descriptors = pageMap + pageMapBytes;
  }

  long limit() {
    return data + dataBytes;
  }

  void release() {
    NativeCalls.release(mappedAt, mappedBytes);
  }

  /// As [#release], but on a thread of its own if that takes long. `top` is the end of what was
  /// used.
  void releaseAside(long top, @Nullable ThreadFactory threads) {
    long resident = top - mappedAt;
    if (threads == null || resident < RELEASED_ASIDE_FROM_BYTES) {
      release();
      return;
    }
    Thread thread =
        threads.newThread(() -> NativeCalls.releaseInSlices(mappedAt, resident, mappedBytes));
    if (thread == null) {
      release();
    } else {
      thread.start();
    }
  }

  static long roundUp(long bytes, long multiple) {
    return (bytes + multiple - 1) / multiple * multiple;
  }
}
