package carnelian.datatypes;

import static org.assertj.core.api.Assertions.assertThat;

import carnelian.engine.diagnosis.Diagnosis;
import carnelian.engine.transactions.TransactionCommands;
import carnelian.harness.TestClient;
import carnelian.harness.TestStore;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class StreamCommandsTest {
  private static TestStore store() {
    return TestStore.with(
        StreamCommands.all(),
        StreamReadCommands.all(),
        StreamGroupCommands.all(),
        StreamClaimCommands.all(),
        StreamInfoCommands.all(),
        StringCommands.all(),
        KeyCommands.all());
  }

  private static List<Object> entry(String id, String... words) {
    return List.of(id, List.of(words));
  }

  /// Entries 1-0 to `count`-0.
  private static void fill(TestStore store, int count) {
    for (int i = 1; i <= count; i++) {
      store.run("XADD", "s", i + "-0", "f", "v" + i);
    }
    store.propagated();
    store.events();
  }

  @Test
  void xadd_choosesAnId_andPropagatesIt() {
    try (TestStore store = store()) {
      String first = store.nowMillis() + "-0";
      assertThat(store.run("XADD", "s", "*", "f", "v")).isEqualTo(first);
      assertThat(store.run("XADD", "s", "*", "f", "v")).isEqualTo(store.nowMillis() + "-1");
      assertThat(store.propagated())
          .containsExactly(
              "SELECT 0", "XADD s " + first + " f v", "XADD s " + store.nowMillis() + "-1 f v");
      assertThat(store.run("XADD", "s", "5-*", "f", "v"))
          .hasToString(
              "-ERR The ID specified in XADD is equal or smaller than the target stream top item");
      assertThat(store.run("XADD", "t", "5-*", "f", "v")).isEqualTo("5-0");
      assertThat(store.run("XADD", "t", "5-*", "f", "v")).isEqualTo("5-1");
      assertThat(store.run("XADD", "t", "0-0", "f", "v"))
          .hasToString("-ERR The ID specified in XADD must be greater than 0-0");
      assertThat(store.run("XADD", "none", "NOMKSTREAM", "*", "f", "v")).isNull();
      assertThat(store.run("XADD", "s", "*", "f"))
          .hasToString("-ERR wrong number of arguments for 'xadd' command");
    }
  }

  @Test
  void xadd_withApproximateTrimming_propagatesWhatIsLeft() {
    try (TestStore store = store()) {
      fill(store, 250);
      assertThat(store.run("XADD", "s", "MAXLEN", "~", 120, "LIMIT", 1000, "300-0", "f", "v"))
          .isEqualTo("300-0");
      assertThat(store.run("XLEN", "s")).isEqualTo(151L);
      assertThat(store.events()).containsExactly("xadd s@0", "xtrim s@0");
      assertThat(store.propagated()).containsExactly("XADD s MAXLEN = 151 300-0 f v");

      assertThat(store.run("XTRIM", "s", "MINID", "~", "220")).isEqualTo(100L);
      assertThat(store.propagated()).containsExactly("XTRIM s MINID = 201-0");
      assertThat(store.run("XTRIM", "s", "MAXLEN", 3)).isEqualTo(48L);
      assertThat(store.propagated()).containsExactly("XTRIM s MAXLEN 3");
      assertThat(store.run("XTRIM", "s", "MAXLEN", 3, "LIMIT", 2))
          .hasToString("-ERR syntax error, LIMIT cannot be used without the special ~ option");
      // As redis-server writes it into its log, and sends it to its replicas.
      store.first().client().obeyed(true);
      assertThat(store.run("XTRIM", "s", "MAXLEN", "=", 2, "LIMIT", 1)).isEqualTo(1L);
      assertThat(store.run("XADD", "s", "MAXLEN", "=", 1, "LIMIT", 1, "999-0", "f", "v"))
          .isEqualTo("999-0");
      assertThat(store.run("XLEN", "s")).isEqualTo(1L);
    }
  }

  @Test
  void xrange_andItsBounds() {
    try (TestStore store = store()) {
      fill(store, 5);
      assertThat(store.run("XRANGE", "s", "(2", "(4-1"))
          .isEqualTo(List.of(entry("3-0", "f", "v3"), entry("4-0", "f", "v4")));
      assertThat(store.run("XREVRANGE", "s", "+", "-", "COUNT", 2))
          .isEqualTo(List.of(entry("5-0", "f", "v5"), entry("4-0", "f", "v4")));
      assertThat(store.run("XRANGE", "s", "-", "+", "COUNT", 0)).isNull();
      assertThat(store.run("XRANGE", "s", "x", "+"))
          .hasToString("-ERR Invalid stream ID specified as stream command argument");
      assertThat(store.run("XRANGE", "s", "-", "(-"))
          .hasToString("-ERR Invalid stream ID specified as stream command argument");
      assertThat(store.run("XRANGE", "s", "-", "(0-0"))
          .hasToString("-ERR invalid end ID for the interval");
      assertThat(store.run("XDEL", "s", "1-0", "9-9", "3-0")).isEqualTo(2L);
      assertThat(store.propagated()).containsExactly("XDEL s 1-0 9-9 3-0");
      assertThat(store.run("XRANGE", "s", "-", "3-0")).isEqualTo(List.of(entry("2-0", "f", "v2")));
    }
  }

  @Test
  void xread_waits_andDollarMeansWhatWasLast() {
    try (TestStore store = store()) {
      fill(store, 2);
      TestClient waiting = store.client();
      waiting.send("XREAD", "BLOCK", 0, "STREAMS", "other", "s", "$", "$");
      assertThat(waiting.replies()).isEmpty();
      store.run("XADD", "s", "3-0", "f", "new");
      assertThat(waiting.replies())
          .containsExactly(List.of(List.of("s", List.of(entry("3-0", "f", "new")))));
      assertThat(store.run("XREAD", "COUNT", 1, "STREAMS", "s", "1-0"))
          .isEqualTo(List.of(List.of("s", List.of(entry("2-0", "f", "v2")))));
      assertThat(store.run("XREAD", "STREAMS", "s", "$")).isNull();
      assertThat(store.run("XREAD", "STREAMS", "s", "t", "$"))
          .hasToString(
              "-ERR Unbalanced 'xread' list of streams: for each stream key an ID or '$' must be"
                  + " specified.");
    }
  }

  /// Both look at the words when the command is done.
  @Test
  void xread_thatWaits_isShownToMonitorAndTheSlowLogInTheClientsWords() {
    try (TestStore store = store();
        Diagnosis diagnosis = new Diagnosis(store.engine())) {
      store.and(diagnosis.commands());
      diagnosis.slowLogSlowerThanMicros(0);
      TestClient monitor = store.client();
      monitor.send("MONITOR");
      TestClient waiting = store.client();
      waiting.send("XREAD", "BLOCK", 0, "STREAMS", "s", "t", "$", "0-1");
      assertThat(monitor.rawReplies())
          .contains("\"XREAD\" \"BLOCK\" \"0\" \"STREAMS\" \"s\" \"t\" \"$\" \"0-1\"\r\n");
      assertThat(store.raw("SLOWLOG", "GET")).contains("\r\n$1\r\n$\r\n$3\r\n0-1\r\n");
    }
  }

  @Test
  void xread_inATransaction_doesNotWait() {
    try (TestStore store = store()) {
      store.and(new TransactionCommands(store.engine()).all());
      store.run("MULTI");
      store.run("XREAD", "BLOCK", 0, "STREAMS", "s", "$");
      assertThat(store.run("EXEC")).isEqualTo(Arrays.asList((Object) null));
    }
  }

  @Test
  void whatHangsOffAStream_doesNotBreakAWatch() {
    try (TestStore store = store()) {
      store.and(new TransactionCommands(store.engine()).all());
      fill(store, 1);
      String[] changes = {
        "XGROUP CREATE s g 0",
        "XGROUP SETID s g 0",
        "XGROUP CREATECONSUMER s g c",
        "XREADGROUP GROUP g d STREAMS s >",
        "XCLAIM s g e 0 1-0",
        "XGROUP DELCONSUMER s g c",
        "XGROUP DESTROY s g",
        "XSETID s 9-9"
      };
      for (String change : changes) {
        store.run("WATCH", "s");
        store.run((Object[]) change.split(" "));
        store.run("MULTI");
        assertThat(store.run("EXEC")).as(change).isEqualTo(List.of());
      }
      store.run("WATCH", "t");
      store.run("XGROUP", "CREATE", "t", "g", "0", "MKSTREAM");
      store.run("MULTI");
      assertThat(store.run("EXEC")).isNull();
    }
  }

  @Test
  void xreadgroup_deliversEachEntryOnce_andPropagatesClaims() {
    try (TestStore store = store()) {
      fill(store, 3);
      assertThat(store.run("XGROUP", "CREATE", "s", "g", "0")).isEqualTo("OK");
      store.propagated();
      store.events();
      assertThat(store.run("XREADGROUP", "GROUP", "g", "alice", "COUNT", 2, "STREAMS", "s", ">"))
          .isEqualTo(
              List.of(List.of("s", List.of(entry("1-0", "f", "v1"), entry("2-0", "f", "v2")))));
      String claimed = " TIME " + store.nowMillis() + " RETRYCOUNT 1 FORCE JUSTID LASTID ";
      assertThat(store.propagated())
          .containsExactly(
              "MULTI",
              "XCLAIM s g alice 0 1-0" + claimed + "1-0",
              "XCLAIM s g alice 0 2-0" + claimed + "2-0",
              "XGROUP SETID s g 2-0 ENTRIESREAD 2",
              "EXEC");
      assertThat(store.events()).containsExactly("xgroup-createconsumer s@0");
      assertThat(store.run("XPENDING", "s", "g"))
          .isEqualTo(List.of(2L, "1-0", "2-0", List.of(List.of("alice", "2"))));
      assertThat(store.run("XACK", "s", "g", "1-0", "7-7")).isEqualTo(1L);
      assertThat(store.propagated()).containsExactly("XACK s g 1-0 7-7");
      store.advance(100);
      assertThat(store.run("XPENDING", "s", "g", "IDLE", 50, "-", "+", 10))
          .isEqualTo(List.of(List.of("2-0", "alice", 100L, 1L)));
      assertThat(store.run("XREADGROUP", "GROUP", "g", "alice", "STREAMS", "s", "0"))
          .isEqualTo(List.of(List.of("s", List.of(entry("2-0", "f", "v2")))));
      assertThat(store.propagated()).isEmpty();
    }
  }

  @Test
  void xreadgroup_thatWaits_isNotWokenByAnotherPositionOfItsGroup() {
    try (TestStore store = store()) {
      fill(store, 1);
      store.run("XGROUP", "CREATE", "s", "g", "$");
      TestClient waiting = store.client();
      waiting.send("XREADGROUP", "GROUP", "g", "c", "BLOCK", 0, "STREAMS", "s", ">");
      store.run("XGROUP", "SETID", "s", "g", "0");
      assertThat(waiting.replies()).isEmpty();
      store.run("XADD", "s", "2-0", "f", "v2");
      assertThat(waiting.replies().toString()).contains("1-0", "2-0");
    }
  }

  @Test
  void idsAreWrittenAsTheyWereGiven_forCopies() {
    try (TestStore store = store()) {
      store.check(
          """
          XADD s 5 f v                -> "5-0"  >> XADD s 5 f v
          XADD s MAXLEN ~ 10 6 f v    -> "6-0"  >> XADD s MAXLEN = 2 6 f v
          XADD s MAXLEN ~ 10 7-* f v  -> "7-0"  >> XADD s MAXLEN = 3 7-0 f v
          """);
    }
  }

  @Test
  void xreadgroup_whoseKeyOrGroupGoes_isToldSo() {
    try (TestStore store = store()) {
      store.run("XGROUP", "CREATE", "s", "g", "$", "MKSTREAM");
      TestClient waiting = store.client();
      waiting.send("XREADGROUP", "GROUP", "g", "c", "BLOCK", 0, "STREAMS", "s", ">");
      store.run("XGROUP", "DESTROY", "s", "g");
      assertThat(waiting.replies().toString())
          .contains("NOGROUP the consumer group this client was blocked on no longer exists");
      store.run("XGROUP", "CREATE", "s", "g", "$");
      waiting.send("XREADGROUP", "GROUP", "g", "c", "BLOCK", 0, "STREAMS", "s", ">");
      store.run("DEL", "s");
      assertThat(waiting.replies().toString())
          .contains("UNBLOCKED the stream key no longer exists");
      assertThat(store.run("XREADGROUP", "GROUP", "g", "c", "STREAMS", "s", ">"))
          .hasToString(
              "-NOGROUP No such key 's' or consumer group 'g' in XREADGROUP with GROUP option");
    }
  }

  @Test
  void xclaim_takesOver_andForgetsWhatIsGone() {
    try (TestStore store = store()) {
      fill(store, 3);
      store.run("XGROUP", "CREATE", "s", "g", "0");
      store.run("XREADGROUP", "GROUP", "g", "alice", "STREAMS", "s", ">");
      store.run("XDEL", "s", "2-0");
      store.advance(1000);
      assertThat(store.run("XCLAIM", "s", "g", "bob", 2000, "1-0")).isEqualTo(List.of());
      assertThat(store.run("XCLAIM", "s", "g", "bob", 500, "1-0", "2-0"))
          .isEqualTo(List.of(entry("1-0", "f", "v1")));
      assertThat(store.run("XPENDING", "s", "g"))
          .isEqualTo(
              List.of(2L, "1-0", "3-0", List.of(List.of("alice", "1"), List.of("bob", "1"))));
      assertThat(store.run("XAUTOCLAIM", "s", "g", "bob", 0, "-", "COUNT", 1))
          .isEqualTo(List.of("3-0", List.of(entry("1-0", "f", "v1")), List.of()));
      store.run("XDEL", "s", "3-0");
      assertThat(store.run("XAUTOCLAIM", "s", "g", "bob", 0, "(1-0", "JUSTID"))
          .isEqualTo(List.of("0-0", List.of(), List.of("3-0")));
      assertThat(store.run("XCLAIM", "s", "none", "bob", 0, "1-0"))
          .hasToString("-NOGROUP No such key 's' or consumer group 'none'");
      assertThat(store.run("XCLAIM", "s", "g", "bob", 0, "1-0", "FOO"))
          .hasToString("-ERR Unrecognized XCLAIM option 'FOO'");
    }
  }

  @Test
  void xinfo_looksForTheStreamFirst() {
    try (TestStore store = store()) {
      store.check(
          """
          SET k v                -> +OK
          XINFO STREAM k k       -> -WRONGTYPE Operation against a key holding the wrong kind of value
          XINFO STREAM none none -> -ERR no such key
          XADD s 1-0 a b         -> "1-0"
          XGROUP CREATE s g 0 MKSTREAM MKSTREAM MKSTREAM MKSTREAM -> -ERR unknown subcommand or wrong number of arguments for 'CREATE'. Try XGROUP HELP.
          XGROUP CREATE s g 0 MKSTREAM MKSTREAM MKSTREAM -> +OK >> XGROUP CREATE s g 0 MKSTREAM MKSTREAM MKSTREAM
          XGROUP SETID s g 0 ENTRIESREAD 1 ENTRIESREAD 2 -> -ERR unknown subcommand or wrong number of arguments for 'SETID'. Try XGROUP HELP.
          XINFO STREAM s s       -> -ERR unknown subcommand or wrong number of arguments for 'STREAM'. Try XINFO HELP.
          """);
    }
  }

  @Test
  void xinfo_saysHowFarGroupsAre() {
    try (TestStore store = store()) {
      fill(store, 3);
      store.run("XGROUP", "CREATE", "s", "g", "0");
      store.run("XREADGROUP", "GROUP", "g", "alice", "COUNT", 2, "STREAMS", "s", ">");
      assertThat(store.run("XINFO", "GROUPS", "s"))
          .isEqualTo(
              List.of(
                  List.of(
                      "name",
                      "g",
                      "consumers",
                      1L,
                      "pending",
                      2L,
                      "last-delivered-id",
                      "2-0",
                      "entries-read",
                      2L,
                      "lag",
                      1L)));
      store.advance(70);
      assertThat(store.run("XINFO", "CONSUMERS", "s", "g"))
          .isEqualTo(
              List.of(List.of("name", "alice", "pending", 2L, "idle", 70L, "inactive", 70L)));
      assertThat(String.valueOf(store.run("XINFO", "STREAM", "s")))
          .contains("length, 3", "groups, 1", "first-entry, [1-0, [f, v1]]");
      assertThat(String.valueOf(store.run("XINFO", "STREAM", "s", "FULL", "COUNT", 1)))
          .contains("pel-count, 2, pending, [[1-0, alice,");
      assertThat(store.run("XINFO", "GROUPS", "none")).hasToString("-ERR no such key");
    }
  }

  @Test
  void copiesOfAStream_areOnTheirOwn() {
    try (TestStore store = store()) {
      fill(store, 130);
      store.run("XGROUP", "CREATE", "s", "g", "0");
      store.run("XREADGROUP", "GROUP", "g", "alice", "STREAMS", "s", ">");
      assertThat(store.run("COPY", "s", "t")).isEqualTo(1L);
      store.run("XGROUP", "DESTROY", "s", "g");
      store.run("XTRIM", "s", "MAXLEN", 0);
      assertThat(store.run("XLEN", "t")).isEqualTo(130L);
      assertThat(store.run("XACK", "t", "g", "1-0")).isEqualTo(1L);
      assertThat(store.run("XGROUP", "DELCONSUMER", "t", "g", "alice")).isEqualTo(129L);
      assertThat(store.run("XSETID", "t", "200-0", "ENTRIESADDED", 500)).isEqualTo("OK");
      assertThat(store.run("XSETID", "t", "100-0"))
          .hasToString(
              "-ERR The ID specified in XSETID is smaller than the target stream top item");
    }
  }
}
