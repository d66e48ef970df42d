package carnelian.datatypes;

import static carnelian.datatypes.Families.check;

import org.junit.jupiter.api.Test;

/// GET, SET and the rest of the family.
class StringCommandsTest {
  @Test
  void set_withEveryOption() {
    check(
        """
        SET k v              -> +OK    !! set k
        SET k w NX           -> nil    >> nothing
        SET k w XX           -> +OK    !! set k
        SET other v XX       -> nil    >> nothing
        SET other v NX       -> +OK    !! set other
        SET k x GET          -> w      >> SET k x  !! set k
        SET other y NX GET   -> v      >> nothing
        SET fresh z NX GET   -> nil    >> SET fresh z NX  !! set fresh
        SET fresh2 z XX GET  -> nil    >> nothing
        SET k v KEEPTTL      -> +OK    !! set k
        SET k 1 EX 10        -> +OK    >> SET k 1 PXAT @+10000  !! set k, expire k
        PTTL k               -> 10000
        SET k 1 PX 1500      -> +OK    >> SET k 1 PXAT @+1500  !! set k, expire k
        SET k 1 KEEPTTL      -> +OK    !! set k
        PTTL k               -> 1500
        SET k 1 EXAT @s+100  -> +OK    >> SET k 1 PXAT @+100000  !! set k, expire k
        SET k 1 PXAT @+5000  -> +OK    !! set k, expire k
        SET k 2              -> +OK    !! set k
        PTTL k               -> -1
        """);
  }

  @Test
  void set_refusesWhatMakesNoSense() {
    check(
        """
        SET k v NX XX                   -> -ERR syntax error
        SET k v EX 10 PX 10             -> -ERR syntax error
        SET k v EX 10 KEEPTTL           -> -ERR syntax error
        SET k v EX                      -> -ERR syntax error
        SET k v EX 0                    -> -ERR invalid expire time in 'set' command
        SET k v PX -1                   -> -ERR invalid expire time in 'set' command
        SET k v EX x                    -> -ERR value is not an integer or out of range
        SET k v EX 9223372036854775807  -> -ERR invalid expire time in 'set' command
        SET k v PXAT 0                  -> -ERR invalid expire time in 'set' command
        SET k v BLA                     -> -ERR syntax error
        SET k                           -> -ERR wrong number of arguments for 'set' command
        GET k                           -> nil
        """);
  }

  @Test
  void set_withADeadlineInThePast_deletes() {
    check(
        """
        SET k v         -> +OK
        SET k w PXAT 1  -> +OK
        EXISTS k        -> 0    >> DEL k
        """);
  }

  @Test
  void set_getOverAnotherType_isRefused() {
    check(
        """
        RPUSH l a    -> 1
        SET l v GET  -> -WRONGTYPE Operation against a key holding the wrong kind of value
        SET l v      -> +OK
        GET l        -> v
        """);
  }

  @Test
  void setex_setsWithDeadline() {
    check(
        """
        SETEX k 10 v     -> +OK                       >> SET k v PXAT @+10000  !! set k, expire k
        PSETEX k 1500 w  -> +OK                       >> SET k w PXAT @+1500  !! set k, expire k
        PTTL k           -> 1500
        SETEX k 0 v      -> -ERR invalid expire time in 'setex' command
        PSETEX k -5 v    -> -ERR invalid expire time in 'psetex' command
        SETEX k x v      -> -ERR value is not an integer or out of range
        GET k            -> w
        """);
  }

  @Test
  void setnx_setsOnlyWhatIsAbsent() {
    check(
        """
        SETNX k v  -> 1  !! set k
        SETNX k w  -> 0  >> nothing
        GET k      -> v
        """);
  }

  @Test
  void getset_repliesTheOldValue_andDropsTheDeadline() {
    check(
        """
        GETSET k v        -> nil                       >> SET k v  !! set k
        PEXPIRE k 100000  -> 1                         >> PEXPIREAT k @+100000  !! expire k
        GETSET k w        -> v                         >> SET k w  !! set k
        PTTL k            -> -1
        RPUSH l a         -> 1                         !! rpush l
        GETSET l v        -> -WRONGTYPE Operation against a key holding the wrong kind of value
        """);
  }

  @Test
  void getdel_repliesAndDeletes() {
    check(
        """
        GETDEL none  -> nil                       >> nothing
        SET k v      -> +OK                       !! set k
        GETDEL k     -> v                         >> DEL k  !! del k
        EXISTS k     -> 0
        RPUSH l a    -> 1                         !! rpush l
        GETDEL l     -> -WRONGTYPE Operation against a key holding the wrong kind of value
        """);
  }

  @Test
  void getex_changesTheDeadlineAlone() {
    check(
        """
        GETEX none EX 10       -> nil                       >> nothing
        SET k v                -> +OK                       !! set k
        GETEX k                -> v                         >> nothing
        GETEX k EX 10          -> v                         >> PEXPIREAT k @+10000  !! expire k
        GETEX k PX 1500        -> v                         >> PEXPIREAT k @+1500  !! expire k
        GETEX k PXAT @+9000    -> v                         >> PEXPIREAT k @+9000  !! expire k
        GETEX k PERSIST        -> v                         >> PERSIST k  !! persist k
        GETEX k PERSIST        -> v                         >> nothing
        GETEX k EX 10 PERSIST  -> -ERR syntax error
        GETEX k PERSIST EX 10  -> -ERR syntax error
        GETEX k EX 10 PX 10    -> -ERR syntax error
        GETEX k EX 10 EX       -> -ERR syntax error
        GETEX k EX 10 EX 20    -> v                         >> PEXPIREAT k @+20000  !! expire k
        GETEX k PERSIST PERSIST -> v                        >> PERSIST k  !! persist k
        GETEX k EX 0           -> -ERR invalid expire time in 'getex' command
        GETEX k KEEPTTL        -> -ERR syntax error
        GETEX k PXAT 1         -> v                         >> DEL k  !! del k
        EXISTS k               -> 0
        """);
  }

