package carnelian.datatypes;

import static carnelian.datatypes.Families.check;
import static org.assertj.core.api.Assertions.assertThat;

import carnelian.harness.TestStore;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Cursors over keys and collections.
class ScanCommandsTest {
  @Test
  void scan_filtersByPatternAndType() {
    check(
        """
        SET s:1 v                            -> +OK
        RPUSH l:1 a                          -> 1
        SCAN 0 MATCH l* COUNT 100            -> ["0" [l:1]]
        SCAN 0 TYPE string COUNT 100         -> ["0" [s:1]]
        SCAN 0 TYPE hash COUNT 100           -> ["0" []]
        SCAN 0 TYPE LIST MATCH s* COUNT 100  -> ["0" []]
        SCAN x                               -> -ERR invalid cursor
        SCAN 0 COUNT 0                       -> -ERR syntax error
        SCAN 0 COUNT x                       -> -ERR value is not an integer or out of range
        SCAN 0 MATCH                         -> -ERR syntax error
        SCAN 0 BLA                           -> -ERR syntax error
        KEYS l*                              -> ~[l:1]
        KEYS [                               -> ~[]
        DEL s:1 l:1                          -> 2
        SET "" v                             -> +OK
        KEYS *                               -> [""]
        KEYS **                              -> []
        SCAN 0 MATCH *                       -> ["0" [""]]
        SCAN 0 MATCH **                      -> ["0" []]
        HSET h "" v                          -> 1
        HSCAN h 0 MATCH *                    -> ["0" ["" v]]
        """);
  }

  @Test
  void scan_removesTheExpiredKeysThatItMeets_ifTheyMatch() {
    try (TestStore store = Families.store()) {
      store.check(
          """
          SET s:1 v PX 100  -> +OK  >> SET s:1 v PXAT @+100
          SET s:2 v PX 100  -> +OK  >> SET s:2 v PXAT @+100
          SET t:1 v PX 100  -> +OK  >> SET t:1 v PXAT @+100
          SET t:2 v         -> +OK
          """);
      store.keyspace().expiry().active(false);
      store.advance(101);
      assertThat(store.events()).hasSize(7);
      store.check(
          """
          DBSIZE                               -> 4
          SCAN 0 MATCH s:1 COUNT 100           -> ["0" []]       >> DEL s:1  !! expired s:1
          SCAN 0 MATCH s* TYPE hash COUNT 100  -> ["0" []]       >> DEL s:2  !! expired s:2
          MULTI                                -> +OK
          SCAN 0 COUNT 100                     -> +QUEUED
          EXEC                                 -> [["0" [t:2]]]  >> DEL t:1  !! expired t:1
          DBSIZE                               -> 1
          """);
      assertThat(store.keyspace().statistics().expired()).isEqualTo(3);
    }
  }

  @Test
  void scan_removesManyExpiredKeys_eachByItself() {
    try (TestStore store = Families.store()) {
      store.keyspace().expiry().active(false);
      for (int i = 0; i < 300; i++) {
        assertThat(store.run("SET", "k" + i, "v", "PX", "100")).isEqualTo("OK");
      }
      store.advance(101);
      assertThat(store.run("DBSIZE")).isEqualTo(300L);
      assertThat(store.propagated()).last().asString().startsWith("SET k299");
      assertThat(store.run("SCAN", "0", "COUNT", "1000")).isEqualTo(List.of("0", List.of()));
      assertThat(store.run("DBSIZE")).isEqualTo(0L);
      assertThat(store.propagated()).hasSize(300).allMatch(line -> line.startsWith("DEL k"));
    }
  }

  @Test
  void sscan_ofACompactSet_isDoneAtOnce() {
    check(
        """
        SADD s 1 2 3               -> 3
        SSCAN s 0                  -> ["0" ["1" "2" "3"]]
        SSCAN s 0 MATCH 2 COUNT 1  -> ["0" ["2"]]
        SSCAN s 7                  -> ["0" ["1" "2" "3"]]
        SSCAN none 0               -> ["0" []]
        SSCAN s x                  -> -ERR invalid cursor
        SSCAN s 0 TYPE string      -> -ERR syntax error
        """);
  }

  @Test
  void hscanAndZscan_replyPairs() {
    check(
        """
        HSET h a 1 b 2     -> 2
        HSCAN h 0          -> ["0" [a "1" b "2"]]
        HSCAN h 0 MATCH a  -> ["0" [a "1"]]
        ZADD z 1 a 2.5 b   -> 2
        ZSCAN z 0          -> ["0" [a "1" b "2.5"]]
        ZSCAN z 0 MATCH b  -> ["0" [b "2.5"]]
        3> HSCAN h 0       -> ["0" [a "1" b "2"]]
        3> ZSCAN z 0       -> ["0" [a "1" b "2.5"]]
        HSCAN none 0       -> ["0" []]
        SET k v            -> +OK
        HSCAN k 0          -> -WRONGTYPE Operation against a key holding the wrong kind of value
        ZSCAN k 0          -> -WRONGTYPE Operation against a key holding the wrong kind of value
        SSCAN k 0          -> -WRONGTYPE Operation against a key holding the wrong kind of value
        """);
  }
}
