package carnelian.datatypes;

import static carnelian.datatypes.Families.check;

import org.junit.jupiter.api.Test;

/// Sets one by one.
class SetCommandsTest {
  @Test
  void sadd_countsNewMembers() {
    check(
        """
        SADD s a b a           -> 2             !! sadd s
        SADD s a               -> 0             >> nothing
        SADD s 1 c             -> 2             !! sadd s
        SCARD s                -> 4
        SCARD none             -> 0
        SMEMBERS s             -> ~["1" a b c]
        SISMEMBER s a          -> 1
        SISMEMBER s none       -> 0
        SISMEMBER none a       -> 0
        SMISMEMBER s a none 1  -> [1 0 1]
        SMISMEMBER none a b    -> [0 0]
        """);
  }

  @Test
  void srem_ofTheLastMember_deletesTheKey() {
    check(
        """
        SADD s a b   -> 2  !! sadd s
        SREM s none  -> 0  >> nothing
        SREM s a a   -> 1  !! srem s
        SREM s b     -> 1  !! srem s, del s
        EXISTS s     -> 0
        SREM s b     -> 0  >> nothing
        """);
  }

  @Test
  void spop_isPropagatedAsWhatItTook() {
    check(
        """
        SADD s a      -> 1                         !! sadd s
        SPOP s        -> a                         >> SREM s a  !! spop s, del s
        SADD s a      -> 1                         !! sadd s
        SPOP s 1      -> [a]                       >> DEL s  !! spop s, del s
        SADD s a b c  -> 3                         !! sadd s
        SPOP s 0      -> []                        >> nothing
        SPOP s 5      -> ~[a b c]                  >> DEL s  !! spop s, del s
        EXISTS s      -> 0
        SPOP s        -> nil                       >> nothing
        SPOP s 5      -> []                        >> nothing
        SPOP s -1     -> -ERR value is out of range, must be positive
        SPOP s x      -> -ERR value is out of range, must be positive
        SPOP s 1 2    -> -ERR syntax error
        """);
  }

  @Test
  void spopWithACount_isPropagatedAsSrem() {
    check(
        """
        SADD s 1 2 3 4 5 6  -> 6
        SREM s 1 2 3 4      -> 4
        SPOP s 0            -> []  >> nothing
        SCARD s             -> 2
        """);
  }

  @Test
  void srandmember_inItsForms() {
    check(
        """
        SADD s a                            -> 1
        SRANDMEMBER s                       -> a
        SRANDMEMBER s 3                     -> [a]
        SRANDMEMBER s -3                    -> [a a a]
        SRANDMEMBER s 0                     -> []
        SRANDMEMBER none                    -> nil
        SRANDMEMBER none 3                  -> []
        SRANDMEMBER s x                     -> -ERR value is not an integer or out of range
        SRANDMEMBER s -9223372036854775808  -> -ERR value is out of range, value must between -9223372036854775807 and 9223372036854775807
        3> SRANDMEMBER none                 -> _
        3> SRANDMEMBER none 2               -> []
        3> SPOP none                        -> _                         >> nothing
        """);
  }

  @Test
  void smove_movesOneMember() {
    check(
        """
        SADD a x y      -> 2                         !! sadd a
        SADD b z        -> 1                         !! sadd b
        SMOVE a b x     -> 1                         !! srem a, sadd b
        SMOVE a b none  -> 0                         >> nothing
        SMOVE none b x  -> 0                         >> nothing
        SMOVE a a y     -> 1                         >> nothing
        SMOVE a c y     -> 1                         !! srem a, del a, sadd c
        EXISTS a        -> 0
        SMEMBERS b      -> ~[x z]
        SADD d z        -> 1                         !! sadd d
        SMOVE d b z     -> 1                         !! srem d, del d
        SET k v         -> +OK                       !! set k
        SMOVE k b x     -> -WRONGTYPE Operation against a key holding the wrong kind of value
        SMOVE b k x     -> -WRONGTYPE Operation against a key holding the wrong kind of value
        """);
  }

  @Test
  void encodings_changeOneWay() {
    check(
        """
        SADD s 1 2 3                -> 3
        OBJECT ENCODING s           -> intset
        SADD s 9223372036854775807  -> 1
        OBJECT ENCODING s           -> intset
        SADD s 9223372036854775808  -> 1
        OBJECT ENCODING s           -> hashtable
        SADD t a                    -> 1
        OBJECT ENCODING t           -> hashtable
        SADD u 01                   -> 1
        OBJECT ENCODING u           -> hashtable
        SMEMBERS s                  -> ~["1" "2" "3" "9223372036854775807" "9223372036854775808"]
        """);
  }

  @Test
  void resp3_repliesSets() {
    check(
        """
        SADD s 1 2          -> 2
        3> SMEMBERS s       -> ~{"1" "2"}
        3> SMEMBERS none    -> ~{}
        3> SINTER s s       -> ~{"1" "2"}
        3> SUNION s none    -> ~{"1" "2"}
        3> SDIFF s none     -> ~{"1" "2"}
        3> SRANDMEMBER s 5  -> ["1" "2"]
        3> SPOP s 5         -> ~{"1" "2"}  >> DEL s
        3> SISMEMBER s 1    -> 0
        """);
  }

  @Test
  void wrongType_isRefused() {
    check(
        """
        SET k v          -> +OK
        SADD k a         -> -WRONGTYPE Operation against a key holding the wrong kind of value
        SREM k a         -> -WRONGTYPE Operation against a key holding the wrong kind of value
        SCARD k          -> -WRONGTYPE Operation against a key holding the wrong kind of value
        SMEMBERS k       -> -WRONGTYPE Operation against a key holding the wrong kind of value
        SISMEMBER k a    -> -WRONGTYPE Operation against a key holding the wrong kind of value
        SMISMEMBER k a   -> -WRONGTYPE Operation against a key holding the wrong kind of value
        SPOP k           -> -WRONGTYPE Operation against a key holding the wrong kind of value
        SRANDMEMBER k    -> -WRONGTYPE Operation against a key holding the wrong kind of value
        SINTER k         -> -WRONGTYPE Operation against a key holding the wrong kind of value
        SUNION k         -> -WRONGTYPE Operation against a key holding the wrong kind of value
        SDIFF k          -> -WRONGTYPE Operation against a key holding the wrong kind of value
        SUNIONSTORE d k  -> -WRONGTYPE Operation against a key holding the wrong kind of value
        SINTERCARD 1 k   -> -WRONGTYPE Operation against a key holding the wrong kind of value
        """);
  }
}
