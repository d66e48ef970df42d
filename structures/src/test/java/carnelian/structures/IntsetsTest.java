package carnelian.structures;

import static org.assertj.core.api.Assertions.assertThat;

import carnelian.base.RandomSource;
import carnelian.memory.Heap;
import carnelian.memory.HeapOptions;
import carnelian.memory.Memory;
import carnelian.memory.Snapshot;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class IntsetsTest {
  private final Heap heap = new Heap(HeapOptions.defaults());
  private final Intsets intsets = new Intsets(heap);
  private final Outside outside = new Outside();

  @AfterEach
  void everythingIsFreed() {
    outside.close();
    assertThat(heap.stats().usedBytes()).isZero();
    heap.close();
  }

  // Captured from redis-server 7.0.15 with DUMP.
  @ParameterizedTest
  @CsvSource({
    "'1 2 -3', 0200000003000000fdff01000200",
    "'1 70000 -3', 0400000003000000fdffffff0100000070110100",
    "'1 9223372036854775807 -9223372036854775808', "
        + "0800000003000000000000000000008001000000 00000000ffffffffffffff7f"
  })
  void add_givesRedisBytes(String values, String hex) {
    long set = intsets.create();
    for (String value : values.split(" ", -1)) {
      set = intsets.add(set, Long.parseLong(value));
      assertThat(intsets.isChanged()).isTrue();
    }
    assertThat(Outside.hexOf(set, Intsets.bytes(set))).isEqualTo(hex.replace(" ", ""));
    assertThat(Intsets.validate(set, Intsets.bytes(set), true)).isTrue();
    intsets.destroy(set);
  }

  @Test
  void add_ofAMember_changesNothing() {
    long set = intsets.add(intsets.create(), 5);
    set = intsets.add(set, 5);
    assertThat(intsets.isChanged()).isFalse();
    assertThat(Intsets.count(set)).isEqualTo(1);
    set = intsets.remove(set, 6);
    assertThat(intsets.isChanged()).isFalse();
    intsets.destroy(set);
  }

  @ParameterizedTest
  @ValueSource(longs = {21, 22, 23, 24})
  void randomOperations_agreeWithTreeSet(long seed) {
    RandomSource random = RandomSource.seeded(seed);
    TreeSet<Long> model = new TreeSet<>();
    long set = intsets.create();
    for (int step = 0; step < 4000; step++) {
      // Wider and wider, so that every upgrade happens with members there.
      long value = random.nextLong() >> (63 - Math.min(63, 4 + step / 50 + random.nextInt(4)));
      boolean expected;
      if (random.nextInt(3) == 0) {
        expected = model.remove(value);
        set = intsets.remove(set, value);
      } else {
        expected = model.add(value);
        set = intsets.add(set, value);
      }
      assertThat(intsets.isChanged()).as("seed " + seed).isEqualTo(expected);
      assertThat(Intsets.contains(set, value)).isEqualTo(model.contains(value));
      if (step % 100 == 0) {
        assertThat(values(set)).as("seed " + seed).containsExactlyElementsOf(model);
      }
    }
    assertThat(values(set)).as("seed " + seed).containsExactlyElementsOf(model);
    assertThat(Intsets.validate(set, Intsets.bytes(set), true)).isTrue();
    while (!model.isEmpty()) {
      long member = Intsets.random(set, random);
      assertThat(model.remove(member)).isTrue();
      set = intsets.remove(set, member);
    }
    assertThat(Intsets.count(set)).isZero();
    intsets.destroy(set);
  }

  /// Checked memory refuses a write that was not announced to the barrier.
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void snapshots_keepWhatWasThereAtTheCut(long seed) {
    RandomSource random = RandomSource.seeded(seed);
    long set = intsets.create();
    for (int round = 0; round < 60; round++) {
      List<Long> atCut = values(set);
      long setAtCut = set;
      try (Snapshot snapshot = heap.cut()) {
        for (int step = random.nextInt(20); step >= 0; step--) {
          long value = (long) random.nextInt(300) << (round / 2);
          set = random.nextInt(3) == 0 ? intsets.remove(set, value) : intsets.add(set, value);
        }
        assertThat(values(Intsets.pin(snapshot, setAtCut))).as("seed " + seed).isEqualTo(atCut);
      }
    }
    intsets.destroy(set);
  }

  @ParameterizedTest
  @CsvSource({
    "0200000001000000, no values",
    "0200000000000000, empty",
    "03000000010000000100, no such width",
    "02000000020000000100, fewer than claimed",
    "020000000100000001000200, more than claimed",
    "02000000ffffffff0100, count beyond everything",
    "020000000200000002000100, descending",
    "020000000200000001000100, twice the same",
    "02, no header"
  })
  void brokenBytes_areRefused(String hex, String why) {
    int length = hex.length() / 2;
    long at = heap.allocate(length);
    Memory.copy(outside.hex(hex).at, at, length);
    assertThat(Intsets.validate(at, length, true)).as(why).isFalse();
    heap.free(at);
  }

  @ParameterizedTest
  @ValueSource(longs = {31, 32})
  void mutations_areRefusedOrReadWithinBounds(long seed) {
    RandomSource random = RandomSource.seeded(seed);
    for (int round = 0; round < 10_000; round++) {
      int length = 8 + random.nextInt(24);
      long at = heap.allocate(length);
      for (int i = 0; i < length; i++) {
        Memory.putByte(at + i, (byte) (random.nextInt(4) == 0 ? random.nextLong() : 0));
      }
      Memory.putByte(at, (byte) (2 << random.nextInt(3)));
      Memory.putByte(at + 4, (byte) random.nextInt(8));
      if (Intsets.validate(at, length, true)) {
        assertThat(values(at)).as("seed " + seed).isSorted().doesNotHaveDuplicates();
      }
      heap.free(at);
    }
  }

  private static List<Long> values(long set) {
    List<Long> values = new ArrayList<>();
    for (int i = 0; i < Intsets.count(set); i++) {
      values.add(Intsets.get(set, i));
    }
    return values;
  }
}
