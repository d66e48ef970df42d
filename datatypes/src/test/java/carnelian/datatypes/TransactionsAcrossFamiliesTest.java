package carnelian.datatypes;

import static carnelian.datatypes.Families.check;

import org.junit.jupiter.api.Test;

/// MULTI, WATCH and expiry together with real commands.
class TransactionsAcrossFamiliesTest {
  @Test
  void exec_propagatesTheEffectsOfAllTypesAsOne() {
    check(
        """
        MULTI              -> +OK
        SET a 1            -> +QUEUED
        SADD s x           -> +QUEUED
        SPOP s             -> +QUEUED
        GETEX a EX 100     -> +QUEUED
        INCRBYFLOAT a 1.5  -> +QUEUED
        LPOP none          -> +QUEUED
        RPUSH l 1          -> +QUEUED
        EXEC               -> [+OK 1 x "1" "2.5" nil 1]  >> MULTI; SET a 1; SADD s x; SREM s x; PEXPIREAT a @+100000; SET a 2.5 KEEPTTL; RPUSH l 1; EXEC  !! set a, sadd s, spop s, del s, expire a, incrbyfloat a, rpush l
        """);
  }

  @Test
  void exec_goesOnAfterAnErrorWhileRunning() {
    check(
        """
        MULTI      -> +OK
        SET a x    -> +QUEUED
        INCR a     -> +QUEUED
        LPUSH a 1  -> +QUEUED
        SET b 2    -> +QUEUED
        EXEC       -> [+OK -ERR value is not an integer or out of range -WRONGTYPE Operation against a key holding the wrong kind of value +OK]  >> MULTI; SET a x; SET b 2; EXEC
        GET b      -> "2"
        """);
  }

  @Test
  void exec_isDiscardedAfterAnErrorWhileQueueing() {
    check(
        """
        MULTI     -> +OK
        SET a     -> -ERR wrong number of arguments for 'set' command
        SET b 2   -> +QUEUED
        EXEC      -> -EXECABORT Transaction discarded because of previous errors.
        EXISTS b  -> 0
        MULTI     -> +OK
        NOSUCH    -> -ERR unknown command 'NOSUCH', with args beginning with:
        DISCARD   -> +OK
        EXEC      -> -ERR EXEC without MULTI
        DISCARD   -> -ERR DISCARD without MULTI
        """);
  }

  @Test
  void watch_noticesEveryKindOfChange() {
    check(
        """
        SET k 1           -> +OK
        WATCH k           -> +OK
        b> SET k 2        -> +OK
        MULTI             -> +OK
        GET k             -> +QUEUED
        EXEC              -> nil*
        HSET h f 1        -> 1
        WATCH h           -> +OK
        b> HINCRBY h f 0  -> 1
        MULTI             -> +OK
        HGET h f          -> +QUEUED
        EXEC              -> nil*
        SADD s a          -> 1
        WATCH s           -> +OK
        b> SADD s a       -> 0                         >> nothing
        MULTI             -> +OK
        SCARD s           -> +QUEUED
        EXEC              -> [1]
        WATCH z           -> +OK
        b> ZADD z XX 1 a  -> 0                         >> nothing
        MULTI             -> +OK
        EXEC              -> []
        WATCH k           -> +OK
        b> EXPIRE k 100   -> 1                         >> PEXPIREAT k @+100000
        MULTI             -> +OK
        EXEC              -> nil*
        WATCH k           -> +OK
        b> RENAME k k2    -> +OK
        MULTI             -> +OK
        EXEC              -> nil*
        WATCH k2          -> +OK
        UNWATCH           -> +OK
        b> DEL k2         -> 1
        MULTI             -> +OK
        DBSIZE            -> +QUEUED
        EXEC              -> [2]
        WATCH k           -> +OK
        MULTI             -> +OK
        WATCH k           -> -ERR WATCH inside MULTI is not allowed
        DISCARD           -> +OK
        """);
  }

  @Test
  void watchedKeyThatExpires_failsTheTransaction() {
    check(
        """
        SET k v PX 100  -> +OK      >> SET k v PXAT @+100
        WATCH k         -> +OK
        advance 200                 >> DEL k
        MULTI           -> +OK
        GET k           -> +QUEUED
        EXEC            -> nil*
        """);
  }

  @Test
  void flushAndSwap_touchWatchedKeys() {
    check(
        """
        SET k v        -> +OK
        WATCH k        -> +OK
        b> FLUSHDB     -> +OK
        MULTI          -> +OK
        EXEC           -> nil*
        WATCH none     -> +OK
        b> FLUSHALL    -> +OK
        MULTI          -> +OK
        DBSIZE         -> +QUEUED
        EXEC           -> [0]
        SET k v        -> +OK
        WATCH k        -> +OK
        b> SWAPDB 0 0  -> +OK
        MULTI          -> +OK
        EXEC           -> []
        WATCH k        -> +OK
        b> SWAPDB 0 1  -> +OK
        MULTI          -> +OK
        EXEC           -> nil*
        """);
  }

  @Test
  void blockedClients_areServedAfterTheTransaction() {
    check(
        """
        a> BLPOP l 0     -> blocked
        b> BZPOPMIN z 0  -> blocked
        MULTI            -> +OK
        RPUSH l 1        -> +QUEUED
        ZADD z 1 m       -> +QUEUED
        LLEN l           -> +QUEUED
        EXEC             -> [1 1 1]    >> MULTI; RPUSH l 1; ZADD z 1 m; EXEC; LPOP l; ZPOPMIN z
        a>               -> [l "1"]
        b>               -> [z m "1"]
        EXISTS l z       -> 0
        """);
  }
}
