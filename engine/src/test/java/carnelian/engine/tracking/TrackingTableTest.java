package carnelian.engine.tracking;

import static org.assertj.core.api.Assertions.assertThat;

import carnelian.base.RandomSource;
import carnelian.memory.NativeBuffer;
import carnelian.memory.Slice;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class TrackingTableTest {
  private static final int WIDE_KEY_BYTES = 70_000;

  private final long seed = System.nanoTime();
  private final Random random = new Random(seed);
  private final TrackingTable table = new TrackingTable(RandomSource.seeded(seed));
  private final NativeBuffer bytes = new NativeBuffer(64);
  private final Slice slice = new Slice();

  @AfterEach
  void close() {
    table.close();
    bytes.close();
  }

  private Slice key(String text) {
    bytes.clear();
    bytes.putAscii(text);
    return bytes.slice(slice);
  }

  private static List<Long> readers(long entry) {
    List<Long> ids = new ArrayList<>();
    for (int i = 0; i < TrackingTable.readers(entry); i++) {
      ids.add(TrackingTable.reader(entry, i));
    }
    return ids;
  }

  @Test
  void emptyTable_takesNoMemory() {
    assertThat(table.find(key("a"))).isZero();
    assertThat(table.any()).isZero();
    assertThat(table.keys()).isZero();
    assertThat(table.bytes()).isZero();
    table.clear();
  }

  @Test
  void table_behavesAsItsModelUnderRandomOperations() {
    Map<String, NavigableSet<Long>> model = new HashMap<>();
    for (int i = 0; i < 50_000; i++) {
      String name = "k".repeat(random.nextInt(12)) + random.nextInt(300);
      long entry = table.find(key(name));
      NavigableSet<Long> ids = model.get(name);
      assertThat(entry == 0 ? List.<Long>of() : readers(entry))
          .as("%s, seed %d", name, seed)
          .isEqualTo(ids == null ? List.of() : List.copyOf(ids));
      if (entry != 0 && random.nextInt(4) == 0) {
        table.remove(entry);
        model.remove(name);
      } else {
        long id = 1L + random.nextInt(random.nextBoolean() ? 3 : 100_000);
        assertThat(table.add(key(name), id)).isTrue();
        model.computeIfAbsent(name, _ -> new TreeSet<>()).add(id);
      }
      if (random.nextInt(10_000) == 0) {
        table.clear();
        model.clear();
      }
      assertThat(table.keys()).isEqualTo(model.size());
    }
    assertThat(table.items())
        .isEqualTo(model.values().stream().mapToLong(NavigableSet::size).sum());
    while (table.keys() > 0) {
      long any = table.any();
      TrackingTable.key(any, slice);
      String name = new String(slice.toBytes(), StandardCharsets.US_ASCII);
      assertThat(model.remove(name)).as("%s, seed %d", name, seed).isNotNull();
      table.remove(any);
    }
    assertThat(model).isEmpty();
    assertThat(table.items()).isZero();
  }

  @Test
  void removal_givesAllMemoryBack() {
    assertThat(table.add(key("first"), 1)).isTrue();
    long before = table.bytes();
    String wide = "w".repeat(WIDE_KEY_BYTES);
    for (long id = 1; id <= 1000; id++) {
      assertThat(table.add(key(wide), id)).isTrue();
    }
    assertThat(table.bytes()).isGreaterThan(before + WIDE_KEY_BYTES);
    table.remove(table.find(key(wide)));
    assertThat(table.bytes()).isEqualTo(before);
    assertThat(table.items()).isEqualTo(1);
  }
}
