package carnelian.datatypes;

import static carnelian.datatypes.Families.check;
import static org.assertj.core.api.Assertions.assertThat;

import carnelian.harness.TestStore;
import org.junit.jupiter.api.Test;

/// Ranges of ranks, scores and names.
class SortedSetRangeCommandsTest {
  @Test
  void zrange_byRank() {
    check(
        """
        ZADD z 1 a 2 b 3 c          -> 3
        ZRANGE z 0 -1               -> [a b c]
        ZRANGE z 0 0 WITHSCORES     -> [a "1"]
        ZRANGE z -2 -1              -> [b c]
        ZRANGE z 0 1 REV            -> [c b]
        ZRANGE z 5 6                -> []
        ZRANGE z 2 1                -> []
        ZRANGE none 0 -1            -> []
        ZREVRANGE z 0 1 WITHSCORES  -> [c "3" b "2"]
        ZRANGE z 0 -1 LIMIT 0 1     -> -ERR syntax error, LIMIT is only supported in combination with either BYSCORE or BYLEX
        ZRANGE z 0 x                -> -ERR value is not an integer or out of range
        ZRANGE z 0 -1 BLA           -> -ERR syntax error
        ZRANGE z 0 -1 REV REV       -> -ERR syntax error
        """);
  }

  @Test
  void zrange_byScore() {
    check(
        """
        ZADD z 1 a 2 b 3 c 4 d                    -> 4
        ZRANGE z 2 3 BYSCORE                      -> [b c]
        ZRANGE z (1 (4 BYSCORE WITHSCORES         -> [b "2" c "3"]
        ZRANGE z 4 2 BYSCORE REV                  -> [d c b]
        ZRANGE z -inf +inf BYSCORE LIMIT 1 2      -> [b c]
        ZRANGE z -inf +inf BYSCORE LIMIT 1 -1     -> [b c d]
        ZRANGE z -inf +inf BYSCORE LIMIT -1 2     -> []
        ZRANGE z +inf -inf BYSCORE REV LIMIT 0 1  -> [d]
        ZRANGEBYSCORE z 2 3 WITHSCORES LIMIT 0 1  -> [b "2"]
        ZREVRANGEBYSCORE z 3 2                    -> [c b]
        ZRANGEBYSCORE z x 3                       -> -ERR min or max is not a float
        ZRANGEBYSCORE z (x 3                      -> -ERR min or max is not a float
        ZRANGEBYSCORE z ( 1                       -> [a]
        ZRANGEBYSCORE z "" 1                      -> [a]
        ZRANGEBYSCORE z " 2" "( 4"                -> [b c]
        ZRANGEBYSCORE z "2 " 3                    -> -ERR min or max is not a float
        ZRANGEBYSCORE z 1 nan                     -> -ERR min or max is not a float
        ZRANGE z 1 2 BYSCORE BYLEX                -> -ERR syntax error
        ZRANGE z 1 2 BYSCORE LIMIT 0              -> -ERR syntax error
        """);
  }

  @Test
  void zrange_byLex() {
    check(
        """
        ZADD z 0 a 0 b 0 c 0 d         -> 4
        ZRANGE z - + BYLEX             -> [a b c d]
        ZRANGE z [b (d BYLEX           -> [b c]
        ZRANGE z + - BYLEX REV         -> [d c b a]
        ZRANGE z - + BYLEX LIMIT 1 2   -> [b c]
        ZRANGEBYLEX z (a [c            -> [b c]
        ZREVRANGEBYLEX z [c (a         -> [c b]
        ZRANGEBYLEX z [c [a            -> []
        ZLEXCOUNT z - +                -> 4
        ZLEXCOUNT z [b [c              -> 2
        ZLEXCOUNT none - +             -> 0
        ZRANGE z a b BYLEX             -> -ERR min or max not valid string range item
        ZRANGEBYLEX z a +              -> -ERR min or max not valid string range item
        ZLEXCOUNT z x +                -> -ERR min or max not valid string range item
        ZRANGE z - + BYLEX WITHSCORES  -> -ERR syntax error, WITHSCORES not supported in combination with BYLEX
        ZRANGEBYLEX z + -              -> []
        """);
  }

