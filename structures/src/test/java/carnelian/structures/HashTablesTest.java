package carnelian.structures;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import carnelian.base.RandomSource;
import carnelian.memory.Heap;
import carnelian.memory.HeapOptions;
import carnelian.memory.Memory;
import carnelian.memory.Slice;
import carnelian.memory.Snapshot;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HashTablesTest {
  private Heap heap;
  private HashTables tables;
  private TestEntries entries;
  private long table;

  @BeforeEach
  void open() {
    heap = new Heap(HeapOptions.defaults().withReserveBytes(1L << 30));
    tables = new HashTables(heap, 0x0123456789abcdefL, 0x76543210fedcba98L);
    entries = new TestEntries(heap);
    table = tables.create();
  }

  @AfterEach
  void balanceIsZero() {
    freeEntries();
    tables.destroy(table);
    assertThat(heap.usedBytes()).isZero();
    assertThat(heap.usedBlocks()).isZero();
    entries.close();
    heap.close();
  }

  @Test
  void findSlot_inEmptyTable_findsNothing() {
    assertThat(find("a")).isZero();
    assertThat(find("")).isZero();
    assertThat(tables.count(table)).isZero();
  }

  @Test
  void insert_ofKeysOfAllLengths_findsEach() {
    StringBuilder key = new StringBuilder();
    for (int length = 0; length < 300; length++) {
      put(key.toString(), length);
      key.append((char) ('a' + length % 26));
    }
    for (int length = 0; length < 300; length++) {
      assertThat(TestEntries.valueOf(find(key.substring(0, length)))).isEqualTo(length);
    }
    tables.verify(table);
  }

  @Test
  void create_takesOneCacheLineAndRoot_andTenEntriesTwo() {
    assertThat(heap.usedBytes()).isEqualTo(tables.bytes(table));
    long entryBytes = 0;
    for (int i = 0; i < 10; i++) {
      put("member:" + i, i);
      entryBytes += heap.size(find("member:" + i));
    }
    assertThat(tables.stats(table).buckets()).isEqualTo(2);
    assertThat(heap.usedBytes()).isEqualTo(tables.bytes(table) + entryBytes);
    assertThat(tables.bytes(table)).isLessThan(256);
  }

  @Test
  void replace_keepsTheSlotAndTheOtherEntries() {
    for (int i = 0; i < 100; i++) {
      put("k" + i, i);
    }
    Slice key = entries.key("k42");
    long slot = tables.findSlot(table, tables.hash(key.at, key.length), key.at, key.length);
    long old = tables.entryAt(slot);
    tables.replace(table, slot, entries.entry("k42", 4242));
    heap.free(old);
    assertThat(TestEntries.valueOf(find("k42"))).isEqualTo(4242);
    tables.verify(table);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void table_underRandomChanges_equalsHashMap(long seed) {
    RandomSource random = RandomSource.seeded(seed);
    Map<String, Long> model = new HashMap<>();
    int universe = 1 << (4 + 4 * (int) seed);
    boolean growing = true;
    for (int step = 0; step < 60_000; step++) {
      if (random.nextInt(universe) == 0) {
        growing = !growing;
      }
      String key = "key:" + random.nextInt(universe);
      if (random.nextInt(10) < (growing ? 7 : 3)) {
        put(key, step);
        model.put(key, (long) step);
      } else {
        boolean removed = remove(key);
        assertThat(removed).as("seed %d step %d", seed, step).isEqualTo(model.remove(key) != null);
      }
      if (step % 5000 == 0) {
        tables.verify(table);
      }
    }
    tables.verify(table);
    assertThat(contents()).as("seed %d", seed).isEqualTo(model);
    for (int i = 0; i < universe; i++) {
      assertThat(find("key:" + i) != 0).isEqualTo(model.containsKey("key:" + i));
    }
    for (String key : new ArrayList<>(model.keySet())) {
      assertThat(remove(key)).isTrue();
    }
    tables.verify(table);
    assertThat(tables.stats(table).buckets()).isEqualTo(1);
  }

  @Test
  void table_grownThroughAMoveOfItsTagsAndBack_staysWhole() {
    // At 2^10 buckets the tags move.
    int count = 120_000;
    for (int i = 0; i < count; i++) {
      put("k" + i, i);
    }
    tables.verify(table);
    assertThat(tables.stats(table).buckets()).isGreaterThan(1 << 14);
    assertThat(tables.bytes(table) / (double) count).isLessThan(Memory.isChecked() ? 13 : 11.5);
    for (int i = 0; i < count; i += 997) {
      assertThat(TestEntries.valueOf(find("k" + i))).isEqualTo(i);
    }
    for (int i = 0; i < count - 5; i++) {
      assertThat(remove("k" + i)).isTrue();
      if (i % 20_000 == 0) {
        tables.verify(table);
      }
    }
    tables.verify(table);
    assertThat(tables.stats(table).buckets()).isLessThan(3);
    assertThat(find("k" + (count - 1))).isNotZero();
  }

  @Test
  void reserve_growsAtOnceAndInsertsSplitNothing() {
    tables.reserve(table, 10_000);
    long buckets = tables.stats(table).buckets();
    for (int i = 0; i < 10_000; i++) {
      put("k" + i, i);
    }
    assertThat(tables.stats(table).buckets()).isEqualTo(buckets);
    tables.verify(table);
  }

  @Test
  void random_inAReservedTableWithOneEntry_findsIt() {
    tables.reserve(table, 100_000);
    put("only", 1);
    assertThat(TestEntries.keyOf(tables.random(table, RandomSource.seeded(5)))).isEqualTo("only");
  }

  @ParameterizedTest
  @ValueSource(longs = {11, 12, 13, 14, 15, 16, 17, 18})
  void scan_underGrowthAndShrink_returnsAllThatStays(long seed) {
    RandomSource random = RandomSource.seeded(seed);
    int stay = 1 + random.nextInt(3000);
    for (int i = 0; i < stay; i++) {
      put("stay:" + i, i);
    }
    int others = random.nextInt(4) * 3000;
    for (int i = 0; i < others; i++) {
      put("other:" + i, i);
    }
    Set<String> seen = new HashSet<>();
    boolean growing = seed % 2 == 0;
    int next = others;
    int oldest = 0;
    long cursor = 0;
    int calls = 0;
    do {
      cursor = tables.scan(table, cursor, entry -> seen.add(TestEntries.keyOf(entry)));
      if (random.nextInt(200) == 0) {
        growing = !growing;
      }
      int changes = random.nextInt(12);
      for (int i = 0; i < changes; i++) {
        if (growing) {
          put("other:" + next, next);
          next++;
        } else if (oldest < next) {
          remove("other:" + oldest++);
        }
      }
      calls++;
    } while (cursor != 0 && calls < 1_000_000);
    assertThat(cursor).isZero();
    Set<String> missing = new TreeSet<>();
    for (int i = 0; i < stay; i++) {
      if (!seen.contains("stay:" + i)) {
        missing.add("stay:" + i);
      }
    }
    assertThat(missing).as("seed %d", seed).isEmpty();
    tables.verify(table);
  }

  @ParameterizedTest
  @ValueSource(longs = {21, 22, 23, 24})
  void scan_whileTheTableGrowsAHundredfoldAndShrinksAgain_returnsAllThatStays(long seed) {
    RandomSource random = RandomSource.seeded(seed);
    for (int i = 0; i < 150; i++) {
      put("stay:" + i, i);
    }
    Set<String> seen = new HashSet<>();
    int others = 0;
    long cursor = 0;
    do {
      cursor = tables.scan(table, cursor, entry -> seen.add(TestEntries.keyOf(entry)));
      if (random.nextInt(4) == 0) {
        int target = 1 << random.nextInt(15);
        for (; others < target; others++) {
          put("other:" + others, others);
        }
        for (; others > target; others--) {
          remove("other:" + (others - 1));
        }
      }
    } while (cursor != 0);
    for (int i = 0; i < 150; i++) {
      assertThat(seen).as("seed %d", seed).contains("stay:" + i);
    }
    tables.verify(table);
  }

  @Test
  void neighbours_visitAsManyAsWantedOrAll() {
    RandomSource random = RandomSource.seeded(4);
    for (int i = 0; i < 1000; i++) {
      put("k" + i, i);
    }
    Set<Long> met = new HashSet<>();
    for (int i = 0; i < 2000; i++) {
      List<Long> visited = new ArrayList<>();
      tables.neighbours(table, 16, random, visited::add);
      assertThat(visited).hasSizeBetween(16, 40).doesNotHaveDuplicates();
      met.addAll(visited);
    }
    assertThat(met).hasSize(1000);
    met.clear();
    tables.neighbours(table, 5000, random, met::add);
    assertThat(met).hasSize(1000);
  }

  @Test
  void scan_ofATableThatDoesNotChange_returnsEachOnce() {
    for (int i = 0; i < 5000; i++) {
      put("k" + i, i);
    }
    List<String> seen = new ArrayList<>();
    long cursor = 0;
    do {
      assertThat(cursor).isBetween(0L, 1L << 20);
      cursor = tables.scan(table, cursor, entry -> seen.add(TestEntries.keyOf(entry)));
    } while (cursor != 0);
    assertThat(seen).hasSize(5000).doesNotHaveDuplicates();
  }

  @Test
  void random_isFair() {
    RandomSource random = RandomSource.seeded(7);
    int count = 200;
    for (int i = 0; i < count; i++) {
      put("k" + i, i);
    }
    int[] hits = new int[count];
    int draws = 200_000;
    for (int i = 0; i < draws; i++) {
      hits[(int) TestEntries.valueOf(tables.random(table, random))]++;
    }
    double expected = draws / (double) count;
    double chiSquared = 0;
    for (int hit : hits) {
      chiSquared += (hit - expected) * (hit - expected) / expected;
    }
    // 199 degrees of freedom: mean 199, standard deviation 20.
    assertThat(chiSquared).isCloseTo(199, within(100.0));
  }

  @Test
  void sample_returnsThatManyDifferentEntries_fairly() {
    RandomSource random = RandomSource.seeded(8);
    for (int i = 0; i < 100; i++) {
      put("k" + i, i);
    }
    int[] hits = new int[100];
    for (int round = 0; round < 3000; round++) {
      Set<Long> sample = new HashSet<>();
      tables.sample(table, 30, random, sample::add);
      assertThat(sample).hasSize(30);
      for (long entry : sample) {
        hits[(int) TestEntries.valueOf(entry)]++;
      }
    }
    for (int hit : hits) {
      assertThat(hit).isBetween(700, 1100);
    }
    Set<Long> all = new HashSet<>();
    tables.sample(table, 1000, random, all::add);
    assertThat(all).hasSize(100);
  }

  @Test
  void drain_inSlices_givesEveryEntryOnceAndKeepsTheTableValid() {
    for (int i = 0; i < 20_000; i++) {
      put("k" + i, i);
    }
    Set<String> drained = new HashSet<>();
    long left = tables.count(table);
    while (left > 0) {
      left =
          tables.drain(
              table,
              100,
              entry -> {
                assertThat(drained.add(TestEntries.keyOf(entry))).isTrue();
                heap.free(entry);
              });
      assertThat(left).isEqualTo(tables.count(table));
      if (left % 7 == 0) {
        tables.verify(table);
      }
    }
    assertThat(drained).hasSize(20_000);
  }

  @Test
  void prefetch_readsOnly() {
    long[] hashes = new long[200];
    for (int i = 0; i < 200; i++) {
      if (i % 2 == 0) {
        put("k" + i, i);
      }
      Slice key = entries.key("k" + i);
      hashes[i] = tables.hash(key.at, key.length);
    }
    tables.prefetch(table, hashes, hashes.length);
    tables.verify(table);
  }

  @Test
  void forEach_ofASnapshot_seesTheCutWhileTheWriterGoesOn() {
    RandomSource random = RandomSource.seeded(21);
    for (int i = 0; i < 30_000; i++) {
      put("key:" + random.nextInt(40_000), i);
    }
    for (int round = 0; round < 4; round++) {
      Map<String, Long> atCut = contents();
      Map<String, Long> read = new HashMap<>();
      try (Snapshot snapshot = heap.cut()) {
        CompletableFuture<Void> reader =
            CompletableFuture.runAsync(
                () ->
                    tables.forEach(
                        snapshot,
                        table,
                        entry -> {
                          long pinned = EntryLayout.pin(snapshot, entry);
                          String key = TestEntries.keyOf(pinned);
                          assertThat(read.put(key, TestEntries.valueOf(pinned))).isNull();
                        }));
        int step = 0;
        while (!reader.isDone() || step < 20_000) {
          String key = "key:" + random.nextInt(40_000);
          if (random.nextInt(5) < (round % 2 == 0 ? 1 : 4)) {
            put(key, step);
          } else {
            remove(key);
          }
          step++;
        }
        reader.join();
      }
      assertThat(read).isEqualTo(atCut);
      tables.verify(table);
    }
  }

  private Map<String, Long> contents() {
    Map<String, Long> contents = new HashMap<>();
    tables.forEach(
        heap.live(),
        table,
        entry -> {
          String key = TestEntries.keyOf(entry);
          assertThat(contents.put(key, TestEntries.valueOf(entry))).isNull();
        });
    return contents;
  }

  private long find(String key) {
    Slice bytes = entries.key(key);
    return tables.find(table, tables.hash(bytes.at, bytes.length), bytes.at, bytes.length);
  }

  /// Adds the key or replaces its entry.
  private void put(String key, long value) {
    Slice bytes = entries.key(key);
    long hash = tables.hash(bytes.at, bytes.length);
    long slot = tables.findSlot(table, hash, bytes.at, bytes.length);
    long entry = entries.entry(key, value);
    if (slot == 0) {
      tables.insert(table, hash, entry);
    } else {
      long old = tables.entryAt(slot);
      tables.replace(table, slot, entry);
      heap.free(old);
    }
  }

  private boolean remove(String key) {
    Slice bytes = entries.key(key);
    long hash = tables.hash(bytes.at, bytes.length);
    long slot = tables.findSlot(table, hash, bytes.at, bytes.length);
    if (slot == 0) {
      return false;
    }
    heap.free(tables.remove(table, hash, slot));
    return true;
  }

  private void freeEntries() {
    while (tables.drain(table, 1000, heap::free) > 0) {
      assertThat(tables.count(table)).isPositive();
    }
  }
}
