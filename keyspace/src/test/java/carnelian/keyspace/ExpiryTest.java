package carnelian.keyspace;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ExpiryTest {
  @Test
  void theTimer_isDueRightAfterTheFirstDeadline() {
    try (TestStore store = new TestStore(1)) {
      Expiry expiry = store.keyspace.expiry();
      assertThat(expiry.nextDueMillis()).isEqualTo(Long.MAX_VALUE);
      store.set("late", "v", store.now() + 100);
      store.set("soon", "v", store.now() + 10);
      assertThat(expiry.nextDueMillis()).isEqualTo(store.now() + 11);
      store.advance(10);
      assertThat(expiry.expireDue(100)).isZero();
      assertThat(store.db.peek(store.key("soon"))).isNotZero();
      store.advance(1);
      store.events.clear();
      assertThat(expiry.expireDue(100)).isEqualTo(1);
      assertThat(store.events).containsExactly("expired 0:soon");
      assertThat(expiry.nextDueMillis()).isEqualTo(store.now() + 90);
      assertThat(store.keyspace.statistics().lagLastMillis()).isEqualTo(1);
    }
  }

  @Test
  void aSlice_removesNoMoreThanItsBudget_andTakesDatabasesInTurn() {
    try (TestStore store = new TestStore(1)) {
      for (int i = 0; i < 100; i++) {
        store.set("k" + i, "v", store.now());
        store.strings.set(
            store.keyspace.database(2), store.key("k" + i), store.value("v"), store.now());
      }
      store.advance(50);
      Expiry expiry = store.keyspace.expiry();
      assertThat(expiry.overdueKeys()).isEqualTo(200);
      assertThat(expiry.overduePercent()).isEqualTo(100);
      assertThat(expiry.expireDue(30)).isEqualTo(30);
      assertThat(expiry.expireDue(30)).isEqualTo(30);
      assertThat(store.db.size()).isEqualTo(70);
      assertThat(store.keyspace.database(2).size()).isEqualTo(70);
      assertThat(expiry.nextDueMillis()).isLessThan(store.now());
      assertThat(store.keyspace.statistics().expiryStepsCutShort()).isEqualTo(2);
      assertThat(expiry.expireDue(1000)).isEqualTo(140);
      assertThat(expiry.nextDueMillis()).isEqualTo(Long.MAX_VALUE);
      assertThat(store.keyspace.statistics().expired()).isEqualTo(200);
      assertThat(store.keyspace.statistics().lagMaxMillis()).isEqualTo(50);
      assertThat(store.keyspace.statistics().lagAverageMillis()).isEqualTo(50);
    }
  }

  @Test
  void aLookup_removesWhatItFindsExpired() {
    try (TestStore store = new TestStore(1)) {
      store.keyspace.expiry().active(false);
      store.set("k", "v", store.now() + 5);
      store.advance(6);
      assertThat(store.keyspace.expiry().nextDueMillis()).isEqualTo(Long.MAX_VALUE);
      assertThat(store.keyspace.expiry().expireDue(10)).isZero();
      store.events.clear();
      assertThat(store.db.read(store.key("k"))).isZero();
      assertThat(store.events).containsExactly("expired 0:k", "keymiss 0:k");
      assertThat(store.db.size()).isZero();
    }
  }

  @Test
  void hiddenKeys_areAbsentButStay_ignoredDeadlinesDoNotMatter() {
    try (TestStore store = new TestStore(1)) {
      store.set("k", "v", store.now() + 5);
      store.advance(6);
      store.keyspace.expiryMode(ExpiryMode.HIDE);
      assertThat(store.db.read(store.key("k"))).isZero();
      assertThat(store.db.write(store.key("k"))).isZero();
      assertThat(store.keyspace.expiry().expireDue(10)).isZero();
      assertThat(store.db.size()).isEqualTo(1);
      store.keyspace.expiryMode(ExpiryMode.IGNORE);
      assertThat(store.db.read(store.key("k"))).isNotZero();
      store.keyspace.expiryMode(ExpiryMode.REMOVE);
      assertThat(store.keyspace.expiry().expireDue(10)).isEqualTo(1);
    }
  }

  @Test
  void averageTtl_isTheMeanOfTheDeadlines() {
    try (TestStore store = new TestStore(1)) {
      assertThat(store.db.averageTtlMillis()).isZero();
      for (int i = 0; i < 10; i++) {
        store.set("k" + i, "v", store.now() + 1000 + i * 100L);
      }
      assertThat(store.db.averageTtlMillis()).isEqualTo(1450);
    }
  }
}
