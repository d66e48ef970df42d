package carnelian.keyspace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import carnelian.memory.Slice;
import org.junit.jupiter.api.Test;

class DatabaseTest {
  @Test
  void read_countsHitsAndMissesAndReportsTheMiss() {
    try (TestStore store = new TestStore(1)) {
      store.set("k", "v");
      store.events.clear();
      assertThat(store.db.read(store.key("k"))).isNotZero();
      assertThat(store.db.read(store.key("none"))).isZero();
      assertThat(store.db.write(store.key("none"))).isZero();
      assertThat(store.keyspace.statistics().hits()).isEqualTo(1);
      assertThat(store.keyspace.statistics().misses()).isEqualTo(1);
      assertThat(store.events).containsExactly("keymiss 0:none");
    }
  }

  @Test
  void read_ofAnotherType_throwsWrongType() {
    try (TestStore store = new TestStore(1)) {
      store.set("k", "v");
      assertThatThrownBy(() -> store.db.read(store.key("k"), Type.HASH))
          .isSameAs(WrongTypeException.INSTANCE)
          .hasMessageStartingWith("WRONGTYPE");
    }
  }

  @Test
  void wholeKeyOperations_reportThemselvesOnce() {
    try (TestStore store = new TestStore(1)) {
      Database other = store.keyspace.database(1);
      long a = store.set("a", "1");
      store.db.rename(store.key("a"), a, store.value("b"));
      store.db.copy(store.db.peek(store.key("b")), other, store.value("c"));
      store.db.move(store.key("b"), store.db.peek(store.key("b")), other);
      assertThat(other.delete(store.key("b"))).isTrue();
      assertThat(other.delete(store.key("b"))).isFalse();
      assertThat(other.unlink(store.key("c"))).isTrue();
      store.keyspace.swap(store.db, other);
      assertThat(store.events)
          .containsExactly(
              "new 0:a",
              "new 0:b",
              "rename_from/1 0:a",
              "rename_to/0 0:b",
              "new 1:c",
              "copy_to/1 1:c",
              "new 1:b",
              "move_from/1 0:b",
              "move_to/0 1:b",
              "del/1 1:b",
              "del/1 1:c",
              "swapped 0 1");
    }
  }

  @Test
  void mutations_areFollowedByReports() {
    try (TestStore store = new TestStore(1)) {
      long mutations = store.keyspace.mutations();
      long reports = store.keyspace.reports();
      long entry = store.set("k", "v");
      store.db.changed(store.key("k"), KeyEvent.SET, 1);
      store.strings.append(store.db, entry, store.value("w"));
      assertThat(store.keyspace.mutations()).isGreaterThan(mutations);
      assertThat(store.keyspace.reports()).isEqualTo(reports + 2);
    }
  }

  @Test
  void flush_reportsAndEmpties() {
    try (TestStore store = new TestStore(1)) {
      for (int i = 0; i < 1000; i++) {
        store.set("k" + i, "v", store.now() + i);
      }
      store.strings.set(store.keyspace.database(1), store.key("other"), store.value("v"));
      store.keyspace.flushLazily(store.db);
      assertThat(store.db.size()).isZero();
      assertThat(store.db.volatileKeys()).isZero();
      assertThat(store.keyspace.lazyFreePending()).isEqualTo(1000);
      while (store.keyspace.freeLazily(50)) {
        assertThat(store.keyspace.lazyFreePending()).isNotNegative();
      }
      assertThat(store.keyspace.lazyFreePending()).isZero();
      assertThat(store.keyspace.statistics().lazyfreed()).isEqualTo(1000);
      store.keyspace.flush(store.keyspace.database(1));
      assertThat(store.keyspace.size()).isZero();
      assertThat(store.events).endsWith("flushed 0 1000", "flushed 1 1").hasSize(1003);
    }
  }

  @Test
  void lookups_setTheAccessClock_butNotWhileASnapshotIsOpen() {
    try (TestStore store = new TestStore(1)) {
      long entry = store.set("k", "v");
      store.advance(10_000);
      assertThat(store.keyspace.usage().idleSeconds(entry)).isEqualTo(10);
      store.db.readWithoutTouch(store.key("k"));
      store.db.peek(store.key("k"));
      try (KeyspaceCut cut = store.keyspace.cut()) {
        store.db.read(store.key("k"));
        assertThat(cut.totalKeys()).isEqualTo(1);
      }
      store.keyspace.clientTouches(false);
      store.db.read(store.key("k"));
      store.keyspace.clientTouches(true);
      assertThat(store.keyspace.usage().idleSeconds(entry)).isEqualTo(10);
      store.db.read(store.key("k"));
      assertThat(store.keyspace.usage().idleSeconds(entry)).isZero();
      store.keyspace.usage().idleSeconds(entry, 77);
      assertThat(store.keyspace.usage().idleSeconds(entry)).isEqualTo(77);
    }
  }

  @Test
  void prefetch_changesNothing() {
    try (TestStore store = new TestStore(1)) {
      Prefetch prefetch = new Prefetch(2);
      store.set("k", "v");
      prefetch.add(store.db, store.key("k"));
      prefetch.add(store.db, store.key("none"));
      assertThat(prefetch.isFull()).isTrue();
      prefetch.run();
      assertThat(prefetch.isFull()).isFalse();
      assertThat(store.text(store.db.peek(store.key("k")))).isEqualTo("v");
      assertThat(Database.key(store.db.peek(store.key("k")), new Slice()).is("k")).isTrue();
    }
  }
}
