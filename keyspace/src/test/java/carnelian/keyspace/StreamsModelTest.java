package carnelian.keyspace;

import static org.assertj.core.api.Assertions.assertThat;

import carnelian.memory.Slice;
import carnelian.structures.Element;
import carnelian.structures.TreeCursor;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Streams and their groups against maps, over nodes that are small, in checked memory.
class StreamsModelTest {
  private static final Comparator<StreamId> BY_ID = StreamId::compare;

  /// Fields and values in Java, given out through two buffers.
  private record Words(TestStore store, List<String> words) implements StreamFields {
    @Override
    public int count() {
      return words.size() / 2;
    }

    @Override
    public Slice field(int index) {
      return store.field(words.get(2 * index));
    }

    @Override
    public Slice value(int index) {
      return store.value(words.get(2 * index + 1));
    }
  }

  @Test
  void destroy_whileASnapshotIsRead_announcesItsWrites() {
    try (TestStore store = new TestStore(1)) {
      Streams streams = store.keyspace.streams();
      long entry = streams.create(store.db, store.key("s"));
      long _ = streams.groups().create(entry, store.field("g"), new StreamId(), 0);
      try (KeyspaceCut cut = store.keyspace.cut()) {
        store.db.discard(entry);
        assertThat(cut.keys(0)).isEqualTo(1);
        assertThat(cut.preservedBytes()).isPositive();
      }
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void entries_againstTreeMap(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    try (TestStore store = new TestStore(seed)) {
      ValueLimits d = ValueLimits.DEFAULT;
      store.keyspace.limits(
          new ValueLimits(
              128,
              64,
              -2,
              0,
              512,
              0,
              64,
              128,
              64,
              seed % 2 == 0 ? 200 : 4096,
              7,
              3000,
              d.protoMaxBulkLength()));
      Streams streams = store.keyspace.streams();
      long entry = streams.create(store.db, store.key("s"));
      TreeMap<StreamId, List<String>> model = new TreeMap<>(BY_ID);
      StreamId last = new StreamId(0, 0);
      KeyspaceCut cut = store.keyspace.cut();
      List<String> atTheCut = List.of();
      for (int step = 0; step < 1500; step++) {
        if (step % 200 == 199) {
          assertThat(readElsewhere(cut)).as("seed %d step %d", seed, step).isEqualTo(atTheCut);
          cut.close();
          cut = store.keyspace.cut();
          atTheCut = read(streams.entries().startAtFirst(entry));
        }
        switch (random.nextInt(10)) {
          case 0 -> {
            StreamId some = some(random, last);
            assertThat(streams.delete(entry, some)).isEqualTo(model.remove(some) != null);
          }
          case 1 -> trim(random, streams, entry, model, last);
          case 2 -> {
            StreamId from = some(random, last);
            StreamId to = some(random, last);
            compare(streams, entry, model, from, to);
          }
          case 3 -> {
            store.db.copy(entry, store.db, store.key("copy"));
            long copy = store.db.find(store.key("copy"));
            compare(streams, copy, model, new StreamId(), new StreamId().setMax());
          }
          default -> {
            last.set(last.ms + random.nextInt(2), random.nextInt(1, 1 << 20));
            if (!model.isEmpty() && last.compare(model.lastKey()) <= 0) {
              last.set(model.lastKey());
            }
            last.set(last.ms, last.sequence + 1);
            if (last.compare(streams.lastId(entry, new StreamId())) <= 0) {
              last.set(streams.lastId(entry, new StreamId()));
              last.increment();
            }
            List<String> words = words(random);
            streams.append(entry, last, new Words(store, words));
            model.put(new StreamId().set(last), words);
          }
        }
        assertThat(streams.length(entry)).isEqualTo(model.size());
        StreamId first = streams.firstId(entry, new StreamId());
        assertThat(first)
            .as("seed %d step %d", seed, step)
            .hasToString(model.isEmpty() ? "0-0" : model.firstKey().toString());
      }
      cut.close();
      compare(streams, entry, model, new StreamId(), new StreamId().setMax());
    }
  }

  /// The entries of the stream `s` as a snapshot has them, read on another thread.
  private static List<String> readElsewhere(KeyspaceCut cut) {
    Entries entries = new Entries();
    return CompletableFuture.supplyAsync(
            () -> {
              KeyCursor keys = cut.cursor(0);
              while (keys.next()) {
                if (keys.key(new Slice()).toString().equals("s")) {
                  keys.walk(entries);
                }
              }
              return entries.lines;
            })
        .join();
  }

  /// Hears a stream's nodes and writes their entries down.
  private static final class Entries implements ValueVisitor, StreamVisitor {
    final List<String> lines = new ArrayList<>();
    private final StreamNodeReader reader = new StreamNodeReader();

    @Override
    public void begin(Encoding encoding, long parts) {}

    @Override
    public StreamVisitor stream() {
      return this;
    }

    @Override
    public void node(StreamId id, long listpack, int bytes) {
      reader.start(id, listpack);
      while (reader.next()) {
        List<String> words = new ArrayList<>();
        while (reader.nextField()) {
          words.add(reader.field().toString());
          words.add(reader.value().toString());
        }
        lines.add(reader.id() + " " + words);
      }
    }

    @Override
    public void meta(StreamMeta meta) {
      assertThat(meta.length()).isEqualTo(lines.size());
    }

    @Override
    public void compact(long at, int bytes) {
      throw new AssertionError("not a stream");
    }

    @Override
    public void element(Element element) {
      throw new AssertionError("not a stream");
    }

    @Override
    public void field(Element field, Element value) {
      throw new AssertionError("not a stream");
    }

    @Override
    public void member(Element member, double score) {
      throw new AssertionError("not a stream");
    }

    @Override
    public void group(Element name, StreamId lastId, long entriesRead, long pending) {}

    @Override
    public void pending(StreamId id, long deliveryTimeMillis, long deliveryCount) {}

    @Override
    public void consumers(long count) {}

    @Override
    public void consumer(Element name, long seenTimeMillis, long activeTimeMillis, long pending) {}

    @Override
    public void consumerPending(StreamId id, long deliveryTimeMillis, long deliveryCount) {}
  }

  private static StreamId some(SplittableRandom random, StreamId last) {
    return new StreamId(random.nextLong(last.ms + 2), random.nextInt(1 << 20));
  }

  private static List<String> words(SplittableRandom random) {
    if (random.nextInt(3) > 0) {
      return List.of("a", "" + random.nextInt(), "b", "x".repeat(random.nextInt(40)));
    }
    List<String> words = new ArrayList<>();
    for (int i = random.nextInt(1, 5); i > 0; i--) {
      words.add("f" + random.nextInt(9));
      words.add(random.nextBoolean() ? "" + random.nextLong() : "");
    }
    return words;
  }

  private static void trim(
      SplittableRandom random,
      Streams streams,
      long entry,
      NavigableMap<StreamId, List<String>> model,
      StreamId last) {
    boolean byId = random.nextBoolean();
    StreamId bound = new StreamId(Math.max(0, last.ms - random.nextInt(60)), random.nextInt(9));
    int most = random.nextInt(80);
    long removed = 0;
    boolean approximate = random.nextInt(3) == 0;
    StreamTrimming trimming = new StreamTrimming(byId, most, bound, approximate, 0);
    long trimmed = streams.trim(entry, trimming);
    while (!model.isEmpty()
        && (byId ? model.firstKey().compare(bound) < 0 : model.size() > most)
        && (!approximate || removed < trimmed)) {
      model.pollFirstEntry();
      removed++;
    }
    assertThat(trimmed).isEqualTo(removed);
  }

  private static void compare(
      Streams streams,
      long entry,
      NavigableMap<StreamId, List<String>> model,
      StreamId from,
      StreamId to) {
    List<String> expected = new ArrayList<>();
    if (from.compare(to) <= 0) {
      model.subMap(from, true, to, true).forEach((id, words) -> expected.add(id + " " + words));
    }
    assertThat(read(streams.entries().startForward(entry, from, to))).isEqualTo(expected);
    assertThat(read(streams.entries().startBackward(entry, from, to)))
        .isEqualTo(expected.reversed());
  }

  private static List<String> read(StreamCursor cursor) {
    List<String> entries = new ArrayList<>();
    while (cursor.next()) {
      List<String> words = new ArrayList<>();
      while (cursor.nextField()) {
        words.add(cursor.field().toString());
        words.add(cursor.value().toString());
      }
      entries.add(cursor.id() + " " + words);
    }
    return entries;
  }

  /// What is pending: by ID, with whom.
  @ParameterizedTest
  @ValueSource(longs = {5, 6})
  void pendingEntries_againstMaps(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    try (TestStore store = new TestStore(seed)) {
      Streams streams = store.keyspace.streams();
      StreamGroups groups = streams.groups();
      long entry = streams.create(store.db, store.key("s"));
      long group = groups.create(entry, store.field("g"), new StreamId(), 0);
      Map<String, Long> consumers = new HashMap<>();
      TreeMap<StreamId, String> model = new TreeMap<>(BY_ID);
      KeyspaceCut cut = store.keyspace.cut();
      for (int step = 0; step < 3000; step++) {
        if (step % 200 == 199) {
          cut.close(); // Each write after it has to be announced anew.
          cut = store.keyspace.cut();
        }
        String name = "c" + random.nextInt(5);
        StreamId id = new StreamId(random.nextInt(40) - 20, random.nextInt(20) - 10);
        long pending = groups.pendingEntry(group, id);
        assertThat(pending != 0).isEqualTo(model.containsKey(id));
        switch (random.nextInt(12)) {
          case 0 -> {
            Long gone = consumers.remove(name);
            if (gone != null) {
              groups.deleteConsumer(group, gone);
              model.values().removeIf(name::equals);
            }
          }
          case 1, 2, 3 -> {
            if (pending != 0) {
              groups.delete(group, pending);
              model.remove(id);
            }
          }
          default -> {
            long consumer =
                consumers.computeIfAbsent(
                    name, n -> groups.createConsumer(group, store.field(n), 1));
            assertThat(groups.consumer(group, store.field(name))).isEqualTo(consumer);
            long given = pending == 0 ? groups.createPending(group, id, 1, 1) : pending;
            groups.assign(given, consumer);
            model.put(id, name);
          }
        }
        assertThat(groups.pending(group)).isEqualTo(model.size());
        assertThat(groups.consumers(group)).isEqualTo(consumers.size());
      }
      cut.close();
      assertThat(pending(groups, group)).isEqualTo(new ArrayList<>(lines(model)));
      store.db.copy(entry, store.db, store.key("copy"));
      long copy = store.db.find(store.key("copy"));
      assertThat(pending(groups, groups.find(copy, store.field("g"))))
          .isEqualTo(new ArrayList<>(lines(model)));
      groups.remove(copy, groups.find(copy, store.field("g")));
      assertThat(groups.count(copy)).isZero();
    }
  }

  private static List<String> lines(NavigableMap<StreamId, String> model) {
    List<String> lines = new ArrayList<>();
    model.forEach((id, name) -> lines.add(id + " " + name));
    return lines;
  }

  private static List<String> pending(StreamGroups groups, long group) {
    List<String> lines = new ArrayList<>();
    TreeCursor each = new TreeCursor();
    boolean more = groups.firstPending(group, new StreamId(), each);
    for (; more; more = each.next()) {
      long pending = each.reference();
      lines.add(
          StreamGroups.id(pending, new StreamId())
              + " "
              + StreamGroups.name(StreamGroups.consumerOf(pending), new Slice()));
    }
    return lines;
  }
}
