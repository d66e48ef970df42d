package carnelian.datatypes;

import static carnelian.datatypes.Families.check;

import org.junit.jupiter.api.Test;

/// What takes from the ends, and what waits for it.
class SortedSetPopCommandsTest {
  @Test
  void zpop_takesFromEitherEnd() {
    check(
        """
        ZADD z 1 a 2 b 3 c 4 d  -> 4                         !! zadd z
        ZPOPMIN z               -> [a "1"]                   !! zpopmin z
        ZPOPMAX z               -> [d "4"]                   !! zpopmax z
        ZPOPMIN z 0             -> []                        >> nothing
        ZPOPMIN z 10            -> [b "2" c "3"]             !! zpopmin z, del z
        EXISTS z                -> 0
        ZPOPMIN z               -> []                        >> nothing
        ZPOPMAX none 5          -> []                        >> nothing
        ZPOPMIN none -1         -> -ERR value is out of range, must be positive
        ZPOPMIN none x          -> -ERR value is out of range, must be positive
        ZADD z 1 a              -> 1                         !! zadd z
        ZPOPMIN z -1            -> -ERR value is out of range, must be positive
        """);
  }

  @Test
  void zmpop_takesFromTheFirstThatHasSome() {
    check(
        """
        ZADD b 1 x 2 y 3 z             -> 3                         !! zadd b
        ZMPOP 2 a b MIN                -> [b [[x "1"]]]             >> ZPOPMIN b 1  !! zpopmin b
        ZMPOP 2 a b MAX COUNT 9        -> [b [[z "3"] [y "2"]]]     >> ZPOPMAX b 2  !! zpopmax b, del b
        ZMPOP 2 a b MIN                -> nil*                      >> nothing
        ZMPOP 1 a MIN COUNT 0 x        -> -ERR count should be greater than 0
        ZMPOP 1 a MIN COUNT 1 x        -> -ERR syntax error
        ZMPOP 0 a MIN                  -> -ERR numkeys should be greater than 0
        ZMPOP 1 a UP                   -> -ERR syntax error
        ZMPOP 9223372036854775807 a MIN -> -ERR syntax error
        ZPOPMIN a 1 2                  -> -ERR syntax error
        ZMPOP 1 a MIN COUNT 0          -> -ERR count should be greater than 0
        ZMPOP 1 a MIN COUNT 1 COUNT 2  -> -ERR syntax error
        SET k v                        -> +OK                       !! set k
        ZMPOP 1 k MIN                  -> -WRONGTYPE Operation against a key holding the wrong kind of value
        3> ZMPOP 1 a MIN               -> _                         >> nothing
        ZADD b 1 x                     -> 1                         !! zadd b
        3> ZMPOP 1 b MIN               -> [b [[x ,1]]]              >> ZPOPMIN b 1  !! zpopmin b, del b
        """);
  }

  @Test
  void zrandmember_inItsForms() {
    check(
        """
        ZADD z 1 a                                    -> 1
        ZRANDMEMBER z                                 -> a
        ZRANDMEMBER z 2                               -> [a]
        ZRANDMEMBER z -2                              -> [a a]
        ZRANDMEMBER z -2 WITHSCORES                   -> [a "1" a "1"]
        ZRANDMEMBER z 0                               -> []
        ZRANDMEMBER none                              -> nil
        ZRANDMEMBER none 2                            -> []
        ZRANDMEMBER z x                               -> -ERR value is not an integer or out of range
        ZRANDMEMBER z 2 BLA                           -> -ERR syntax error
        ZRANDMEMBER z -9223372036854775808 WITHSCORES  -> -ERR value is out of range, value must between -9223372036854775807 and 9223372036854775807
        """);
  }

  @Test
  void bzpop_waitsAndIsServed() {
    check(
        """
        ZADD z 1 a 2 b               -> 2                      !! zadd z
        BZPOPMIN none z 0            -> [z a "1"]              >> ZPOPMIN z  !! zpopmin z
        BZPOPMAX z 0                 -> [z b "2"]              >> ZPOPMAX z  !! zpopmax z, del z
        a> BZPOPMIN x z 0            -> blocked
        b> BZPOPMAX z 0              -> blocked
        ZADD z 1 a 2 b               -> 2                      >> ZADD z 1 a 2 b; ZPOPMIN z; ZPOPMAX z  !! zadd z, zpopmin z, zpopmax z, del z
        a>                           -> [z a "1"]
        b>                           -> [z b "2"]
        c> BZMPOP 0 1 z MAX COUNT 2  -> blocked
        ZADD z 1 a 2 b 3 c           -> 3                      >> ZADD z 1 a 2 b 3 c; ZPOPMAX z 2  !! zadd z, zpopmax z
        c>                           -> [z [[c "3"] [b "2"]]]
        3> BZPOPMIN q 0              -> blocked
        ZADD q 1.5 m                 -> 1                      >> ZADD q 1.5 m; ZPOPMIN q  !! zadd q, zpopmin q, del q
        3>                           -> [q m ,1.5]
        """);
  }

  @Test
  void bzmpop_endsAfterItsTime() {
    check(
        """
        a> BZMPOP 0.2 1 z MIN  -> blocked
        3> BZMPOP 0.2 1 z MIN  -> blocked
        b> BZPOPMIN z 0.2      -> blocked
        advance 300
        a>                     -> nil*
        3>                     -> _
        b>                     -> nil*
        BZMPOP -1 1 z MIN      -> -ERR timeout is negative
        BZMPOP x 1 z MIN       -> -ERR timeout is not a float or out of range
        BZMPOP 0 0 z MIN       -> -ERR numkeys should be greater than 0
        BZPOPMIN z -1          -> -ERR timeout is negative
        SET k v                -> +OK
        BZPOPMIN k 0           -> -WRONGTYPE Operation against a key holding the wrong kind of value
        """);
  }

  @Test
  void otherCommands_serveWaiters() {
    check(
        """
        a> BZPOPMIN d 0       -> blocked
        ZADD z 1 a            -> 1
        ZUNIONSTORE d 1 z     -> 1          >> ZUNIONSTORE d 1 z; ZPOPMIN d
        a>                    -> [d a "1"]
        a> BZPOPMIN d 0       -> blocked
        ZRANGESTORE d z 0 -1  -> 1          >> ZRANGESTORE d z 0 -1; ZPOPMIN d
        a>                    -> [d a "1"]
        a> BZPOPMIN d 0       -> blocked
        RENAME z d            -> +OK        >> RENAME z d; ZPOPMIN d
        a>                    -> [d a "1"]
        """);
  }
}
