package carnelian.datatypes;

import static carnelian.datatypes.Families.check;

import org.junit.jupiter.api.Test;

/// Sets with each other.
class SetAlgebraCommandsTest {
  @Test
  void algebra_ofTheSameSets() {
    check(
        """
        SADD a 1 2 3 4             -> 4
        SADD b 3 4 5               -> 3
        SADD c 4 6                 -> 2
        SINTER a b                 -> ~["3" "4"]
        SINTER a b c               -> ~["4"]
        SINTER a none              -> ~[]
        SUNION a b c               -> ~["1" "2" "3" "4" "5" "6"]
        SUNION none                -> ~[]
        SDIFF a b                  -> ~["1" "2"]
        SDIFF a b c                -> ~["1" "2"]
        SDIFF none a               -> ~[]
        SDIFF a none               -> ~["1" "2" "3" "4"]
        SDIFF a a                  -> ~[]
        SINTERCARD 2 a b           -> 2
        SINTERCARD 2 a b LIMIT 1   -> 1
        SINTERCARD 2 a b LIMIT 0   -> 2
        SINTERCARD 2 a none        -> 0
        SINTERCARD 0 a             -> -ERR numkeys should be greater than 0
        SINTERCARD 3 a b           -> -ERR Number of keys can't be greater than number of args
        SINTERCARD x a             -> -ERR numkeys should be greater than 0
        SINTERCARD 2 a b LIMIT -1  -> -ERR LIMIT can't be negative
        SINTERCARD 2 a b LIMIT x   -> -ERR LIMIT can't be negative
        SINTERCARD 2 a b BLA 1     -> -ERR syntax error
        """);
  }

  @Test
  void stores_replaceOrDeleteTheDestination() {
    check(
        """
        SADD a 1 2 3          -> 3           !! sadd a
        SADD b 2 3 4          -> 3           !! sadd b
        SET d v PX 100000     -> +OK         >> SET d v PXAT @+100000  !! set d, expire d
        SINTERSTORE d a b     -> 2           !! sinterstore d
        PTTL d                -> -1
        SMEMBERS d            -> ~["2" "3"]
        SUNIONSTORE d a b     -> 4           !! sunionstore d
        SDIFFSTORE d a b      -> 1           !! sdiffstore d
        SMEMBERS d            -> ~["1"]
        SINTERSTORE d a none  -> 0           !! del d
        EXISTS d              -> 0
        SINTERSTORE d a none  -> 0           >> nothing
        SDIFFSTORE a a b      -> 1           !! sdiffstore a
        SMEMBERS a            -> ~["1"]
        """);
  }

  @Test
  void results_areIntsetsIfTheyCanBe() {
    check(
        """
        SADD a 1 2         -> 2
        SADD b 2 x         -> 2
        SUNIONSTORE d a    -> 2
        OBJECT ENCODING d  -> intset
        SUNIONSTORE d a b  -> 3
        OBJECT ENCODING d  -> hashtable
        SINTERSTORE d a b  -> 1
        OBJECT ENCODING d  -> intset
        SDIFFSTORE d b a   -> 1
        OBJECT ENCODING d  -> hashtable
        """);
  }
}
