package carnelian.keyspace;

import static org.assertj.core.api.Assertions.assertThat;

import carnelian.memory.Slice;
import org.junit.jupiter.api.Test;

class StringsTest {
  private static String encoding(long entry) {
    return Database.encoding(entry).word();
  }

  @Test
  void set_choosesRedissEncodings() {
    try (TestStore store = new TestStore(1)) {
      assertThat(encoding(store.set("k", "12345"))).isEqualTo("int");
      assertThat(encoding(store.set("k", "-9223372036854775808"))).isEqualTo("int");
      assertThat(encoding(store.set("k", "9223372036854775808"))).isEqualTo("embstr");
      assertThat(encoding(store.set("k", "007"))).isEqualTo("embstr");
      assertThat(encoding(store.set("k", "+7"))).isEqualTo("embstr");
      assertThat(encoding(store.set("k", ""))).isEqualTo("embstr");
      assertThat(encoding(store.set("k", "x".repeat(44)))).isEqualTo("embstr");
      assertThat(encoding(store.set("k", "x".repeat(45)))).isEqualTo("raw");
      assertThat(encoding(store.set("k", "x".repeat(4096)))).isEqualTo("raw");
      assertThat(encoding(store.set("k", "x".repeat(4097)))).isEqualTo("raw");
    }
  }

  @Test
  void appendAndSetRange_leaveARawString() {
    try (TestStore store = new TestStore(1)) {
      long entry = store.strings.append(store.db, store.set("k", "1"), store.value("2"));
      assertThat(encoding(entry)).isEqualTo("raw");
      assertThat(store.text(entry)).isEqualTo("12");
      assertThat(store.strings.isLong(entry)).isTrue();
      assertThat(store.strings.asLong(entry)).isEqualTo(12);
      entry = store.strings.setRange(store.db, entry, 4, store.value("x"));
      assertThat(store.text(entry)).isEqualTo("12\0\0x");
      assertThat(store.strings.length(entry)).isEqualTo(5);
    }
  }

  @Test
  void set_overAValueOfTheSameSize_staysInPlace() {
    try (TestStore store = new TestStore(1)) {
      long entry = store.set("k", "first");
      assertThat(store.set("k", "other")).isEqualTo(entry);
      assertThat(store.set("k", "longer")).isEqualTo(entry);
      assertThat(store.text(entry)).isEqualTo("longer");
      long number = store.set("n", "1");
      assertThat(store.set("n", "123456789012")).isEqualTo(number);
      assertThat(store.strings.setInteger(store.db, store.key("n"), number, -5)).isEqualTo(number);
      assertThat(store.text(number)).isEqualTo("-5");
    }
  }

  @Test
  void set_dropsOrKeepsTheDeadline() {
    try (TestStore store = new TestStore(1)) {
      long deadline = store.now() + 1000;
      long entry = store.set("k", "v", deadline);
      assertThat(Database.deadline(entry)).isEqualTo(deadline);
      entry = store.set("k", "w", Database.KEEP_DEADLINE);
      assertThat(Database.deadline(entry)).isEqualTo(deadline);
      entry = store.set("k", "x".repeat(5000), Database.KEEP_DEADLINE);
      assertThat(Database.deadline(entry)).isEqualTo(deadline);
      assertThat(store.db.volatileKeys()).isEqualTo(1);
      entry = store.set("k", "v");
      assertThat(Database.deadline(entry)).isEqualTo(Database.NO_DEADLINE);
      assertThat(store.db.volatileKeys()).isZero();
    }
  }

  @Test
  void append_byteByByte_reallocatesRarely() {
    try (TestStore store = new TestStore(1)) {
      long entry = store.set("k", "");
      int moves = 0;
      for (int i = 0; i < 20_000; i++) {
        long blob = store.strings.bytesAt(entry);
        entry = store.strings.append(store.db, entry, store.value("x"));
        moves += store.strings.bytesAt(entry) == blob ? 0 : 1;
      }
      assertThat(store.strings.length(entry)).isEqualTo(20_000);
      assertThat(moves).isLessThan(30);
      assertThat(store.text(entry)).isEqualTo("x".repeat(20_000));
    }
  }

  @Test
  void bytes_countTheEntryAndTheBlob() {
    try (TestStore store = new TestStore(1)) {
      long small = store.db.bytes(store.set("small", "v"), 0);
      long large = store.db.bytes(store.set("large", "v".repeat(10_000)), 0);
      assertThat(small).isBetween(16L, 100L);
      assertThat(large).isBetween(10_000L, 12_500L);
    }
  }

  @Test
  void longKeys_areStoredWide() {
    try (TestStore store = new TestStore(1)) {
      String name = "k".repeat(70_000);
      store.set(name, "v");
      long entry = store.set(name, "a longer value");
      entry = store.db.expireAt(entry, store.now() + 10);
      entry = store.strings.append(store.db, entry, store.value("!"));
      assertThat(store.text(entry)).isEqualTo("a longer value!");
      assertThat(store.db.peek(store.key(name))).isEqualTo(entry);
      assertThat(Database.key(entry, new Slice()).length).isEqualTo(70_000);
    }
  }
}
