package carnelian.datatypes;

import static carnelian.datatypes.Families.check;

import org.junit.jupiter.api.Test;

/// What OBJECT tells of a key.
class ObjectCommandsTest {
  @Test
  void encoding_changesAtTheBorders() {
    check(
        """
        SADD s 1              -> 1
        OBJECT ENCODING s     -> intset
        SADD s a              -> 1
        OBJECT ENCODING s     -> hashtable
        SREM s a              -> 1
        OBJECT ENCODING s     -> hashtable
        HSET h f v            -> 1
        OBJECT ENCODING h     -> listpack
        HSET h f x*64         -> 0
        OBJECT ENCODING h     -> listpack
        HSET h f x*65         -> 0
        OBJECT ENCODING h     -> hashtable
        HSET h2 x*65 v        -> 1
        OBJECT ENCODING h2    -> hashtable
        ZADD z 1 x*64         -> 1
        OBJECT ENCODING z     -> listpack
        ZADD z 1 x*65         -> 1
        OBJECT ENCODING z     -> skiplist
        RPUSH l a             -> 1
        OBJECT ENCODING l     -> quicklist
        OBJECT ENCODING none  -> nil
        """);
  }

  @Test
  void refcountIdletimeAndHelp() {
    check(
        """
        SET k v               -> +OK
        OBJECT REFCOUNT k     -> 1
        OBJECT REFCOUNT none  -> nil
        OBJECT IDLETIME none  -> nil
        OBJECT FREQ none      -> nil
        OBJECT FREQ k         -> -ERR An LFU maxmemory policy is not selected, access frequency not tracked. Please note that when switching between policies at runtime LRU and LFU data will take some time to adjust.
        OBJECT BLA k          -> -ERR unknown subcommand 'BLA'. Try OBJECT HELP.
        OBJECT ENCODING       -> -ERR wrong number of arguments for 'object|encoding' command
        """);
  }
}
