package carnelian.memory;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// A snapshot read by one thread equals a copy taken at the cut, whatever the owner does meanwhile.
class SnapshotModelTest {
  private static final int BLOCKS = 4_000;

  /// A block and, at the cut, a copy of it.
  private static final class Block {
    long at;
    int bytes;

    Block(long at, int bytes) {
      this.at = at;
      this.bytes = bytes;
    }
  }

  private static final class Copy {
    final long at;
    final byte[] bytes;

    Copy(long at, byte[] bytes) {
      this.at = at;
      this.bytes = bytes;
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {11, 12, 13, 14})
  void snapshot_underRandomWrites_equalsTheCopyTakenAtTheCut(long seed) throws Exception {
    assertThat(mismatches(seed, 4, true)).as("seed %d", seed).isZero();
  }

  @Test
  void withoutTheSecondLook_theComparisonNotices() throws Exception {
    assertThat(mismatches(100, 2, false)).isPositive();
  }

  @Test
  void writeBetweenTheTwoLooks_isNotSeen() {
    try (Heap heap = new Heap(HeapOptions.defaults().withReserveBytes(1L << 20))) {
      long at = heap.allocate(2_000);
      Memory.fill(at, 2_000, (byte) 1);
      try (Snapshot snapshot = heap.cut()) {
        snapshot.afterFirstLook =
            () -> {
              heap.touch(at, 2_000);
              Memory.fill(at, 2_000, (byte) 2);
            };
        for (int bytes : new int[] {1, 100, 2_000}) {
          long pinned = snapshot.pin(at, bytes);
          for (int i = 0; i < bytes; i++) {
            assertThat(Memory.getByte(pinned + i)).isOne();
          }
        }
      }
      heap.free(at);
      assertThat(heap.usedBytes()).isZero();
    }
  }

  private static long mismatches(long seed, int rounds, boolean lookAgain) throws Exception {
    Random random = new Random(seed);
    long mismatches = 0;
    HeapOptions options =
        HeapOptions.defaults()
            .withReserveBytes(512L << 20)
            .withThreads(Thread.ofPlatform().daemon().factory());
    try (Heap heap = new Heap(options)) {
      List<Block> blocks = new ArrayList<>();
      for (int i = 0; i < BLOCKS; i++) {
        blocks.add(newBlock(heap, random));
      }
      for (int round = 0; round < rounds; round++) {
        List<Copy> copies = new ArrayList<>();
        for (Block block : blocks) {
          byte[] bytes = new byte[block.bytes];
          Memory.copyOut(block.at, bytes, 0, block.bytes);
          copies.add(new Copy(block.at, bytes));
        }
        if (random.nextBoolean()) {
          heap.prepareCut();
        }
        try (Snapshot snapshot = heap.cut()) {
          snapshot.looksAgain = lookAgain;
          mismatches += readWhileWriting(heap, snapshot, blocks, copies, random);
        }
        assertThat(heap.stats().shadowBytes()).isZero();
      }
      for (Block block : blocks) {
        heap.free(block.at);
      }
      heap.purge();
      assertThat(heap.usedBytes()).isZero();
      assertThat(heap.stats().activeBytes() + heap.stats().heldBackBytes()).isZero();
    }
    return mismatches;
  }

  private static long readWhileWriting(
      Heap heap, Snapshot snapshot, List<Block> blocks, List<Copy> copies, Random random)
      throws Exception {
    long[] mismatches = new long[1];
    // The reader asks now and then for a write to what it is about to copy, and waits for it.
    Semaphore question = new Semaphore(0);
    Semaphore answer = new Semaphore(0);
    AtomicLong wanted = new AtomicLong();
    AtomicInteger looks = new AtomicInteger();
    snapshot.afterFirstLook =
        () -> {
          if (looks.incrementAndGet() % 128 == 1) {
            question.release();
            answer.acquireUninterruptibly();
          }
        };
    AtomicReference<Throwable> failure = new AtomicReference<>();
    Thread reader =
        Thread.ofPlatform()
            .start(
                () -> {
                  try {
                    for (Copy copy : copies) {
                      wanted.set(copy.at);
                      mismatches[0] += equals(snapshot, copy) ? 0 : 1;
                    }
                  } catch (Throwable t) {
                    failure.set(t);
                  }
                });
    do {
      for (int i = 0; i < 200; i++) {
        change(heap, blocks, random);
        if (question.tryAcquire()) {
          overwrite(heap, blocks, wanted.get());
          answer.release();
        }
      }
    } while (reader.isAlive());
    reader.join();
    if (failure.get() != null) {
      throw new AssertionError("reader failed", failure.get());
    }
    return mismatches[0];
  }

  private static boolean equals(Snapshot snapshot, Copy copy) {
    long at = snapshot.pin(copy.at, copy.bytes.length);
    for (int i = 0; i < copy.bytes.length; i++) {
      if (Memory.getByte(at + i) != copy.bytes[i]) {
        return false;
      }
    }
    return true;
  }

  private static void overwrite(Heap heap, List<Block> blocks, long at) {
    for (Block block : blocks) {
      if (block.at == at) {
        heap.touch(block.at, block.bytes);
        Memory.fill(block.at, block.bytes, (byte) 0xA5);
        return;
      }
    }
  }

  private static void change(Heap heap, List<Block> blocks, Random random) {
    int index = random.nextInt(blocks.size());
    Block block = blocks.get(index);
    switch (random.nextInt(8)) {
      case 0 -> {
        heap.free(block.at);
        blocks.set(index, newBlock(heap, random));
      }
      case 1 -> {
        int bytes = size(random);
        int old = block.bytes;
        block.at = heap.resize(block.at, bytes);
        block.bytes = bytes;
        if (bytes > old) {
          heap.touch(block.at + old, bytes - old);
          Memory.fill(block.at + old, bytes - old, (byte) 7);
        }
      }
      case 2 -> {
        // Grows and shrinks the heap as a whole.
        if (blocks.size() < BLOCKS * 2) {
          blocks.add(newBlock(heap, random));
        }
        if (random.nextInt(400) == 0) {
          while (blocks.size() > BLOCKS) {
            heap.free(blocks.removeLast().at);
          }
          heap.purge(64 << 10);
        }
      }
      default -> {
        int from = random.nextInt(block.bytes);
        int bytes = Math.min(block.bytes - from, 1 + random.nextInt(600));
        heap.touch(block.at + from, bytes);
        Memory.fill(block.at + from, bytes, (byte) random.nextInt());
      }
    }
  }

  private static Block newBlock(Heap heap, Random random) {
    int bytes = size(random);
    long at = heap.allocate(bytes);
    Memory.fill(at, bytes, (byte) random.nextInt());
    return new Block(at, bytes);
  }

  private static int size(Random random) {
    return switch (random.nextInt(40)) {
      case 0 -> 1 + random.nextInt(100_000);
      case 1, 2, 3 -> 1 + random.nextInt(3_000);
      default -> 1 + random.nextInt(200);
    };
  }
}
