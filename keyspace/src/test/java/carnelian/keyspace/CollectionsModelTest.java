package carnelian.keyspace;

import static org.assertj.core.api.Assertions.assertThat;

import carnelian.base.RandomSource;
import carnelian.memory.Slice;
import carnelian.structures.Element;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.function.LongFunction;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Lists, sets, sorted sets and hashes under random changes that go to and fro over the borders of
/// their encodings, each against a collection of `java.util`; and what a snapshot reads meanwhile.
class CollectionsModelTest {
  private static final int STEPS = 6_000;
  private static final String KEY = "key";

  /// Small, so that a few elements cross them.
  private static final ValueLimits LIMITS =
      new ValueLimits(24, 16, 16, 0, 24, 12, 16, 24, 16, 4096, 100, 3000, 1 << 20);

  /// A collection and its model, which are changed together.
  private abstract static class Subject {
    final TestStore store;
    final RandomSource random;

    Subject(TestStore store, RandomSource random) {
      this.store = store;
      this.random = random;
    }

    abstract Type type();

    abstract void change(long entry, boolean growing);

    /// The model's elements, as [Contents] shows them.
    abstract List<String> elements();

    abstract void check(long entry);

    abstract long create();

    long entry() {
      long entry = store.db.find(store.key(KEY));
      return entry == 0 ? create() : entry;
    }

    /// Integers, words, and now and then one beyond the limits.
    String word(int different) {
      int n = random.nextInt(different);
      return switch (n % 4) {
        case 0 -> Integer.toString(n);
        case 1 -> Long.toString(n * 1_000_000_007L);
        case 2 -> "w" + n;
        default -> random.nextInt(400) == 0 ? "long" + n + "x".repeat(n % 2000) : "v" + n;
      };
    }
  }

  private static final class ListSubject extends Subject {
    private final List<String> model = new ArrayList<>();
    private final Lists lists;

    ListSubject(TestStore store, RandomSource random) {
      super(store, random);
      lists = store.keyspace.lists();
    }

    @Override
    Type type() {
      return Type.LIST;
    }

    @Override
    long create() {
      return lists.create(store.db, store.key(KEY));
    }

    @Override
    void change(long entry, boolean growing) {
      String word = word(300);
      int index = model.isEmpty() ? 0 : random.nextInt(model.size());
      int choice = random.nextInt(growing ? 7 : 11);
      if (choice < 3 || model.isEmpty()) {
        boolean atHead = random.nextInt(2) == 0;
        lists.push(store.db, entry, store.value(word), atHead ? ListEnd.HEAD : ListEnd.TAIL);
        model.add(atHead ? 0 : model.size(), word);
      } else if (choice < 5) {
        lists.insert(store.db, entry, index, store.value(word));
        model.add(index, word);
      } else if (choice < 6) {
        lists.set(store.db, entry, index, store.value(word));
        model.set(index, word);
      } else if (choice < 8) {
        boolean atHead = random.nextInt(2) == 0;
        lists.pop(store.db, entry, atHead ? ListEnd.HEAD : ListEnd.TAIL);
        model.remove(atHead ? 0 : model.size() - 1);
      } else if (choice < 9) {
        int count = random.nextInt(20);
        lists.removeRange(store.db, entry, index, count);
        model.subList(index, Math.min(model.size(), index + count)).clear();
      } else {
        removeEqual(entry, model.get(index), random.nextInt(5) - 2);
      }
    }

    private void removeEqual(long entry, String word, int limit) {
      long removed = lists.remove(store.db, entry, store.value(word), limit);
      int left = limit == 0 ? Integer.MAX_VALUE : Math.abs(limit);
      int expected = 0;
      if (limit < 0) {
        Collections.reverse(model);
      }
      while (left-- > 0 && model.remove(word)) {
        expected++;
      }
      if (limit < 0) {
        Collections.reverse(model);
      }
      assertThat(removed).isEqualTo(expected);
    }

    @Override
    List<String> elements() {
      return model;
    }

    @Override
    void check(long entry) {
      assertThat(lists.count(entry)).isEqualTo(model.size());
      if (!model.isEmpty()) {
        int index = random.nextInt(model.size());
        assertThat(lists.get(entry, index, new Element())).hasToString(model.get(index));
        List<String> tail = new ArrayList<>();
        for (ListCursor each = lists.elements().startForward(entry, index); each.next(); ) {
          tail.add(each.element().toString());
        }
        assertThat(tail).isEqualTo(model.subList(index, model.size()));
      }
    }
  }

  private static final class SetSubject extends Subject {
    private final TreeSet<String> model = new TreeSet<>();
    private final Sets sets;

    SetSubject(TestStore store, RandomSource random) {
      super(store, random);
      sets = store.keyspace.sets();
    }

    @Override
    Type type() {
      return Type.SET;
    }

