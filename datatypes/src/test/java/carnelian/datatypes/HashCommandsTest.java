package carnelian.datatypes;

import static carnelian.datatypes.Families.check;
import static org.assertj.core.api.Assertions.assertThat;

import carnelian.harness.TestStore;
import carnelian.keyspace.ValueLimits;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Fields and values.
class HashCommandsTest {
  @Test
  void hset_countsNewFields() {
    check(
        """
        HSET h a 1 b 2  -> 2                         !! hset h
        HSET h a 3 c 4  -> 1                         !! hset h
        HMSET h a 5     -> +OK                       !! hset h
        HSET h a        -> -ERR wrong number of arguments for 'hset' command
        HMSET h a       -> -ERR wrong number of arguments for 'hmset' command
        HGETALL h       -> [a "5" b "2" c "4"]
        HLEN h          -> 3
        HLEN none       -> 0
        """);
  }

  @Test
  void hsetnx_setsOnlyWhatIsAbsent() {
    check(
        """
        HSETNX h a 1  -> 1    !! hset h
        HSETNX h a 2  -> 0    >> nothing
        HGET h a      -> "1"
        """);
  }

  @Test
  void hget_inItsForms() {
    check(
        """
        HSET h a 1 b ""   -> 2
        HGET h a          -> "1"
        HGET h b          -> ""
        HGET h none       -> nil
        HGET none a       -> nil
        HMGET h a none b  -> ["1" nil ""]
        HMGET none a b    -> [nil nil]
        HSTRLEN h a       -> 1
        HSTRLEN h none    -> 0
        HEXISTS h a       -> 1
        HEXISTS h none    -> 0
        HKEYS h           -> [a b]
        HVALS h           -> ["1" ""]
        HKEYS none        -> []
        HGETALL none      -> []
        """);
  }

  @Test
  void resp3_repliesMaps() {
    check(
        """
        HSET h a 1 b 2                 -> 2
        3> HGETALL h                   -> {a: "1", b: "2"}
        3> HGETALL none                -> {}
        3> HKEYS h                     -> [a b]
        3> HRANDFIELD h -2 WITHVALUES  -> *
        3> HRANDFIELD none             -> _
        3> HRANDFIELD none 2           -> []
        3> HMGET h none                -> [_]
        3> HINCRBYFLOAT h a 1.5        -> "2.5"             >> HSET h a 2.5
        """);
  }

  @Test
  void hdel_ofTheLastField_deletesTheKey() {
    check(
        """
        HSET h a 1 b 2   -> 2  !! hset h
        HDEL h none      -> 0  >> nothing
        HDEL h a a none  -> 1  !! hdel h
        HDEL h b         -> 1  !! hdel h, del h
        EXISTS h         -> 0
        HDEL h a         -> 0  >> nothing
        """);
  }

  @Test
  void hincrby_counts() {
    check(
        """
        HINCRBY h a 5                 -> 5                         !! hincrby h
        HINCRBY h a -10               -> -5                        >> HINCRBY h a -10  !! hincrby h
        HGET h a                      -> "-5"
        HSET h b x                    -> 1                         !! hset h
        HINCRBY h b 1                 -> -ERR hash value is not an integer
        HSET h b 9223372036854775807  -> 0                         !! hset h
        HINCRBY h b 1                 -> -ERR increment or decrement would overflow
        HINCRBY h c x                 -> -ERR value is not an integer or out of range
        HSET h d " 1"                 -> 1                         !! hset h
        HINCRBY h d 1                 -> -ERR hash value is not an integer
        HEXISTS h c                   -> 0
        """);
  }

