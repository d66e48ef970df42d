package carnelian.datatypes;

import static carnelian.datatypes.Families.check;

import org.junit.jupiter.api.Test;

/// Members and scores.
class SortedSetCommandsTest {
  @Test
  void zadd_withItsOptions() {
    check(
        """
        ZADD z 1 a 2 b            -> 2                         !! zadd z
        ZADD z 1 a                -> 0                         >> nothing
        ZADD z 3 a                -> 0                         !! zadd z
        ZADD z NX 9 a 4 c         -> 1                         !! zadd z
        ZADD z XX 9 a 5 d         -> 0                         !! zadd z
        ZADD z CH 1 a 5 d         -> 2                         !! zadd z
        ZADD z GT 0 a             -> 0                         >> nothing
        ZADD z GT CH 8 a          -> 1                         !! zadd z
        ZADD z LT CH 9 a          -> 0                         >> nothing
        ZADD z LT 7 a 1 e         -> 1                         !! zadd z
        ZADD z INCR 5 a           -> "12"                      !! zincr z
        ZADD z NX INCR 5 a        -> nil                       >> nothing
        ZADD z XX INCR 5 none     -> nil                       >> nothing
        ZADD z GT INCR -1 a       -> nil                       >> nothing
        ZADD z CH INCR 1 a        -> "13"                      !! zincr z
        ZRANGE z 0 -1 WITHSCORES  -> [e "1" b "2" c "4" d "5" a "13"]
        """);
  }

  @Test
  void zadd_refuses() {
    check(
        """
        ZADD z NX XX 1 a     -> -ERR XX and NX options at the same time are not compatible
        ZADD z NX GT 1 a     -> -ERR GT, LT, and/or NX options at the same time are not compatible
        ZADD z GT LT 1 a     -> -ERR GT, LT, and/or NX options at the same time are not compatible
        ZADD z INCR 1 a 2 b  -> -ERR INCR option supports a single increment-element pair
        ZADD z 1             -> -ERR wrong number of arguments for 'zadd' command
        ZADD z x a           -> -ERR value is not a valid float
        ZADD z nan a         -> -ERR value is not a valid float
        ZADD z 1 a x b       -> -ERR value is not a valid float
        EXISTS z             -> 0
        ZADD z inf a -inf b  -> 2
        ZINCRBY z -inf a     -> -ERR resulting score is not a number (NaN)
        ZADD z INCR inf b    -> -ERR resulting score is not a number (NaN)
        ZADD z XX            -> -ERR wrong number of arguments for 'zadd' command
        ZADD none XX 1 a     -> 0                         >> nothing
        EXISTS none          -> 0
        """);
  }

  @Test
  void zincrby_isPropagatedAsItself() {
    check(
        """
        ZINCRBY z 2.5 a  -> "2.5"                     !! zincr z
        ZINCRBY z -1 a   -> "1.5"                     !! zincr z
        ZINCRBY z x a    -> -ERR value is not a valid float
        ZSCORE z a       -> "1.5"
        """);
  }

  @Test
  void scores_areShownAsShortAsCanBe() {
    check(
        """
        # Redis 7.2's form; 7.0 writes up to 17 digits.
        ZADD z 0.1 a 1e20 b 1e21 c -0 d 3.0 e 123456789012345678 f 1.7976931348623157e308 g 5e-324 h inf i -inf j  -> 10
        ZRANGE z 0 -1 WITHSCORES                      -> [j "-inf" d "0" h "5e-324" a "0.1" e "3" f "123456789012345680" b "1e+20" c "1e+21" g "1.7976931348623157e+308" i inf]
        3> ZSCORE z a                                 -> ,0.1
        3> ZADD z INCR 1 a                            -> ,1.1
        3> ZINCRBY z 1 a                              -> ,2.1
        3> ZMSCORE z a none                           -> [,2.1 _]
        """);
  }

