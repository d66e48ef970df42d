package carnelian.persistence.rdb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import carnelian.keyspace.Database;
import carnelian.keyspace.StreamFields;
import carnelian.keyspace.StreamGroups;
import carnelian.keyspace.StreamId;
import carnelian.keyspace.StreamMeta;
import carnelian.keyspace.StreamTrimming;
import carnelian.keyspace.StreamVisitor;
import carnelian.keyspace.Streams;
import carnelian.keyspace.ValueVisitor;
import carnelian.keyspace.ValueWalk;
import carnelian.memory.Slice;
import carnelian.persistence.rdb.RdbRoundTripTest.Store;
import carnelian.structures.Element;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RdbStreamTest {
  private static final String KEY = "stream";

  /// One field and its value.
  private record Pair(Slice field, Slice value) implements StreamFields {
    @Override
    public int count() {
      return 1;
    }

    @Override
    public Slice field(int index) {
      return field;
    }

    @Override
    public Slice value(int index) {
      return value;
    }
  }

  /// Writes down what a stream says, listpacks as they are.
  private static final class Image implements ValueVisitor, StreamVisitor {
    final List<String> lines = new ArrayList<>();

    static List<String> of(Store store, long entry) {
      Image image = new Image();
      store.keyspace.streams().walk(new ValueWalk(store.heap.live()), entry, image);
      return image.lines;
    }

    @Override
    public void begin(carnelian.keyspace.Encoding encoding, long parts) {
      lines.add(encoding + " " + parts);
    }

    @Override
    public StreamVisitor stream() {
      return this;
    }

    @Override
    public void compact(long at, int bytes) {
      throw new AssertionError();
    }

    @Override
    public void element(Element element) {
      throw new AssertionError();
    }

    @Override
    public void field(Element field, Element value) {
      throw new AssertionError();
    }

    @Override
    public void member(Element member, double score) {
      throw new AssertionError();
    }

    @Override
    public void node(StreamId id, long listpack, int bytes) {
      lines.add(id + " " + HexFormat.of().formatHex(new Slice(listpack, bytes).toBytes()));
    }

    @Override
    public void meta(StreamMeta meta) {
      lines.add(meta.toString());
    }

    @Override
    public void group(Element name, StreamId lastId, long entriesRead, long pending) {
      lines.add("group " + name + " " + lastId + " " + entriesRead + " " + pending);
    }

    @Override
    public void pending(StreamId id, long deliveryTimeMillis, long deliveryCount) {
      lines.add("pending " + id + " " + deliveryTimeMillis + " " + deliveryCount);
    }

    @Override
    public void consumers(long count) {
      lines.add("consumers " + count);
    }

    @Override
    public void consumer(Element name, long seenTimeMillis, long activeTimeMillis, long pending) {
      lines.add("consumer " + name + " " + seenTimeMillis + " " + activeTimeMillis + " " + pending);
    }

    @Override
    public void consumerPending(StreamId id, long deliveryTimeMillis, long deliveryCount) {
      lines.add("with it " + id + " " + deliveryTimeMillis + " " + deliveryCount);
    }
  }

  private static long write(Store store) {
    Streams streams = store.keyspace.streams();
    Database db = store.keyspace.database(0);
    long entry = streams.create(db, store.key.ofText(KEY));
    for (int i = 1; i <= 250; i++) {
      String field = i % 3 == 0 ? "other" + i : "field";
      streams.append(
          entry,
          new StreamId(i, i % 7),
          new Pair(store.first.ofText(field), store.second.ofText("value " + i)));
    }
    streams.delete(entry, new StreamId(7, 0));
    streams.delete(entry, new StreamId(250, 5));
    streams.trim(entry, new StreamTrimming(false, 240, new StreamId(), false, 0));
    StreamGroups groups = streams.groups();
    for (String name : List.of("group", "empty", "third")) {
      long group = groups.create(entry, store.first.ofText(name), new StreamId(20, 1), 12);
      if (name.equals("empty")) {
        continue;
      }
      long alice = groups.createConsumer(group, store.first.ofText("alice"), 1000);
      long bob = groups.createConsumer(group, store.first.ofText("bob"), 2000);
      groups.active(bob, 1500);
      groups.seen(alice, 1200);
      for (int i = 10; i < 20; i++) {
        long pending = groups.createPending(group, new StreamId(i, i % 7), 5000 + i, i);
        groups.assign(pending, i % 2 == 0 ? alice : bob);
      }
    }
    return entry;
  }

  @ParameterizedTest
  @ValueSource(ints = {10, 11})
  void stream_withGroups_comesBackWhole(int version) throws Exception {
    try (Store store = new Store();
        Store loaded = new Store()) {
      List<String> expected = new ArrayList<>(Image.of(store, write(store)));
      loaded.load(store.save(version, RdbOutput.Compression.LZF), RdbLoader.Expired.SKIP);
      long entry = loaded.keyspace.database(0).find(loaded.key.ofText(KEY));
      List<String> actual = new ArrayList<>(Image.of(loaded, entry));
      if (version == 10) {
        // Form 2 does not say when a consumer was active.
        expected.replaceAll(line -> line.replaceAll("(consumer \\w+ \\d+) -?\\d+", "$1"));
        actual.replaceAll(line -> line.replaceAll("(consumer \\w+ \\d+) -?\\d+", "$1"));
      }
      assertThat(actual).isEqualTo(expected);
    }
  }

  @Test
  void stream_inTheFirstForm_findsWhatItDoesNotSay() throws Exception {
    try (Store store = new Store();
        Store loaded = new Store()) {
      write(store);
      loaded.load(store.save(9, RdbOutput.Compression.NONE), RdbLoader.Expired.SKIP);
      Streams streams = loaded.keyspace.streams();
      long entry = loaded.keyspace.database(0).find(loaded.key.ofText(KEY));
      assertThat(streams.length(entry)).isEqualTo(240);
      assertThat(streams.entriesAdded(entry)).isEqualTo(240);
      assertThat(streams.maxDeletedId(entry, new StreamId()).isZero()).isTrue();
      assertThat(streams.firstId(entry, new StreamId())).hasToString("10-3");
      assertThat(streams.lastId(entry, new StreamId())).hasToString("250-5");
    }
  }

  /// Damage behind the checksum's back is refused or gives a stream that can be used.
  @Test
  void damagedStreams_neverBreakAnything() throws Exception {
    long seed = 3;
    SplittableRandom random = new SplittableRandom(seed);
    byte[] file;
    try (Store store = new Store()) {
      write(store);
      file = store.save(11, RdbOutput.Compression.NONE);
    }
    // No checksum: eight zeros.
    java.util.Arrays.fill(file, file.length - 8, file.length, (byte) 0);
    try (Store store = new Store()) {
      for (int round = 0; round < 1500; round++) {
        byte[] broken = file.clone();
        for (int i = random.nextInt(3); i >= 0; i--) {
          int at = 20 + random.nextInt(file.length - 30);
          broken[at] =
              (byte)
                  (random.nextBoolean() ? broken[at] ^ 1 << random.nextInt(8) : random.nextInt());
        }
        store.keyspace.flushAll();
        try {
          store.load(broken, RdbLoader.Expired.SKIP);
        } catch (RdbFormatException _) {
          continue; // Refused.
        }
        long entry = store.keyspace.database(0).find(store.key.ofText(KEY));
        if (entry != 0) {
          Streams streams = store.keyspace.streams();
          Image.of(store, entry);
          for (var each = streams.entries().startAtFirst(entry); each.next(); ) {
            while (each.nextField()) {
              assertThat(each.value().length()).isNotNegative();
            }
          }
          for (var each = streams.entries().startAtLast(entry); each.next(); ) {
            assertThat(each.fields()).isNotNegative();
          }
          streams.trim(entry, new StreamTrimming(false, 3, new StreamId(), false, 0));
          streams.trim(entry, new StreamTrimming(true, 0, new StreamId().setMax(), false, 0));
        }
      }
    }
  }

  @Test
  void pendingEntry_withoutConsumer_isRefused() throws Exception {
    try (Store store = new Store();
        Store loaded = new Store()) {
      Streams streams = store.keyspace.streams();
      long entry = streams.create(store.keyspace.database(0), store.key.ofText(KEY));
      StreamGroups groups = streams.groups();
      long group = groups.create(entry, store.first.ofText("g"), new StreamId(), 0);
      groups.createPending(group, new StreamId(1, 1), 0, 1);
      byte[] file = store.save(11, RdbOutput.Compression.NONE);
      assertThatThrownBy(() -> loaded.load(file, RdbLoader.Expired.SKIP))
          .isInstanceOf(RdbFormatException.class)
          .hasMessageContaining("a consumer for each pending entry");
    }
  }
}
