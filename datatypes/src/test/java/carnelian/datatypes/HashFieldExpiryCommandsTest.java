package carnelian.datatypes;

import static carnelian.datatypes.Families.check;
import static carnelian.datatypes.Families.store;
import static org.assertj.core.api.Assertions.assertThat;

import carnelian.harness.TestStore;
import carnelian.keyspace.ExpiryMode;
import org.junit.jupiter.api.Test;

/// Fields with deadlines: setting, asking, and what happens when they pass.
class HashFieldExpiryCommandsTest {
  @Test
  void hexpire_repliesForEachField_andIsPropagatedAsAMoment() {
    check(
        """
        HSET h a 1 b 2 c 3                     -> 3           !! hset h
        HEXPIRE h 10 FIELDS 3 a none b         -> [1 -2 1]    >> HPEXPIREAT h @+10000 FIELDS 2 a b  !! hexpire h
        HTTL h FIELDS 4 a b c none             -> [10 10 -1 -2]
        HPTTL h FIELDS 1 a                     -> [10000]
        HPEXPIRETIME h FIELDS 2 a c            -> [@+10000 -1]
        HPEXPIRE h 1500 FIELDS 1 c             -> [1]         >> HPEXPIREAT h @+1500 FIELDS 1 c  !! hexpire h
        HTTL h FIELDS 1 c                      -> [2]
        HEXPIREAT h @s+20 FIELDS 1 a           -> [1]         >> HPEXPIREAT h @+20000 FIELDS 1 a  !! hexpire h
        HPEXPIREAT h @+30000 FIELDS 1 a        -> [1]         !! hexpire h
        HTTL h FIELDS 1 a                      -> [30]
        HPERSIST h FIELDS 4 a none c a         -> [1 -2 1 -1] >> HPERSIST h FIELDS 2 a c  !! hpersist h
        HPERSIST h FIELDS 2 a none             -> [-1 -2]     >> nothing
        HEXPIRE none 10 FIELDS 2 a b           -> [-2 -2]     >> nothing
        HPERSIST none FIELDS 1 a               -> [-2]        >> nothing
        HTTL none FIELDS 2 a b                 -> [-2 -2]
        """);
  }

  @Test
  void deadlinesInThePast_deleteFields_andTheKeyWithTheLast() {
    check(
        """
        HSET h a 1 b 2 c 3                -> 3         !! hset h
        HPEXPIREAT h 1 FIELDS 3 a none a  -> [2 -2 -2] >> HDEL h a    !! hdel h
        HEXPIRE h 0 FIELDS 1 b            -> [2]       >> HDEL h b    !! hdel h
        HPEXPIRE h 0 FIELDS 1 c           -> [2]       >> HDEL h c    !! hdel h, del h
        EXISTS h                          -> 0
        """);
  }

  @Test
  void conditions_areObeyed() {
    check(
        """
        HSET h a 1                         -> 1
        HEXPIRE h 100 XX FIELDS 1 a        -> [0]     >> nothing
        HEXPIRE h 100 GT FIELDS 1 a        -> [0]     >> nothing
        HEXPIRE h 100 NX FIELDS 1 a        -> [1]     >> HPEXPIREAT h @+100000 FIELDS 1 a
        HEXPIRE h 200 NX FIELDS 1 a        -> [0]     >> nothing
        HEXPIRE h 50 GT FIELDS 1 a         -> [0]     >> nothing
        HEXPIRE h 200 GT FIELDS 1 a        -> [1]     >> HPEXPIREAT h @+200000 FIELDS 1 a
        HEXPIRE h 300 LT FIELDS 1 a        -> [0]     >> nothing
        HEXPIRE h 100 FIELDS 1 a LT        -> [1]     >> HPEXPIREAT h @+100000 FIELDS 1 a
        HEXPIRE h 0 NX FIELDS 1 a          -> [0]     >> nothing
        HPERSIST h FIELDS 1 a              -> [1]
        HEXPIRE h 100 LT FIELDS 1 a        -> [1]     >> HPEXPIREAT h @+100000 FIELDS 1 a
        HEXPIRE h 100 NX XX FIELDS 1 a     -> -ERR Only one of NX, XX, GT or LT arguments can be specified
        """);
  }

