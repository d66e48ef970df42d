package carnelian.keyspace;

import static org.assertj.core.api.Assertions.assertThat;

import carnelian.base.RandomSource;
import carnelian.structures.Element;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Hashes with deadlines of fields under random changes, while time goes on and the timer comes
/// late, against maps; and what a snapshot reads meanwhile.
class VolatileHashesModelTest {
  private static final int STEPS = 8_000;
  private static final int KEYS = 3;

  /// Small, so that a few fields cross them.
  private static final ValueLimits LIMITS =
      new ValueLimits(24, 16, 16, 0, 24, 12, 16, 24, 16, 4096, 100, 3000, 1 << 20);

  /// A field's value and deadline.
  private record Field(String value, long deadline) {
    boolean isHidden(long now) {
      return deadline >= 0 && deadline < now;
    }

    String shown() {
      return value + (deadline < 0 ? "" : "@" + deadline);
    }
  }

  private final List<TreeMap<String, Field>> models = new ArrayList<>();

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void hashes_areWhatTheirModelsAre_andACutWhatItWas(long seed) {
    RandomSource random = RandomSource.seeded(seed);
    TreeSet<String> encodings = new TreeSet<>();
    boolean liveDiffers = false;
    try (TestStore store = new TestStore(seed)) {
      store.keyspace.limits(LIMITS);
      for (int i = 0; i < KEYS; i++) {
        models.add(new TreeMap<>());
      }
      Map<String, String> atTheCut = Map.of();
      KeyspaceCut cut = null;
      for (int step = 0; step < STEPS; step++) {
        int n = random.nextInt(KEYS);
        change(store, random, n, step % 1000 < 600);
        timePasses(store, random);
        if (step % 400 == 399) {
          persistAll(store, n);
        }
        long entry = store.db.find(store.key("key" + n));
        if (entry != 0) {
          encodings.add(Database.encoding(entry).toString());
          check(store, random, n, entry);
        }
        if (step % 50 == 0) {
          store.db.verify();
        }
        if (step % 300 == 100) {
          cut = store.keyspace.cut();
          atTheCut = shown(store);
        } else if (step % 300 == 250 && cut != null) {
          KeyspaceCut read = cut;
          Map<String, String> elsewhere =
              CompletableFuture.supplyAsync(() -> Contents.of(read)).join();
          assertThat(elsewhere).as("seed %d step %d", seed, step).isEqualTo(atTheCut);
          liveDiffers |= !Contents.of(store.keyspace).equals(atTheCut);
          cut.close();
        }
      }
      if (cut != null) {
        cut.close();
      }
      assertThat(encodings).hasSize(4);
      assertThat(liveDiffers).isTrue();
    }
  }

  private void change(TestStore store, RandomSource random, int n, boolean growing) {
    TreeMap<String, Field> model = models.get(n);
    Hashes hashes = store.keyspace.hashes();
    long now = store.now();
    String name = word(random, 60);
    long entry = store.db.find(store.key("key" + n));
    if (entry == 0) {
      assertThat(model).isEmpty();
      entry = hashes.create(store.db, store.key("key" + n));
    }
    Field present = model.get(name);
    boolean there = present != null && !present.isHidden(now);
    int choice = random.nextInt(growing ? 8 : 12);
    if (choice < 5) {
      set(store, random, entry, name, model, choice);
    } else if (choice < 7) {
      if (there && present != null) {
        long deadline = now + random.nextInt(200);
        hashes.expireAt(store.db, entry, store.value(name), deadline);
        model.put(name, new Field(present.value(), deadline));
      }
    } else if (choice < 8) {
      if (there && present != null) {
        hashes.persist(store.db, entry, store.value(name));
        model.put(name, new Field(present.value(), Database.NO_DEADLINE));
      }
    } else if (choice < 11) {
      assertThat(hashes.remove(store.db, entry, store.value(name))).isEqualTo(there);
      if (there) {
        model.remove(name);
      }
    } else {
      boolean removes = present != null && present.isHidden(now);
      entry = hashes.expireField(store.db, entry, store.value(name));
      if (removes) {
        model.remove(name);
      }
    }
    if (entry == 0) {
      assertThat(model).isEmpty();
    } else if (hashes.isEmpty(entry)) {
      assertThat(model).isEmpty();
      store.db.discard(entry);
    }
  }

  /// Now and then a hash goes back to what it was without deadlines, or begins anew.
  private void persistAll(TestStore store, int n) {
    TreeMap<String, Field> model = models.get(n);
    long entry = store.db.find(store.key("key" + n));
    if (entry == 0) {
      return;
    }
    if (model.size() % 2 == 0) {
      store.db.discard(entry);
      model.clear();
      return;
    }
    store.keyspace.expiryMode(ExpiryMode.IGNORE);
    for (String name : List.copyOf(model.keySet())) {
      store.keyspace.hashes().persist(store.db, entry, store.value(name));
      model.computeIfPresent(name, (_, field) -> new Field(field.value(), Database.NO_DEADLINE));
    }
    store.keyspace.expiryMode(ExpiryMode.REMOVE);
    assertThat(Hashes.isVolatile(entry)).isFalse();
  }

