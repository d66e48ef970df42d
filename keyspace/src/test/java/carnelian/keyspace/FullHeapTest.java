package carnelian.keyspace;

import static org.assertj.core.api.Assertions.assertThat;

import carnelian.base.RandomSource;
import carnelian.memory.HeapLimitException;
import carnelian.memory.Slice;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// A heap that is full at some point or other of a change: the change fails as a whole, the data is
/// what it was before, and nothing leaks.
class FullHeapTest {
  private static final long HEAP_BYTES = 2 << 20;
  private static final int KEYS = 4;
  private static final int ELEMENTS = 60;

  /// What may fail. Each is run with every amount of memory left, from none to enough.
  enum Change {
    SET_LARGER((store, n) -> store.set(name(n), "v".repeat(1 + n * 37 % 6000))),
    SET_WITH_DEADLINE((store, n) -> store.set(name(n), "v" + n, store.now() + 1000 + n)),
    APPEND(
        (store, n) -> {
          long entry = ofType(store, n, Type.STRING);
          if (entry != 0) {
            store.strings.append(store.db, entry, store.value("t".repeat(n * 61 % 3000)));
          }
        }),
    EXPIRE(
        (store, n) -> {
          long entry = store.db.find(store.key(name(n)));
          if (entry != 0) {
            store.db.expireAt(entry, store.now() + 10_000 + n);
          }
        }),
    PERSIST(
        (store, n) -> {
          long entry = store.db.find(store.key(name(n)));
          if (entry != 0) {
            store.db.persist(entry);
          }
        }),
    RENAME(
        (store, n) -> {
          long entry = store.db.find(store.key(name(n)));
          if (entry != 0) {
            store.db.rename(store.key(name(n)), entry, store.value(name(n + 1)));
          }
        }),
    RENAME_TO_NEW(
        (store, n) -> {
          long entry = store.db.find(store.key(name(n)));
          if (entry != 0) {
            store.db.rename(store.key(name(n)), entry, store.value("new" + n));
          }
        }),
    COPY(
        (store, n) -> {
          long entry = store.db.find(store.key(name(n)));
          if (entry != 0) {
            store.db.copy(entry, store.db, store.value(name(n + 1)));
          }
        }),
    COPY_TO_ANOTHER(
        (store, n) -> {
          long entry = store.db.find(store.key(name(n)));
          if (entry != 0) {
            store.db.copy(entry, store.keyspace.database(1), store.key(name(n)));
          }
        }),
    MOVE(
        (store, n) -> {
          long entry = store.db.find(store.key(name(n)));
          if (entry != 0 && store.keyspace.database(2).find(store.key(name(n))) == 0) {
            store.db.find(store.key(name(n)));
            store.db.move(store.key(name(n)), entry, store.keyspace.database(2));
          }
        }),
    PUSH(
        (store, n) -> {
          long list = ofType(store, n, Type.LIST);
          if (list != 0) {
            ListEnd end = n % 2 == 0 ? ListEnd.HEAD : ListEnd.TAIL;
            store.keyspace.lists().push(store.db, list, element(store, n), end);
          }
        }),
    INSERT(
        (store, n) -> {
          long list = ofType(store, n, Type.LIST);
          if (list != 0) {
            Lists lists = store.keyspace.lists();
            lists.insert(store.db, list, n % lists.count(list), element(store, n));
          }
        }),
    SET_ELEMENT(
        (store, n) -> {
          long list = ofType(store, n, Type.LIST);
          if (list != 0) {
            Lists lists = store.keyspace.lists();
            lists.set(store.db, list, n % lists.count(list), element(store, n));
          }
        }),
    ADD_MEMBER(
        (store, n) -> {
          long set = ofType(store, n, Type.SET);
          if (set != 0) {
            store.keyspace.sets().add(store.db, set, member(store, n));
          }
        }),
    ADD_SCORED(
        (store, n) -> {
          long set = ofType(store, n, Type.ZSET);
          if (set != 0) {
            store.keyspace.sortedSets().add(store.db, set, member(store, n), n * 17 % 50 / 2.0);
          }
        }),
    SET_FIELD(
        (store, n) -> {
          long hash = ofType(store, n, Type.HASH);
          if (hash != 0) {
            store.keyspace.hashes().set(store.db, hash, member(store, n), store.field("v" + n));
          }
        }),
    SET_VOLATILE_FIELD(
        (store, n) -> {
          long hash = ofType(store, n, Type.HASH);
          if (hash != 0) {
            Slice value = store.field("v" + n);
            store
                .keyspace
                .hashes()
                .set(store.db, hash, member(store, n), value, deadline(store, n));
          }
        }),
    EXPIRE_FIELD(
        (store, n) -> {
          long hash = ofType(store, n, Type.HASH);
          if (hash != 0 && store.keyspace.hashes().contains(hash, member(store, n))) {
            store.keyspace.hashes().expireAt(store.db, hash, member(store, n), deadline(store, n));
          }
        }),
    STORE_SET(
        (store, n) -> {
          Sets sets = store.keyspace.sets();
          long result = sets.detached();
          for (int i = 0; i < n % ELEMENTS; i++) {
            sets.add(store.db, result, member(store, i));
          }
          sets.attach(store.db, store.key(name(n)), result);
        }),
    STORE_SORTED_SET(
        (store, n) -> {
          SortedSets sets = store.keyspace.sortedSets();
          long result = sets.detached();
          for (int i = 0; i < n % ELEMENTS; i++) {
            sets.add(store.db, result, member(store, i), i);
          }
          sets.attach(store.db, store.key(name(n)), result);
        });