  @Test
  void arguments_areChecked() {
    check(
        """
        HSET h a 1                        -> 1
        SET s v                           -> +OK
        HEXPIRE h 10 FIELDS 1             -> -ERR wrong number of arguments for 'hexpire' command
        HEXPIRE h x FIELDS 1 a            -> -ERR value is not an integer or out of range
        HEXPIRE h -1 FIELDS 1 a           -> -ERR invalid expire time, must be >= 0
        HEXPIRE h 9223372036854775807 FIELDS 1 a  -> -ERR invalid expire time in 'hexpire' command
        HPEXPIREAT h 70368744177664 FIELDS 1 a    -> -ERR invalid expire time in 'hpexpireat' command
        HPEXPIREAT h 70368744177663 FIELDS 1 a    -> [1]
        HEXPIRE h 10 FIELDS 0 a           -> -ERR Parameter `numFields` should be greater than 0
        HEXPIRE h 10 FIELDS 2 a           -> -ERR The `numfields` parameter must match the number of arguments
        HEXPIRE h 10 FIELDS 1 a b         -> -ERR The `numfields` parameter must match the number of arguments
        HEXPIRE h 10 BLA FIELDS 1 a       -> -ERR Mandatory argument FIELDS is missing or not at the right position
        HTTL h FIELD 1 a                  -> -ERR Mandatory argument FIELDS is missing or not at the right position
        HTTL h FIELDS 2147483647 a        -> -ERR The `numfields` parameter must match the number of arguments
        HEXPIRE s 10 FIELDS 1 a           -> -WRONGTYPE Operation against a key holding the wrong kind of value
        HTTL s FIELDS 1 a                 -> -WRONGTYPE Operation against a key holding the wrong kind of value
        HPERSIST s FIELDS 1 a             -> -WRONGTYPE Operation against a key holding the wrong kind of value
        HGETDEL s FIELDS 1 a              -> -WRONGTYPE Operation against a key holding the wrong kind of value
        """);
  }

  @Test
  void fields_goWhenTheirTimeComes_together_andTheKeyWithTheLast() {
    check(
        """
        HSET h a 1 b 2 c 3                -> 3           !! hset h
        HPEXPIRE h 100 FIELDS 2 a b       -> [1 1]       >> HPEXPIREAT h @+100 FIELDS 2 a b  !! hexpire h
        HPEXPIRE h 200 FIELDS 1 c         -> [1]         >> HPEXPIREAT h @+200 FIELDS 1 c  !! hexpire h
        advance 100
        HGETALL h                         -> ~["1" "2" "3" a b c]
        advance 1                                        >> HDEL h a b  !! hexpired h
        HGETALL h                         -> [c "3"]
        HLEN h                            -> 1
        advance 100                                      >> HDEL h c  !! hexpired h, del h
        EXISTS h                          -> 0
        """);
  }

  @Test
  void writes_clearOrKeepADeadline() {
    check(
        """
        HSET h a 1 b 2 c 3 d 4              -> 4
        HEXPIRE h 100 FIELDS 4 a b c d      -> [1 1 1 1]  >> HPEXPIREAT h @+100000 FIELDS 4 a b c d
        HSET h a 5                          -> 0
        HINCRBY h b 1                       -> 3
        HINCRBYFLOAT h c 0.5                -> "3.5"      >> HSETEX h KEEPTTL FIELDS 1 c 3.5
        HSETNX h d 9                        -> 0          >> nothing
        HTTL h FIELDS 4 a b c d             -> [-1 100 100 100]
        HDEL h b                            -> 1
        HSET h b 2                          -> 1
        HTTL h FIELDS 1 b                   -> [-1]
        HINCRBYFLOAT h b 1                  -> "3"        >> HSET h b 3
        """);
  }

  @Test
  void encodings_andWhatMovesAKey() {
    check(
        """
        HSET h a 1 b 2                      -> 2
        OBJECT ENCODING h                   -> listpack
        HEXPIRE h 100 FIELDS 1 a            -> [1]  >> HPEXPIREAT h @+100000 FIELDS 1 a
        OBJECT ENCODING h                   -> listpackex
        COPY h i                            -> 1
        RENAME i j                          -> +OK
        MOVE j 3                            -> 1
        c@3> HTTL j FIELDS 2 a b                 -> [100 -1]
        c> PEXPIRE j 500000                    -> 1    >> SELECT 3; PEXPIREAT j @+500000
        c> HTTL j FIELDS 2 a b                 -> [100 -1]
        c> HSET j c x*100                      -> 1
        c> OBJECT ENCODING j                   -> hashtable
        c> HTTL j FIELDS 3 a b c               -> [100 -1 -1]
        c> COPY j k                            -> 1
        c> HPERSIST k FIELDS 1 a               -> [1]
        c> OBJECT ENCODING k                   -> hashtable
        HPERSIST h FIELDS 1 a               -> [1]
        OBJECT ENCODING h                   -> listpack
        HGETALL h                           -> [a "1" b "2"]
        """);
  }

