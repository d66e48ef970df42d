package carnelian.datatypes;

import static carnelian.datatypes.Families.check;

import org.junit.jupiter.api.Test;

/// What moves between lists, and what waits for them.
class ListMoveCommandsTest {
  @Test
  void lmove_betweenTheFourEnds() {
    check(
        """
        RPUSH a 1 2 3         -> 3                         !! rpush a
        LMOVE a b LEFT RIGHT  -> "1"                       !! rpush b, lpop a
        LMOVE a b RIGHT LEFT  -> "3"                       !! lpush b, rpop a
        LMOVE a a LEFT RIGHT  -> "2"                       !! rpush a, lpop a
        RPUSH a 4             -> 2                         !! rpush a
        LMOVE a a LEFT RIGHT  -> "2"                       !! rpush a, lpop a
        RPOPLPUSH a b         -> "2"                       !! lpush b, rpop a
        LMOVE a b LEFT LEFT   -> "4"                       !! lpush b, lpop a, del a
        EXISTS a              -> 0
        LMOVE a b LEFT LEFT   -> nil                       >> nothing
        RPOPLPUSH a b         -> nil                       >> nothing
        LRANGE b 0 -1         -> ["4" "2" "3" "1"]
        LMOVE a b UP LEFT     -> -ERR syntax error
        SET k v               -> +OK                       !! set k
        LMOVE b k LEFT LEFT   -> -WRONGTYPE Operation against a key holding the wrong kind of value
        LMOVE k b LEFT LEFT   -> -WRONGTYPE Operation against a key holding the wrong kind of value
        LLEN b                -> 4
        """);
  }

  @Test
  void lmpop_takesFromTheFirstThatHasSome() {
    check(
        """
        RPUSH b 1 2 3               -> 3                         !! rpush b
        LMPOP 2 a b LEFT            -> [b ["1"]]                 >> LPOP b 1  !! lpop b
        LMPOP 2 a b RIGHT COUNT 10  -> [b ["3" "2"]]             >> RPOP b 2  !! rpop b, del b
        LMPOP 2 a b LEFT            -> nil*                      >> nothing
        LMPOP 1 a LEFT COUNT 0 x    -> -ERR count should be greater than 0
        LMPOP 1 a LEFT COUNT 1 x    -> -ERR syntax error
        LMPOP 0 a LEFT              -> -ERR numkeys should be greater than 0
        LMPOP x a LEFT              -> -ERR numkeys should be greater than 0
        LMPOP 1 a UP                -> -ERR syntax error
        LMPOP 9223372036854775807 a LEFT -> -ERR syntax error
        LMPOP 1 a LEFT COUNT 0      -> -ERR count should be greater than 0
        LMPOP 1 a LEFT COUNT x      -> -ERR count should be greater than 0
        LMPOP 1 a LEFT BLA 2        -> -ERR syntax error
        LMPOP 2 a LEFT              -> -ERR syntax error
        SET k v                     -> +OK                       !! set k
        LMPOP 1 k LEFT              -> -WRONGTYPE Operation against a key holding the wrong kind of value
        3> LMPOP 1 a LEFT           -> _                         >> nothing
        """);
  }

  @Test
  void blockingPops_withSomethingThere_popAtOnce() {
    check(
        """
        RPUSH a 1 2 3 4 5               -> 5          !! rpush a
        BLPOP none a 0                  -> [a "1"]    >> LPOP a  !! lpop a
        BRPOP a none 0                  -> [a "5"]    >> RPOP a  !! rpop a
        BLMOVE a b LEFT RIGHT 0         -> "2"        >> LMOVE a b LEFT RIGHT  !! rpush b, lpop a
        BRPOPLPUSH a b 0                -> "4"        >> RPOPLPUSH a b  !! lpush b, rpop a
        BLMPOP 0 2 none a LEFT COUNT 5  -> [a ["3"]]  >> LPOP a 1  !! lpop a, del a
        EXISTS a                        -> 0
        """);
  }

  @Test
  void blpop_waitsAndIsServed_asIfItHadPopped() {
    check(
        """
        b> BLPOP x l 0   -> blocked
        RPUSH l a b      -> 2        >> RPUSH l a b; LPOP l  !! rpush l, lpop l
        b>               -> [l a]
        LRANGE l 0 -1    -> [b]
        b> BRPOP l l2 0  -> [l b]    >> RPOP l  !! rpop l, del l
        """);
  }