  @Test
  void mget_repliesNilForWhatIsNoString() {
    check(
        """
        MSET a 1 b 2     -> +OK
        RPUSH l x        -> 1
        MGET a none b l  -> ["1" nil "2" nil]
        MGET             -> -ERR wrong number of arguments for 'mget' command
        """);
  }

  @Test
  void mset_setsAll_msetnxAllOrNone() {
    check(
        """
        MSET a 1 b 2 a 3  -> +OK                       !! set a, set b, set a
        MSET a 1 b        -> -ERR wrong number of arguments for 'mset' command
        MSETNX c 1 d 2    -> 1                         !! set c, set d
        MSETNX d 3 e 4    -> 0                         >> nothing
        MSETNX a          -> -ERR wrong number of arguments for 'msetnx' command
        MGET a b c d e    -> ["3" "2" "1" "2" nil]
        """);
  }

  @Test
  void append_makesTheKey_andStrlenCounts() {
    check(
        """
        APPEND k ab        -> 2                         !! append k
        APPEND k cd        -> 4                         !! append k
        APPEND k ""        -> 4                         !! append k
        STRLEN k           -> 4
        STRLEN none        -> 0
        GET k              -> abcd
        OBJECT ENCODING k  -> raw
        RPUSH l x          -> 1                         !! rpush l
        APPEND l x         -> -WRONGTYPE Operation against a key holding the wrong kind of value
        STRLEN l           -> -WRONGTYPE Operation against a key holding the wrong kind of value
        """);
  }

  @Test
  void setrange_fillsWithZeroBytes() {
    check(
        """
        SETRANGE k 3 x                    -> 4                         !! setrange k
        GET k                             -> "\\x00\\x00\\x00x"
        SETRANGE k 0 ab                   -> 4                         !! setrange k
        SETRANGE k 0 ""                   -> 4                         >> nothing
        SETRANGE none 5 ""                -> 0                         >> nothing
        EXISTS none                       -> 0
        SETRANGE k -1 x                   -> -ERR offset is out of range
        SETRANGE k 536870912 x            -> -ERR string exceeds maximum allowed size (proto-max-bulk-len)
        SETRANGE k 9223372036854775807 x  -> -ERR string exceeds maximum allowed size (proto-max-bulk-len)
        SET n 12345                       -> +OK                       !! set n
        SETRANGE n 1 x                    -> 5                         !! setrange n
        OBJECT ENCODING n                 -> raw
        """);
  }

  @Test
  void getrange_countsFromEitherEnd() {
    check(
        """
        SET k "hello world"  -> +OK
        GETRANGE k 0 4       -> hello
        GETRANGE k -5 -1     -> world
        GETRANGE k 0 -1      -> "hello world"
        GETRANGE k 6 100     -> world
        GETRANGE k 5 3       -> ""
        GETRANGE k -100 -90  -> h
        GETRANGE none 0 -1   -> ""
        SUBSTR k 0 1         -> he
        SET n 12345          -> +OK
        GETRANGE n 1 2       -> "23"
        GETRANGE k x 1       -> -ERR value is not an integer or out of range
        """);
  }

  @Test
  void encoding_isChosenByTheValue() {
    check(
        """
        SET k 1234                  -> +OK
        OBJECT ENCODING k           -> int
        SET k -9223372036854775808  -> +OK
        OBJECT ENCODING k           -> int
        SET k 9223372036854775808   -> +OK
        OBJECT ENCODING k           -> embstr
        SET k 01                    -> +OK
        OBJECT ENCODING k           -> embstr
        SET k x*44                  -> +OK
        OBJECT ENCODING k           -> embstr
        SET k x*45                  -> +OK
        OBJECT ENCODING k           -> raw
        SET k ""                    -> +OK
        GET k                       -> ""
        """);
  }

  @Test
  void binaryValues_comeBackUnchanged() {
    check(
        """
        SET k "a\\0b\\r\\n\\xff"  -> +OK
        GET k                 -> "a\\x00b\\x0d\\x0a\\xff"
        APPEND k "\\0"         -> 7
        STRLEN k              -> 7
        """);
  }

  @Test
  void wrongType_isRefusedByEveryCommandOfTheFamily() {
    check(
        """
        RPUSH l a       -> 1
        GET l           -> -WRONGTYPE Operation against a key holding the wrong kind of value
        GETEX l         -> -WRONGTYPE Operation against a key holding the wrong kind of value
        GETRANGE l 0 1  -> -WRONGTYPE Operation against a key holding the wrong kind of value
        SETRANGE l 0 x  -> -WRONGTYPE Operation against a key holding the wrong kind of value
        SETNX l x       -> 0                         >> nothing
        INCR l          -> -WRONGTYPE Operation against a key holding the wrong kind of value
        """);
  }
}
