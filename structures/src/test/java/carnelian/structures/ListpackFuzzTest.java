package carnelian.structures;

import static org.assertj.core.api.Assertions.assertThat;

import carnelian.memory.Heap;
import carnelian.memory.HeapOptions;
import carnelian.memory.Memory;
import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.ArrayList;
import java.util.List;

/// Bytes from anyone, as RESTORE and RDB files bring them, in checked memory. A normal run goes
/// over the inputs kept in the test resources; `JAZZER_FUZZ=1` searches for more.
class ListpackFuzzTest {
  private static final int MAX_INPUT_BYTES = 1 << 16;

  @FuzzTest(maxDuration = "10m")
  void listpack_isRefusedOrCanBeUsed(byte[] bytes) {
    if (bytes.length == 0 || bytes.length > MAX_INPUT_BYTES) {
      return;
    }
    try (Heap heap = new Heap(HeapOptions.defaults())) {
      long outside = copyIn(heap, bytes);
      Listpacks.validate(outside, bytes.length, false);
      if (Listpacks.validate(outside, bytes.length, true)) {
        use(new Listpacks(heap), outside);
      }
      heap.free(outside);
      assertThat(heap.usedBytes()).isZero();
    }
  }

  @FuzzTest(maxDuration = "10m")
  void intset_isRefusedOrCanBeUsed(byte[] bytes) {
    if (bytes.length == 0 || bytes.length > MAX_INPUT_BYTES) {
      return;
    }
    try (Heap heap = new Heap(HeapOptions.defaults())) {
      long outside = copyIn(heap, bytes);
      if (Intsets.validate(outside, bytes.length, true)) {
        Intsets intsets = new Intsets(heap);
        long set = intsets.copyOf(outside);
        for (int i = 0; i < Intsets.count(outside); i++) {
          long value = Intsets.get(outside, i);
          assertThat(Intsets.contains(set, value)).isTrue();
          set = intsets.remove(set, value);
          assertThat(intsets.isChanged()).isTrue();
          set = intsets.add(set, ~value);
        }
        intsets.destroy(set);
      }
      heap.free(outside);
      assertThat(heap.usedBytes()).isZero();
    }
  }

  private static void use(Listpacks listpacks, long outside) {
    Element element = new Element();
    List<String> values = new ArrayList<>();
    for (long at = Listpacks.first(outside); at != 0; at = Listpacks.next(at)) {
      values.add(Listpacks.get(at, element).toString());
    }
    assertThat(Listpacks.count(outside)).isEqualTo(values.size());
    long copy = listpacks.copyOf(outside);
    int half = values.size() / 2;
    long tail = listpacks.split(copy, half);
    copy = listpacks.appendInteger(copy, 7);
    copy = listpacks.delete(copy, Listpacks.last(copy));
    copy = listpacks.merge(copy, tail);
    int index = values.size();
    for (long at = Listpacks.last(copy); at != 0; at = Listpacks.previous(copy, at)) {
      index--;
      assertThat(Listpacks.get(at, element)).hasToString(values.get(index));
    }
    assertThat(index).isZero();
    listpacks.destroy(copy);
  }

  private static long copyIn(Heap heap, byte[] bytes) {
    long at = heap.allocate(bytes.length);
    Memory.copyIn(bytes, 0, at, bytes.length);
    return at;
  }
}
