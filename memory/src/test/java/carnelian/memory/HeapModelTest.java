package carnelian.memory;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The allocator against a model of it: what lives, where, with which contents.
class HeapModelTest {
  /// A block as the model knows it: filled with bytes derived from its stamp.
  private record Block(long at, int bytes, long stamp) {}

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void randomOperations_keepContentsAndBalance(long seed) {
    Random random = new Random(seed);
    List<Block> blocks = new ArrayList<>();
    NavigableMap<Long, Long> occupied = new TreeMap<>();
    try (Heap heap = new Heap(HeapOptions.defaults().withReserveBytes(256L << 20))) {
      for (int i = 0; i < 40_000; i++) {
        boolean growing = (i / 10_000) % 2 == 0;
        int choice = random.nextInt(100);
        if (blocks.isEmpty() || choice < (growing ? 50 : 30)) {
          add(heap, blocks, occupied, random, i);
        } else if (choice < 70) {
          Block block = removeAny(blocks, random);
          verify(block);
          occupied.remove(block.at);
          heap.free(block.at);
        } else if (choice < 90) {
          resize(heap, blocks, occupied, random);
        } else {
          verify(blocks.get(random.nextInt(blocks.size())));
        }
        if (i % 10_000 == 9_999) {
          heap.purge();
        }
        if (heap.usedBlocks() != blocks.size()) {
          assertThat(heap.usedBlocks()).as("seed %d", seed).isEqualTo(blocks.size());
        }
      }
      long size = 0;
      for (Block block : blocks) {
        verify(block);
        size += heap.size(block.at);
      }
      assertThat(heap.usedBytes()).as("seed %d", seed).isEqualTo(size);
      for (Block block : blocks) {
        heap.free(block.at);
      }
      heap.purge();
      HeapStats stats = heap.stats();
      assertThat(stats.usedBytes()).isZero();
      assertThat(stats.usedBlocks()).isZero();
      assertThat(stats.activeBytes()).isZero();
      assertThat(stats.dirtyBytes()).isZero();
    }
  }

  private static void add(
      Heap heap, List<Block> blocks, NavigableMap<Long, Long> occupied, Random random, long stamp) {
    int bytes = randomSize(random);
    long at = heap.allocate(bytes);
    occupy(heap, occupied, at);
    assertThat(heap.usable(at)).isGreaterThanOrEqualTo(bytes);
    if (bytes % 64 == 0 && bytes > 0) {
      assertThat(at % 64).isZero();
    }
    Block block = new Block(at, bytes, stamp);
    write(block);
    blocks.add(block);
  }

  private static void resize(
      Heap heap, List<Block> blocks, NavigableMap<Long, Long> occupied, Random random) {
    Block old = removeAny(blocks, random);
    verify(old);
    int bytes = random.nextBoolean() ? randomSize(random) : old.bytes + random.nextInt(64);
    occupied.remove(old.at);
    long at = heap.resize(old.at, bytes);
    occupy(heap, occupied, at);
    verify(new Block(at, Math.min(old.bytes, bytes), old.stamp));
    Block block = new Block(at, bytes, old.stamp);
    write(block);
    blocks.add(block);
  }

  private static void occupy(Heap heap, NavigableMap<Long, Long> occupied, long at) {
    long end = at + heap.size(at);
    var before = occupied.floorEntry(at);
    var after = occupied.ceilingEntry(at);
    assertThat(before == null || before.getValue() <= at).isTrue();
    assertThat(after == null || after.getKey() >= end).isTrue();
    occupied.put(at, end);
  }

  private static Block removeAny(List<Block> blocks, Random random) {
    int index = random.nextInt(blocks.size());
    Block last = blocks.removeLast();
    return index == blocks.size() ? last : blocks.set(index, last);
  }

  private static int randomSize(Random random) {
    return switch (random.nextInt(20)) {
      case 0 -> random.nextInt(300_000);
      case 1, 2 -> random.nextInt(40_000);
      case 3, 4, 5 -> random.nextInt(2_000);
      case 6 -> 64 * random.nextInt(40);
      default -> random.nextInt(200);
    };
  }

  private static void write(Block block) {
    for (int i = 0; i < block.bytes; i++) {
      if (i > 64 && i < block.bytes - 64 && i % 512 != 0) {
        continue; // Both ends and a byte per page are enough.
      }
      Memory.putByte(block.at + i, expected(block, i));
    }
  }

  private static void verify(Block block) {
    for (int i = 0; i < block.bytes; i++) {
      if (i > 64 && i % 512 != 0) {
        continue;
      }
      if (Memory.getByte(block.at + i) != expected(block, i)) {
        assertThat(Memory.getByte(block.at + i)).isEqualTo(expected(block, i));
      }
    }
  }

  private static byte expected(Block block, int index) {
    return (byte) (block.stamp * 31 + index);
  }
}
