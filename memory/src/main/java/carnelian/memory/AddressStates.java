package carnelian.memory;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/// Checked mode: what is known of every eight bytes of memory, so that an access outside a live
/// allocation is an error with an address instead of silent damage.
///
/// One state byte per granule of 8 bytes, found through a directory of chunks of 1 GiB; the chunks
/// of a heap are its alone. State 1 to 8 says how many bytes of the granule, from its first, may be
/// accessed. Static, as addresses are; off, it is never initialised beyond its flag and the JIT
/// folds every check away.
final class AddressStates {
  /// Tests and fuzzers run with `-Dcarnelian.memory.checked=true`; production does not.
  static final boolean ON = Boolean.getBoolean("carnelian.memory.checked");

  /// Keeps a stack trace per allocation and free: `-Dcarnelian.memory.sites=true`. Slow.
  private static final boolean SITES = ON && Boolean.getBoolean("carnelian.memory.sites");

  static final long CHUNK_BYTES = 1L << 30;

  private static final int CHUNK_SHIFT = 30;
  private static final int ADDRESS_BITS = 47;
  private static final int GRANULE_SHIFT = 3;
  private static final int GRANULE_BYTES = 1 << GRANULE_SHIFT;

  private static final byte UNKNOWN = 0;
  private static final byte WHOLE = GRANULE_BYTES;
  private static final byte RED_ZONE = -1;
  private static final byte FREED = -2;
  private static final byte POISON = (byte) 0xDB;

  /// Per chunk, where its states are, less the chunk's own offset: the state of `at` is at
  /// `STATES[at >>> 30] + (at >>> 3)`.
  private static final long[] STATES = new long[ON ? 1 << (ADDRESS_BITS - CHUNK_SHIFT) : 0];

  private static final @Nullable Heap[] HEAPS = new @Nullable Heap[STATES.length];

  private static final Map<Long, Throwable> SITE_BY_ADDRESS = new ConcurrentHashMap<>();

  private AddressStates() {}

  /// The space kept behind a block of `bytes`; keeps a multiple of 64 a multiple of 64.
  static long redZone(long bytes) {
    return (bytes & 63) == 0 ? 64 : GRANULE_BYTES;
  }

  static void checkRead(long at, long bytes) {
    if (bytes <= 0) {
      if (bytes < 0) {
        throw violation("read", at, bytes, at);
      }
      return;
    }
    Heap heap = checkLive("read", at, bytes);
    if (heap != null && heap.isReadByForeigner()) {
      throw new MemoryViolation(
          describe("read of the live heap by the snapshot's reader", at, bytes, at));
    }
  }

  static void checkWrite(long at, long bytes) {
    if (bytes <= 0) {
      if (bytes < 0) {
        throw violation("write", at, bytes, at);
      }
      return;
    }
    Heap heap = checkLive("write", at, bytes);
    if (heap != null) {
      long untouched = heap.firstUntouched(at, bytes);
      if (untouched != 0) {
        throw new MemoryViolation(
            describe("write without touch while a snapshot is open", at, bytes, untouched));
      }
    }
  }

  private static @Nullable Heap checkLive(String access, long at, long bytes) {
    if (at >>> ADDRESS_BITS != 0 || (at + bytes) >>> ADDRESS_BITS != 0) {
      throw violation(access, at, bytes, at);
    }
    long states = STATES[(int) (at >>> CHUNK_SHIFT)];
    if (states == 0) {
      throw violation(access, at, bytes, at);
    }
    int inGranule = (int) (at & (GRANULE_BYTES - 1));
    int state = Raw.getByte(states + (at >>> GRANULE_SHIFT));
    if (inGranule + bytes <= GRANULE_BYTES) {
      if (state < inGranule + bytes) {
        throw violation(access, at, bytes, at);
      }
    } else {
      if (state != WHOLE) {
        throw violation(access, at, bytes, at);
      }
      checkFurther(access, at, bytes);
    }
    return HEAPS[(int) (at >>> CHUNK_SHIFT)];
  }

  private static void checkFurther(String access, long at, long bytes) {
    long end = at + bytes;
    long granule = (at | (GRANULE_BYTES - 1)) + 1;
    while (granule < end) {
      long states = STATES[(int) (granule >>> CHUNK_SHIFT)];
      if (states == 0) {
        throw violation(access, at, bytes, granule);
      }
      long stateAt = states + (granule >>> GRANULE_SHIFT);
      long wholeBytes = Long.BYTES * GRANULE_BYTES;
      if (end - granule >= wholeBytes
          && (granule & (CHUNK_BYTES - 1)) <= CHUNK_BYTES - wholeBytes
          && Raw.getLong(stateAt) == WHOLE * 0x0101010101010101L) {
        granule += wholeBytes;
        continue;
      }
      if (Raw.getByte(stateAt) < Math.min(end - granule, GRANULE_BYTES)) {
        throw violation(access, at, bytes, granule);
      }
      granule += GRANULE_BYTES;
    }
  }

  /// Memory that is nobody's block but may be accessed: native buffers, scratch, Netty's buffers.
  static void admit(long at, long bytes) {
    long end = at + bytes;
    long granule = at & -GRANULE_BYTES;
    while (granule < end) {
      int chunk = (int) (granule >>> CHUNK_SHIFT);
      long states = statesOf(chunk);
      long chunkEnd = Math.min(end, (chunk + 1L) << CHUNK_SHIFT);
      setLive(states, granule, chunkEnd);
      granule = chunkEnd;
    }
  }