  @Test
  void zrangestore_storesWhatZrangeReplies() {
    check(
        """
        ZADD z 1 a 2 b 3 c               -> 3                  !! zadd z
        ZRANGESTORE d z 0 1              -> 2                  !! zrangestore d
        ZRANGE d 0 -1 WITHSCORES         -> [a "1" b "2"]
        ZRANGESTORE d z 2 3 BYSCORE      -> 2                  !! zrangestore d
        ZRANGESTORE d z 0 0 REV          -> 1                  !! zrangestore d
        ZRANGESTORE d z 5 6              -> 0                  !! del d
        EXISTS d                         -> 0
        ZRANGESTORE d z 5 6              -> 0                  >> nothing
        ZRANGESTORE d none 0 -1          -> 0                  >> nothing
        ZRANGESTORE d z 0 -1 WITHSCORES  -> -ERR syntax error
        SET k v                          -> +OK                !! set k
        ZRANGESTORE k z 0 0              -> 1                  !! zrangestore k
        TYPE k                           -> +zset
        ZRANGESTORE z z 1 -1             -> 2                  !! zrangestore z
        ZRANGE z 0 -1                    -> [b c]
        """);
  }

  /// The result outgrows its compact encoding while the source is walked.
  @Test
  void zrangestore_ofMoreMembersThanAListpackTakes_storesAll() {
    try (TestStore store = TestStore.with(SortedSetCommands.all(), SortedSetRangeCommands.all())) {
      for (int i = 0; i < 300; i++) {
        store.raw("ZADD", "z", i, "m" + i);
      }
      assertThat(store.raw("ZRANGESTORE", "d", "z", 0, -1)).isEqualTo(":300\r\n");
      assertThat(store.raw("ZRANGE", "d", 0, -1, "WITHSCORES"))
          .isEqualTo(store.raw("ZRANGE", "z", 0, -1, "WITHSCORES"));
    }
  }

  @Test
  void zremrange_takesRangesOut() {
    check(
        """
        ZADD z 1 a 2 b 3 c 4 d 5 e  -> 5                         !! zadd z
        ZREMRANGEBYRANK z 0 0       -> 1                         !! zremrangebyrank z
        ZREMRANGEBYRANK z 9 10      -> 0                         >> nothing
        ZREMRANGEBYSCORE z (4 5     -> 1                         !! zremrangebyscore z
        ZREMRANGEBYSCORE z 100 200  -> 0                         >> nothing
        ZREMRANGEBYLEX z [b [b      -> 1                         !! zremrangebylex z
        ZREMRANGEBYLEX z b c        -> -ERR min or max not valid string range item
        ZREMRANGEBYSCORE z x 1      -> -ERR min or max is not a float
        ZREMRANGEBYRANK z 0 -1      -> 2                         !! zremrangebyrank z, del z
        EXISTS z                    -> 0
        ZREMRANGEBYRANK z 0 -1      -> 0                         >> nothing
        """);
  }

  @Test
  void resp3_pairsAreArraysWithDoubles() {
    check(
        """
        ZADD z 1 a 2.5 b                   -> 2
        3> ZRANGE z 0 -1 WITHSCORES        -> [[a ,1] [b ,2.5]]
        3> ZRANGE z 0 -1                   -> [a b]
        3> ZREVRANGE z 0 -1 WITHSCORES     -> [[b ,2.5] [a ,1]]
        3> ZRANGEBYSCORE z 0 9 WITHSCORES  -> [[a ,1] [b ,2.5]]
        3> ZRANGE none 0 -1 WITHSCORES     -> []
        3> ZUNION 1 z WITHSCORES           -> [[a ,1] [b ,2.5]]
        3> ZPOPMIN z                       -> [a ,1]
        3> ZPOPMIN none                    -> []                 >> nothing
        3> ZRANDMEMBER z 1 WITHSCORES      -> [[b ,2.5]]
        3> ZPOPMAX z 5                     -> [[b ,2.5]]
        """);
  }
}