  @Test
  void hgetdel_repliesValuesAndDeletes() {
    check(
        """
        HSET h a 1 b 2 c 3              -> 3              !! hset h
        HGETDEL h FIELDS 3 a none a     -> ["1" nil nil]  >> HDEL h a  !! hdel h
        HGETDEL h FIELDS 1 none         -> [nil]          >> nothing
        HGETDEL none FIELDS 2 a b       -> [nil nil]      >> nothing
        HGETDEL h FIELDS 2 b c          -> ["2" "3"]      >> HDEL h b c  !! hdel h, del h
        EXISTS h                        -> 0
        """);
  }

  @Test
  void hgetex_repliesValuesAndChangesDeadlines() {
    check(
        """
        HSET h a 1 b 2 c 3                     -> 3             !! hset h
        HGETEX h FIELDS 2 a none               -> ["1" nil]     >> nothing
        HGETEX h EX 10 FIELDS 2 a none         -> ["1" nil]     >> HPEXPIREAT h @+10000 FIELDS 1 a  !! hexpire h
        HGETEX h FIELDS 1 b PXAT @+500         -> ["2"]         >> HPEXPIREAT h @+500 FIELDS 1 b  !! hexpire h
        HPTTL h FIELDS 2 a b                   -> [10000 500]
        HGETEX h PERSIST FIELDS 2 a c          -> ["1" "3"]     >> HPERSIST h FIELDS 1 a  !! hpersist h
        HGETEX h PXAT 1 FIELDS 1 a             -> ["1"]         >> HDEL h a  !! hdel h
        HGETEX none EX 10 FIELDS 1 a           -> [nil]         >> nothing
        HGETEX h EX 0 FIELDS 1 a               -> -ERR invalid expire time in 'hgetex' command
        HGETEX h EX 10 PERSIST FIELDS 1 a      -> -ERR Only one of EX, PX, EXAT, PXAT or PERSIST arguments can be specified
        HGETEX h KEEPTTL FIELDS 1 a            -> -ERR Mandatory argument FIELDS is missing or not at the right position
        HGETEX h FIELDS x a                    -> -ERR invalid number of fields
        """);
  }

  @Test
  void hsetex_setsAllOrNothing() {
    check(
        """
        HSETEX h EX 10 FIELDS 2 a 1 b 2        -> 1   >> HSETEX h PXAT @+10000 FIELDS 2 a 1 b 2  !! hset h, hexpire h
        HTTL h FIELDS 2 a b                    -> [10 10]
        HSETEX h FNX FIELDS 2 a 9 c 9          -> 0   >> nothing
        HSETEX h FXX FIELDS 2 a 9 c 9          -> 0   >> nothing
        HSETEX none FXX FIELDS 1 a 1           -> 0   >> nothing
        HSETEX h FXX KEEPTTL FIELDS 1 a 3      -> 1   >> HSETEX h KEEPTTL FIELDS 1 a 3  !! hset h
        HTTL h FIELDS 1 a                      -> [10]
        HSETEX h FIELDS 1 a 4                  -> 1   >> HSET h a 4  !! hset h
        HTTL h FIELDS 1 a                      -> [-1]
        HSETEX h FNX PXAT @+700 FIELDS 1 c 3   -> 1   >> HSETEX h PXAT @+700 FIELDS 1 c 3  !! hset h, hexpire h
        HSETEX h PXAT 1 FIELDS 2 b 1 none 2    -> 1   >> HDEL h b  !! hdel h
        HSETEX i PXAT 1 FIELDS 1 b 1           -> 1   >> nothing
        EXISTS i                               -> 0
        HSETEX h EX 10 KEEPTTL FIELDS 1 a 1    -> -ERR Only one of EX, PX, EXAT, PXAT or KEEPTTL arguments can be specified
        HSETEX h FNX FXX FIELDS 1 a 1          -> -ERR Only one of FXX or FNX arguments can be specified
        HSETEX h FIELDS 2 a 1 b                -> -ERR The `numfields` parameter must match the number of arguments
        HGETALL h                              -> ~["3" "4" a c]
        """);
  }