  static void retire(long at, long bytes) {
    long end = Region.roundUp(at + bytes, GRANULE_BYTES);
    long granule = at & -GRANULE_BYTES;
    while (granule < end) {
      int chunk = (int) (granule >>> CHUNK_SHIFT);
      long chunkEnd = Math.min(end, (chunk + 1L) << CHUNK_SHIFT);
      set(statesOf(chunk), granule, chunkEnd, UNKNOWN);
      granule = chunkEnd;
    }
  }

  /// The chunks of a heap's data.
  static void claim(Heap heap, Region region) {
    long states = NativeCalls.reserve(region.spannedBytes >>> GRANULE_SHIFT);
    int first = (int) (region.data >>> CHUNK_SHIFT);
    int last = (int) ((region.data + region.spannedBytes - 1) >>> CHUNK_SHIFT);
    for (int chunk = first; chunk <= last; chunk++) {
      HEAPS[chunk] = heap;
      STATES[chunk] = states - (region.data >>> GRANULE_SHIFT);
    }
  }

  static void disclaim(Region region) {
    int first = (int) (region.data >>> CHUNK_SHIFT);
    int last = (int) ((region.data + region.spannedBytes - 1) >>> CHUNK_SHIFT);
    long states = STATES[first] + (region.data >>> GRANULE_SHIFT);
    for (int chunk = first; chunk <= last; chunk++) {
      STATES[chunk] = 0;
      HEAPS[chunk] = null;
    }
    NativeCalls.release(states, region.spannedBytes >>> GRANULE_SHIFT);
  }

  /// A block of `size` bytes of which `bytes` may be used; the rest is red zone.
  static void allocated(long at, long bytes, long size) {
    long states = STATES[(int) (at >>> CHUNK_SHIFT)];
    // A block may span chunks; those of one heap have their states in one piece.
    set(states, at, at + size, RED_ZONE);
    setLive(states, at, at + bytes);
    if (SITES) {
      SITE_BY_ADDRESS.put(at, new Throwable("allocated here, " + bytes + " bytes"));
    }
  }

  static void freed(long at, long size, boolean mayPoison) {
    set(STATES[(int) (at >>> CHUNK_SHIFT)], at, at + size, FREED);
    if (mayPoison) {
      Raw.fill(at, size, POISON);
    }
    if (SITES) {
      SITE_BY_ADDRESS.put(at, new Throwable("freed here"));
    }
  }

  /// How much of a block of `size` bytes its owner may use. Asking claims it all, except for the
  /// red zone.
  static long claimUsable(long at, long size) {
    long states = STATES[(int) (at >>> CHUNK_SHIFT)] + (at >>> GRANULE_SHIFT);
    long granules = size >>> GRANULE_SHIFT;
    long live = granules;
    while (live > 0 && Raw.getByte(states + live - 1) == RED_ZONE) {
      live--;
    }
    long liveBytes = live == 0 ? 0 : ((live - 1) << GRANULE_SHIFT) + Raw.getByte(states + live - 1);
    long zone = (liveBytes & 63) == 0 && granules - live >= 8 ? 64 : GRANULE_BYTES;
    setLive(STATES[(int) (at >>> CHUNK_SHIFT)], at, at + size - zone);
    return size - zone;
  }

  private static long statesOf(int chunk) {
    long states = STATES[chunk];
    return states != 0 ? states : create(chunk);
  }

  private static synchronized long create(int chunk) {
    if (STATES[chunk] == 0) {
      long states = NativeCalls.reserve(CHUNK_BYTES >>> GRANULE_SHIFT);
      STATES[chunk] = states - ((long) chunk << (CHUNK_SHIFT - GRANULE_SHIFT));
    }
    return STATES[chunk];
  }

  private static void setLive(long states, long at, long end) {
    long whole = end & -GRANULE_BYTES;
    if (whole > at) {
      set(states, at, whole, WHOLE);
    }
    if (end > whole) {
      Raw.putByte(states + (end >>> GRANULE_SHIFT), (byte) (end - whole));
    }
  }

  private static void set(long states, long at, long end, byte state) {
    long first = at >>> GRANULE_SHIFT;
    Raw.fill(states + first, (end >>> GRANULE_SHIFT) - first, state);
  }

  private static MemoryViolation violation(String access, long at, long bytes, long culprit) {
    return new MemoryViolation(describe(access, at, bytes, culprit));
  }

  private static String describe(String what, long at, long bytes, long culprit) {
    StringBuilder text = new StringBuilder(what);
    text.append(": 0x").append(Long.toHexString(at)).append(", ").append(bytes).append(" bytes");
    if (culprit != at) {
      text.append(", at byte ").append(culprit - at);
    }
    text.append(" (expected: live memory; found: ").append(stateText(culprit));
    Heap heap = culprit >>> ADDRESS_BITS == 0 ? HEAPS[(int) (culprit >>> CHUNK_SHIFT)] : null;
    if (heap != null) {
      text.append(", ").append(heap.locate(culprit));
    }
    text.append(')');
    if (SITES && heap != null) {
      Throwable site = SITE_BY_ADDRESS.get(heap.blockStart(culprit));
      if (site != null) {
        text.append('\n').append(site.getMessage());
        for (StackTraceElement frame : site.getStackTrace()) {
          text.append("\n    at ").append(frame);
        }
      }
    } else {
      text.append("; -Dcarnelian.memory.sites=true tells where a block comes from");
    }
    return text.toString();
  }

  private static String stateText(long at) {
    long states = at >>> ADDRESS_BITS == 0 ? STATES[(int) (at >>> CHUNK_SHIFT)] : 0;
    int state = states == 0 ? UNKNOWN : Raw.getByte(states + (at >>> GRANULE_SHIFT));
    return switch (state) {
      case UNKNOWN -> "no allocation";
      case RED_ZONE -> "red zone behind a block";
      case FREED -> "freed memory";
      default -> "a block's last " + state + " bytes of 8";
    };
  }
}
