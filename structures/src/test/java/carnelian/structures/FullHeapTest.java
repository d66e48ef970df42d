package carnelian.structures;

import static org.assertj.core.api.Assertions.assertThat;

import carnelian.base.RandomSource;
import carnelian.memory.Heap;
import carnelian.memory.HeapLimitException;
import carnelian.memory.HeapOptions;
import carnelian.memory.Slice;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// A heap without room fails what needs memory and leaves every structure whole.
class FullHeapTest {
  private Heap heap;
  private TestEntries entries;

  @BeforeEach
  void open() {
    heap = new Heap(HeapOptions.defaults().withReserveBytes(2 << 20));
    entries = new TestEntries(heap);
  }

  @AfterEach
  void balanceIsZero() {
    assertThat(heap.usedBytes()).isZero();
    entries.close();
    heap.close();
  }

  @Test
  void create_inAFullHeap_leavesNothing() {
    HashTables tables = new HashTables(heap, 1, 2);
    CountedTrees trees = CountedTrees.sorted(heap, TieOrder.REFERENCES);
    List<Long> blocks = fill(8);
    long before = heap.usedBytes();
    for (int i = 0; i < 3; i++) {
      assertThat(fails(tables::create)).isTrue();
      assertThat(fails(trees::create)).isTrue();
      assertThat(heap.usedBytes()).isEqualTo(before);
    }
    blocks.forEach(heap::free);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void table_atTheHeapsLimit_staysWhole(long seed) {
    RandomSource random = RandomSource.seeded(seed);
    HashTables tables = new HashTables(heap, seed, 2);
    long table = tables.create();
    Set<String> model = new HashSet<>();
    List<Long> ballast = new ArrayList<>();
    int failures = 0;
    for (int step = 0; step < 16_000; step++) {
      if (step == 3000 + 500 * seed) {
        ballast = fill(64); // From here on little else is to be had.
      }
      String key = "k" + random.nextInt(8000);
      Slice bytes = entries.key(key);
      long hash = tables.hash(bytes.at, bytes.length);
      long slot = tables.findSlot(table, hash, bytes.at, bytes.length);
      assertThat(slot != 0).isEqualTo(model.contains(key));
      if (slot != 0) {
        heap.free(tables.remove(table, hash, slot));
        model.remove(key);
      } else if (insert(tables, table, hash, key)) {
        model.add(key);
      } else {
        failures++;
      }
      if (step % 1000 == 0) {
        tables.verify(table);
      }
    }
    assertThat(failures).isPositive();
    tables.verify(table);
    assertThat(tables.count(table)).isEqualTo(model.size());
    for (long left = 1; left > 0; ) {
      left = tables.drain(table, 10, heap::free);
    }
    tables.destroy(table);
    ballast.forEach(heap::free);
  }

  private boolean insert(HashTables tables, long table, long hash, String key) {
    long entry = 0;
    try {
      entry = entries.entry(key, 1);
      tables.insert(table, hash, entry);
      return true;
    } catch (HeapLimitException _) {
      if (entry != 0) {
        heap.free(entry);
      }
      return false;
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void tree_atTheHeapsLimit_staysWhole(long seed) {
    RandomSource random = RandomSource.seeded(seed);
    CountedTrees trees = CountedTrees.sorted(heap, TieOrder.REFERENCES);
    long tree = trees.create();
    TreeMap<Long, Long> model = new TreeMap<>();
    Map<Integer, Integer> outcomes = new HashMap<>();
    List<Long> ballast = new ArrayList<>();
    for (int step = 0; step < 30_000; step++) {
      if (step == 2000 + 1500 * seed) {
        ballast = fill(8);
      }
      boolean growing = step / 3000 % 2 == 0;
      long word = random.nextLong(20_000);
      Long old = model.get(word);
      if (old == null && (growing || random.nextInt(4) == 0)) {
        boolean inserted = !fails(() -> trees.insert(tree, word, word));
        if (inserted) {
          model.put(word, word);
        }
        outcomes.merge(inserted ? 1 : 2, 1, Integer::sum);
      } else if (old != null && random.nextInt(2) == 0) {
        long target = random.nextLong(20_000);
        if (!model.containsKey(target) && !fails(() -> trees.move(tree, word, old, target))) {
          model.put(target, old);
          model.remove(word);
        }
      } else if (old != null) {
        assertThat(trees.remove(tree, word, old)).isTrue();
        model.remove(word);
      }
      if (step % 1000 == 0) {
        trees.verify(tree);
      }
    }
    assertThat(outcomes).containsKeys(1, 2);
    trees.verify(tree);
    List<Long> read = new ArrayList<>();
    trees.forEach(heap.live(), tree, (word, reference) -> read.add(reference));
    assertThat(read).isEqualTo(new ArrayList<>(model.values()));
    trees.removeRange(tree, 0, Long.MAX_VALUE, (word, reference) -> {});
    trees.verify(tree);
    trees.destroy(tree);
    ballast.forEach(heap::free);
  }

  /// Takes what is left, in blocks that get smaller down to `smallest`.
  private List<Long> fill(int smallest) {
    List<Long> blocks = new ArrayList<>();
    for (int bytes = 64 << 10; bytes >= smallest; bytes /= 2) {
      int size = bytes;
      while (!fails(() -> blocks.add(heap.allocate(size)))) {
        assertThat(blocks).hasSizeLessThan(1_000_000);
      }
    }
    return blocks;
  }

  private static boolean fails(Runnable action) {
    try {
      action.run();
      return false;
    } catch (HeapLimitException _) {
      return true;
    }
  }
}
