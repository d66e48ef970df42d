package carnelian.datatypes;

import static carnelian.datatypes.Families.check;

import org.junit.jupiter.api.Test;

/// SORT with its patterns.
class SortCommandsTest {
  @Test
  void sort_numbersAndWords() {
    check(
        """
        RPUSH l 3 1 2       -> 3
        SORT l              -> ["1" "2" "3"]             >> nothing
        SORT l DESC         -> ["3" "2" "1"]             >> nothing
        SORT l LIMIT 1 1    -> ["2"]                     >> nothing
        SORT l LIMIT -1 10  -> ["1" "2" "3"]             >> nothing
        SORT l ALPHA DESC   -> ["3" "2" "1"]             >> nothing
        RPUSH w b a C       -> 3
        SORT w              -> -ERR One or more scores can't be converted into double
        SORT w ALPHA        -> [C a b]                   >> nothing
        RPUSH e "" " 2" -1  -> 3
        SORT e              -> ["-1" "" " 2"]            >> nothing
        SORT none           -> []                        >> nothing
        SORT_RO l DESC      -> ["3" "2" "1"]
        SORT_RO l STORE x   -> -ERR syntax error
        """);
  }

  @Test
  void sort_byPatternAndGet() {
    check(
        """
        RPUSH l 1 2 3                                 -> 3
        MSET w:1 30 w:2 20 w:3 10                     -> +OK
        MSET n:1 one n:3 three                        -> +OK
        HSET h:1 f x                                  -> 1
        HSET h:2 f y                                  -> 1
        HSET h:3 f z                                  -> 1
        SORT l BY w:*                                 -> ["3" "2" "1"]             >> nothing
        SORT l BY w:* GET n:* GET #                   -> [three "3" nil "2" one "1"]  >> nothing
        SORT l BY w:* GET h:*->f                      -> [z y x]                   >> nothing
        SORT l BY h:*->f ALPHA DESC                   -> ["3" "2" "1"]             >> nothing
        SORT l BY nosort                              -> ["1" "2" "3"]             >> nothing
        SORT l BY nosort DESC                         -> ["3" "2" "1"]             >> nothing
        SORT l BY nosort DESC LIMIT 0 2               -> ["3" "2"]                 >> nothing
        SORT l BY nosort LIMIT 1 9223372036854775807  -> ["2" "3"]                 >> nothing
        SORT l GET n:*                                -> [one nil three]           >> nothing
        SORT l BY none:*                              -> ["1" "2" "3"]             >> nothing
        3> SORT l GET n:*                             -> [one _ three]             >> nothing
        """);
  }

  @Test
  void sort_store_propagatesItself() {
    check(
        """
        RPUSH l 3 1 2           -> 3              !! rpush l
        SORT l STORE sorted     -> 3              !! sortstore sorted
        LRANGE sorted 0 -1      -> ["1" "2" "3"]
        SORT none STORE sorted  -> 0              !! del sorted
        EXISTS sorted           -> 0
        SORT none STORE sorted  -> 0              >> nothing
        """);
  }

  @Test
  void sort_ofSetsAndSortedSets() {
    check(
        """
        SADD s 3 1 2                -> 3
        SORT s                      -> ["1" "2" "3"]             >> nothing
        SORT s BY nosort LIMIT 0 1  -> ["1"]                     >> nothing
        ZADD z 3 a 2 b 1 c          -> 3
        OBJECT ENCODING z           -> listpack
        SORT z ALPHA                -> [a b c]                   >> nothing
        OBJECT ENCODING z           -> skiplist
        SORT z BY nosort            -> [c b a]                   >> nothing
        SORT z BY nosort DESC       -> [a b c]                   >> nothing
        SORT z BY nosort LIMIT 1 1  -> [b]                       >> nothing
        HSET h f v                  -> 1
        SORT h                      -> -WRONGTYPE Operation against a key holding the wrong kind of value
        SORT s BLA                  -> -ERR syntax error
        SORT s LIMIT 0              -> -ERR syntax error
        SORT s LIMIT x 1            -> -ERR value is not an integer or out of range
        """);
  }
}