  @Test
  void waiters_areServedInTheOrderOfTheirComing() {
    check(
        """
        a> BLPOP l 0  -> blocked
        b> BRPOP l 0  -> blocked
        c> BLPOP l 0  -> blocked
        RPUSH l 1 2   -> 2        >> RPUSH l 1 2; LPOP l; RPOP l
        a>            -> [l "1"]
        b>            -> [l "2"]
        c>            -> blocked
        RPUSH l 3     -> 1        >> RPUSH l 3; LPOP l
        c>            -> [l "3"]
        """);
  }

  @Test
  void blmove_waitsAndChains() {
    check(
        """
        a> BLMOVE x y LEFT RIGHT 0  -> blocked
        b> BLPOP y 0                -> blocked
        RPUSH x v                   -> 1        >> RPUSH x v; LMOVE x y LEFT RIGHT; LPOP y  !! rpush x, rpush y, lpop x, del x, lpop y, del y
        a>                          -> v
        b>                          -> [y v]
        EXISTS x y                  -> 0
        a> BRPOPLPUSH x y 0         -> blocked
        LPUSH x w                   -> 1        >> LPUSH x w; RPOPLPUSH x y  !! lpush x, lpush y, rpop x, del x
        a>                          -> w
        """);
  }

  @Test
  void blmpop_waitsWithItsCount() {
    check(
        """
        a> BLMPOP 0 2 x y RIGHT COUNT 2  -> blocked
        RPUSH y 1 2 3                    -> 3              >> RPUSH y 1 2 3; RPOP y 2  !! rpush y, rpop y
        a>                               -> [y ["3" "2"]]
        """);
  }

  @Test
  void timeouts_endTheWait() {
    check(
        """
        a> BLPOP l 0.2                -> blocked
        b> BLMOVE l m LEFT LEFT 0.2   -> blocked
        c> BLMPOP 0.2 1 l LEFT        -> blocked
        3> BLPOP l 0.2                -> blocked
        advance 300
        a>                            -> nil*
        b>                            -> nil*
        c>                            -> nil*
        3>                            -> _
        BLPOP l -1                    -> -ERR timeout is negative
        BLPOP l x                     -> -ERR timeout is not a float or out of range
        BLPOP l 99999999999999999999  -> -ERR timeout is out of range
        BLMPOP x 1 l LEFT             -> -ERR timeout is not a float or out of range
        BLMOVE l m UP LEFT 0          -> -ERR syntax error
        """);
  }

  @Test
  void waitersOfTheWrongType_waitOn() {
    check(
        """
        a> BLPOP l 0                   -> blocked
        SET l v                        -> +OK
        a>                             -> blocked
        DEL l                          -> 1
        RPUSH l v                      -> 1                         >> RPUSH l v; LPOP l
        a>                             -> [l v]
        b> BLMOVE src dst LEFT LEFT 0  -> blocked
        SET dst v                      -> +OK
        RPUSH src 1                    -> 1
        b>                             -> -WRONGTYPE Operation against a key holding the wrong kind of value
        LRANGE src 0 -1                -> ["1"]
        """);
  }

  @Test
  void inATransaction_nothingWaits() {
    check(
        """
        MULTI                      -> +OK
        BLPOP l 0                  -> +QUEUED
        RPUSH l a                  -> +QUEUED
        BLPOP l 0                  -> +QUEUED
        BLMOVE none m LEFT LEFT 0  -> +QUEUED
        EXEC                       -> [nil* 1 [l a] nil]  >> MULTI; RPUSH l a; LPOP l; EXEC
        a> BLPOP l 0               -> blocked
        MULTI                      -> +OK
        RPUSH l 1                  -> +QUEUED
        RPUSH l 2                  -> +QUEUED
        LPOP l                     -> +QUEUED
        EXEC                       -> [1 2 "1"]           >> MULTI; RPUSH l 1; RPUSH l 2; LPOP l; EXEC; LPOP l
        a>                         -> [l "2"]
        LRANGE l 0 -1              -> []
        """);
  }

  @Test
  void keysThatArriveByOtherCommands_serveWaitersToo() {
    check(
        """
        a> BLPOP l 0    -> blocked
        RPUSH m x       -> 1
        RENAME m l      -> +OK      >> RENAME m l; LPOP l
        a>              -> [l x]
        a> BLPOP l 0    -> blocked
        RPUSH m 2 1     -> 2
        SORT m STORE l  -> 2        >> SORT m STORE l; LPOP l
        a>              -> [l "1"]
        DEL l           -> 1
        a> BLPOP l 0    -> blocked
        COPY m l        -> 1        >> COPY m l; LPOP l
        a>              -> [l "2"]
        """);
  }
}
