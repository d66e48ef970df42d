package carnelian.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// What checked mode notices. Tests run in it; see the root pom.
class CheckedModeTest {
  private final Heap heap = new Heap(HeapOptions.defaults().withReserveBytes(64L << 20));

  @AfterEach
  void close() {
    heap.close();
  }

  @Test
  void tests_runInCheckedMode() {
    assertThat(Memory.isChecked()).isTrue();
  }

  @Test
  void read_ofFreedBlock_isRefused() {
    long at = heap.allocate(40);
    Memory.putLong(at, 1);
    heap.free(at);

    assertThatThrownBy(() -> Memory.getLong(at))
        .isInstanceOf(MemoryViolation.class)
        .hasMessageContaining("read")
        .hasMessageContaining("freed memory")
        .hasMessageContaining("0x" + Long.toHexString(at));
  }

  @Test
  void write_behindTheBlock_isRefused() {
    long at = heap.allocate(88);
    Memory.putByte(at + 87, (byte) 1);

    assertThatThrownBy(() -> Memory.putByte(at + 88, (byte) 1))
        .isInstanceOf(MemoryViolation.class)
        .hasMessageContaining("red zone");
  }

  @Test
  void access_thatBeginsInsideAndEndsOutside_isRefused() {
    for (int bytes = 1; bytes < 200; bytes++) {
      long at = heap.allocate(bytes);
      Memory.fill(at, bytes, (byte) 0);
      int size = bytes;
      if (bytes >= 8) {
        assertThat(Memory.getLong(at + size - 8)).isZero();
      }
      assertThatThrownBy(() -> Memory.getLong(at + size - 7)).isInstanceOf(MemoryViolation.class);
      assertThatThrownBy(() -> Memory.fill(at, size + 1L, (byte) 0))
          .isInstanceOf(MemoryViolation.class);
      assertThatThrownBy(() -> Memory.getByte(at + size)).isInstanceOf(MemoryViolation.class);
      heap.free(at);
    }
  }

  @Test
  void access_beforeTheBlock_isRefused() {
    long at = heap.allocate(64);
    assertThatThrownBy(() -> Memory.getByte(at - 1)).isInstanceOf(MemoryViolation.class);
    assertThatThrownBy(() -> Memory.getLong(at - 4)).isInstanceOf(MemoryViolation.class);
  }

  @Test
  void access_ofWildAddresses_isRefused() {
    for (long at : new long[] {0, 8, 1L << 40, -1, Long.MIN_VALUE, Long.MAX_VALUE, 1L << 47}) {
      assertThatThrownBy(() -> Memory.getLong(at)).isInstanceOf(MemoryViolation.class);
      assertThatThrownBy(() -> Memory.putByte(at, (byte) 0)).isInstanceOf(MemoryViolation.class);
    }
  }

  @Test
  void range_ofNegativeLength_isRefused() {
    long at = heap.allocate(64);
    assertThatThrownBy(() -> Memory.copy(at, at, -1)).isInstanceOf(MemoryViolation.class);
    Memory.copy(at, at, 0);
  }

  @Test
  void block_freedTwice_isRefusedAlsoInProduction() {
    long at = heap.allocate(88);
    long large = heap.allocate(100_000);
    heap.free(at);
    heap.free(large);

    assertThatThrownBy(() -> heap.free(at)).isInstanceOf(MemoryViolation.class);
    assertThatThrownBy(() -> heap.free(large)).isInstanceOf(MemoryViolation.class);
    assertThatThrownBy(() -> heap.usable(at)).isInstanceOf(MemoryViolation.class);
    assertThat(heap.usedBlocks()).isZero();
  }

  @Test
  void free_ofAnAddressInsideABlock_isRefused() {
    long at = heap.allocate(88);
    long large = heap.allocate(100_000);
    assertThatThrownBy(() -> heap.free(at + 8)).isInstanceOf(MemoryViolation.class);
    assertThatThrownBy(() -> heap.free(large + 8)).isInstanceOf(MemoryViolation.class);
    assertThatThrownBy(() -> heap.free(large + 4096)).isInstanceOf(MemoryViolation.class);
    assertThatThrownBy(() -> heap.free(8)).isInstanceOf(MemoryViolation.class);
  }

  @Test
  void freedMemory_isPoisoned() {
    long at = heap.allocate(64);
    Memory.putLong(at, 42);
    heap.free(at);
    assertThat(Raw.getLong(at)).isEqualTo(0xDBDBDBDBDBDBDBDBL);
  }