    @Override
    long create() {
      return sets.create(store.db, store.key(KEY), store.value("1"), 1);
    }

    @Override
    void change(long entry, boolean growing) {
      // At first integers alone, so that it begins as an intset.
      String word = model.size() < 8 ? Integer.toString(random.nextInt(100) * 70_000) : word(300);
      if (random.nextInt(10) < (growing ? 8 : 3)) {
        assertThat(sets.add(store.db, entry, store.value(word))).isEqualTo(model.add(word));
      } else {
        String gone = random.nextInt(3) == 0 || model.isEmpty() ? word : model.ceiling(any());
        gone = gone == null ? word : gone;
        assertThat(sets.remove(store.db, entry, store.value(gone))).isEqualTo(model.remove(gone));
      }
    }

    private String any() {
      return Character.toString('0' + random.nextInt(70));
    }

    @Override
    List<String> elements() {
      return List.copyOf(model);
    }

    @Override
    void check(long entry) {
      assertThat(sets.count(entry)).isEqualTo(model.size());
      String word = word(300);
      assertThat(sets.contains(entry, store.value(word))).isEqualTo(model.contains(word));
      if (!model.isEmpty()) {
        Element member = sets.random(entry, random, new Element());
        assertThat(model).contains(member.toString());
        TreeSet<String> sampled = new TreeSet<>();
        int wanted = random.nextInt(model.size());
        sets.sample(
            entry, wanted, random, each -> assertThat(sampled.add(each.toString())).isTrue());
        assertThat(sampled).hasSize(wanted);
        assertThat(model).containsAll(sampled);
      }
    }
  }

  private static final class SortedSetSubject extends Subject {
    private final Map<String, Double> model = new HashMap<>();
    private final SortedSets sets;

    SortedSetSubject(TestStore store, RandomSource random) {
      super(store, random);
      sets = store.keyspace.sortedSets();
    }

    @Override
    Type type() {
      return Type.ZSET;
    }

    @Override
    long create() {
      return sets.create(store.db, store.key(KEY), 1);
    }

    @Override
    void change(long entry, boolean growing) {
      String word = word(200);
      int choice = random.nextInt(10);
      if (choice < (growing ? 8 : 3)) {
        double score = (random.nextInt(40) - 20) / 4.0;
        boolean added = sets.add(store.db, entry, store.value(word), score);
        assertThat(added).isEqualTo(model.put(word, score) == null);
      } else if (choice < 9 || model.isEmpty()) {
        boolean removed = sets.remove(store.db, entry, store.value(word));
        assertThat(removed).isEqualTo(model.remove(word) != null);
      } else {
        int rank = random.nextInt(model.size());
        int count = Math.min(random.nextInt(6), model.size() - rank);
        List<String> ordered = ordered();
        sets.removeRange(store.db, entry, rank, count);
        ordered.subList(rank, rank + count).forEach(model::remove);
      }
    }

    private List<String> ordered() {
      List<String> ordered = new ArrayList<>(model.keySet());
      ordered.sort(
          (one, other) -> {
            int order =
                Double.compare(model.getOrDefault(one, 0.0), model.getOrDefault(other, 0.0));
            return order != 0 ? order : one.compareTo(other);
          });
      return ordered;
    }

    @Override
    List<String> elements() {
      List<String> elements = new ArrayList<>();
      model.forEach((member, score) -> elements.add(member + "=" + score));
      return elements;
    }

    @Override
    void check(long entry) {
      List<String> ordered = ordered();
      assertThat(sets.count(entry)).isEqualTo(ordered.size());
      List<String> read = new ArrayList<>();
      for (SortedSetCursor each = sets.members().startAscending(entry, 0); each.next(); ) {
        read.add(each.member().toString());
      }
      assertThat(read).isEqualTo(ordered);
      if (!ordered.isEmpty()) {
        int rank = random.nextInt(ordered.size());
        String member = ordered.get(rank);
        assertThat(sets.rank(entry, store.value(member))).isEqualTo(rank);
        double score = model.getOrDefault(member, Double.NaN);
        assertThat(sets.score(entry, store.value(member))).isEqualTo(score);
        assertThat(sets.countBelow(entry, score, false))
            .isEqualTo(model.values().stream().filter(each -> each < score).count());
        assertThat(sets.countBelow(entry, score, true))
            .isEqualTo(model.values().stream().filter(each -> each <= score).count());
      }
    }
  }

  private static final class HashSubject extends Subject {
    private final TreeMap<String, String> model = new TreeMap<>();
    private final Hashes hashes;

    HashSubject(TestStore store, RandomSource random) {
      super(store, random);
      hashes = store.keyspace.hashes();
    }

    @Override
    Type type() {
      return Type.HASH;
    }

    @Override
    long create() {
      return hashes.create(store.db, store.key(KEY));
    }

