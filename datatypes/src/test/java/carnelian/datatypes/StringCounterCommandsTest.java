package carnelian.datatypes;

import static carnelian.datatypes.Families.check;

import org.junit.jupiter.api.Test;

/// INCR and its kin.
class StringCounterCommandsTest {
  @Test
  void incr_countsFromNothing() {
    check(
        """
        INCR k             -> 1      !! incrby k
        INCRBY k 10        -> 11     !! incrby k
        DECR k             -> 10     !! incrby k
        DECRBY k 20        -> -10    >> DECRBY k 20  !! incrby k
        GET k              -> "-10"
        OBJECT ENCODING k  -> int
        """);
  }

  @Test
  void incr_keepsTheDeadline() {
    check(
        """
        SET k 5 PX 5000  -> +OK   >> SET k 5 PXAT @+5000  !! set k, expire k
        INCR k           -> 6     !! incrby k
        PTTL k           -> 5000
        """);
  }

  @Test
  void incr_staysWithin64Bits() {
    check(
        """
        SET k 9223372036854775807      -> +OK
        INCR k                         -> -ERR increment or decrement would overflow
        DECRBY k 1                     -> 9223372036854775806
        SET k -9223372036854775808     -> +OK
        DECR k                         -> -ERR increment or decrement would overflow
        DECRBY k -9223372036854775808  -> -ERR decrement would overflow
        INCRBY k 9223372036854775808   -> -ERR value is not an integer or out of range
        GET k                          -> "-9223372036854775808"
        """);
  }

  @Test
  void incr_refusesWhatIsNoInteger() {
    check(
        """
        SET k abc     -> +OK
        INCR k        -> -ERR value is not an integer or out of range
        SET k " 11"   -> +OK
        INCR k        -> -ERR value is not an integer or out of range
        SET k "11 "   -> +OK
        INCR k        -> -ERR value is not an integer or out of range
        SET k 1.5     -> +OK
        INCR k        -> -ERR value is not an integer or out of range
        SET k ""      -> +OK
        INCR k        -> -ERR value is not an integer or out of range
        INCRBY n x    -> -ERR value is not an integer or out of range
        INCRBY n 1.5  -> -ERR value is not an integer or out of range
        EXISTS n      -> 0
        RPUSH l a     -> 1
        DECR l        -> -WRONGTYPE Operation against a key holding the wrong kind of value
        """);
  }

  @Test
  void incr_ofAnAppendedNumber_counts() {
    check(
        """
        APPEND k 1         -> 1
        APPEND k 2         -> 2
        INCR k             -> 13
        OBJECT ENCODING k  -> int
        """);
  }

  @Test
  void incrbyfloat_isPropagatedAsSet() {
    check(
        """
        INCRBYFLOAT k 10.5     -> "10.5"                    >> SET k 10.5 KEEPTTL  !! incrbyfloat k
        INCRBYFLOAT k 0.1      -> "10.6"                    >> SET k 10.6 KEEPTTL  !! incrbyfloat k
        INCRBYFLOAT k -5       -> "5.6"                     >> SET k 5.6 KEEPTTL  !! incrbyfloat k
        INCRBYFLOAT k 5e3      -> "5005.60000000000000009"  >> SET k 5005.60000000000000009 KEEPTTL  !! incrbyfloat k
        INCRBYFLOAT k 1e-17    -> "5005.60000000000000009"  >> SET k 5005.60000000000000009 KEEPTTL  !! incrbyfloat k
        SET k 3.0e3            -> +OK                       !! set k
        INCRBYFLOAT k 200      -> "3200"                    >> SET k 3200 KEEPTTL  !! incrbyfloat k
        PEXPIRE k 100000       -> 1                         >> PEXPIREAT k @+100000  !! expire k
        INCRBYFLOAT k 1        -> "3201"                    >> SET k 3201 KEEPTTL  !! incrbyfloat k
        PTTL k                 -> 100000
        SET n 1                -> +OK                       !! set n
        INCRBYFLOAT n 1        -> "2"                       >> SET n 2 KEEPTTL  !! incrbyfloat n
        OBJECT ENCODING n      -> embstr
        INCR n                 -> 3                         !! incrby n
        OBJECT ENCODING n      -> int
        INCRBYFLOAT fresh 1    -> "1"                       >> SET fresh 1 KEEPTTL  !! incrbyfloat fresh
        OBJECT ENCODING fresh  -> embstr
        """);
  }

  @Test
  void incrbyfloat_refusesWhatIsNoNumber() {
    check(
        """
        SET k abc           -> +OK
        INCRBYFLOAT k 1     -> -ERR value is not a valid float
        INCRBYFLOAT n x     -> -ERR value is not a valid float
        INCRBYFLOAT n nan   -> -ERR value is not a valid float
        INCRBYFLOAT n " 1"  -> -ERR value is not a valid float
        SET k 1             -> +OK
        INCRBYFLOAT k inf   -> -ERR increment would produce NaN or Infinity
        SET k inf           -> +OK
        INCRBYFLOAT k -inf  -> -ERR increment would produce NaN or Infinity
        INCRBYFLOAT k 1     -> -ERR increment would produce NaN or Infinity
        INCRBYFLOAT k x     -> -ERR value is not a valid float
        RPUSH l a           -> 1
        INCRBYFLOAT l 1     -> -WRONGTYPE Operation against a key holding the wrong kind of value
        """);
  }
}
