package carnelian.structures;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import carnelian.memory.Heap;
import carnelian.memory.HeapLimitException;
import carnelian.memory.HeapOptions;
import carnelian.memory.Slice;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// A heap without room fails what needs memory, leaves listpacks and intsets whole, and never keeps
/// anything from being taken out.
class FullHeapCompactTest {
  private final Heap heap = new Heap(HeapOptions.defaults().withReserveBytes(32 << 20));
  private final Outside outside = new Outside();
  private final List<Long> ballast = new ArrayList<>();

  @AfterEach
  void everythingIsFreed() {
    ballast.forEach(heap::free);
    outside.close();
    assertThat(heap.usedBytes()).isZero();
    heap.close();
  }

  @Test
  void listpack_inAFullHeap_staysWholeAndCanShrink() {
    Listpacks listpacks = new Listpacks(heap);
    long listpack = listpacks.create();
    for (int i = 0; i < 2000; i++) {
      listpack = listpacks.append(listpack, outside.text("value " + i));
    }
    fill();
    Slice large = outside.text("z".repeat(100_000));
    long whole = listpack;
    String before = Outside.hexOf(whole, Listpacks.bytes(whole));
    assertThatThrownBy(() -> listpacks.append(whole, large)).isInstanceOf(HeapLimitException.class);
    assertThatThrownBy(() -> listpacks.replace(whole, Listpacks.first(whole), large))
        .isInstanceOf(HeapLimitException.class);
    assertThatThrownBy(() -> listpacks.split(whole, 1)).isInstanceOf(HeapLimitException.class);
    assertThat(Outside.hexOf(whole, Listpacks.bytes(whole))).isEqualTo(before);
    while (!Listpacks.isEmpty(listpack)) {
      listpack = listpacks.delete(listpack, Listpacks.last(listpack));
    }
    listpack = listpacks.trim(listpack);
    assertThat(Listpacks.validate(listpack, Listpacks.bytes(listpack), true)).isTrue();
    listpacks.destroy(listpack);
  }

  @Test
  void intset_inAFullHeap_staysWholeAndCanShrink() {
    Intsets intsets = new Intsets(heap);
    long set = intsets.create();
    for (int i = 0; i < 20_000; i++) {
      set = intsets.add(set, i);
    }
    fill();
    long whole = set;
    assertThatThrownBy(() -> intsets.add(whole, Long.MAX_VALUE))
        .isInstanceOf(HeapLimitException.class);
    assertThat(Intsets.count(set)).isEqualTo(20_000);
    for (int i = 0; i < 20_000; i++) {
      set = intsets.remove(set, i);
    }
    assertThat(Intsets.count(set)).isZero();
    intsets.destroy(set);
  }

  private void fill() {
    for (int bytes = 1 << 18; bytes >= 8; bytes >>= 1) {
      try {
        while (true) {
          ballast.add(heap.allocate(bytes));
        }
      } catch (HeapLimitException e) {
        assertThat(e.requestedBytes()).isPositive();
      }
    }
  }
}