    @Override
    void change(long entry, boolean growing) {
      String name = word(200);
      if (random.nextInt(10) < (growing ? 8 : 3)) {
        String value = word(1000);
        boolean added = hashes.set(store.db, entry, store.value(name), store.field(value));
        assertThat(added).isEqualTo(model.put(name, value) == null);
      } else {
        boolean removed = hashes.remove(store.db, entry, store.value(name));
        assertThat(removed).isEqualTo(model.remove(name) != null);
      }
    }

    @Override
    List<String> elements() {
      List<String> elements = new ArrayList<>();
      model.forEach((field, value) -> elements.add(field + "=" + value));
      return elements;
    }

    @Override
    void check(long entry) {
      assertThat(hashes.count(entry)).isEqualTo(model.size());
      String name = word(200);
      Element value = new Element();
      boolean found = hashes.get(entry, store.value(name), value);
      assertThat(found ? value.toString() : null).isEqualTo(model.get(name));
      Map<String, String> read = new TreeMap<>();
      for (HashCursor each = hashes.fields(entry); each.next(); ) {
        read.put(each.field().toString(), each.value().toString());
      }
      assertThat(read).isEqualTo(model);
    }
  }

  private static Subject subject(Type type, TestStore store, long seed) {
    RandomSource random = RandomSource.seeded(seed);
    return switch (type) {
      case LIST -> new ListSubject(store, random);
      case SET -> new SetSubject(store, random);
      case ZSET -> new SortedSetSubject(store, random);
      case HASH -> new HashSubject(store, random);
      case STRING, STREAM -> throw new IllegalArgumentException("not a collection: " + type);
    };
  }

  @ParameterizedTest
  @CsvSource({"LIST, 1", "LIST, 2", "SET, 1", "SET, 2", "ZSET, 1", "ZSET, 2", "HASH, 1", "HASH, 2"})
  void collection_isWhatItsModelIs_andACutWhatItWas(Type type, long seed) {
    try (TestStore store = new TestStore(seed)) {
      store.keyspace.limits(LIMITS);
      Subject subject = subject(type, store, seed);
      TreeSet<String> encodings = new TreeSet<>();
      Map<String, String> atTheCut = Map.of();
      boolean liveDiffers = false;
      KeyspaceCut cut = null;
      for (int step = 0; step < STEPS; step++) {
        long entry = subject.entry();
        subject.change(entry, step % 1000 < 600);
        encodings.add(Database.encoding(entry).toString());
        if (step % 10 == 0) {
          subject.check(entry);
        }
        if (subject.elements().isEmpty() || step % 1000 == 999) {
          // Begins anew in the compact encoding.
          store.db.discard(entry);
          subject = subject(type, store, seed + step);
        }
        if (step % 300 == 100) {
          cut = store.keyspace.cut();
          atTheCut = shown(subject);
        } else if (step % 300 == 250 && cut != null) {
          assertThat(readElsewhere(cut)).as("step %d", step).isEqualTo(atTheCut);
          // The control: what reads the live data instead is found out.
          liveDiffers |= !Contents.of(store.keyspace).equals(atTheCut);
          cut.close();
        }
      }
      assertThat(encodings).hasSizeGreaterThan(1);
      assertThat(liveDiffers).isTrue();
    }
  }

  private static Map<String, String> shown(Subject subject) {
    return subject.elements().isEmpty()
        ? Map.of()
        : Map.of("0:" + KEY, Contents.shown(subject.type(), subject.elements()));
  }

  private static Map<String, String> readElsewhere(KeyspaceCut cut) {
    return CompletableFuture.supplyAsync(() -> Contents.of(cut)).join();
  }

  /// Set operations on integers take the way over scratch bytes; both ways must meet.
  @ParameterizedTest
  @ValueSource(longs = {1, 2})
  void elementsAndTheirBytes_areTheSameMember(long seed) {
    try (TestStore store = new TestStore(seed)) {
      RandomSource random = RandomSource.seeded(seed);
      Sets sets = store.keyspace.sets();
      long set = sets.create(store.db, store.key(KEY), store.value("1"), 1);
      LongFunction<Element> element = n -> new Element().setInteger(n);
      for (int i = 0; i < 2000; i++) {
        long n = random.nextInt(1200) - 600L;
        Slice bytes = store.value(Long.toString(n));
        boolean there = sets.contains(set, bytes);
        assertThat(sets.contains(set, element.apply(n))).isEqualTo(there);
        assertThat(sets.add(store.db, set, element.apply(n))).isEqualTo(!there);
        if (random.nextInt(3) == 0) {
          assertThat(sets.remove(store.db, set, element.apply(n))).isTrue();
        }
      }
      assertThat(Database.encoding(set)).isEqualTo(Encoding.SET_HASHTABLE);
    }
  }
}
