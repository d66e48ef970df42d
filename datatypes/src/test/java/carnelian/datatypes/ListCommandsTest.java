package carnelian.datatypes;

import static carnelian.datatypes.Families.check;

import org.junit.jupiter.api.Test;

/// Lists, but for what moves or waits.
class ListCommandsTest {
  @Test
  void push_addsAtEitherEnd() {
    check(
        """
        RPUSH l a b    -> 2          !! rpush l
        LPUSH l c d    -> 4          !! lpush l
        LRANGE l 0 -1  -> [d c a b]
        RPUSHX l e     -> 5          !! rpush l
        LPUSHX l f g   -> 7          !! lpush l
        RPUSHX none a  -> 0          >> nothing
        LPUSHX none a  -> 0          >> nothing
        EXISTS none    -> 0
        LLEN l         -> 7
        LLEN none      -> 0
        """);
  }

  @Test
  void pop_takesOneOrMore() {
    check(
        """
        RPUSH l a b c d e  -> 5                         !! rpush l
        LPOP l             -> a                         !! lpop l
        RPOP l             -> e                         !! rpop l
        LPOP l 2           -> [b c]                     !! lpop l
        LPOP l 0           -> []                        >> nothing
        LPOP l -1          -> -ERR value is out of range, must be positive
        LPOP l x           -> -ERR value is out of range, must be positive
        RPOP l 100         -> [d]                       !! rpop l, del l
        EXISTS l           -> 0
        LPOP l             -> nil                       >> nothing
        LPOP l 5           -> nil*                      >> nothing
        LPOP l 0           -> nil*                      >> nothing
        """);
  }

  @Test
  void resp3_nullsAreUnderscores() {
    check(
        """
        3> LPOP none         -> _   >> nothing
        3> LPOP none 2       -> _   >> nothing
        3> LINDEX none 0     -> _
        3> LPOS none a       -> _
        3> LRANGE none 0 -1  -> []
        """);
  }

  @Test
  void lrange_countsFromEitherEnd() {
    check(
        """
        RPUSH l a b c d    -> 4
        LRANGE l 0 -1      -> [a b c d]
        LRANGE l 1 2       -> [b c]
        LRANGE l -2 -1     -> [c d]
        LRANGE l -100 100  -> [a b c d]
        LRANGE l 3 1       -> []
        LRANGE l 10 20     -> []
        LRANGE none 0 -1   -> []
        LRANGE l x 1       -> -ERR value is not an integer or out of range
        """);
  }

  @Test
  void lindexAndLset_reachEitherEnd() {
    check(
        """
        RPUSH l a b c  -> 3                         !! rpush l
        LINDEX l 0     -> a
        LINDEX l -1    -> c
        LINDEX l 3     -> nil
        LINDEX none x  -> nil
        LSET l 1 x     -> +OK                       !! lset l
        LSET l -1 y    -> +OK                       !! lset l
        LSET l 3 z     -> -ERR index out of range
        LSET none 0 z  -> -ERR no such key
        LSET l x z     -> -ERR value is not an integer or out of range
        LRANGE l 0 -1  -> [a x y]
        """);
  }

  @Test
  void linsert_findsThePivot() {
    check(
        """
        RPUSH l a c              -> 2                  !! rpush l
        LINSERT l BEFORE c b     -> 3                  !! linsert l
        LINSERT l AFTER c d      -> 4                  !! linsert l
        LINSERT l AFTER none x   -> -1
        LINSERT none BEFORE a x  -> 0                  >> nothing
        LINSERT l BLA a x        -> -ERR syntax error
        LRANGE l 0 -1            -> [a b c d]
        """);
  }

  @Test
  void lrem_fromEitherEnd() {
    check(
        """
        RPUSH l a b a c a  -> 5                         !! rpush l
        LREM l 1 a         -> 1                         !! lrem l
        LREM l -1 a        -> 1                         !! lrem l
        LREM l 0 none      -> 0                         >> nothing
        LRANGE l 0 -1      -> [b a c]
        LREM l 0 a         -> 1                         !! lrem l
        LREM l 0 b         -> 1                         !! lrem l
        LREM l 0 c         -> 1                         !! lrem l, del l
        EXISTS l           -> 0
        LREM none 0 a      -> 0                         >> nothing
        LREM l x a         -> -ERR value is not an integer or out of range
        """);
  }

