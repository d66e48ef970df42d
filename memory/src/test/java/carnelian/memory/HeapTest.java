package carnelian.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HeapTest {
  private static final long LIMIT = 4L << 20;

  private final Heap heap = new Heap(HeapOptions.defaults().withReserveBytes(LIMIT));

  @AfterEach
  void close() {
    heap.close();
  }

  @Test
  void allocate_beyondTheReservation_saysWhatWasAskedAndChangesNothing() {
    long kept = heap.allocate(1 << 20);
    long used = heap.usedBytes();

    assertThatThrownBy(() -> heap.allocate(LIMIT))
        .isInstanceOfSatisfying(
            HeapLimitException.class,
            e -> {
              assertThat(e.usedBytes()).isEqualTo(used);
              assertThat(e.limitBytes()).isEqualTo(LIMIT);
            });
    assertThatThrownBy(() -> heap.allocate(Long.MAX_VALUE - 100))
        .isInstanceOf(HeapLimitException.class);
    assertThat(heap.usedBytes()).isEqualTo(used);
    heap.free(kept);
  }

  @ParameterizedTest
  @ValueSource(longs = {-1, Integer.MIN_VALUE, Long.MIN_VALUE})
  void allocate_ofNegativeSize_isRefused(long bytes) {
    assertThatThrownBy(() -> heap.allocate(bytes)).isInstanceOf(IllegalArgumentException.class);
    long at = heap.allocate(1);
    assertThatThrownBy(() -> heap.resize(at, bytes)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void allocate_ofNothing_isABlockOfItsOwn() {
    long a = heap.allocate(0);
    long b = heap.allocate(0);
    assertThat(a).isNotEqualTo(b);
    heap.free(a);
    heap.free(b);
    assertThat(heap.usedBytes()).isZero();
  }

  @Test
  void smallBlocks_fillTheReservationAndComeBack() {
    for (int round = 0; round < 3; round++) {
      List<Long> blocks = new ArrayList<>();
      assertThatThrownBy(
              () -> {
                while (true) {
                  blocks.add(heap.allocate(1_000));
                }
              })
          .isInstanceOf(HeapLimitException.class);
      assertThat(blocks.size()).isGreaterThan((int) (LIMIT * 9 / 10 / 1_152));
      blocks.forEach(heap::free);
      assertThat(heap.usedBytes()).isZero();
    }
    // Joined again, in spite of the slabs.
    heap.purge();
    heap.free(heap.allocate(LIMIT - 8_192));
  }

  @Test
  void resize_keepsTheContents_growingInPlaceWhereItCan() {
    long at = heap.allocate(40_000);
    Memory.fill(at, 40_000, (byte) 5);
    long grown = heap.resize(at, 400_000);
    assertThat(grown).isEqualTo(at); // Nothing stood behind it.
    Memory.fill(grown + 40_000, 360_000, (byte) 6);
    long shrunk = heap.resize(grown, 100);
    assertThat(Memory.getByte(shrunk + 99)).isEqualTo((byte) 5);
    assertThat(heap.usedBytes()).isLessThan(200);
    heap.free(shrunk);
    assertThat(heap.usedBlocks()).isZero();
  }

  @Test
  void stats_addUp() {
    long a = heap.allocate(80);
    long b = heap.allocate(50_000);
    HeapStats stats = heap.stats();
    assertThat(stats.usedBytes()).isEqualTo(heap.size(a) + heap.size(b));
    assertThat(stats.usedBlocks()).isEqualTo(2);
    assertThat(stats.largeBytes()).isEqualTo(heap.size(b)).isEqualTo(heap.usedBytes() - 88);
    long classes = 0;
    for (HeapStats.SizeClass c : stats.classes()) {
      classes += c.usedSlots() * c.bytes();
      assertThat(c.usedSlots()).isLessThanOrEqualTo(c.slots());
    }
    assertThat(classes).isEqualTo(heap.size(a));
    assertThat(stats.activeBytes()).isGreaterThanOrEqualTo(stats.usedBytes());
    assertThat(stats.committedBytes()).isLessThan(200_000);
    assertThat(heap.size(a)).isEqualTo(88); // 80 and its red zone.
  }

  @Test
  void freedRuns_areGivenBackBeyondASlack() {
    List<Long> blocks = new ArrayList<>();
    for (int i = 0; i < 36; i++) {
      blocks.add(heap.allocate(100_000));
    }
    blocks.forEach(heap::free);
    assertThat(heap.stats().dirtyBytes()).isLessThanOrEqualTo(1 << 20);
    assertThat(heap.purge(256 << 10)).isLessThanOrEqualTo((1 << 20) - (256 << 10));
    heap.purge();
    assertThat(heap.stats().dirtyBytes()).isZero();
  }

  @Test
  void freeAll_underASnapshot_leavesTheSnapshotWhole() {
    long at = heap.allocate(2_000);
    Memory.fill(at, 2_000, (byte) 9);
    long after;
    try (Snapshot snapshot = heap.cut()) {
      heap.freeAll();
      assertThat(heap.usedBytes()).isZero();
      after = heap.allocate(2_000);
      Memory.fill(after, 2_000, (byte) 1);
      long pinned = snapshot.pin(at, 2_000);
      for (int i = 0; i < 2_000; i++) {
        assertThat(Memory.getByte(pinned + i)).isEqualTo((byte) 9);
      }
    }
    assertThat(Memory.getByte(after)).isOne();
    heap.free(after);
    heap.cut().close();
    assertThat(heap.usedBlocks()).isZero();
  }

  @Test
  void snapshotAfterAPreparedOne_mayBeBiggerOrNeverTaken() {
    heap.prepareCut();
    long at = heap.allocate(3 << 20); // More than the preparation allowed for.
    Memory.putByte(at, (byte) 1);
    try (Snapshot snapshot = heap.cut()) {
      heap.touch(at, 3 << 20);
      assertThat(snapshot.preservedBytes()).isGreaterThanOrEqualTo(3 << 20);
    }
    heap.prepareCut();
    heap.prepareCut();
  }

  @Test
  void secondSnapshot_whileOneIsOpen_isRefused() {
    try (Snapshot _ = heap.cut()) {
      assertThat(heap.snapshotActive()).isTrue();
      assertThatThrownBy(heap::cut).isInstanceOf(IllegalStateException.class);
    }
    assertThat(heap.snapshotActive()).isFalse();
  }

  @Test
  void runsFreedUnderASnapshot_areHeldBackUntilItCloses() {
    long at = heap.allocate(1 << 20);
    Memory.fill(at, 1 << 20, (byte) 3);
    try (Snapshot snapshot = heap.cut()) {
      heap.free(at);
      heap.purge();
      assertThat(heap.stats().heldBackBytes()).isGreaterThanOrEqualTo(1 << 20);
      long fresh = heap.allocate(200_000);
      assertThat(fresh).isNotEqualTo(at);
      heap.free(fresh); // Born after the cut: free at once.
      assertThat(heap.allocate(200_000)).isEqualTo(fresh);
      assertThat(snapshot.preservedPages()).isZero();
      assertThat(Memory.getByte(snapshot.pin(at + 4_096, 600) + 599)).isEqualTo((byte) 3);
      heap.free(fresh);
    }
    heap.purge();
    assertThat(heap.stats().heldBackBytes()).isZero();
    assertThat(heap.stats().activeBytes()).isZero();
  }

  @Test
  void heldBackRuns_areReusedWhenNothingElseIsLeft_andStillPreserved() {
    long at = heap.allocate(3 << 20);
    for (int i = 0; i < 3 << 20; i += 512) {
      Memory.putLong(at + i, i);
    }
    try (Snapshot snapshot = heap.cut()) {
      heap.free(at);
      long reused = heap.allocate(2 << 20);
      Memory.fill(reused, 2 << 20, (byte) 1);
      heap.free(reused);
      heap.purge();
      for (int i = 0; i < 3 << 20; i += 512) {
        assertThat(Memory.getLong(snapshot.pin(at + i, 8))).isEqualTo(i);
      }
    }
    heap.purge();
    assertThat(heap.stats().activeBytes() + heap.stats().dirtyBytes()).isZero();
  }

  @Test
  void twoHeaps_doNotKnowEachOther() {
    try (Heap other = new Heap(HeapOptions.defaults().withReserveBytes(LIMIT))) {
      long mine = heap.allocate(64);
      long theirs = other.allocate(64);
      Memory.putLong(mine, 1);
      Memory.putLong(theirs, 2);
      assertThatThrownBy(() -> heap.free(theirs)).isInstanceOf(MemoryViolation.class);
      try (Snapshot _ = heap.cut()) {
        Memory.putLong(theirs, 3); // Needs no touch: it is not this snapshot's.
        other.free(theirs);
      }
      heap.free(mine);
      assertThat(other.usedBytes()).isZero();
    }
  }

  @Test
  void lastEpoch_isFollowedByTheFirstWithoutConfusion() {
    long at = heap.allocate(5_000);
    Memory.fill(at, 5_000, (byte) 1);
    heap.pages().epochForTest(Pages.LAST_EPOCH - 2);
    for (int i = 0; i < 5; i++) {
      try (Snapshot snapshot = heap.cut()) {
        heap.touch(at, 5_000);
        Memory.fill(at, 5_000, (byte) (i + 2));
        long pinned = snapshot.pin(at, 5_000);
        assertThat(Memory.getByte(pinned)).isEqualTo((byte) (i + 1));
        assertThat(Memory.getByte(pinned + 4_999)).isEqualTo((byte) (i + 1));
      }
    }
  }
}
