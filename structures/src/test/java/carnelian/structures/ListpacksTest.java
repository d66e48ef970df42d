package carnelian.structures;

import static org.assertj.core.api.Assertions.assertThat;

import carnelian.base.RandomSource;
import carnelian.memory.Heap;
import carnelian.memory.HeapOptions;
import carnelian.memory.NativeBuffer;
import carnelian.memory.Slice;
import carnelian.memory.Snapshot;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ListpacksTest {
  private final Heap heap = new Heap(HeapOptions.defaults());
  private final Listpacks listpacks = new Listpacks(heap);
  private final Outside outside = new Outside();
  private final Element element = new Element();

  @AfterEach
  void everythingIsFreed() {
    outside.close();
    assertThat(heap.stats().usedBytes()).isZero();
    heap.close();
  }

  // Captured from redis-server 7.0.15: DUMP of a list made by RPUSH of the integers below.
  private static final String INTEGERS =
      "7d0000001700000101017f01c08002dfff02d00002cfff02f1001003f1ffef03f1ff7f03f1008003"
          + "f200800004f2ff7fff04f2ffff7f04f200008004f30000800005f3ffff7fff05f3ffffff7f05f300"
          + "00008005f4000000800000000009f4ffffff7fffffffff09f4ffffffffffffff7f09f40000000000"
          + "00008009ff";

  private static final List<String> INTEGER_VALUES =
      List.of(
          "0",
          "1",
          "127",
          "128",
          "-1",
          "-4096",
          "4095",
          "4096",
          "-4097",
          "32767",
          "-32768",
          "32768",
          "-32769",
          "8388607",
          "-8388608",
          "8388608",
          "-8388609",
          "2147483647",
          "-2147483648",
          "2147483648",
          "-2147483649",
          "9223372036854775807",
          "-9223372036854775808");

  // Captured likewise: what looks like an integer and must stay a string.
  private static final String STRINGS =
      "d20000000c008001816102822d300382303103822b31039339323233333732303336383534373735"
          + "38303814942d39323233333732303336383534373735383039158220310382312003bf"
          + "78".repeat(63)
          + "40e040"
          + "79".repeat(64)
          + "42812d02ff";

  private static final List<String> STRING_VALUES =
      List.of(
          "",
          "a",
          "-0",
          "01",
          "+1",
          "9223372036854775808",
          "-9223372036854775809",
          " 1",
          "1 ",
          "x".repeat(63),
          "y".repeat(64),
          "-");

  @Test
  void append_ofIntegers_givesRedisBytes() {
    long listpack = of(INTEGER_VALUES);
    assertThat(hex(listpack)).isEqualTo(INTEGERS);
    assertThat(values(listpack)).isEqualTo(INTEGER_VALUES);
    listpacks.destroy(listpack);
  }

  @Test
  void append_ofStrings_givesRedisBytes() {
    long listpack = of(STRING_VALUES);
    assertThat(hex(listpack)).isEqualTo(STRINGS);
    assertThat(values(listpack)).isEqualTo(STRING_VALUES);
    listpacks.destroy(listpack);
  }

  @Test
  void append_ofHashFields_givesRedisBytes() {
    long listpack = of(List.of("name", "carnelian", "n", "7"));
    assertThat(hex(listpack))
        .isEqualTo("1d0000000400846e616d6505896361726e656c69616e0a816e020701ff");
    listpacks.destroy(listpack);
  }

  // Length, then the first twelve and last eight bytes of what redis-server 7.0.15 stores for the
  // hash {f: z…}. The back length takes a third byte one byte early, at 16,383.
  @ParameterizedTest
  @CsvSource({
    "125, 8a0000000200816602e07d7a, 7a7a7a7a7a7a7fff",
    "126, 8c0000000200816602e07e7a, 7a7a7a7a7a0180ff",
    "127, 8d0000000200816602e07f7a, 7a7a7a7a7a0181ff",
    "4095, 0d1000000200816602efff7a, 7a7a7a7a7a2081ff",
    "4096, 111000000200816602f00010, 7a7a7a7a7a2085ff",
    "16379, 0d4000000200816602f0fb3f, 7a7a7a7a018080ff",
    "16380, 0e4000000200816602f0fc3f, 7a7a7a7a018081ff",
    "16384, 124000000200816602f00040, 7a7a7a7a018085ff",
    "20000, 324e00000200816602f0204e, 7a7a7a7a019ca5ff"
  })
  void append_ofLongStrings_givesRedisBytes(int length, String start, String end) {
    String value = "z".repeat(length);
    long listpack = of(List.of("f", value));
    assertThat(hex(listpack)).startsWith(start).endsWith(end);
    assertThat(values(listpack)).containsExactly("f", value);
    assertThat(Listpacks.previous(listpack, Listpacks.last(listpack)))
        .isEqualTo(Listpacks.first(listpack));
    assertThat(valid(listpack)).isTrue();
    listpacks.destroy(listpack);
  }

  @Test
  void entryBytes_ofAValue_isWhatItAdds() {
    for (List<String> values : List.of(INTEGER_VALUES, STRING_VALUES)) {
      for (String value : values) {
        long listpack = listpacks.create();
        Slice text = outside.text(value);
        long expected = Listpacks.entryBytes(text.at, text.length);
        listpack = listpacks.append(listpack, text);
        assertThat(Listpacks.bytes(listpack) - ListpackFormat.EMPTY_BYTES).isEqualTo(expected);
        assertThat(Listpacks.entryBytes(listpacks.position())).isEqualTo((int) expected);
        listpacks.destroy(listpack);
      }
    }
  }

  @Test
  void emptyListpack_hasNoElement() {
    long listpack = listpacks.create();
    assertThat(hex(listpack)).isEqualTo("070000000000ff");
    assertThat(Listpacks.isEmpty(listpack)).isTrue();
    assertThat(Listpacks.first(listpack)).isZero();
    assertThat(Listpacks.last(listpack)).isZero();
    assertThat(Listpacks.seek(listpack, 0)).isZero();
    assertThat(Listpacks.seek(listpack, -1)).isZero();
    assertThat(Listpacks.find(0, outside.text("a"), 0)).isZero();
    assertThat(valid(listpack)).isTrue();
    listpacks.destroy(listpack);
  }

  @Test
  void find_withSkip_looksAtFieldsOnly() {
    long listpack = of(List.of("a", "b", "b", "12", "12", "c"));
    long first = Listpacks.first(listpack);
    assertThat(Listpacks.find(first, outside.text("b"), 1)).isEqualTo(Listpacks.seek(listpack, 2));
    assertThat(Listpacks.find(first, outside.text("12"), 1)).isEqualTo(Listpacks.seek(listpack, 4));
    assertThat(Listpacks.find(first, outside.text("c"), 1)).isZero();
    assertThat(Listpacks.find(first, outside.text("12"), 0)).isEqualTo(Listpacks.seek(listpack, 3));
    assertThat(Listpacks.find(first, outside.text("012"), 0)).isZero();
    listpacks.destroy(listpack);
  }

  @Test
  void find_inAStringThatCouldBeAnInteger_comparesItsText() {
    // An old Redis or a hand may have stored "12" as a string.
    Slice bytes = outside.hex("0b0000000100 82313203 ff");
    long listpack = listpacks.copyOf(bytes.at);
    assertThat(valid(listpack)).isTrue();
    assertThat(Listpacks.find(Listpacks.first(listpack), outside.text("12"), 0)).isNotZero();
    assertThat(Listpacks.get(Listpacks.first(listpack), element).isLong()).isTrue();
    assertThat(element.asLong()).isEqualTo(12);
    listpacks.destroy(listpack);
  }

  @Test
  void count_beyondTheHeadersRange_walks() {
    long listpack = listpacks.create();
    int elements = 65_600;
    for (int i = 0; i < elements; i++) {
      listpack = listpacks.appendInteger(listpack, i & 127);
    }
    assertThat(Listpacks.count(listpack)).isEqualTo(elements);
    assertThat(Listpacks.get(Listpacks.seek(listpack, elements - 1), element).integer())
        .isEqualTo((elements - 1) & 127);
    assertThat(Listpacks.get(Listpacks.seek(listpack, -elements), element).integer()).isZero();
    assertThat(Listpacks.seek(listpack, elements)).isZero();
    assertThat(Listpacks.seek(listpack, -elements - 1L)).isZero();
    assertThat(valid(listpack)).isTrue();
    listpack = listpacks.deleteRange(listpack, 10, 100_000);
    assertThat(Listpacks.count(listpack)).isEqualTo(10);
    assertThat(valid(listpack)).isTrue();
    listpacks.destroy(listpack);
  }

  @Test
  void deletions_giveMemoryBack() {
    long listpack = listpacks.create();
    for (int i = 0; i < 1000; i++) {
      listpack = listpacks.append(listpack, outside.text("some value " + i));
    }
    long full = heap.usable(listpack);
    while (Listpacks.count(listpack) > 10) {
      listpack = listpacks.delete(listpack, Listpacks.first(listpack));
    }
    assertThat(heap.usable(listpack)).isLessThan(full / 10);
    listpacks.destroy(listpack);
  }

  @Test
  void elements_appendToABufferAsText() {
    long listpack = of(List.of("-77", "seven"));
    try (NativeBuffer buffer = new NativeBuffer(4)) {
      Listpacks.get(Listpacks.first(listpack), element).appendTo(buffer);
      Listpacks.get(Listpacks.last(listpack), element).appendTo(buffer);
      assertThat(buffer.slice(new Slice())).hasToString("-77seven");
    }
    listpacks.destroy(listpack);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void randomOperations_agreeWithArrayList(long seed) {
    RandomSource random = RandomSource.seeded(seed);
    List<String> model = new ArrayList<>();
    long listpack = listpacks.create();
    for (int step = 0; step < 1500; step++) {
      listpack = mutate(random, listpack, model);
      if (step % 8 == 0) {
        check(listpack, model, "seed " + seed + " step " + step);
      }
    }
    check(listpack, model, "seed " + seed);
    listpacks.destroy(listpack);
  }

  /// Checked memory refuses a write that was not announced to the barrier.
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void snapshots_keepWhatWasThereAtTheCut(long seed) {
    RandomSource random = RandomSource.seeded(seed);
    List<String> model = new ArrayList<>();
    long listpack = listpacks.create();
    for (int round = 0; round < 40; round++) {
      List<String> atCut = List.copyOf(model);
      long listpackAtCut = listpack;
      try (Snapshot snapshot = heap.cut()) {
        for (int step = random.nextInt(30); step >= 0; step--) {
          listpack = mutate(random, listpack, model);
        }
        assertThat(values(Listpacks.pin(snapshot, listpackAtCut)))
            .as("seed " + seed + " round " + round)
            .isEqualTo(atCut);
      }
      assertThat(values(Listpacks.pin(heap.live(), listpack))).isEqualTo(model);
    }
    listpacks.destroy(listpack);
  }

  private long mutate(RandomSource random, long listpack, List<String> model) {
    int size = model.size();
    String value = value(random);
    int index = size == 0 ? 0 : random.nextInt(size);
    boolean anyIndex = random.nextInt(2) == 0;
    long spot = Listpacks.seek(listpack, anyIndex ? index : index - size);
    int choice = size == 0 ? 0 : random.nextInt(size > 200 ? 14 : 10);
    return switch (choice) {
      case 0, 1 -> {
        model.add(value);
        yield listpacks.append(listpack, outside.text(value));
      }
      case 2 -> {
        model.add(0, value);
        yield listpacks.prepend(listpack, outside.text(value));
      }
      case 3 -> {
        model.add(index, value);
        yield positioned(listpacks.insertBefore(listpack, spot, outside.text(value)), value);
      }
      case 4 -> {
        model.add(index + 1, value);
        yield positioned(listpacks.insertAfter(listpack, spot, outside.text(value)), value);
      }
      case 5, 6 -> {
        model.set(index, value);
        yield positioned(listpacks.replace(listpack, spot, outside.text(value)), value);
      }
      case 7 -> {
        model.remove(index);
        long changed = listpacks.delete(listpack, spot);
        assertThat(listpacks.position()).isEqualTo(Listpacks.seek(changed, index));
        yield changed;
      }
      case 8 -> {
        long number = random.nextLong() >> random.nextInt(64);
        model.set(index, Long.toString(number));
        yield listpacks.replaceInteger(listpack, spot, number);
      }
      case 9 -> splitAndMerge(listpack, model, index, random);
      default -> {
        int count = random.nextInt(20);
        model.subList(index, Math.min(size, index + count)).clear();
        yield listpacks.deleteRange(listpack, anyIndex ? index : index - size, count);
      }
    };
  }

  private long positioned(long listpack, String value) {
    assertThat(Listpacks.get(listpacks.position(), element)).hasToString(value);
    return listpack;
  }

  private long splitAndMerge(long listpack, List<String> model, int index, RandomSource random) {
    long tail = listpacks.split(listpack, index);
    long head = random.nextInt(2) == 0 ? listpacks.trim(listpack) : listpack;
    assertThat(values(head)).isEqualTo(model.subList(0, index));
    assertThat(values(tail)).isEqualTo(model.subList(index, model.size()));
    assertThat(valid(head) && valid(tail)).isTrue();
    if (random.nextInt(4) != 0) {
      return listpacks.merge(head, tail);
    }
    Collections.rotate(model, -index);
    return listpacks.merge(tail, head);
  }

  private void check(long listpack, List<String> model, String what) {
    assertThat(Listpacks.count(listpack)).as(what).isEqualTo(model.size());
    assertThat(values(listpack)).as(what).isEqualTo(model);
    assertThat(backwards(listpack)).as(what).isEqualTo(model.reversed());
    assertThat(valid(listpack)).as(what).isTrue();
    long fresh = of(model);
    assertThat(Listpacks.isSame(listpack, fresh)).as(what).isTrue();
    listpacks.destroy(fresh);
    for (String value : model) {
      assertThat(Listpacks.find(Listpacks.first(listpack), outside.text(value), 0))
          .as(what)
          .isEqualTo(Listpacks.seek(listpack, model.indexOf(value)));
    }
  }

  private static String value(RandomSource random) {
    return switch (random.nextInt(6)) {
      case 0 -> Integer.toString(random.nextInt(300));
      case 1 -> Long.toString(random.nextLong() >> random.nextInt(64));
      case 2 -> "0" + random.nextInt(100);
      case 3 -> filled(random, random.nextInt(200));
      case 4 -> random.nextInt(20) == 0 ? filled(random, random.nextInt(17_000)) : "";
      default -> filled(random, 1 + random.nextInt(8));
    };
  }

  private static String filled(RandomSource random, int length) {
    byte[] bytes = new byte[length];
    Arrays.fill(bytes, (byte) ('a' + random.nextInt(26)));
    return new String(bytes, StandardCharsets.ISO_8859_1);
  }

  private long of(List<String> values) {
    long listpack = listpacks.create();
    for (String value : values) {
      listpack = listpacks.append(listpack, outside.text(value));
    }
    return listpack;
  }

  private List<String> values(long listpack) {
    List<String> values = new ArrayList<>();
    for (long at = Listpacks.first(listpack); at != 0; at = Listpacks.next(at)) {
      values.add(Listpacks.get(at, element).toString());
    }
    return values;
  }

  private List<String> backwards(long listpack) {
    List<String> values = new ArrayList<>();
    for (long at = Listpacks.last(listpack); at != 0; at = Listpacks.previous(listpack, at)) {
      values.add(Listpacks.get(at, element).toString());
    }
    return values;
  }

  private static boolean valid(long listpack) {
    return Listpacks.validate(listpack, Listpacks.bytes(listpack), true);
  }

  private static String hex(long listpack) {
    return Outside.hexOf(listpack, Listpacks.bytes(listpack));
  }
}
