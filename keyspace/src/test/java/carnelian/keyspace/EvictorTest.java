package carnelian.keyspace;

import static org.assertj.core.api.Assertions.assertThat;

import carnelian.keyspace.Evictor.Outcome;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class EvictorTest {
  private static final int KEYS = 2000;

  private static void configure(TestStore store, long limitBytes, EvictionPolicy policy) {
    store.keyspace.evictor().settings(new EvictionSettings(limitBytes, policy, 5, 100, 10, 1));
  }

  private static int living(TestStore store, String prefix) {
    int[] count = new int[1];
    store
        .db
        .traversal()
        .forEach(entry -> count[0] += TestStore.keyText(entry).startsWith(prefix) ? 1 : 0);
    return count[0];
  }

  @Test
  void withoutALimit_nothingGoes() {
    try (TestStore store = new TestStore(1)) {
      configure(store, 0, EvictionPolicy.ALLKEYS_LRU);
      store.set("k", "v");
      assertThat(store.keyspace.evictor().isOverLimit()).isFalse();
      assertThat(store.keyspace.evictor().evict()).isEqualTo(Outcome.ENOUGH);
      assertThat(store.db.size()).isEqualTo(1);
    }
  }

  @Test
  void noeviction_fails() {
    try (TestStore store = new TestStore(1)) {
      configure(store, 1, EvictionPolicy.NOEVICTION);
      store.set("k", "v");
      assertThat(store.keyspace.evictor().evict()).isEqualTo(Outcome.FAILED);
      store.advance(7);
      assertThat(store.keyspace.evictor().currentExceededMillis()).isEqualTo(7);
    }
  }

  @ParameterizedTest
  @EnumSource(value = EvictionPolicy.class, mode = EnumSource.Mode.EXCLUDE, names = "NOEVICTION")
  void everyPolicy_getsBelowTheLimit_andReportsEachKeyOnce(EvictionPolicy policy) {
    try (TestStore store = new TestStore(1)) {
      for (int i = 0; i < KEYS; i++) {
        store.set("v" + i, "x".repeat(100), store.now() + 100_000 + i);
      }
      store.events.clear();
      long limit = store.heap.usedBytes() / 2;
      configure(store, limit, policy);
      assertThat(store.keyspace.evictor().evict()).isEqualTo(Outcome.ENOUGH);
      assertThat(store.heap.usedBytes()).isLessThanOrEqualTo(limit);
      long gone = KEYS - store.db.size();
      assertThat(gone).isBetween(KEYS / 4L, KEYS * 3L / 4);
      assertThat(store.keyspace.statistics().evicted()).isEqualTo(gone);
      assertThat(store.events).hasSize((int) gone).doesNotHaveDuplicates();
      assertThat(store.keyspace.evictor().evict()).isEqualTo(Outcome.ENOUGH);
    }
  }

  @ParameterizedTest
  @EnumSource(value = EvictionPolicy.class, mode = EnumSource.Mode.MATCH_ALL, names = "VOLATILE.*")
  void volatilePolicies_leaveKeysWithoutDeadline(EvictionPolicy policy) {
    try (TestStore store = new TestStore(1)) {
      for (int i = 0; i < 100; i++) {
        store.set("fixed" + i, "x".repeat(100));
        store.set("volatile" + i, "x".repeat(100), store.now() + 100_000);
      }
      configure(store, 1, policy);
      assertThat(store.keyspace.evictor().evict()).isEqualTo(Outcome.FAILED);
      assertThat(living(store, "fixed")).isEqualTo(100);
      assertThat(living(store, "volatile")).isZero();
    }
  }

  @Test
  void lru_removesTheOldestFirst() {
    try (TestStore store = new TestStore(1)) {
      for (int i = 0; i < KEYS; i++) {
        store.set("old" + i, "x".repeat(100));
      }
      store.advance(60_000);
      for (int i = 0; i < KEYS; i++) {
        store.set("new" + i, "x".repeat(100));
      }
      configure(store, store.heap.usedBytes() * 6 / 10, EvictionPolicy.ALLKEYS_LRU);
      assertThat(store.keyspace.evictor().evict()).isEqualTo(Outcome.ENOUGH);
      // An exact order would leave all new ones.
      assertThat(living(store, "new")).isGreaterThan(KEYS * 95 / 100);
      assertThat(living(store, "old")).isLessThan(KEYS / 2);
    }
  }

  @Test
  void lfu_removesTheLeastUsedFirst() {
    try (TestStore store = new TestStore(1)) {
      configure(store, 0, EvictionPolicy.ALLKEYS_LFU);
      for (int i = 0; i < KEYS; i++) {
        store.set("rare" + i, "x".repeat(100));
        store.set("often" + i, "x".repeat(100));
        for (int use = 0; use < 30; use++) {
          store.db.read(store.key("often" + i));
        }
      }
      long entry = store.db.peek(store.key("often1"));
      assertThat(store.keyspace.usage().frequency(entry)).isGreaterThan(5);
      configure(store, store.heap.usedBytes() * 6 / 10, EvictionPolicy.ALLKEYS_LFU);
      assertThat(store.keyspace.evictor().evict()).isEqualTo(Outcome.ENOUGH);
      assertThat(living(store, "often")).isGreaterThan(KEYS * 95 / 100);
      store.advance(3 * 60_000);
      store.keyspace.advance(store.now());
      int before = store.keyspace.usage().frequency(store.db.write(store.key("often1")));
      assertThat(before).isLessThan(12);
    }
  }

  @Test
  void ttl_removesInTheOrderOfTheDeadlines() {
    try (TestStore store = new TestStore(1)) {
      for (int i = 0; i < KEYS; i++) {
        store.set("k" + i, "x".repeat(100), store.now() + 10_000 + i);
      }
      configure(store, store.heap.usedBytes() / 2, EvictionPolicy.VOLATILE_TTL);
      assertThat(store.keyspace.evictor().evict()).isEqualTo(Outcome.ENOUGH);
      int gone = (int) store.keyspace.statistics().evicted();
      assertThat(store.db.peek(store.key("k" + (gone - 1)))).isZero();
      assertThat(store.db.peek(store.key("k" + gone))).isNotZero();
    }
  }

  @Test
  void databases_areEvictedFromTogether() {
    try (TestStore store = new TestStore(1)) {
      Database other = store.keyspace.database(3);
      for (int i = 0; i < KEYS; i++) {
        store.strings.set(other, store.key("old" + i), store.value("x".repeat(100)));
      }
      store.advance(60_000);
      for (int i = 0; i < KEYS; i++) {
        store.set("new" + i, "x".repeat(100));
      }
      configure(store, store.heap.usedBytes() * 6 / 10, EvictionPolicy.ALLKEYS_LRU);
      assertThat(store.keyspace.evictor().evict()).isEqualTo(Outcome.ENOUGH);
      assertThat(living(store, "new")).isGreaterThan(KEYS * 95 / 100);
      assertThat(other.size()).isLessThan(KEYS / 2);
    }
  }
}