  @Test
  void hincrbyfloat_isPropagatedAsHset() {
    check(
        """
        HINCRBYFLOAT h a 10.5  -> "10.5"                    >> HSET h a 10.5  !! hincrbyfloat h
        HINCRBYFLOAT h a 0.1   -> "10.6"                    >> HSET h a 10.6  !! hincrbyfloat h
        HINCRBYFLOAT h a 5e3   -> "5010.60000000000000009"  >> HSET h a 5010.60000000000000009  !! hincrbyfloat h
        HSET h b x             -> 1                         !! hset h
        HINCRBYFLOAT h b 1     -> -ERR hash value is not a float
        HINCRBYFLOAT h b x     -> -ERR value is not a valid float
        HINCRBYFLOAT h a inf   -> -ERR value is NaN or Infinity
        HINCRBYFLOAT h a nan   -> -ERR value is not a valid float
        HSET h i inf           -> 1                         !! hset h
        HINCRBYFLOAT h i 1     -> -ERR increment would produce NaN or Infinity
        HGET h a               -> "5010.60000000000000009"
        """);
  }

  @Test
  void hrandfield_repliesPairs() {
    check(
        """
        HSET h a 1                                    -> 1
        HRANDFIELD h                                  -> a
        HRANDFIELD h 5                                -> [a]
        HRANDFIELD h -3                               -> [a a a]
        HRANDFIELD h 5 WITHVALUES                     -> [a "1"]
        3> HRANDFIELD h 5 WITHVALUES                  -> [[a "1"]]
        HRANDFIELD h 0                                -> []
        HRANDFIELD none                               -> nil
        HRANDFIELD none 5                             -> []
        HRANDFIELD h x                                -> -ERR value is not an integer or out of range
        HRANDFIELD h 5 BLA                            -> -ERR syntax error
        HRANDFIELD h -9223372036854775808 WITHVALUES  -> -ERR value is out of range, value must between -9223372036854775807 and 9223372036854775807
        """);
  }

  @Test
  void encoding_isATableBeyondTheLimits() {
    check(
        """
        HSET h a x*64         -> 1
        OBJECT ENCODING h     -> listpack
        HSETNX h b x*65       -> 1
        OBJECT ENCODING h     -> hashtable
        HSET h b small        -> 0
        OBJECT ENCODING h     -> hashtable
        HINCRBY h n 5         -> 5
        HINCRBYFLOAT h n 0.5  -> "5.5"      >> HSET h n 5.5
        HGET h b              -> small
        HDEL h a b n          -> 3
        EXISTS h              -> 0
        """);
  }

  @Test
  void hset_ofAFieldThatIsThere_obeysALimitThatWasLowered() {
    try (TestStore store = TestStore.with(HashCommands.all(), ObjectCommands.all())) {
      store.run("HSET", "h", "a", 1, "b", 2, "c", 3);
      assertThat(store.run("OBJECT", "ENCODING", "h")).isEqualTo("listpack");
      store
          .keyspace()
          .limits(new ValueLimits(2, 64, -2, 0, 512, 0, 64, 128, 64, 4096, 100, 3000, 512L << 20));
      store.run("HSET", "h", "b", 4);
      assertThat(store.run("OBJECT", "ENCODING", "h")).isEqualTo("hashtable");
      assertThat(store.run("HMGET", "h", "a", "b", "c")).isEqualTo(List.of("1", "4", "3"));
    }
  }

  @Test
  void wrongType_isRefused() {
    check(
        """
        SET k v             -> +OK
        HSET k a 1          -> -WRONGTYPE Operation against a key holding the wrong kind of value
        HSETNX k a 1        -> -WRONGTYPE Operation against a key holding the wrong kind of value
        HGET k a            -> -WRONGTYPE Operation against a key holding the wrong kind of value
        HMGET k a           -> -WRONGTYPE Operation against a key holding the wrong kind of value
        HGETALL k           -> -WRONGTYPE Operation against a key holding the wrong kind of value
        HDEL k a            -> -WRONGTYPE Operation against a key holding the wrong kind of value
        HLEN k              -> -WRONGTYPE Operation against a key holding the wrong kind of value
        HSTRLEN k a         -> -WRONGTYPE Operation against a key holding the wrong kind of value
        HINCRBY k a 1       -> -WRONGTYPE Operation against a key holding the wrong kind of value
        HINCRBYFLOAT k a 1  -> -WRONGTYPE Operation against a key holding the wrong kind of value
        HRANDFIELD k        -> -WRONGTYPE Operation against a key holding the wrong kind of value
        HEXISTS k a         -> -WRONGTYPE Operation against a key holding the wrong kind of value
        """);
  }
}
