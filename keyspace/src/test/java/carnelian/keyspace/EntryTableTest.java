package carnelian.keyspace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import carnelian.base.RandomSource;
import carnelian.memory.Slice;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class EntryTableTest {
  private static final long SEED = 20_261_122;
  private static final int OPERATIONS = 20_000;
  private static final int KEYS = 200;

  /// An entry of the key, not in the table, with or without a deadline.
  private static long entry(TestStore store, String key, long deadline) {
    return store.db.allocate(store.key(key), Encoding.STRING_RAW, 3, deadline);
  }

  private static long find(TestStore store, String key) {
    Slice name = store.key(key);
    return store.db.entries().find(store.db.hash(name), name);
  }

  @Test
  void entriesAndDeadlines_stayInStep_whateverWasLookedUpBefore() {
    try (TestStore store = new TestStore(1)) {
      RandomSource random = RandomSource.seeded(SEED);
      EntryTable entries = store.db.entries();
      Map<String, Long> model = new HashMap<>();
      for (int i = 0; i < OPERATIONS; i++) {
        String key = "k" + random.nextInt(KEYS);
        if (random.nextInt(2) == 0) {
          assertThat(find(store, "k" + random.nextInt(KEYS))).isNotNegative(); // Remembers a slot.
        }
        Long present = model.get(key);
        long deadline =
            random.nextInt(2) == 0 ? Database.NO_DEADLINE : store.now() + random.nextInt(1000);
        if (present == null) {
          long added = entry(store, key, deadline);
          entries.link(store.db.hash(store.key(key)), added);
          model.put(key, added);
        } else if (random.nextInt(2) == 0) {
          long replacement = entry(store, key, deadline);
          entries.replace(present, replacement);
          store.heap.free(present);
          model.put(key, replacement);
        } else {
          entries.unlink(present);
          store.heap.free(present);
          model.remove(key);
        }
        String any = "k" + random.nextInt(KEYS);
        assertThat(find(store, any))
            .as("seed %d, operation %d", SEED, i)
            .isEqualTo(model.getOrDefault(any, 0L));
      }
      assertThat(entries.count()).isEqualTo(model.size());
      List<Long> met = new ArrayList<>();
      entries.forEach(met::add);
      assertThat(met).containsExactlyInAnyOrderElementsOf(model.values());
      store.db.verify();
    }
  }

  @Test
  void anEntryThatIsNotThere_isABug() {
    try (TestStore store = new TestStore(1)) {
      long stranger = entry(store, "k", Database.NO_DEADLINE);
      assertThatThrownBy(() -> store.db.entries().unlink(stranger))
          .hasMessageContaining("entry not in its table");
      store.heap.free(stranger);
    }
  }

  @Test
  void swap_exchangesEntriesAndTheirDeadlines() {
    try (TestStore store = new TestStore(1)) {
      EntryTable first = store.db.entries();
      EntryTable second = store.keyspace.database(1).entries();
      store.set("k", "v", store.now() + 5);
      assertThat(find(store, "k")).isNotZero();
      first.swapWith(second);
      assertThat(find(store, "k")).isZero();
      assertThat(second.count()).isEqualTo(1);
      assertThat(second.indexes().keyCount()).isEqualTo(1);
      assertThat(first.indexes().keyCount()).isZero();
    }
  }
}