  private static void set(
      TestStore store,
      RandomSource random,
      long entry,
      String name,
      Map<String, Field> model,
      int choice) {
    Field present = model.get(name);
    boolean there = present != null && !present.isHidden(store.now());
    String value = word(random, 1000);
    long deadline =
        switch (choice) {
          case 0, 1 -> Database.NO_DEADLINE;
          case 2 -> Database.KEEP_DEADLINE;
          default -> store.now() + random.nextInt(300);
        };
    boolean added =
        store
            .keyspace
            .hashes()
            .set(store.db, entry, store.value(name), store.field(value), deadline);
    assertThat(added).isEqualTo(!there);
    long kept = there && present != null ? present.deadline() : Database.NO_DEADLINE;
    model.put(name, new Field(value, deadline == Database.KEEP_DEADLINE ? kept : deadline));
  }

  private static String word(RandomSource random, int different) {
    int n = random.nextInt(different);
    return switch (n % 3) {
      case 0 -> Integer.toString(n);
      case 1 -> "w" + n;
      default -> random.nextInt(300) == 0 ? "long" + n + "x".repeat(n % 100) : "v" + n;
    };
  }

  /// The timer removes some of what is due, in slices, or all.
  private void timePasses(TestStore store, RandomSource random) {
    store.advance(random.nextInt(4));
    if (random.nextInt(20) != 0) {
      return;
    }
    int budget = 1 + random.nextInt(12);
    long overdue = overdue(store);
    store.events.clear();
    int removed = store.keyspace.expiry().expireDue(budget);
    assertThat(removed).isLessThanOrEqualTo(budget);
    for (String event : store.events) {
      if (event.startsWith("field-expired ")) {
        int colon = event.lastIndexOf(':');
        String name = event.substring("field-expired ".length(), event.lastIndexOf(' '));
        TreeMap<String, Field> model = models.get(event.charAt(colon + 4) - '0');
        Field gone = model.remove(name);
        assertThat(gone != null && gone.isHidden(store.now())).as(event).isTrue();
      }
    }
    if (budget > overdue + KEYS) {
      while (store.keyspace.expiry().expireDue(1000) > 0) {
        // What came for nothing before.
      }
      assertThat(overdue(store)).isZero();
    }
  }

  private long overdue(TestStore store) {
    long sum = 0;
    for (TreeMap<String, Field> model : models) {
      sum += model.values().stream().filter(field -> field.isHidden(store.now())).count();
    }
    return sum;
  }

  private void check(TestStore store, RandomSource random, int n, long entry) {
    Hashes hashes = store.keyspace.hashes();
    Map<String, String> expected = new TreeMap<>();
    models
        .get(n)
        .forEach(
            (name, field) -> {
              if (!field.isHidden(store.now())) {
                expected.put(name, field.shown());
              }
            });
    assertThat(hashes.count(entry)).isEqualTo(expected.size());
    assertThat(hashes.total(entry)).isEqualTo(models.get(n).size());
    Map<String, String> read = new TreeMap<>();
    for (HashCursor each = hashes.fields(entry); each.next(); ) {
      Field field = new Field(each.value().toString(), each.deadline());
      read.put(each.field().toString(), field.shown());
    }
    assertThat(read).isEqualTo(expected);
    String name = word(random, 60);
    Element value = new Element();
    boolean found = hashes.get(entry, store.value(name), value);
    long deadline = hashes.deadline(entry, store.value(name));
    assertThat(found).isEqualTo(deadline != Hashes.NO_FIELD);
    assertThat(found ? new Field(value.toString(), deadline).shown() : null)
        .isEqualTo(expected.get(name));
    if (!expected.isEmpty()) {
      Element field = new Element();
      hashes.random(entry, random, field, value);
      assertThat(expected).containsKey(field.toString());
      List<String> sample = new ArrayList<>();
      long wanted = 1 + random.nextLong(expected.size());
      hashes.sample(entry, wanted, random, (each, _) -> sample.add(each.toString()));
      assertThat(new TreeSet<>(sample)).hasSize((int) wanted);
      assertThat(expected.keySet()).containsAll(sample);
    }
  }

  /// With what is due but still there: a cut holds that as well.
  private Map<String, String> shown(TestStore store) {
    Map<String, String> shown = new TreeMap<>();
    for (int n = 0; n < KEYS; n++) {
      if (store.db.find(store.key("key" + n)) != 0) {
        List<String> fields = new ArrayList<>();
        models.get(n).forEach((name, field) -> fields.add(name + "=" + field.shown()));
        shown.put("0:key" + n, Contents.shown(Type.HASH, fields));
      }
    }
    return shown;
  }
}