  /// As with keys: what the timer has not removed yet is not there all the same.
  @Test
  void fieldsThatAreDue_areAbsentToEveryCommand() {
    try (TestStore store = store()) {
      store.check(
          """
          HSET h a 1 b 2 c 3                -> 3
          HPEXPIRE h 100 FIELDS 2 a b       -> [1 1]  >> HPEXPIREAT h @+100 FIELDS 2 a b
          """);
      store.keyspace().expiry().active(false);
      store.advance(101);
      store.check(
          """
          HGET h a                          -> nil
          HMGET h a b c                     -> [nil nil "3"]
          HGETALL h                         -> [c "3"]
          HKEYS h                           -> [c]
          HVALS h                           -> ["3"]
          HLEN h                            -> 1
          HEXISTS h a                       -> 0
          HSTRLEN h a                       -> 0
          HSCAN h 0                         -> ["0" [c "3"]]
          HRANDFIELD h                      -> c
          HRANDFIELD h 5                    -> [c]
          HRANDFIELD h -2                   -> [c c]
          HTTL h FIELDS 3 a b c             -> [-2 -2 -1]
          HGETDEL h FIELDS 1 a              -> [nil]  >> nothing
          HEXPIRE h 10 FIELDS 1 a           -> [-2]   >> nothing
          HPERSIST h FIELDS 1 a             -> [-2]   >> nothing
          HINCRBY h a 5                     -> 5      >> MULTI; HDEL h a; HINCRBY h a 5; EXEC
          HSETNX h b 7                      -> 1      >> MULTI; HDEL h b; HSETNX h b 7; EXEC
          HGETALL h                         -> ~["3" "5" "7" a b c]
          HTTL h FIELDS 2 a b               -> [-1 -1]
          HPEXPIRE h 100 FIELDS 2 a b       -> [1 1]  >> HPEXPIREAT h @+100 FIELDS 2 a b
          RPUSH l ""                        -> 1
          """);
      store.advance(101);
      store.check(
          """
          HDEL h a                          -> 0      >> HDEL h a
          SORT l BY nosort GET h*->b STORE l -> 1     >> MULTI; HDEL h b; SORT l BY nosort GET h*->b STORE l; EXEC
          LRANGE l 0 -1                     -> [""]
          """);
      store.keyspace().expiry().active(true);
    }
  }

  @Test
  void aHashWhoseFieldsAreAllDue_isEmpty_andBeginsAnew() {
    try (TestStore store = store()) {
      store.check(
          """
          HSET h a 1 b 2                    -> 2
          EXPIRE h 1000                     -> 1      >> PEXPIREAT h @+1000000
          HPEXPIRE h 100 FIELDS 2 a b       -> [1 1]  >> HPEXPIREAT h @+100 FIELDS 2 a b
          """);
      store.keyspace().expiry().active(false);
      store.advance(101);
      store.check(
          """
          HLEN h                            -> 0
          HGETALL h                         -> []
          HRANDFIELD h                      -> nil
          HRANDFIELD h 3                    -> []
          HSETEX h KEEPTTL FIELDS 2 a 5 b 6 -> 1      >> MULTI; HDEL h a; HDEL h b; HSETEX h KEEPTTL FIELDS 2 a 5 b 6; EXEC
          TTL h                             -> -1
          HTTL h FIELDS 2 a b               -> [-1 -1]
          """);
      store.keyspace().expiry().active(true);
    }
  }

  /// A log that is replayed, or a replica, goes on with fields as they were then.
  @Test
  void whatIsReplayed_seesFieldsPastTheirDeadline() {
    try (TestStore store = store()) {
      store.keyspace().expiryMode(ExpiryMode.IGNORE);
      store.run("HSET", "h", "a", "1", "b", "2");
      store.run("HPEXPIREAT", "h", "1", "FIELDS", "1", "a");
      assertThat(store.run("HINCRBY", "h", "a", "1")).isEqualTo(2L);
      assertThat(store.run("HLEN", "h")).isEqualTo(2L);
      store.keyspace().expiryMode(ExpiryMode.REMOVE);
      assertThat(store.run("HLEN", "h")).isEqualTo(1L);
      store.advance(1);
      assertThat(store.keyspace().statistics().expiredFields()).isEqualTo(1);
    }
  }

  @Test
  void manyFieldsOfALargeHash_goInSlices() {
    try (TestStore store = store()) {
      for (int i = 0; i < 5_000; i++) {
        store.run("HSETEX", "h", "PX", "100", "FIELDS", "1", "f" + i, "v");
      }
      store.run("HSET", "h", "stays", "v");
      store.advance(101);
      assertThat(store.run("HLEN", "h")).isEqualTo(1L);
      for (int i = 0; i < 100; i++) {
        store.advance(1);
      }
      assertThat(store.keyspace().statistics().expiredFields()).isEqualTo(5_000);
      assertThat(store.run("HGETALL", "h")).asString().isEqualTo("[stays, v]");
      assertThat(store.keyspace().volatileHashes()).isZero();
    }
  }

  @Test
  void aWatchedHash_isTouchedWhenAFieldExpires() {
    check(
        """
        HSETEX h PX 100 FIELDS 1 a 1   -> 1     >> HSETEX h PXAT @+100 FIELDS 1 a 1
        HSET h b 1                     -> 1
        WATCH h                        -> +OK
        advance 101                             >> HDEL h a
        MULTI                          -> +OK
        HLEN h                         -> +QUEUED
        EXEC                           -> nil*
        """);
  }
}
