package carnelian.persistence.rdb;

import static carnelian.persistence.rdb.OldForms.concat;
import static carnelian.persistence.rdb.OldForms.integer;
import static carnelian.persistence.rdb.OldForms.intset;
import static carnelian.persistence.rdb.OldForms.length;
import static carnelian.persistence.rdb.OldForms.score;
import static carnelian.persistence.rdb.OldForms.string;
import static carnelian.persistence.rdb.OldForms.strings;
import static carnelian.persistence.rdb.OldForms.version;
import static carnelian.persistence.rdb.OldForms.ziplist;
import static carnelian.persistence.rdb.OldForms.zipmap;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import carnelian.keyspace.Database;
import carnelian.keyspace.ListEnd;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What Redis wrote before it wrote what it writes today, from 2.6 on.
class OldFormsTest {
  private static final String LONG = "l".repeat(300);
  private static final String SIXTY_FIVE = "s".repeat(65);
  private static final long IN_2100_SECONDS = 4_102_444_800L;

  private static Arguments form(String name, int type, byte[] value, String encoding, String held) {
    return Arguments.of(name, type, value, encoding, held);
  }

  static Stream<Arguments> forms() {
    return Stream.of(
        form("string", 0, string("hello"), "embstr", "STRING [hello]"),
        form("int8", 0, integer(-5), "int", "STRING [-5]"),
        form("int16", 0, integer(3000), "int", "STRING [3000]"),
        form("int32", 0, integer(-300_000), "int", "STRING [-300000]"),
        form(
            "linked list", 1, strings(3, "a", "1", LONG), "quicklist", "LIST [a, 1, " + LONG + "]"),
        form(
            "list ziplist",
            10,
            ziplist("a", 1, -1, 12, 13, 300, 70_000, 5_000_000_000L, LONG, -70_000),
            "quicklist",
            "LIST [a, 1, -1, 12, 13, 300, 70000, 5000000000, " + LONG + ", -70000]"),
        form(
            "quicklist of ziplists",
            14,
            concat(length(3), ziplist("a", "b"), ziplist(LONG, 7), ziplist("z")),
            "quicklist",
            "LIST [a, b, " + LONG + ", 7, z]"),
        form(
            "quicklist with an empty node",
            14,
            concat(length(2), ziplist(), ziplist("z")),
            "quicklist",
            "LIST [z]"),
        form("set", 2, strings(3, "a", "b", "1"), "hashtable", "SET [1, a, b]"),
        form("set of integers", 2, strings(2, "2", "1"), "intset", "SET [1, 2]"),
        form("intset of 16 bits", 11, intset(2, -5, 1, 300), "intset", "SET [-5, 1, 300]"),
        form("intset of 32 bits", 11, intset(4, -70_000, 1), "intset", "SET [-70000, 1]"),
        form("intset of 64 bits", 11, intset(8, 1, 1L << 40), "intset", "SET [1, 1099511627776]"),
        form(
            "zset with scores as text",
            3,
            concat(
                length(5),
                concat(string("a"), score("1.5")),
                concat(string("b"), score("-3")),
                concat(string("c"), score("inf")),
                concat(string("d"), score("-inf")),
                concat(string("e"), score("0.10000000000000001"))),
            "listpack",
            "ZSET [a=1.5, b=-3.0, c=Infinity, d=-Infinity, e=0.1]"),
        form(
            "zset with a long member",
            3,
            concat(length(1), string(SIXTY_FIVE), score("1")),
            "skiplist",
            "ZSET [" + SIXTY_FIVE + "=1.0]"),
        form(
            "zset ziplist",
            12,
            ziplist("a", 1, "b", "2.5", "c", 3),
            "listpack",
            "ZSET [a=1.0, b=2.5, c=3.0]"),
        form(
            "zset ziplist out of order",
            12,
            ziplist("b", 2, "a", 1),
            "listpack",
            "ZSET [a=1.0, b=2.0]"),
        form("hash", 4, strings(2, "f", "v", "g", ""), "listpack", "HASH [f=v, g=]"),
        form(
            "hash with a long value",
            4,
            strings(1, "f", SIXTY_FIVE),
            "hashtable",
            "HASH [f=" + SIXTY_FIVE + "]"),
        form("hash zipmap", 9, zipmap("f", "v", "n", "12"), "listpack", "HASH [f=v, n=12]"),
        form("hash ziplist", 13, ziplist("f", "v", "n", 12), "listpack", "HASH [f=v, n=12]"),
        form(
            "hash ziplist with a long value",
            13,
            ziplist("f", SIXTY_FIVE),
            "listpack", // Redis counts the fields alone, too.
            "HASH [f=" + SIXTY_FIVE + "]"),
        form(
            "zset ziplist with a long member",
            12,
            ziplist(SIXTY_FIVE, 1),
            "listpack",
            "ZSET [" + SIXTY_FIVE + "=1.0]"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("forms")
  void form_isLoadedAsItWasMeant(String name, int type, byte[] value, String encoding, String held)
      throws IOException {
    byte[] file = version(7).database(3).key("k", type, value).end();
    try (RdbRoundTripTest.Store store = new RdbRoundTripTest.Store()) {
      store.load(file, RdbLoader.Expired.SKIP);
      assertThat(store.contents()).isEqualTo(Map.of("3:k", held.replaceFirst(" ", "@-1 ")));
      Database db = store.keyspace.database(3);
      assertThat(Database.encoding(db.find(store.key.ofText("k"))).word()).isEqualTo(encoding);
      db.verify();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8, 9})
  void everyVersion_isLoaded(int version) throws IOException {
    OldForms file = version(version).database(0);
    file.put(OldForms.little(5, 0xfd).putInt(1, (int) IN_2100_SECONDS).array());
    file.key("seconds", 0, string("v"));
    file.put(OldForms.little(9, 0xfc).putLong(1, IN_2100_SECONDS * 1000 + 7).array());
    file.key("millis", 0, string("v"));
    if (version >= 7) {
      file.put(concat(new byte[] {(byte) 0xfa}, string("redis-ver"), string("3.2.0")));
      file.put(concat(new byte[] {(byte) 0xfb}, length(3), length(2)));
    }
    if (version >= 9) {
      file.put(concat(new byte[] {(byte) 0xf8}, length(100)));
    }
    file.key("list", 1, strings(1, "a"));
    try (RdbRoundTripTest.Store store = new RdbRoundTripTest.Store()) {
      assertThat(store.load(file.end(), RdbLoader.Expired.SKIP).version()).isEqualTo(version);
      assertThat(store.contents())
          .isEqualTo(
              Map.of(
                  "0:seconds", "STRING@4102444800000 [v]",
                  "0:millis", "STRING@4102444800007 [v]",
                  "0:list", "LIST@-1 [a]"));
    }
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("forms")
  void cutOffForm_isRefusedWithItsPlace(
      String name, int type, byte[] value, String encoding, String held) throws IOException {
    byte[] file = version(7).key("k", type, value).end();
    int start = "REDIS0007".length() + 3;
    try (RdbRoundTripTest.Store store = new RdbRoundTripTest.Store()) {
      for (int cut = start; cut < start + value.length; cut++) {
        store.keyspace.flushAll();
        byte[] part = Arrays.copyOf(file, cut);
        assertThatThrownBy(() -> store.load(part, RdbLoader.Expired.SKIP))
            .isInstanceOfSatisfying(
                RdbFormatException.class,
                e -> {
                  assertThat(e.isTruncated()).isTrue();
                  assertThat(e.path()).isEqualTo("test.rdb");
                  assertThat(e.offset()).isBetween((long) start, (long) part.length);
                });
      }
    }
  }

  static Stream<Arguments> damages() {
    return Stream.of(
        Arguments.of("a ziplist", 10, damaged(ziplist("a", 1), 0, 99)),
        Arguments.of("a ziplist", 10, damaged(ziplist("a", 1), 8, 3)),
        Arguments.of("a ziplist", 13, damaged(ziplist("a", "b"), 10, 7)),
        Arguments.of("a ziplist", 12, damaged(ziplist("a", 1), 11, 0x3f)),
        Arguments.of("a ziplist", 14, concat(length(1), damaged(ziplist("a"), 4, 200))),
        Arguments.of("a zipmap", 9, damaged(zipmap("f", "v"), 1, 100)),
        Arguments.of("an intset", 11, damaged(intset(2, 1, 2), 0, 3)),
        Arguments.of("an intset", 11, damaged(intset(2, 1, 2), 4, 9)),
        Arguments.of("an intset", 11, intset(2, 2, 1)),
        Arguments.of("each member once", 2, strings(2, "a", "a")),
        Arguments.of("each field once", 4, strings(2, "f", "1", "f", "2")),
        Arguments.of("each field once", 13, ziplist("f", 1, "f", 2)),
        Arguments.of("each member once", 12, ziplist("a", 1, "a", 2)),
        Arguments.of("an even number of elements", 13, ziplist("f")),
        Arguments.of("an even number of elements", 12, ziplist("a", 1, "b")),
        Arguments.of("a score that is a number", 12, ziplist("a", "x")),
        Arguments.of("a score that is a number", 3, concat(length(1), string("a"), score("nan"))),
        Arguments.of("number", 3, concat(length(1), string("a"), score("1x"))));
  }

  /// A compact value with one byte overwritten, counted behind its length.
  private static byte[] damaged(byte[] string, int at, int with) {
    byte[] copy = string.clone();
    copy[1 + at] = (byte) with;
    return copy;
  }

  @ParameterizedTest(name = "{1}: {0}")
  @MethodSource("damages")
  void damagedForm_isRefusedWithPlaceAndReason(String expected, int type, byte[] value)
      throws IOException {
    byte[] file = version(7).key("k", type, value).end();
    long start = "REDIS0007".length() + 3L;
    try (RdbRoundTripTest.Store store = new RdbRoundTripTest.Store()) {
      assertThatThrownBy(() -> store.load(file, RdbLoader.Expired.SKIP))
          .isInstanceOfSatisfying(
              RdbFormatException.class,
              e -> {
                assertThat(e.offset()).isBetween(start, start + value.length);
                assertThat(e).hasMessageStartingWith("test.rdb:" + e.offset() + ": found ");
                assertThat(e.expected()).contains(expected);
              });
    }
  }

  /// Redis keeps nodes as it finds them, whatever `list-max-listpack-size` says, and so do we: they
  /// are cut to size only where they are changed.
  @ParameterizedTest
  @ValueSource(ints = {10, 14})
  void nodesAboveTheLimit_areKept_andCanBeChanged(int type) throws IOException {
    Object[] elements = IntStream.range(0, 3000).mapToObj(i -> "element-" + i).toArray();
    byte[] node = ziplist(elements);
    byte[] value = type == 10 ? node : concat(length(2), node, node);
    byte[] file = version(7).key("k", type, value).end();
    List<String> model = new ArrayList<>();
    for (int i = 0; i < (type == 10 ? 1 : 2); i++) {
      Arrays.stream(elements).map(String.class::cast).forEach(model::add);
    }
    try (RdbRoundTripTest.Store store = new RdbRoundTripTest.Store()) {
      store.load(file, RdbLoader.Expired.SKIP);
      Database db = store.keyspace.database(0);
      long list = db.find(store.key.ofText("k"));
      for (int index : new int[] {0, 1, 1500, model.size() - 1}) {
        store.keyspace.lists().insert(db, list, index, store.first.ofText("new" + index));
        model.add(index, "new" + index);
      }
      store.keyspace.lists().push(db, list, store.first.ofText("last"), ListEnd.TAIL);
      model.add("last");
      assertThat(store.contents()).isEqualTo(Map.of("0:k", "LIST@-1 " + model));
    }
  }
}
