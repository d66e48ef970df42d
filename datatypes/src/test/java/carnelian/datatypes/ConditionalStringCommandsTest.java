package carnelian.datatypes;

import static carnelian.datatypes.Families.check;

import org.junit.jupiter.api.Test;

/// Strings that are set or deleted on a condition.
class ConditionalStringCommandsTest {
  @Test
  void setIfeq_comparesFirst() {
    check(
        """
        SET k new IFEQ old            -> nil   >> nothing
        SET k old                     -> +OK   !! set k
        SET k new IFEQ other          -> nil   >> nothing
        SET k 12 IFEQ old             -> +OK   >> SET k 12  !! set k
        SET k b IFEQ 12 GET           -> "12"  >> SET k b  !! set k
        SET k c IFEQ x GET            -> b     >> nothing
        SET k GET IFEQ b              -> +OK   >> SET k GET  !! set k
        SET k d EX 10 IFEQ GET        -> +OK   >> SET k d PXAT @+10000  !! set k, expire k
        SET k e IFEQ d KEEPTTL        -> +OK   >> SET k e KEEPTTL  !! set k
        TTL k                         -> 10
        SET k f IFEQ                  -> -ERR syntax error
        SET k f IFEQ e NX             -> -ERR syntax error
        SET k f IFEQ e IFEQ e         -> -ERR syntax error
        RPUSH l a                     -> 1     !! rpush l
        SET l f IFEQ a                -> -WRONGTYPE Operation against a key holding the wrong kind of value
        """);
  }

  @Test
  void delifeq_comparesFirst() {
    check(
        """
        DELIFEQ k v   -> 0     >> nothing
        SET k v       -> +OK   !! set k
        DELIFEQ k w   -> 0     >> nothing
        DELIFEQ k v   -> 1     >> DEL k  !! del k
        SET k 12      -> +OK   !! set k
        DELIFEQ k 12  -> 1     >> DEL k  !! del k
        RPUSH l a     -> 1     !! rpush l
        DELIFEQ l a   -> -WRONGTYPE Operation against a key holding the wrong kind of value
        """);
  }

  @Test
  void msetex_setsAllOrNothing() {
    check(
        """
        MSETEX 2 a 1 b 2                  -> 1   >> MULTI; SET a 1; SET b 2; EXEC  !! set a, set b
        MSETEX 2 a 3 c 3 NX               -> 0   >> nothing
        MSETEX 2 a 3 c 3 XX               -> 0   >> nothing
        MSETEX 2 a 3 b 4 XX EX 10         -> 1   >> MULTI; SET a 3 PXAT @+10000; SET b 4 PXAT @+10000; EXEC  !! set a, expire a, set b, expire b
        MSETEX 1 a 5 KEEPTTL              -> 1   >> SET a 5 KEEPTTL  !! set a
        TTL a                             -> 10
        MSETEX 1 a 5                      -> 1   >> SET a 5  !! set a
        TTL a                             -> -1
        MSETEX 1 c 5 NX PX 500            -> 1   >> SET c 5 PXAT @+500  !! set c, expire c
        MGET a b c                        -> ["5" "4" "5"]
        MSETEX 0 a 1                      -> -ERR invalid numkeys value
        MSETEX x a 1                      -> -ERR invalid numkeys value
        MSETEX 2 a 1 b                    -> -ERR wrong number of arguments for 'msetex' command
        MSETEX 1 a 1 EX 0                 -> -ERR invalid expire time in 'msetex' command
        MSETEX 1 a 1 NX XX                -> -ERR syntax error
        MSETEX 1 a 1 EX 5 KEEPTTL         -> -ERR syntax error
        MSETEX 1 a 1 b 2                  -> -ERR syntax error
        """);
  }
}