    interface Step {
      void run(TestStore store, int n);
    }

    @SuppressWarnings("ImmutableEnumChecker") // Lambdas that capture nothing.
    private final Step step;

    Change(Step step) {
      this.step = step;
    }

    private static String name(int n) {
      return "key" + n % KEYS;
    }

    private static long ofType(TestStore store, int n, Type type) {
      long entry = store.db.find(store.key(name(n)));
      return entry != 0 && Database.type(entry) == type ? entry : 0;
    }

    private static long deadline(TestStore store, int n) {
      return store.now() + 1000 - n * 37L % 500;
    }

    private static Slice element(TestStore store, int n) {
      return store.value(n % 5 == 0 ? "e".repeat(900 + n) : "e" + n);
    }

    private static Slice member(TestStore store, int n) {
      return store.value(n % 7 == 6 ? "m".repeat(20) + n : Integer.toString(n));
    }
  }

  @ParameterizedTest
  @EnumSource(Change.class)
  void changeWithoutMemory_leavesTheDataAsItWas(Change change) {
    int failures = 0;
    int successes = 0;
    for (Type type : List.of(Type.STRING, Type.LIST, Type.SET, Type.ZSET, Type.HASH)) {
      for (int seed = 0; seed < 3; seed++) {
        int[] outcomes = run(change, type, seed);
        successes += outcomes[0];
        failures += outcomes[1];
      }
    }
    assertThat(successes).isPositive();
    // A move needs memory only where a table's bucket overflows.
    assertThat(failures > 0 || change == Change.MOVE).isTrue();
  }

  private static int[] run(Change change, Type type, int seed) {
    int[] outcomes = new int[2];
    try (TestStore store = new TestStore(seed, HEAP_BYTES)) {
      // Borders that are soon crossed.
      store.keyspace.limits(
          new ValueLimits(24, 64, -1, 0, 20, 0, 64, 24, 64, 4096, 100, 3000, 1 << 20));
      for (int i = 0; i < KEYS; i++) {
        create(store, "key" + i, type, 8 + 9 * i + seed);
        if (i % 2 == 1) {
          store.db.expireAt(store.db.find(store.key("key" + i)), store.now() + i);
        }
      }
      List<Long> ballast = fill(store);
      RandomSource random = RandomSource.seeded(seed);
      for (int n = 0; n < 60 && !ballast.isEmpty(); n++) {
        Map<String, String> before = Contents.of(store.keyspace);
        long bytesBefore = store.heap.usedBytes();
        try {
          change.step.run(store, n);
          outcomes[0]++;
        } catch (HeapLimitException _) {
          store.keyspace.abandon();
          outcomes[1]++;
          assertThat(Contents.of(store.keyspace)).isEqualTo(before);
          // An encoding may have been converted before the change itself failed.
          assertThat(store.heap.usedBytes() - bytesBefore).isLessThan(16 << 10);
          for (int i = 0; i < 1 + n / 8 && !ballast.isEmpty(); i++) {
            store.heap.free(ballast.remove(random.nextInt(ballast.size())));
          }
        }
        store.db.verify();
      }
      ballast.forEach(store.heap::free);
    }
    return outcomes;
  }

  private static void create(TestStore store, String name, Type type, int elements) {
    Keyspace keyspace = store.keyspace;
    Slice key = store.key(name);
    long entry =
        switch (type) {
          case STRING -> store.set(name, "s".repeat(elements * elements));
          case LIST -> keyspace.lists().create(store.db, key);
          case SET -> keyspace.sets().create(store.db, key, store.value("0"), 1);
          case ZSET -> keyspace.sortedSets().create(store.db, key, 1);
          case HASH -> keyspace.hashes().create(store.db, key);
          case STREAM -> throw new IllegalArgumentException("a stream");
        };
    for (int i = 0; i < elements && type != Type.STRING; i++) {
      Slice value = store.value(Integer.toString(i));
      switch (type) {
        case LIST -> keyspace.lists().push(store.db, entry, value, ListEnd.TAIL);
        case SET -> keyspace.sets().add(store.db, entry, value);
        case ZSET -> keyspace.sortedSets().add(store.db, entry, value, i);
        case HASH -> keyspace.hashes().set(store.db, entry, value, store.field("v" + i));
        case STRING, STREAM -> throw new IllegalArgumentException(type.toString());
      }
    }
    if (type == Type.HASH && elements % 2 == 0) {
      keyspace.hashes().expireAt(store.db, entry, store.value("0"), store.now() + 500);
    }
  }

  /// Takes all memory that is left, in blocks of every size.
  private static List<Long> fill(TestStore store) {
    List<Long> blocks = new ArrayList<>();
    for (int bytes = 64 << 10; bytes >= 8; bytes = bytes * 3 / 4) {
      try {
        while (true) {
          blocks.add(store.heap.allocate(bytes));
        }
      } catch (HeapLimitException _) {
        assertThat(blocks).hasSizeLessThan(1_000_000); // The next size.
      }
    }
    return blocks;
  }
}