  @Test
  void ltrim_keepsARange() {
    check(
        """
        RPUSH l a b c d  -> 4      !! rpush l
        LTRIM l 1 2      -> +OK    !! ltrim l
        LRANGE l 0 -1    -> [b c]
        LTRIM l 0 -1     -> +OK    >> nothing  !! ltrim l
        LTRIM l 5 10     -> +OK    !! ltrim l, del l
        EXISTS l         -> 0
        LTRIM none 0 1   -> +OK    >> nothing
        """);
  }

  @Test
  void lpos_withRankCountAndMaxlen() {
    check(
        """
        RPUSH l a b c 1 2 3 c c             -> 8
        LPOS l c                            -> 2
        LPOS l c RANK 2                     -> 6
        LPOS l c RANK -1                    -> 7
        LPOS l c COUNT 2                    -> [2 6]
        LPOS l c COUNT 0                    -> [2 6 7]
        LPOS l c RANK -1 COUNT 2            -> [7 6]
        LPOS l c RANK 4                     -> nil
        LPOS l x                            -> nil
        LPOS l x COUNT 1                    -> []
        LPOS l c MAXLEN 2                   -> nil
        LPOS l c COUNT 0 MAXLEN 4           -> [2]
        LPOS l 1                            -> 3
        LPOS none a                         -> nil
        LPOS none a COUNT 2                 -> []
        LPOS l c RANK 0                     -> -ERR RANK can't be zero: use 1 to start from the first match, 2 from the second ... or use negative to start from the end of the list
        LPOS l c COUNT -1                   -> -ERR COUNT can't be negative
        LPOS l c MAXLEN -1                  -> -ERR MAXLEN can't be negative
        LPOS l c BLA 1                      -> -ERR syntax error
        LPOS l c RANK -9223372036854775808  -> -ERR value is out of range, value must between -9223372036854775807 and 9223372036854775807
        """);
  }

  @Test
  void largeElements_standBetweenSmallOnes() {
    check(
        """
        RPUSH l a                  -> 1
        RPUSH l x*9000             -> 2
        RPUSH l b                  -> 3
        LLEN l                     -> 3
        LINDEX l 2                 -> b
        LSET l 0 y*9000            -> +OK
        LINSERT l BEFORE b z*9000  -> 4
        LREM l 0 x*9000            -> 1
        LLEN l                     -> 3
        LINDEX l -1                -> b
        """);
  }

  @Test
  void wrongType_isRefused() {
    check(
        """
        SET k v               -> +OK
        RPUSH k a             -> -WRONGTYPE Operation against a key holding the wrong kind of value
        LPUSHX k a            -> -WRONGTYPE Operation against a key holding the wrong kind of value
        LPOP k                -> -WRONGTYPE Operation against a key holding the wrong kind of value
        LPOP k 0              -> -WRONGTYPE Operation against a key holding the wrong kind of value
        LLEN k                -> -WRONGTYPE Operation against a key holding the wrong kind of value
        LRANGE k 0 1          -> -WRONGTYPE Operation against a key holding the wrong kind of value
        LINDEX k 0            -> -WRONGTYPE Operation against a key holding the wrong kind of value
        LSET k 0 a            -> -WRONGTYPE Operation against a key holding the wrong kind of value
        LINSERT k BEFORE a b  -> -WRONGTYPE Operation against a key holding the wrong kind of value
        LREM k 0 a            -> -WRONGTYPE Operation against a key holding the wrong kind of value
        LTRIM k 0 1           -> -WRONGTYPE Operation against a key holding the wrong kind of value
        LPOS k a              -> -WRONGTYPE Operation against a key holding the wrong kind of value
        """);
  }
}
