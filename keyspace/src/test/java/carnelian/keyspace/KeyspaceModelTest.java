package carnelian.keyspace;

import static org.assertj.core.api.Assertions.assertThat;

import carnelian.base.RandomSource;
import carnelian.memory.Slice;
import carnelian.structures.Element;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Long random sequences of operations on several databases, against Java maps; now and then a
/// snapshot is cut, and at its end it must show what the maps held then.
class KeyspaceModelTest {
  private static final int KEYS = 300;
  private static final int STEPS = 60_000;

  /// What one key holds.
  private record Held(String value, long deadline) {}

  private final List<Map<String, Held>> model = new ArrayList<>();
  private final Map<String, Held> cutModel = new HashMap<>();
  private RandomSource random = RandomSource.seeded(0);

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void randomOperations_leaveWhatTheModelHolds(long seed) {
    random = RandomSource.seeded(seed);
    for (int i = 0; i < 4; i++) {
      model.add(new HashMap<>());
    }
    KeyspaceCut cut = null;
    try (TestStore store = new TestStore(seed)) {
      for (int step = 0; step < STEPS; step++) {
        try {
          operate(store);
        } catch (AssertionError | RuntimeException failure) {
          throw new AssertionError("seed " + seed + ", step " + step, failure);
        }
        if (step % 4000 == 1000) {
          cut = store.keyspace.cut();
          remember();
        } else if (step % 4000 == 2500 && cut != null) {
          checkCut(cut);
          cut.close();
        } else if (step % 5000 == 0) {
          checkAll(store);
        }
      }
      checkAll(store);
    }
  }

  private void operate(TestStore store) {
    Database db = store.keyspace.database(random.nextInt(4) / 2);
    Map<String, Held> held = model.get(db.index());
    String name = name();
    long entry = db.write(store.key(name));
    Held expected = held.get(name);
    if (expected != null && expected.deadline >= 0 && expected.deadline < store.now()) {
      held.remove(name);
      expected = null;
    }
    assertThat(entry != 0).as(name).isEqualTo(expected != null);
    if (expected != null) {
      assertThat(store.text(entry)).isEqualTo(expected.value);
      assertThat(Database.deadline(entry)).isEqualTo(expected.deadline);
    }
    int choice = random.nextInt(100);
    if (choice < 40) {
      set(store, db, held, name, expected);
    } else if (choice < 55) {
      change(store, db, held, name, entry, expected);
    } else if (choice < 65) {
      deadline(store, db, held, name, entry, expected);
    } else if (choice < 80) {
      remove(store, db, held, name, choice);
    } else if (choice < 95) {
      relocate(store, db, held, name, entry, choice);
    } else if (choice < 99) {
      store.advance(random.nextInt(40));
      store.keyspace.expiry().expireDue(random.nextInt(20));
      store.keyspace.freeLazily(10);
    } else if (random.nextInt(20) == 0) {
      wholeDatabase(store, db);
    }
  }

  private void set(
      TestStore store, Database db, Map<String, Held> held, String name, @Nullable Held expected) {
    String text = text();
    long deadline =
        switch (random.nextInt(4)) {
          case 0 -> store.now() + random.nextInt(2000);
          case 1 -> Database.KEEP_DEADLINE;
          default -> Database.NO_DEADLINE;
        };
    store.strings.set(db, store.key(name), store.value(text), deadline);
    long kept = expected == null ? Database.NO_DEADLINE : expected.deadline;
    held.put(name, new Held(text, deadline == Database.KEEP_DEADLINE ? kept : deadline));
  }

  private void change(
      TestStore store,
      Database db,
      Map<String, Held> held,
      String name,
      long entry,
      @Nullable Held expected) {
    if (expected == null) {
      long value = random.nextLong();
      store.strings.setInteger(db, store.key(name), 0, value);
      held.put(name, new Held(Long.toString(value), Database.NO_DEADLINE));
      return;
    }
    switch (random.nextInt(3)) {
      case 0 -> {
        String tail = text();
        store.strings.append(db, entry, store.value(tail));
        held.put(name, new Held(expected.value + tail, expected.deadline));
      }
      case 1 -> {
        int offset = random.nextInt(100);
        String part = text();
        store.strings.setRange(db, entry, offset, store.value(part));
        StringBuilder changed = new StringBuilder(expected.value);
        while (changed.length() < offset + part.length()) {
          changed.append('\0');
        }
        changed.replace(offset, offset + part.length(), part);
        held.put(name, new Held(changed.toString(), expected.deadline));
      }
      default -> {
        long value = random.nextInt(1000);
        store.strings.setInteger(db, store.key(name), entry, value);
        held.put(name, new Held(Long.toString(value), expected.deadline));
      }
    }
  }

  private void deadline(
      TestStore store,
      Database db,
      Map<String, Held> held,
      String name,
      long entry,
      @Nullable Held expected) {
    if (expected == null) {
      return;
    }
    if (random.nextInt(3) == 0) {
      long persisted = db.persist(entry);
      assertThat(Database.deadline(persisted)).isEqualTo(Database.NO_DEADLINE);
      held.put(name, new Held(expected.value, Database.NO_DEADLINE));
    } else {
      long deadline = store.now() + random.nextInt(3000);
      db.expireAt(entry, deadline);
      held.put(name, new Held(expected.value, deadline));
    }
  }

