package carnelian.datatypes;

import static carnelian.datatypes.Families.check;
import static org.assertj.core.api.Assertions.assertThat;

import carnelian.harness.TestStore;
import org.junit.jupiter.api.Test;

/// Deadlines: setting, asking, and what happens when they pass.
class ExpireCommandsTest {
  @Test
  void expire_isPropagatedAsAMoment() {
    check(
        """
        EXPIRE none 10      -> 0       >> nothing
        SET k v             -> +OK     !! set k
        EXPIRE k 10         -> 1       >> PEXPIREAT k @+10000  !! expire k
        TTL k               -> 10
        PTTL k              -> 10000
        PEXPIRE k 1500      -> 1       >> PEXPIREAT k @+1500  !! expire k
        PTTL k              -> 1500
        EXPIREAT k @s+100   -> 1       >> PEXPIREAT k @+100000  !! expire k
        PEXPIREAT k @+5000  -> 1       !! expire k
        PEXPIRETIME k       -> @+5000
        PERSIST k           -> 1       !! persist k
        PERSIST k           -> 0       >> nothing
        PERSIST none        -> 0       >> nothing
        TTL k               -> -1
        TTL none            -> -2
        PTTL none           -> -2
        PEXPIRETIME k       -> -1
        EXPIRETIME none     -> -2
        """);
  }

  @Test
  void expireInThePast_deletes() {
    check(
        """
        SET k v        -> +OK  !! set k
        EXPIRE k -1    -> 1    >> DEL k  !! del k
        SET k v        -> +OK  !! set k
        PEXPIREAT k 1  -> 1    >> DEL k  !! del k
        SET k v        -> +OK  !! set k
        EXPIRE k 0     -> 1    >> DEL k  !! del k
        EXISTS k       -> 0
        """);
  }

  @Test
  void expireConditions_areObeyed() {
    check(
        """
        SET k v             -> +OK
        EXPIRE k 100 XX     -> 0                         >> nothing
        EXPIRE k 100 GT     -> 0                         >> nothing
        EXPIRE k 100 NX     -> 1                         >> PEXPIREAT k @+100000 NX
        EXPIRE k 200 NX     -> 0                         >> nothing
        EXPIRE k 50 GT      -> 0                         >> nothing
        EXPIRE k 200 GT     -> 1                         >> PEXPIREAT k @+200000 GT
        EXPIRE k 300 LT     -> 0                         >> nothing
        EXPIRE k 100 LT     -> 1                         >> PEXPIREAT k @+100000 LT
        EXPIRE k 100 XX     -> 1                         >> PEXPIREAT k @+100000 XX
        PERSIST k           -> 1
        EXPIRE k 100 LT     -> 1                         >> PEXPIREAT k @+100000 LT
        EXPIRE k 200 XX GT  -> 1                         >> PEXPIREAT k @+200000 XX GT
        EXPIRE k 100 NX XX  -> -ERR NX and XX, GT or LT options at the same time are not compatible
        EXPIRE k 100 NX GT  -> -ERR NX and XX, GT or LT options at the same time are not compatible
        EXPIRE k 100 GT LT  -> -ERR GT and LT options at the same time are not compatible
        EXPIRE k 100 BLA    -> -ERR Unsupported option BLA
        """);
  }

  @Test
  void expire_refusesWhatIsNoTime() {
    check(
        """
        SET k v                          -> +OK
        EXPIRE k x                       -> -ERR value is not an integer or out of range
        EXPIRE k 9223372036854775807     -> -ERR invalid expire time in 'expire' command
        EXPIRE k -9223372036854775808    -> -ERR invalid expire time in 'expire' command
        PEXPIRE k 9223372036854775807    -> -ERR invalid expire time in 'pexpire' command
        EXPIREAT k 9223372036854775807   -> -ERR invalid expire time in 'expireat' command
        PEXPIREAT k 9223372036854775807  -> 1
        EXPIRETIME k                     -> 9223372036854776
        EXPIRE k                         -> -ERR wrong number of arguments for 'expire' command
        """);
  }

  @Test
  void deadline_removesTheKey_andSaysSo() {
    check(
        """
        SET k v PX 1000  -> +OK  >> SET k v PXAT @+1000  !! set k, expire k
        RPUSH l a        -> 1    !! rpush l
        PEXPIRE l 1000   -> 1    >> PEXPIREAT l @+1000  !! expire l
        advance 200
        EXISTS k l       -> 2
        advance 1000             >> DEL k; DEL l  !! expired k, expired l
        EXISTS k l       -> 0
        """);
  }

  /// Which keys go as expired, and which as part of what a command does, is told to replicas.
  @Test
  void expiredKeys_areFoundByTheCommandsThatLookThemUp() {
    try (TestStore store = Families.store()) {
      store.check(
          """
          SET d v PX 100          -> +OK  >> SET d v PXAT @+100
          SET e v PX 100          -> +OK  >> SET e v PXAT @+100
          SET f v PX 100          -> +OK  >> SET f v PXAT @+100
          SET g v PX 100          -> +OK  >> SET g v PXAT @+100
          SET h v PX 100          -> +OK  >> SET h v PXAT @+100
          SET i v PX 100          -> +OK  >> SET i v PXAT @+100
          """);
      store.keyspace().expiry().active(false);
      store.advance(101);
      assertThat(store.events()).hasSize(12);
      store.check(
          """
          SINTERSTORE d none      -> 0    >> SINTERSTORE d none  !! del d
          BITOP AND e none        -> 0    >> BITOP AND e none  !! del e
          ZUNIONSTORE f 1 none    -> 0    >> ZUNIONSTORE f 1 none  !! del f
          SMOVE none g m          -> 0    >> DEL g  !! expired g
          SORT none STORE h       -> 0    >> SORT none STORE h  !! del h
          XAUTOCLAIM i g c 0 + 0  -> -ERR syntax error  >> DEL i  !! expired i
          DBSIZE                  -> 0
          """);
    }
  }

  /// In whichever way it goes, to who watches it it was gone already.
  @Test
  void deletionOfAKeyThatHadExpiredWhenItWasWatched_isNoChange() {
    try (TestStore store = Families.store()) {
      store.check("SET k v PX 100 -> +OK >> SET k v PXAT @+100");
      store.keyspace().expiry().active(false);
      store.advance(101);
      store.check(
          """
          WATCH k                  -> +OK
          b> SINTERSTORE k none    -> 0    >> SINTERSTORE k none
          MULTI                    -> +OK
          DBSIZE                   -> +QUEUED
          EXEC                     -> [0]
          WATCH k                  -> +OK
          b> SET k v               -> +OK
          b> DEL k                 -> 1
          MULTI                    -> +OK
          EXEC                     -> nil*
          """);
    }
  }

  @Test
  void deadline_isDroppedByOverwriting_notByChanging() {
    check(
        """
        SET k 1 PX 100000  -> +OK     >> SET k 1 PXAT @+100000
        INCR k             -> 2
        APPEND k 0         -> 2
        SETRANGE k 0 2     -> 2
        PTTL k             -> 100000
        SET k 1            -> +OK
        PTTL k             -> -1
        HSET h f v         -> 1
        PEXPIRE h 100000   -> 1       >> PEXPIREAT h @+100000
        HSET h f w         -> 0
        PTTL h             -> 100000
        RENAME h h2        -> +OK
        PTTL h2            -> 100000
        SADD s a           -> 1
        PEXPIRE s 100000   -> 1       >> PEXPIREAT s @+100000
        SUNIONSTORE s s    -> 1
        PTTL s             -> -1
        """);
  }
}