  @Test
  void asking() {
    check(
        """
        ZADD z 1 a 2 b 3 c         -> 3
        ZCARD z                    -> 3
        ZCARD none                 -> 0
        ZSCORE z a                 -> "1"
        ZSCORE z none              -> nil
        ZSCORE none a              -> nil
        ZMSCORE z a none b         -> ["1" nil "2"]
        ZMSCORE none a b           -> [nil nil]
        ZRANK z a                  -> 0
        ZREVRANK z a               -> 2
        ZRANK z none               -> nil
        ZRANK none a               -> nil
        ZRANK z b WITHSCORE        -> [1 "2"]
        ZREVRANK z b WITHSCORE     -> [1 "2"]
        ZRANK z none WITHSCORE     -> nil*
        3> ZRANK z b WITHSCORE     -> [1 ,2]
        3> ZRANK z none WITHSCORE  -> _
        ZRANK z b BLA              -> -ERR syntax error
        ZCOUNT z 1 2               -> 2
        ZCOUNT z (1 (3             -> 1
        ZCOUNT z -inf +inf         -> 3
        ZCOUNT z x 1               -> -ERR min or max is not a float
        ZCOUNT none 1 2            -> 0
        """);
  }

  @Test
  void zrem_ofTheLastMember_deletesTheKey() {
    check(
        """
        ZADD z 1 a 2 b  -> 2  !! zadd z
        ZREM z none     -> 0  >> nothing
        ZREM z a a      -> 1  !! zrem z
        ZREM z b        -> 1  !! zrem z, del z
        EXISTS z        -> 0
        ZREM z b        -> 0  >> nothing
        """);
  }

  @Test
  void equalScores_areOrderedByTheirBytes() {
    check(
        """
        ZADD z 1 b 1 a 1 B 1 aa 1 "" 0 z  -> 6
        ZRANGE z 0 -1                     -> [z "" B a aa b]
        ZREVRANGE z 0 -1                  -> [b aa a B "" z]
        """);
  }

  @Test
  void encoding_isASkiplistBeyondTheLimits() {
    check(
        """
        ZADD z 1 x*64      -> 1
        OBJECT ENCODING z  -> listpack
        ZADD z 2 x*65      -> 1
        OBJECT ENCODING z  -> skiplist
        ZREM z x*65        -> 1
        OBJECT ENCODING z  -> skiplist
        ZADD y 2 x*65      -> 1
        OBJECT ENCODING y  -> skiplist
        """);
  }

  @Test
  void wrongType_isRefused() {
    check(
        """
        SET k v                -> +OK
        ZADD k 1 a             -> -WRONGTYPE Operation against a key holding the wrong kind of value
        ZINCRBY k 1 a          -> -WRONGTYPE Operation against a key holding the wrong kind of value
        ZCARD k                -> -WRONGTYPE Operation against a key holding the wrong kind of value
        ZSCORE k a             -> -WRONGTYPE Operation against a key holding the wrong kind of value
        ZRANK k a              -> -WRONGTYPE Operation against a key holding the wrong kind of value
        ZRANGE k 0 1           -> -WRONGTYPE Operation against a key holding the wrong kind of value
        ZRANGEBYSCORE k 0 1    -> -WRONGTYPE Operation against a key holding the wrong kind of value
        ZRANGEBYLEX k - +      -> -WRONGTYPE Operation against a key holding the wrong kind of value
        ZREM k a               -> -WRONGTYPE Operation against a key holding the wrong kind of value
        ZCOUNT k 0 1           -> -WRONGTYPE Operation against a key holding the wrong kind of value
        ZPOPMIN k              -> -WRONGTYPE Operation against a key holding the wrong kind of value
        ZREMRANGEBYRANK k 0 1  -> -WRONGTYPE Operation against a key holding the wrong kind of value
        ZUNION 1 k             -> -WRONGTYPE Operation against a key holding the wrong kind of value
        ZRANDMEMBER k          -> -WRONGTYPE Operation against a key holding the wrong kind of value
        """);
  }
}
