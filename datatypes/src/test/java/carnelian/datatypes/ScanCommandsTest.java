package carnelian.datatypes;

import static carnelian.datatypes.Families.check;

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
        """);
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