  private void remove(
      TestStore store, Database db, Map<String, Held> held, String name, int choice) {
    boolean removed = choice % 2 == 0 ? db.delete(store.key(name)) : db.unlink(store.key(name));
    assertThat(removed).isEqualTo(held.remove(name) != null);
  }

  private void relocate(
      TestStore store, Database db, Map<String, Held> held, String name, long entry, int choice) {
    if (entry == 0) {
      return;
    }
    String other = name();
    Slice from = store.key(name);
    Slice to = store.value(other);
    if (choice < 85) {
      if (!other.equals(name)) {
        db.rename(from, entry, to);
        held.put(other, Objects.requireNonNull(held.remove(name)));
      }
    } else if (choice < 90) {
      Database target = store.keyspace.database(2 + random.nextInt(2));
      Map<String, Held> targetHeld = model.get(target.index());
      if (target.find(from) != 0) {
        target.discard(target.find(from));
      }
      db.move(from, entry, target);
      targetHeld.put(name, Objects.requireNonNull(held.remove(name)));
    } else {
      Database target = store.keyspace.database(random.nextInt(4));
      if (target != db || !other.equals(name)) {
        db.copy(entry, target, to);
        model.get(target.index()).put(other, Objects.requireNonNull(held.get(name)));
      }
    }
  }

  private void wholeDatabase(TestStore store, Database db) {
    Database other = store.keyspace.database(random.nextInt(4));
    switch (random.nextInt(4)) {
      case 0 -> {
        store.keyspace.swap(db, other);
        Map<String, Held> held = model.get(db.index());
        model.set(db.index(), model.get(other.index()));
        model.set(other.index(), held);
      }
      case 1 -> {
        store.keyspace.flush(other);
        model.get(other.index()).clear();
      }
      case 2 -> {
        store.keyspace.flushLazily(other);
        model.get(other.index()).clear();
      }
      default -> {
        store.keyspace.flushAll();
        model.forEach(Map::clear);
      }
    }
  }

  private void checkAll(TestStore store) {
    for (int i = 0; i < 4; i++) {
      Database db = store.keyspace.database(i);
      db.verify();
      Map<String, Held> seen = new HashMap<>();
      db.traversal()
          .forEach(
              entry ->
                  seen.put(
                      TestStore.keyText(entry),
                      new Held(store.text(entry), Database.deadline(entry))));
      Map<String, Held> living = new HashMap<>(model.get(i));
      living.values().removeIf(held -> held.deadline >= 0 && held.deadline < store.now());
      assertThat(seen).isEqualTo(living);
    }
  }

  private void remember() {
    cutModel.clear();
    for (int i = 0; i < 4; i++) {
      for (Map.Entry<String, Held> held : model.get(i).entrySet()) {
        cutModel.put(i + ":" + held.getKey(), held.getValue());
      }
    }
  }

  /// Keys that had expired at the cut may have been removed before it.
  private void checkCut(KeyspaceCut cut) {
    Map<String, Held> seen = new HashMap<>();
    Thread reader = new Thread(() -> readCut(cut, seen));
    reader.start();
    try {
      reader.join();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
    cutModel.values().removeIf(held -> held.deadline >= 0 && held.deadline < cut.nowMillis());
    seen.values().removeIf(held -> held.deadline >= 0 && held.deadline < cut.nowMillis());
    assertThat(seen).isEqualTo(cutModel);
  }

  private static void readCut(KeyspaceCut cut, Map<String, Held> seen) {
    Slice key = new Slice();
    Texts texts = new Texts();
    for (int i = 0; i < cut.databases(); i++) {
      long keys = 0;
      KeyCursor cursor = cut.cursor(i);
      while (cursor.next()) {
        String name = i + ":" + cursor.key(key);
        long deadline = cursor.deadline();
        cursor.walk(texts);
        seen.put(name, new Held(texts.text, deadline));
        keys++;
      }
      assertThat(keys).isEqualTo(cut.keys(i));
    }
  }

  private String name() {
    return "key:" + random.nextInt(KEYS);
  }

  private String text() {
    int length =
        switch (random.nextInt(10)) {
          case 0 -> random.nextInt(10_000);
          case 1, 2 -> random.nextInt(500);
          default -> random.nextInt(60);
        };
    if (random.nextInt(4) == 0) {
      return Long.toString(random.nextLong() >> random.nextInt(64));
    }
    StringBuilder text = new StringBuilder(length);
    for (int i = 0; i < length; i++) {
      text.append((char) ('a' + random.nextInt(26)));
    }
    return text.toString();
  }

  /// Keeps the one element of a string.
  private static final class Texts implements ValueVisitor {
    private String text = "";

    @Override
    public void begin(Encoding encoding, long parts) {
      assertThat(parts).isEqualTo(1);
    }

    @Override
    public void compact(long at, int bytes) {
      throw new AssertionError();
    }

    @Override
    public void element(Element element) {
      text = element.toString();
    }

    @Override
    public void field(Element field, Element value) {
      throw new AssertionError();
    }

    @Override
    public void member(Element member, double score) {
      throw new AssertionError();
    }
  }
}
