package carnelian.keyspace;

import static org.assertj.core.api.Assertions.assertThat;

import carnelian.base.RandomSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class KeyTraversalTest {
  @Test
  void scan_meetsEveryKeyThatIsNotExpired() {
    try (TestStore store = new TestStore(1)) {
      for (int i = 0; i < 500; i++) {
        store.set("k" + i, "v");
        store.set("gone" + i, "v", store.now() + 5);
      }
      store.advance(6);
      Set<String> seen = new HashSet<>();
      long cursor = 0;
      do {
        cursor = store.db.traversal().scan(cursor, entry -> seen.add(TestStore.keyText(entry)));
      } while (cursor != 0);
      assertThat(seen).hasSize(500).allMatch(name -> name.startsWith("k"));
    }
  }

  @Test
  void randomKey_isNeverAnExpiredOne() {
    try (TestStore store = new TestStore(1)) {
      RandomSource random = RandomSource.seeded(3);
      for (int i = 0; i < 100; i++) {
        store.set("gone" + i, "v", store.now() + 5);
      }
      store.set("stays", "v");
      store.advance(6);
      assertThat(TestStore.keyText(store.db.traversal().randomKey(random))).isEqualTo("stays");
      store.db.delete(store.key("stays"));
      assertThat(store.db.traversal().randomKey(random)).isZero();
    }
  }

  @Test
  void scanWithExpired_meetsThemToo_soThatTheyCanBeRemovedAfterwards() {
    try (TestStore store = new TestStore(1)) {
      store.set("stays", "v");
      store.set("gone", "v", store.now() + 5);
      store.advance(6);
      List<Long> hidden = new ArrayList<>();
      long cursor = 0;
      do {
        cursor =
            store
                .db
                .traversal()
                .scanWithExpired(
                    cursor,
                    entry -> {
                      if (store.db.isHidden(entry)) {
                        hidden.add(entry);
                      }
                    });
      } while (cursor != 0);
      assertThat(hidden).hasSize(1);
      assertThat(store.db.size()).isEqualTo(2);
      store.db.expireIfDue(hidden.getFirst());
      assertThat(store.db.size()).isEqualTo(1);
      assertThat(store.events).endsWith("expired 0:gone");
    }
  }

  @Test
  void randomKey_whereExpiredOnesStay_givesUpAndTakesOne() {
    try (TestStore store = new TestStore(1)) {
      store.set("gone", "v", store.now() + 5);
      store.advance(6);
      store.keyspace.expiryMode(ExpiryMode.HIDE);
      long entry = store.db.traversal().randomKey(RandomSource.seeded(3));
      assertThat(TestStore.keyText(entry)).isEqualTo("gone");
      assertThat(store.db.size()).isEqualTo(1);
      store.keyspace.expiryMode(ExpiryMode.REMOVE);
    }
  }

  @Test
  void forEach_passesOverExpiredKeys() {
    try (TestStore store = new TestStore(1)) {
      store.set("stays", "v");
      store.set("gone", "v", store.now() + 5);
      store.advance(6);
      List<String> seen = new ArrayList<>();
      store.db.traversal().forEach(entry -> seen.add(TestStore.keyText(entry)));
      assertThat(seen).containsExactly("stays");
    }
  }
}
