package carnelian.memory;

import java.util.concurrent.ThreadFactory;
import org.jspecify.annotations.Nullable;

/// What a [Heap] is made with.
///
/// @param reserveBytes address space for data, and so the limit of what can be allocated; no memory
///   stands behind it until it is used
/// @param hugePages whether the kernel is asked for huge pages
/// @param threads makes the thread that feeds shadow pages while a snapshot is open, and the one
///   that returns a large heap's memory after `freeAll`; without, or where it makes none, the owner
///   does it all
public record HeapOptions(long reserveBytes, HugePages hugePages, @Nullable ThreadFactory threads) {
  /// Hundreds of heaps of this size fit into the 128 TiB of a process.
  public static final long DEFAULT_RESERVE_BYTES = 128L << 30;

  /// The shadow index of a page entry has room for this much, and so have the page map's ids.
  private static final long MAX_RESERVE_BYTES = 4L << 40;

  /// When the kernel is asked for huge pages.
  public enum HugePages {
    NEVER,
    /// Not for the first 64 MiB, so that a small store stays small.
    WHEN_LARGE
  }

  public HeapOptions {
    if (reserveBytes < 1 << 20 || reserveBytes > MAX_RESERVE_BYTES) {
      throw new IllegalArgumentException(
          "heap reservation: "
              + reserveBytes
              + " bytes (expected: 1 MiB to "
              + (MAX_RESERVE_BYTES >>> 40)
              + " TiB)");
    }
  }

  /// Without threads: a server hands its own in.
  public static HeapOptions defaults() {
    return new HeapOptions(DEFAULT_RESERVE_BYTES, HugePages.WHEN_LARGE, null);
  }

  public HeapOptions withReserveBytes(long bytes) {
    return new HeapOptions(bytes, hugePages, threads);
  }

  public HeapOptions withHugePages(HugePages pages) {
    return new HeapOptions(reserveBytes, pages, threads);
  }

  public HeapOptions withThreads(ThreadFactory factory) {
    return new HeapOptions(reserveBytes, hugePages, factory);
  }
}
