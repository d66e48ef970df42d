package carnelian.persistence.rdb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import carnelian.base.ManualClock;
import carnelian.base.RandomSource;
import carnelian.keyspace.Database;
import carnelian.keyspace.Encoding;
import carnelian.keyspace.KeyCursor;
import carnelian.keyspace.Keyspace;
import carnelian.keyspace.KeyspaceCut;
import carnelian.keyspace.KeyspaceOptions;
import carnelian.keyspace.ListEnd;
import carnelian.keyspace.ValueVisitor;
import carnelian.memory.Heap;
import carnelian.memory.HeapOptions;
import carnelian.memory.Slice;
import carnelian.structures.Element;
import carnelian.structures.Intsets;
import carnelian.structures.Listpacks;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.channels.Channels;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RdbRoundTripTest {
  private static final long NOW_MILLIS = 1_704_067_200_000L;
  private static final long SEED = 7;

  /// A keyspace with what its keys are written with.
  static final class Store implements AutoCloseable {
    final Heap heap = new Heap(HeapOptions.defaults().withReserveBytes(1L << 30));
    final Keyspace keyspace =
        new Keyspace(
            heap,
            new KeyspaceOptions(16, 1, 2),
            new ManualClock(NOW_MILLIS),
            RandomSource.seeded(SEED));
    final Bytes key = new Bytes();
    final Bytes first = new Bytes();
    final Bytes second = new Bytes();

    void string(Database db, String name, String value, long deadline) {
      keyspace.strings().add(db, key.ofText(name), first.ofText(value), deadline);
    }

    void list(Database db, String name, List<String> elements) {
      long entry = keyspace.lists().create(db, key.ofText(name));
      for (String element : elements) {
        keyspace.lists().push(db, entry, first.ofText(element), ListEnd.TAIL);
      }
    }

    long set(Database db, String name, List<String> members) {
      Slice head = first.ofText(members.getFirst());
      long entry = keyspace.sets().create(db, key.ofText(name), head, 1);
      for (String member : members) {
        keyspace.sets().add(db, entry, first.ofText(member));
      }
      return entry;
    }

    void sortedSet(Database db, String name, Map<String, Double> members) {
      long entry = keyspace.sortedSets().create(db, key.ofText(name), 1);
      members.forEach(
          (member, score) -> keyspace.sortedSets().add(db, entry, first.ofText(member), score));
    }

    long hash(Database db, String name, Map<String, String> fields) {
      long entry = keyspace.hashes().create(db, key.ofText(name));
      fields.forEach(
          (field, value) ->
              keyspace.hashes().set(db, entry, first.ofText(field), second.ofText(value)));
      return entry;
    }

    byte[] save(int version, RdbOutput.Compression compression) throws Exception {
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      Throwable[] failed = new Throwable[1];
      try (KeyspaceCut cut = keyspace.cut()) {
        Thread reader =
            new Thread(
                () -> {
                  try (RdbOutput out = RdbOutput.to(Channels.newChannel(bytes), compression)) {
                    new RdbSaver(
                            out, new RdbSaver.Options(version, true, RdbSaver.Access.NONE, 1000, 0))
                        .save(cut);
                  } catch (IOException | RuntimeException e) {
                    failed[0] = e;
                  }
                });
        reader.start();
        reader.join();
      }
      assertThat(failed[0]).isNull();
      return bytes.toByteArray();
    }

    RdbLoader load(byte[] file, RdbLoader.Expired expired) throws IOException {
      try (RdbInput in =
              new RdbInput("test.rdb", Channels.newChannel(new ByteArrayInputStream(file)));
          RdbLoader loader = new RdbLoader(in, keyspace, expired, file.length, true)) {
        loader.load();
        return loader;
      }
    }

    /// Key to what it holds, as text.
    Map<String, String> contents() {
      Map<String, String> contents = new TreeMap<>();
      Texts texts = new Texts();
      for (int i = 0; i < keyspace.databases(); i++) {
        KeyCursor cursor = keyspace.database(i).cursor();
        while (cursor.next()) {
          String name = i + ":" + cursor.key(new Slice());
          String about = cursor.type() + "@" + cursor.deadline() + " ";
          texts.parts.clear();
          Encoding encoding = cursor.encoding();
          cursor.walk(texts);
          if (cursorSorts(encoding)) {
            Collections.sort(texts.parts);
          }
          contents.put(name, about + texts.parts);
        }
      }
      return contents;
    }

    private static boolean cursorSorts(Encoding encoding) {
      return encoding != Encoding.LIST_LISTPACK && encoding != Encoding.LIST_QUICKLIST;
    }

    @Override
    public void close() {
      keyspace.close();
      key.close();
      first.close();
      second.close();
      heap.close();
    }
  }

  private static final class Texts implements ValueVisitor {
    final List<String> parts = new ArrayList<>();
    private Encoding encoding = Encoding.STRING_RAW;

    @Override
    public void begin(Encoding newEncoding, long count) {
      encoding = newEncoding;
    }

    @Override
    public void compact(long at, int bytes) {
      if (encoding == Encoding.SET_INTSET) {
        for (int i = 0; i < Intsets.count(at); i++) {
          parts.add(Long.toString(Intsets.get(at, i)));
        }
        return;
      }
      Element element = new Element();
      boolean pairs = encoding == Encoding.HASH_LISTPACK || encoding == Encoding.ZSET_LISTPACK;
      for (long each = Listpacks.first(at); each != 0; each = Listpacks.next(each)) {
        String part = Listpacks.get(each, element).toString();
        if (encoding == Encoding.HASH_LISTPACK_EX) {
          long value = Listpacks.next(each);
          each = Listpacks.next(value);
          part += "=" + Listpacks.get(value, element);
          part += Listpacks.get(each, element).asLong() == 0 ? "" : "@" + element;
        }
        if (pairs) {
          each = Listpacks.next(each);
          Element second = Listpacks.get(each, new Element());
          part +=
              "="
                  + (encoding == Encoding.ZSET_LISTPACK
                      ? Double.toString(RdbValueWriter.scoreOf(second))
                      : second.toString());
        }
        parts.add(part);
      }
    }

    @Override
    public void element(Element element) {
      parts.add(element.toString());
    }

    @Override
    public void field(Element field, Element value) {
      parts.add(field + "=" + value);
    }

    @Override
    public void field(Element field, Element value, long deadline) {
      parts.add(field + "=" + value + (deadline == Database.NO_DEADLINE ? "" : "@" + deadline));
    }

    @Override
    public void member(Element member, double score) {
      parts.add(member + "=" + score);
    }
  }

  private static List<String> numbered(String prefix, int count) {
    List<String> names = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      names.add(prefix + i);
    }
    return names;
  }

  private static void fill(Store store) {
    Database db = store.keyspace.database(0);
    store.string(db, "int", "12345678901234", Database.NO_DEADLINE);
    store.string(db, "embstr", "hello", NOW_MILLIS + 100_000);
    store.string(db, "raw", "abc".repeat(100), Database.NO_DEADLINE);
    store.string(db, "blob", "lorem ipsum ".repeat(30_000), Database.NO_DEADLINE);
    store.list(db, "list", List.of("a", "1", "", "b".repeat(100)));
    store.list(db, "quicklist", numbered("element-of-some-length-", 3000));
    store.list(db, "plain", List.of("x", "large ".repeat(5000), "y"));
    store.set(db, "intset", List.of("1", "-70000", "5000000000"));
    store.set(db, "setpack", List.of("1", "a", "b"));
    store.set(db, "settable", numbered("member", 1000));
    store.sortedSet(
        db,
        "zsetpack",
        new TreeMap<>(
            Map.of("a", 1.5, "b", -3.0, "c", Double.POSITIVE_INFINITY, "d", -0.0, "e", 1e300)));
    Map<String, Double> scores = new TreeMap<>();
    numbered("m", 500).forEach(name -> scores.put(name, name.hashCode() / 3.0));
    store.sortedSet(db, "zset", scores);
    long entry = store.hash(db, "hashpack", new TreeMap<>(Map.of("f", "v", "n", "42", "", "")));
    long _ = db.expireAt(entry, NOW_MILLIS + 5);
    Map<String, String> fields = new TreeMap<>();
    numbered("field", 500).forEach(name -> fields.put(name, name + name));
    store.hash(db, "hash", fields);
    expireFields(store, "volatilepack", new TreeMap<>(Map.of("f", "v", "n", "42", "", "")), 2);
    expireFields(store, "volatile", fields, 300);
    store.string(store.keyspace.database(9), "elsewhere", "x", Database.NO_DEADLINE);
  }

  /// A hash of which so many fields have deadlines.
  private static void expireFields(
      Store store, String name, Map<String, String> fields, int count) {
    Database db = store.keyspace.database(0);
    long entry = store.hash(db, name, fields);
    long deadline = NOW_MILLIS + 5;
    int left = count;
    for (String field : fields.keySet()) {
      if (left-- > 0) {
        store.keyspace.hashes().expireAt(db, entry, store.first.ofText(field), deadline);
        deadline += left % 3 * 100_000L;
      }
    }
  }

  private static Map<String, String> withoutFieldDeadlines(Map<String, String> contents) {
    Map<String, String> without = new TreeMap<>();
    contents.forEach(
        (key, value) ->
            without.put(
                key, key.contains("volatile") ? value.replaceAll("@\\d+(?=[,\\]])", "") : value));
    return without;
  }

  @ParameterizedTest
  @ValueSource(ints = {9, 10, 11, 12})
  void everyEncoding_isTheSameAfterSavingAndLoading(int version) throws Exception {
    try (Store store = new Store();
        Store other = new Store()) {
      fill(store);
      byte[] file = store.save(version, RdbOutput.Compression.LZF);
      RdbLoader loader = other.load(file, RdbLoader.Expired.SKIP);
      assertThat(loader.version()).isEqualTo(version);
      assertThat(loader.keysLoaded()).isEqualTo(store.keyspace.size());
      assertThat(loader.remarks()).isEmpty();
      assertThat(loader.facts()).containsEntry("redis-bits", "64").containsKey("redis-ver");
      assertThat(other.contents())
          .isEqualTo(version == 12 ? store.contents() : withoutFieldDeadlines(store.contents()));
      assertThat(other.keyspace.volatileHashes()).isEqualTo(version == 12 ? 2 : 0);
      other.keyspace.database(0).verify();
      byte[] plain = other.save(version, RdbOutput.Compression.NONE);
      assertThat(plain.length).isGreaterThan(file.length);
    }
  }

  @Test
  void expiredKeys_areSkippedOnAPrimary_andKeptOnAReplica() throws Exception {
    try (Store store = new Store();
        Store primary = new Store();
        Store replica = new Store()) {
      fill(store);
      byte[] file = store.save(12, RdbOutput.Compression.LZF);
      primary.keyspace.advance(NOW_MILLIS + 1000);
      RdbLoader loader = primary.load(file, RdbLoader.Expired.SKIP);
      assertThat(loader.keysExpired()).isEqualTo(1);
      assertThat(primary.keyspace.size()).isEqualTo(store.keyspace.size() - 1);
      replica.keyspace.advance(NOW_MILLIS + 1000);
      assertThat(replica.load(file, RdbLoader.Expired.KEEP).keysExpired()).isZero();
      assertThat(replica.contents()).isEqualTo(store.contents());
    }
  }

  private static byte[] smallFile(int version) throws Exception {
    try (Store store = new Store()) {
      Database db = store.keyspace.database(0);
      store.string(db, "s", "value", NOW_MILLIS + 1000);
      store.list(db, "l", List.of("a", "1", "bb"));
      store.set(db, "i", List.of("1", "2"));
      store.set(db, "t", List.of("1", "b"));
      store.sortedSet(db, "z", new TreeMap<>(Map.of("a", 1.5, "b", 2.0)));
      store.hash(db, "h", new TreeMap<>(Map.of("f", "v")));
      expireFields(store, "hx", new TreeMap<>(Map.of("f", "v", "g", "w")), 1);
      expireFields(store, "ht", new TreeMap<>(Map.of("f", "v".repeat(100), "g", "w")), 1);
      return store.save(version, RdbOutput.Compression.LZF);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {9, 10, 11, 12})
  void truncatedFile_isRefusedWithItsEnd(int version) throws Exception {
    byte[] file = smallFile(version);
    try (Store store = new Store()) {
      for (int length = 0; length < file.length; length++) {
        byte[] part = Arrays.copyOf(file, length);
        store.keyspace.flushAll();
        assertThatThrownBy(() -> store.load(part, RdbLoader.Expired.SKIP))
            .isInstanceOfSatisfying(
                RdbFormatException.class, e -> assertThat(e.isTruncated()).isTrue());
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {9, 10, 11, 12})
  void flippedBit_isRefused(int version) throws Exception {
    byte[] file = smallFile(version);
    try (Store store = new Store()) {
      // Not the version: files before 5 have no checksum.
      for (int bit = 8 * 9; bit < 8 * (file.length - 8); bit++) {
        byte[] broken = file.clone();
        broken[bit / 8] ^= (byte) (1 << (bit % 8));
        store.keyspace.flushAll();
        assertThatThrownBy(() -> store.load(broken, RdbLoader.Expired.SKIP))
            .as("bit %d", bit)
            .isInstanceOf(RdbFormatException.class);
      }
    }
  }

  @Test
  void hashOfAReleaseCandidate_isRefusedWithItsPlace() throws Exception {
    byte[] file = Bytes.hex("524544495330303132 fe00 16 0178");
    try (Store store = new Store()) {
      assertThatThrownBy(() -> store.load(file, RdbLoader.Expired.SKIP))
          .isInstanceOf(RdbFormatException.class)
          .hasMessageContaining("test.rdb:11")
          .hasMessageContaining("HASH_METADATA_PRE_GA");
    }
  }
}
