package carnelian.datatypes;

import static carnelian.datatypes.Families.check;

import org.junit.jupiter.api.Test;

/// Sorted sets with each other, and with sets.
class SortedSetAlgebraCommandsTest {
  @Test
  void union_addsWeightsUp() {
    check(
        """
        ZADD a 1 x 2 y                         -> 2
        ZADD b 10 y 20 z                       -> 2
        SADD s x w                             -> 2
        ZUNION 2 a b                           -> [x y z]
        ZUNION 2 a b WITHSCORES                -> [x "1" y "12" z "20"]
        ZUNION 2 a b WEIGHTS 2 3 WITHSCORES    -> [x "2" y "34" z "60"]
        ZUNION 2 a b AGGREGATE MAX WITHSCORES  -> [x "1" y "10" z "20"]
        ZUNION 2 a b AGGREGATE MIN WITHSCORES  -> [x "1" y "2" z "20"]
        ZUNION 2 a s WITHSCORES                -> [w "1" x "2" y "2"]
        ZUNION 2 a none WITHSCORES             -> [x "1" y "2"]
        ZUNION 1 none                          -> []
        ZADD i inf x                           -> 1
        ZADD j -inf x                          -> 1
        ZUNION 2 i j WITHSCORES                -> [x "0"]
        ZUNION 1 i WEIGHTS 0 WITHSCORES        -> [x "0"]
        """);
  }

  @Test
  void ofBothZeros_theFirstRemains() {
    check(
        """
        ZADD a 0 x                                           -> 1
        ZUNION 2 a a WEIGHTS -1 1 AGGREGATE MAX WITHSCORES   -> [x "-0"]
        ZUNION 2 a a WEIGHTS -1 1 AGGREGATE MIN WITHSCORES   -> [x "-0"]
        ZINTER 2 a a WEIGHTS 1 -1 AGGREGATE MAX WITHSCORES   -> [x "0"]
        ZINTER 2 a a WEIGHTS 1 -1 AGGREGATE MIN WITHSCORES   -> [x "0"]
        """);
  }

  /// A listpack has integers, which have no negative zero.
  @Test
  void smallSets_storeNoNegativeZero() {
    check(
        """
        ZADD a 0 x 0 y 1 z                      -> 3
        ZUNIONSTORE b 1 a WEIGHTS -1            -> 3
        ZRANGE b 0 -1 WITHSCORES                -> [z "-1" x "0" y "0"]
        ZINCRBY c -0 x                          -> "-0"
        ZSCORE c x                              -> "0"
        # Too long for a listpack:
        ZADD a 2 xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx -> 1
        ZUNIONSTORE b 1 a WEIGHTS -1            -> 4
        ZRANGE b 1 -1 WITHSCORES                -> [z "-1" x "-0" y "-0"]
        """);
  }

  @Test
  void intersectionAndDifference() {
    check(
        """
        ZADD a 1 x 2 y 3 z                     -> 3
        ZADD b 10 y 20 z                       -> 2
        ZINTER 2 a b WITHSCORES                -> [y "12" z "23"]
        ZINTER 2 a b WEIGHTS 1 0.5 WITHSCORES  -> [y "7" z "13"]
        ZINTER 2 a none                        -> []
        ZDIFF 2 a b WITHSCORES                 -> [x "1"]
        ZDIFF 2 a none                         -> [x y z]
        ZDIFF 2 none a                         -> []
        ZDIFF 3 a b a                          -> []
        ZINTERCARD 2 a b                       -> 2
        ZINTERCARD 2 a b LIMIT 1               -> 1
        ZINTERCARD 2 a b LIMIT -1              -> -ERR LIMIT can't be negative
        ZINTERCARD 2 a b LIMIT x               -> -ERR LIMIT can't be negative
        ZINTERCARD 2 a none                    -> 0
        """);
  }

  @Test
  void stores_replaceOrDeleteTheDestination() {
    check(
        """
        ZADD a 1 x 2 y                     -> 2              !! zadd a
        ZADD b 10 y                        -> 1              !! zadd b
        SET d v PX 100000                  -> +OK            >> SET d v PXAT @+100000  !! set d, expire d
        ZUNIONSTORE d 2 a b                -> 2              !! zunionstore d
        PTTL d                             -> -1
        ZINTERSTORE d 2 a b AGGREGATE MIN  -> 1              !! zinterstore d
        ZRANGE d 0 -1 WITHSCORES           -> [y "2"]
        ZDIFFSTORE d 2 a b                 -> 1              !! zdiffstore d
        ZRANGE d 0 -1 WITHSCORES           -> [x "1"]
        ZINTERSTORE d 2 a none             -> 0              !! del d
        EXISTS d                           -> 0
        ZINTERSTORE d 2 a none             -> 0              >> nothing
        ZUNIONSTORE a 2 a a                -> 2              !! zunionstore a
        ZRANGE a 0 -1 WITHSCORES           -> [x "2" y "4"]
        """);
  }

  @Test
  void encoding_ofAResult_isChosenByItsSizeAndLongestMember() {
    check(
        """
        ZADD a 1 x                       -> 1
        ZADD b 2 x*65                    -> 1
        ZUNIONSTORE d 2 a b              -> 2
        OBJECT ENCODING d                -> skiplist
        ZINTERSTORE d 2 a d              -> 1
        OBJECT ENCODING d                -> listpack
        ZDIFFSTORE d 2 b a               -> 1
        OBJECT ENCODING d                -> skiplist
        ZREM d x*65                      -> 1
        ZUNIONSTORE b 2 a b WEIGHTS 1 2  -> 2
        ZREM b x*65                      -> 1
        OBJECT ENCODING b                -> skiplist
        ZRANGESTORE d b 0 -1             -> 1
        OBJECT ENCODING d                -> listpack
        """);
  }

  @Test
  void refusals() {
    check(
        """
        ZADD a 1 x                    -> 1
        ZUNION 0 a                    -> -ERR at least 1 input key is needed for 'zunion' command
        ZUNION x a                    -> -ERR value is not an integer or out of range
        ZUNION 2 a                    -> -ERR syntax error
        ZUNIONSTORE d 0 a             -> -ERR at least 1 input key is needed for 'zunionstore' command
        ZINTER 1 a WEIGHTS x          -> -ERR weight value is not a float
        ZINTER 1 a WEIGHTS 1 2        -> -ERR syntax error
        ZINTER 1 a AGGREGATE BLA      -> -ERR syntax error
        ZINTER 1 a BLA                -> -ERR syntax error
        ZDIFF 1 a WEIGHTS 1           -> -ERR syntax error
        ZDIFFSTORE d 1 a WITHSCORES   -> -ERR syntax error
        ZUNIONSTORE d 1 a WITHSCORES  -> -ERR syntax error
        ZINTERCARD 0 a                -> -ERR at least 1 input key is needed for 'zintercard' command
        SET k v                       -> +OK
        ZUNIONSTORE d 2 a k           -> -WRONGTYPE Operation against a key holding the wrong kind of value
        """);
  }
}