  @Test
  void usable_claimsTheWholeBlockButNotTheRedZone() {
    long at = heap.allocate(65);
    long usable = heap.usable(at);
    assertThat(usable).isGreaterThanOrEqualTo(65);
    Memory.fill(at, usable, (byte) 1);
    assertThat(heap.usable(at)).isEqualTo(usable);
    assertThatThrownBy(() -> Memory.getByte(at + usable)).isInstanceOf(MemoryViolation.class);
  }

  @Test
  void write_withoutTouchAfterTheCut_isRefused() {
    long at = heap.allocate(3_000);
    Memory.fill(at, 3_000, (byte) 1);
    try (Snapshot snapshot = heap.cut()) {
      assertThat(Memory.getByte(at)).isOne();
      assertThatThrownBy(() -> Memory.putByte(at, (byte) 2))
          .isInstanceOf(MemoryViolation.class)
          .hasMessageContaining("without touch");
      heap.touch(at, 1_000);
      Memory.fill(at, 1_000, (byte) 2);
      assertThatThrownBy(() -> Memory.putByte(at + 2_999, (byte) 2))
          .isInstanceOf(MemoryViolation.class);
      long fresh = heap.allocate(500);
      Memory.fill(fresh, 500, (byte) 3);
      assertThat(snapshot.preservedPages()).isPositive();
    }
    Memory.putByte(at + 2_999, (byte) 2);
  }

  @Test
  void reader_ofTheSnapshot_mustNotReadTheLiveHeap() throws Exception {
    long at = heap.allocate(100);
    Memory.fill(at, 100, (byte) 1);
    try (Snapshot snapshot = heap.cut()) {
      Throwable[] thrown = new Throwable[2];
      Thread reader =
          Thread.ofPlatform()
              .start(
                  () -> {
                    long pinned = snapshot.pin(at, 100);
                    thrown[0] = catchThrowable(() -> Memory.getByte(pinned + 99));
                    thrown[1] = catchThrowable(() -> Memory.getByte(at));
                  });
      reader.join();
      assertThat(thrown[0]).isNull();
      assertThat(thrown[1]).isInstanceOf(MemoryViolation.class).hasMessageContaining("reader");
    }
  }

  @Test
  void pin_isOnlyGoodUntilTheNextOne() {
    long a = heap.allocate(100);
    long b = heap.allocate(100);
    try (Snapshot snapshot = heap.cut()) {
      long first = snapshot.pin(a, 100);
      Memory.getByte(first);
      long second = snapshot.pin(b, 100);
      Memory.getByte(second);
      assertThatThrownBy(() -> Memory.getByte(first)).isInstanceOf(MemoryViolation.class);
    }
  }

  @Test
  void pin_ofWhatDidNotLiveAtTheCut_isRefused() {
    long at = heap.allocate(100);
    try (Snapshot snapshot = heap.cut()) {
      long fresh = heap.allocate(200_000);
      assertThatThrownBy(() -> snapshot.pin(fresh, 8)).isInstanceOf(MemoryViolation.class);
      assertThatThrownBy(() -> snapshot.pin(8, 8)).isInstanceOf(MemoryViolation.class);
      assertThatThrownBy(() -> snapshot.pin(at, -1)).isInstanceOf(MemoryViolation.class);
      assertThatThrownBy(() -> snapshot.pin(at, Integer.MAX_VALUE))
          .isInstanceOf(MemoryViolation.class);
    }
  }

  @Test
  void foreignMemory_isAccessibleBetweenAdmitAndRetire() {
    long at = NativeCalls.malloc(100);
    assertThatThrownBy(() -> Memory.getByte(at)).isInstanceOf(MemoryViolation.class);
    Memory.admit(at, 100);
    Memory.fill(at, 100, (byte) 1);
    assertThatThrownBy(() -> Memory.getByte(at + 100)).isInstanceOf(MemoryViolation.class);
    Memory.retire(at, 100);
    assertThatThrownBy(() -> Memory.getByte(at)).isInstanceOf(MemoryViolation.class);
    NativeCalls.free(at);
  }

  @Test
  void closedHeap_isNoLongerAccessible() {
    Heap other = new Heap(HeapOptions.defaults().withReserveBytes(4L << 20));
    long at = other.allocate(32);
    other.close();
    assertThatThrownBy(() -> Memory.getByte(at)).isInstanceOf(MemoryViolation.class);
  }
}
