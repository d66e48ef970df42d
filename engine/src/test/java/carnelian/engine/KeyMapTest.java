package carnelian.engine;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import carnelian.memory.NativeBuffer;
import carnelian.memory.Slice;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class KeyMapTest {
  private final NativeBuffer bytes = new NativeBuffer(64);
  private final Slice slice = new Slice();

  @AfterEach
  void close() {
    bytes.close();
  }

  private Slice key(String text) {
    bytes.clear();
    bytes.putAscii(text);
    return bytes.slice(slice);
  }

  @Test
  void map_behavesAsItsModelUnderRandomOperations() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    JavaHeapBudget budget = new JavaHeapBudget(Long.MAX_VALUE);
    KeyMap<Integer> map = new KeyMap<>(seed, budget);
    Map<String, Integer> model = new LinkedHashMap<>();
    for (int i = 0; i < 50_000; i++) {
      int database = random.nextInt(3);
      String name = "k".repeat(random.nextInt(12)) + random.nextInt(200);
      KeyMap.Node<Integer> node = map.find(database, key(name));
      String modelKey = database + ":" + name;
      assertThat(node == null ? null : node.value)
          .as("seed %d", seed)
          .isEqualTo(model.get(modelKey));
      if (node == null) {
        map.insert(database, key(name), i);
        model.put(modelKey, i);
      } else if (random.nextBoolean()) {
        map.remove(node);
        map.remove(node); // Again does nothing.
        model.remove(modelKey);
      }
      assertThat(map.size()).isEqualTo(model.size());
    }
    KeyMap.Node<Integer> node = map.first();
    for (Map.Entry<String, Integer> entry : model.entrySet()) {
      assertThat(requireNonNull(node).value).isEqualTo(entry.getValue());
      node = node.next();
    }
    assertThat(node).isNull();
    while (!map.isEmpty()) {
      map.remove(requireNonNull(map.first()));
    }
    assertThat(budget.takenBytes()).isZero();
  }

  @Test
  void insert_beyondTheBudget_isRefusedAndChangesNothing() {
    JavaHeapBudget budget = new JavaHeapBudget(2 * JavaHeapBudget.OBJECT_BYTES);
    KeyMap<Integer> map = new KeyMap<>(1, budget);
    map.insert(0, key("first"), 1);
    assertThatThrownBy(() -> map.insert(0, key("k".repeat(JavaHeapBudget.OBJECT_BYTES)), 2))
        .isInstanceOf(ReplyError.class);
    assertThat(map.size()).isEqualTo(1);
    assertThat(budget.takenBytes()).isEqualTo(JavaHeapBudget.OBJECT_BYTES + "first".length());
  }
}
