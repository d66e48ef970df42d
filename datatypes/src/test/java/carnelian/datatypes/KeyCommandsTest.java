package carnelian.datatypes;

import static carnelian.datatypes.Families.check;

import org.junit.jupiter.api.Test;

/// Keys as such: deleting, renaming, copying, moving.
class KeyCommandsTest {
  @Test
  void del_countsWhatWasThere() {
    check(
        """
        MSET a 1 b 2 c 3  -> +OK                       !! set a, set b, set c
        DEL a none b a    -> 2                         !! del a, del b
        UNLINK c none     -> 1                         !! del c
        UNLINK none       -> 0                         >> nothing
        DEL               -> -ERR wrong number of arguments for 'del' command
        DBSIZE            -> 0
        """);
  }

  @Test
  void exists_countsTwiceWhatIsNamedTwice() {
    check(
        """
        SET a 1          -> +OK
        EXISTS a a none  -> 2
        TOUCH a a none   -> 2
        """);
  }

  @Test
  void type_saysTheType() {
    check(
        """
        SET s 1     -> +OK
        RPUSH l 1   -> 1
        SADD t 1    -> 1
        ZADD z 1 a  -> 1
        HSET h f v  -> 1
        TYPE s      -> +string
        TYPE l      -> +list
        TYPE t      -> +set
        TYPE z      -> +zset
        TYPE h      -> +hash
        TYPE none   -> +none
        """);
  }

  @Test
  void rename_replacesTheTarget_andTakesTheDeadlineAlong() {
    check(
        """
        RENAME none a      -> -ERR no such key
        SET a 1 PX 100000  -> +OK               >> SET a 1 PXAT @+100000  !! set a, expire a
        SET b 2            -> +OK               !! set b
        RENAME a b         -> +OK               !! rename_from a, rename_to b
        GET b              -> "1"
        PTTL b             -> 100000
        EXISTS a           -> 0
        RENAME b b         -> +OK               >> nothing
        RENAMENX b b       -> 0                 >> nothing
        SET c 3            -> +OK               !! set c
        RENAMENX b c       -> 0                 >> nothing
        RENAMENX b d       -> 1                 !! rename_from b, rename_to d
        RENAMENX none x    -> -ERR no such key
        """);
  }

  @Test
  void copy_copiesValueAndDeadline() {
    check(
        """
        COPY none a        -> 0                         >> nothing
        SET a 1 PX 100000  -> +OK                       >> SET a 1 PXAT @+100000  !! set a, expire a
        COPY a b           -> 1                         !! copy_to b
        PTTL b             -> 100000
        COPY a b           -> 0                         >> nothing
        COPY a b REPLACE   -> 1                         !! copy_to b
        COPY a a           -> -ERR source and destination objects are the same
        COPY a b DB 3      -> 1                         !! copy_to b@3
        COPY a c DB 99     -> -ERR DB index is out of range
        COPY a c DB x      -> -ERR value is not an integer or out of range
        COPY a c DB 2147483648 -> -ERR value is out of range, value must between -2147483648 and 2147483647
        MOVE a 2147483648  -> -ERR value is out of range, value must between -2147483648 and 2147483647
        SWAPDB 99 x        -> -ERR invalid second DB index
        SWAPDB x 2147483648 -> -ERR invalid first DB index
        COPY a c BLA       -> -ERR syntax error
        b@3> GET b         -> "1"
        """);
  }

  @Test
  void copy_ofEveryType_isIndependent() {
    check(
        """
        RPUSH l a b                -> 2
        COPY l l2                  -> 1
        RPUSH l c                  -> 3
        LRANGE l2 0 -1             -> [a b]
        SADD s 1 2                 -> 2
        COPY s s2                  -> 1
        SADD s 3                   -> 1
        SMEMBERS s2                -> ~["1" "2"]
        ZADD z 1 a                 -> 1
        COPY z z2                  -> 1
        ZADD z 2 b                 -> 1
        ZRANGE z2 0 -1 WITHSCORES  -> [a "1"]
        HSET h f v                 -> 1
        COPY h h2                  -> 1
        HSET h f w                 -> 0
        HGETALL h2                 -> [f v]
        """);
  }

  @Test
  void move_refusesWhatTheTargetHas() {
    check(
        """
        SET a 1 PX 100000  -> +OK                       >> SET a 1 PXAT @+100000  !! set a, expire a
        MOVE none 1        -> 0                         >> nothing
        MOVE a 0           -> -ERR source and destination objects are the same
        MOVE a 99          -> -ERR DB index is out of range
        MOVE a x           -> -ERR value is not an integer or out of range
        MOVE a 1           -> 1                         !! move_from a, move_to a@1
        EXISTS a           -> 0
        b@1> PTTL a        -> 100000
        SET a 2            -> +OK                       !! set a
        MOVE a 1           -> 0                         >> nothing
        """);
  }

  @Test
  void swapdb_exchangesDatabases() {
    check(
        """
        SET a 1      -> +OK                       !! set a
        SWAPDB 0 1   -> +OK
        EXISTS a     -> 0
        b@1> GET a   -> "1"
        SWAPDB 0 99  -> -ERR DB index is out of range
        SWAPDB x 1   -> -ERR invalid first DB index
        SWAPDB 0 y   -> -ERR invalid second DB index
        """);
  }

  @Test
  void randomkey_ofAnEmptyDatabase_isNil() {
    check(
        """
        RANDOMKEY  -> nil
        SET a 1    -> +OK
        RANDOMKEY  -> a
        """);
  }

  @Test
  void flushdb_takesOneDatabase_flushallAll() {
    check(
        """
        MSET a 1 b 2    -> +OK                !! set a, set b
        b@1> SET c 3    -> +OK                >> SELECT 1; SET c 3  !! set c@1
        FLUSHDB         -> +OK
        DBSIZE          -> 0
        b> DBSIZE       -> 1
        FLUSHALL ASYNC  -> +OK
        b> DBSIZE       -> 0
        FLUSHDB BLA     -> -ERR syntax error
        FLUSHALL SYNC   -> +OK
        """);
  }
}
