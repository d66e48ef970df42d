package carnelian.structures;

import static org.assertj.core.api.Assertions.assertThat;

import carnelian.base.RandomSource;
import carnelian.memory.Heap;
import carnelian.memory.HeapOptions;
import carnelian.memory.Memory;
import carnelian.memory.Slice;
import carnelian.memory.Snapshot;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CountedTreesTest {
  private record Item(long word, String key) {}

  private static final Comparator<Item> ORDER =
      Comparator.comparingLong(Item::word).thenComparing(Item::key);

  private Heap heap;
  private TestEntries entries;
  private final TreeCursor cursor = new TreeCursor();
  private final List<Item> model = new ArrayList<>();
  private final Map<String, Long> entryOf = new HashMap<>();

  @BeforeEach
  void open() {
    heap = new Heap(HeapOptions.defaults().withReserveBytes(1L << 30));
    entries = new TestEntries(heap);
  }

  @AfterEach
  void balanceIsZero() {
    for (long entry : entryOf.values()) {
      heap.free(entry);
    }
    assertThat(heap.usedBytes()).isZero();
    assertThat(heap.usedBlocks()).isZero();
    entries.close();
    heap.close();
  }

  @Test
  void emptyTree_hasNoPlaces() {
    CountedTrees trees = CountedTrees.sorted(heap, TieOrder.MEMBERS);
    long tree = trees.create();
    assertThat(heap.usedBytes()).isEqualTo(trees.bytes(tree)).isLessThanOrEqualTo(128);
    assertThat(trees.first(tree, cursor)).isFalse();
    assertThat(trees.last(tree, cursor)).isFalse();
    assertThat(trees.atLeast(tree, Long.MIN_VALUE, cursor)).isFalse();
    assertThat(trees.atMost(tree, Long.MAX_VALUE, cursor)).isFalse();
    assertThat(trees.seek(tree, 0, cursor)).isEqualTo(-1);
    assertThat(cursor.weightBefore()).isZero();
    trees.verify(tree);
    trees.destroy(tree);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6})
  void sortedTree_underRandomChanges_equalsSortedList(long seed) {
    CountedTrees trees = CountedTrees.sorted(heap, TieOrder.MEMBERS);
    long tree = trees.create();
    RandomSource random = RandomSource.seeded(seed);
    int words = seed % 2 == 0 ? 5 : 100_000;
    int most = 1 << (4 + 2 * (int) seed);
    boolean growing = true;
    for (int step = 0; step < 30_000; step++) {
      if (model.isEmpty() || model.size() > most || random.nextInt(most) == 0) {
        growing = model.size() < most / 2;
      }
      int action = random.nextInt(10);
      if (action == 9 && !model.isEmpty()) {
        moveOne(trees, tree, random, words);
      } else if (action < (growing ? 7 : 3)) {
        addOne(trees, tree, random, words);
      } else if (!model.isEmpty()) {
        removeOne(trees, tree, random);
      }
      if (step % 1000 == 0) {
        trees.verify(tree);
        checkAll(trees, tree);
      }
      if (step % 50 == 0) {
        checkPlace(trees, tree, random, words);
      }
    }
    trees.verify(tree);
    checkAll(trees, tree);
    trees.removeRange(tree, 0, Long.MAX_VALUE, (word, reference) -> {});
    assertThat(trees.count(tree)).isZero();
    trees.verify(tree);
    trees.destroy(tree);
  }

  private void addOne(CountedTrees trees, long tree, RandomSource random, int words) {
    String key = "m" + random.nextInt(1_000_000);
    if (entryOf.containsKey(key)) {
      return;
    }
    Item item = new Item(random.nextLong(words) - words / 2, key);
    long entry = entries.entry(key, item.word());
    entryOf.put(key, entry);
    trees.insert(tree, item.word(), entry);
    model.add(-1 - indexOf(item), item);
  }

  private void removeOne(CountedTrees trees, long tree, RandomSource random) {
    Item item = model.remove(random.nextInt(model.size()));
    long entry = entryOf.getOrDefault(item.key(), 0L);
    entryOf.remove(item.key());
    assertThat(trees.remove(tree, item.word(), entry)).isTrue();
    assertThat(trees.remove(tree, item.word(), entry)).isFalse();
    heap.free(entry);
  }

  /// Another score, then another entry with the same key.
  private void moveOne(CountedTrees trees, long tree, RandomSource random, int words) {
    Item item = model.remove(random.nextInt(model.size()));
    Item moved = new Item(item.word() + random.nextInt(words / 2) - words / 4, item.key());
    model.add(-1 - indexOf(moved), moved);
    long entry = entryOf.getOrDefault(item.key(), 0L);
    assertThat(trees.move(tree, item.word(), entry, moved.word())).isTrue();
    long copy = entries.entry(item.key(), moved.word());
    assertThat(trees.replace(tree, moved.word(), entry, copy)).isTrue();
    entryOf.put(item.key(), copy);
    heap.free(entry);
  }

  private int indexOf(Item item) {
    return Collections.binarySearch(model, item, ORDER);
  }

  private void checkAll(CountedTrees trees, long tree) {
    List<Item> read = new ArrayList<>();
    trees.forEach(heap.live(), tree, (word, ref) -> read.add(item(word, ref)));
    assertThat(read).isEqualTo(model);
    read.clear();
    for (boolean more = trees.first(tree, cursor); more; more = cursor.next()) {
      read.add(item(cursor.word(), cursor.reference()));
    }
    assertThat(read).isEqualTo(model);
    assertThat(cursor.weightBefore()).isEqualTo(model.size());
    List<Item> back = new ArrayList<>();
    for (boolean more = trees.last(tree, cursor); more; more = cursor.previous()) {
      back.add(item(cursor.word(), cursor.reference()));
    }
    assertThat(back).isEqualTo(model.reversed());
    assertThat(trees.count(tree)).isEqualTo(model.size());
    assertThat(trees.weight(tree)).isEqualTo(model.size());
  }

  private static Item item(long word, long reference) {
    return new Item(word, TestEntries.keyOf(reference));
  }

  private void checkPlace(CountedTrees trees, long tree, RandomSource random, int words) {
    Item probe = new Item(random.nextLong(words) - words / 2, "m" + random.nextInt(1_000_000));
    if (random.nextInt(2) == 0 && !model.isEmpty()) {
      probe = model.get(random.nextInt(model.size()));
    }
    int found = indexOf(probe);
    int atLeast = found >= 0 ? found : -1 - found;
    int above = found >= 0 ? found + 1 : -1 - found;
    Slice key = entries.key(probe.key());
    long word = probe.word();
    check(trees.atLeast(tree, word, key.at, key.length, cursor), atLeast);
    check(trees.above(tree, word, key.at, key.length, cursor), above);
    check(trees.atMost(tree, word, key.at, key.length, cursor), above - 1);
    check(trees.below(tree, word, key.at, key.length, cursor), atLeast - 1);
    assertThat(trees.find(tree, word, key.at, key.length, cursor)).isEqualTo(found >= 0);
    int less = (int) model.stream().filter(item -> item.word() < word).count();
    int notMore = (int) model.stream().filter(item -> item.word() <= word).count();
    check(trees.atLeast(tree, word, cursor), less);
    check(trees.above(tree, word, cursor), notMore);
    check(trees.atMost(tree, word, cursor), notMore - 1);
    check(trees.below(tree, word, cursor), less - 1);
    int rank = random.nextInt(model.size() + 2);
    boolean exists = trees.seek(tree, rank, cursor) >= 0;
    assertThat(exists).isEqualTo(rank < model.size());
    check(exists, Math.min(rank, model.size()));
  }

  private void check(boolean isOnItem, int index) {
    boolean exists = index >= 0 && index < model.size();
    assertThat(isOnItem).isEqualTo(exists);
    if (exists) {
      assertThat(item(cursor.word(), cursor.reference())).isEqualTo(model.get(index));
    }
    if (index >= 0) {
      assertThat(cursor.weightBefore()).isEqualTo(index);
    }
  }

  @Test
  void removeRange_inTheMiddle_removesThoseRanks() {
    CountedTrees trees = CountedTrees.sorted(heap, TieOrder.REFERENCES);
    long tree = trees.create();
    for (int i = 0; i < 5000; i++) {
      trees.insert(tree, i / 3L, i);
    }
    List<Long> removed = new ArrayList<>();
    assertThat(trees.removeRange(tree, 1000, 3000, (word, ref) -> removed.add(ref)))
        .isEqualTo(3000);
    assertThat(removed).hasSize(3000).startsWith(1000L).endsWith(3999L);
    assertThat(trees.count(tree)).isEqualTo(2000);
    assertThat(trees.seek(tree, 1000, cursor)).isZero();
    assertThat(cursor.reference()).isEqualTo(4000);
    trees.verify(tree);
    trees.destroy(tree);
  }

  @Test
  void referencesTree_comparesUnsigned() {
    CountedTrees trees = CountedTrees.sorted(heap, TieOrder.REFERENCES);
    long tree = trees.create();
    trees.insert(tree, 1, -1L);
    trees.insert(tree, 1, 5L);
    trees.first(tree, cursor);
    assertThat(cursor.reference()).isEqualTo(5);
    assertThat(trees.remove(tree, 1, -1L)).isTrue();
    assertThat(trees.remove(tree, 1, 6L)).isFalse();
    trees.destroy(tree);
  }

  @Test
  void ascendingAndDescendingInserts_fillTheNodes() {
    CountedTrees trees = CountedTrees.sorted(heap, TieOrder.REFERENCES);
    long up = trees.create();
    long down = trees.create();
    int count = 100_000;
    for (int i = 0; i < count; i++) {
      trees.insert(up, i, i);
      trees.insert(down, -(long) i, i);
    }
    trees.verify(up);
    trees.verify(down);
    // 16 bytes an item, and at most 15 % for headers, fill and inner nodes; red zones not counted.
    assertThat(trees.bytes(up) / (double) count).isLessThan(18.4 * (Memory.isChecked() ? 1.1 : 1));
    assertThat(trees.bytes(down) / (double) count)
        .isLessThan(18.4 * (Memory.isChecked() ? 1.1 : 1));
    trees.destroy(up);
    trees.destroy(down);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void positionalTree_underRandomChanges_equalsList(long seed) {
    CountedTrees trees = CountedTrees.positional(heap);
    long tree = trees.create();
    RandomSource random = RandomSource.seeded(seed);
    List<long[]> list = new ArrayList<>();
    int most = 1 << (2 + 3 * (int) seed);
    boolean growing = true;
    for (int step = 0; step < 20_000; step++) {
      if (list.isEmpty() || list.size() > most || random.nextInt(most) == 0) {
        growing = list.size() < most / 2;
      }
      int action = random.nextInt(10);
      if (action < (growing ? 6 : 3)) {
        insertOne(trees, tree, list, random, step);
      } else if (!list.isEmpty()) {
        changeOne(trees, tree, list, random, action == 9);
      }
      if (step % 500 == 0) {
        trees.verify(tree);
        checkList(trees, tree, list);
      }
    }
    checkList(trees, tree, list);
    trees.verify(tree);
    trees.destroy(tree);
  }

  private void insertOne(
      CountedTrees trees, long tree, List<long[]> list, RandomSource random, long reference) {
    long weight = 1 + random.nextLong(100);
    int index = 0;
    switch (random.nextInt(4)) {
      case 0 -> trees.insertFirst(tree, weight, reference);
      case 1 -> {
        trees.insertLast(tree, weight, reference);
        index = list.size();
      }
      default -> {
        index = list.isEmpty() ? 0 : random.nextInt(list.size());
        trees.seek(tree, weightBefore(list, index), cursor);
        if (!list.isEmpty() && random.nextInt(2) == 0) {
          trees.insertAfter(cursor, weight, reference);
          index++;
        } else {
          trees.insertAt(cursor, weight, reference);
        }
      }
    }
    list.add(index, new long[] {weight, reference});
  }

  private void changeOne(
      CountedTrees trees, long tree, List<long[]> list, RandomSource random, boolean update) {
    int index = random.nextInt(list.size());
    long inside = random.nextLong(list.get(index)[0]);
    assertThat(trees.seek(tree, weightBefore(list, index) + inside, cursor)).isEqualTo(inside);
    assertThat(cursor.reference()).isEqualTo(list.get(index)[1]);
    assertThat(cursor.weightBefore()).isEqualTo(weightBefore(list, index));
    if (update) {
      long[] item = {1 + random.nextLong(100), random.nextInt(1000)};
      trees.setAt(cursor, item[0], item[1]);
      list.set(index, item);
      assertThat(cursor.weight()).isEqualTo(item[0]);
    } else {
      trees.removeAt(cursor);
      list.remove(index);
    }
  }

  private static long weightBefore(List<long[]> list, int index) {
    return list.subList(0, index).stream().mapToLong(item -> item[0]).sum();
  }

  private void checkList(CountedTrees trees, long tree, List<long[]> list) {
    List<Long> read = new ArrayList<>();
    trees.forEach(
        heap.live(),
        tree,
        (word, reference) -> {
          read.add(word);
          read.add(reference);
        });
    List<Long> expected = new ArrayList<>();
    for (long[] item : list) {
      expected.add(item[0]);
      expected.add(item[1]);
    }
    assertThat(read).isEqualTo(expected);
    assertThat(trees.weight(tree)).isEqualTo(weightBefore(list, list.size()));
    assertThat(trees.seek(tree, trees.weight(tree), cursor)).isEqualTo(-1);
  }

  @Test
  void forEach_ofASnapshot_seesTheCutWhileTheWriterGoesOn() {
    CountedTrees trees = CountedTrees.sorted(heap, TieOrder.REFERENCES);
    long tree = trees.create();
    RandomSource random = RandomSource.seeded(31);
    TreeMap<Long, Long> live = new TreeMap<>();
    for (int round = 0; round < 4; round++) {
      for (int i = 0; i < 10_000; i++) {
        change(trees, tree, live, random);
      }
      List<Long> atCut = new ArrayList<>(live.values());
      List<Long> read = new ArrayList<>();
      try (Snapshot snapshot = heap.cut()) {
        CompletableFuture<Void> reader =
            CompletableFuture.runAsync(
                () -> trees.forEach(snapshot, tree, (word, reference) -> read.add(reference)));
        for (int i = 0; !reader.isDone() || i < 20_000; i++) {
          change(trees, tree, live, random);
        }
        reader.join();
      }
      assertThat(read).isEqualTo(atCut);
      trees.verify(tree);
    }
    trees.destroy(tree);
  }

  /// One item a word.
  private static void change(
      CountedTrees trees, long tree, Map<Long, Long> live, RandomSource random) {
    long word = random.nextLong(20_000);
    Long old = live.remove(word);
    if (old == null) {
      long reference = random.nextLong();
      live.put(word, reference);
      trees.insert(tree, word, reference);
    } else {
      assertThat(trees.remove(tree, word, old)).isTrue();
    }
  }
}
