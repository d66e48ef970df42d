package carnelian.persistence.rdb;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import carnelian.base.config.Config;
import carnelian.datatypes.DataTypes;
import carnelian.harness.ErrorReply;
import carnelian.harness.TestStore;
import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.file.Path;

/// RESTORE payloads of one type, in checked memory: each is refused, or can be read, changed,
/// dumped and restored again. A normal run goes over the inputs kept in the test resources;
/// `JAZZER_FUZZ=1` searches for more.
class PayloadFuzzTest {
  private static final int MAX_INPUT_BYTES = 1 << 14;
  private static final byte[] STREAMS = {15, 19, 21};
  private static final byte[] ZIPLISTS = {10, 12, 13, 9, 14};
  private static final byte[] LISTPACKS = {16, 17, 18, 20, 25};

  /// The first byte of the input chooses among the types.
  private static byte[] typed(byte[] types, byte[] input) {
    byte[] body = input.clone();
    body[0] = types[(body[0] & 0xff) % types.length];
    return body;
  }

  private interface Use {
    void of(TestStore store);
  }

  private static void restore(byte[] body, Use use) {
    try (TestStore store = TestStore.with(DataTypes.commands())) {
      DumpPayloads payloads = new DumpPayloads(store.keyspace());
      store.and(new DumpCommands(new Config(Path.of("")), payloads).all());
      Object reply = store.run("RESTORE", "k", 0, RdbLoaderFuzzTest.sealed(body));
      if (reply instanceof ErrorReply error) {
        assertThat(error.text()).isEqualTo("ERR Bad data format");
        assertThat(store.run("EXISTS", "k")).isEqualTo(0L);
        return;
      }
      restoredAgain(store);
      use.of(store);
      if (Long.valueOf(1).equals(store.run("EXISTS", "k"))) {
        restoredAgain(store);
      }
      store.keyspace().database(0).verify();
    }
  }

  private static void restoredAgain(TestStore store) {
    byte[] dumped = String.valueOf(store.run("DUMP", "k")).getBytes(ISO_8859_1);
    assertThat(store.run("RESTORE", "k2", 0, dumped, "REPLACE")).isEqualTo("OK");
    assertThat(String.valueOf(store.run("DUMP", "k2")).getBytes(ISO_8859_1)).isEqualTo(dumped);
  }

  @FuzzTest(maxDuration = "10m")
  void stream_isRefusedOrCanBeUsed(byte[] bytes) {
    if (bytes.length == 0 || bytes.length > MAX_INPUT_BYTES) {
      return;
    }
    restore(typed(STREAMS, bytes), PayloadFuzzTest::useStream);
  }

  private static void useStream(TestStore store) {
    store.raw("XINFO", "STREAM", "k", "FULL", "COUNT", "0");
    String forward = store.raw("XRANGE", "k", "-", "+");
    assertThat(store.raw("XRANGE", "k2", "-", "+")).isEqualTo(forward);
    store.raw("XREVRANGE", "k", "+", "-");
    store.raw("XINFO", "GROUPS", "k");
    store.raw("XADD", "k", "*", "f", "v", "g", "w");
    store.raw("XGROUP", "CREATE", "k", "fresh", "0");
    store.raw("XREADGROUP", "GROUP", "fresh", "c", "COUNT", "3", "STREAMS", "k", ">");
    store.raw("XAUTOCLAIM", "k", "fresh", "d", "0", "0");
    store.raw("XDEL", "k", "1-1", "0-1", "1526919030474-55");
    store.raw("XTRIM", "k", "MAXLEN", "1");
    store.raw("XPENDING", "k", "fresh");
    store.raw("XSETID", "k", "18446744073709551615-18446744073709551615");
  }

  @FuzzTest(maxDuration = "10m")
  void intset_isRefusedOrCanBeUsed(byte[] bytes) {
    if (bytes.length == 0 || bytes.length > MAX_INPUT_BYTES) {
      return;
    }
    byte[] whole = bytes.clone();
    whole[0] = 11;
    restore(whole, PayloadFuzzTest::useSet);
    restore(OldForms.concat(new byte[] {11}, string(bytes)), PayloadFuzzTest::useSet);
  }

  private static void useSet(TestStore store) {
    Object count = store.run("SCARD", "k");
    store.raw("SMEMBERS", "k");
    store.raw("SISMEMBER", "k", "1");
    assertThat(store.run("SINTERSTORE", "k3", "k", "k2")).isEqualTo(count);
    store.raw("SADD", "k", "70000", "-1", "9223372036854775807");
    store.raw("SREM", "k", "1", "0");
    store.raw("SPOP", "k", "3");
    store.raw("SADD", "k", "x");
  }

  @FuzzTest(maxDuration = "10m")
  void ziplist_isRefusedOrCanBeUsed(byte[] bytes) {
    compact(ZIPLISTS, bytes);
  }

  @FuzzTest(maxDuration = "10m")
  void listpack_isRefusedOrCanBeUsed(byte[] bytes) {
    compact(LISTPACKS, bytes);
  }

  /// The length of the string that holds the entries is right, for nobody guesses that; the second
  /// byte says whether.
  private static void compact(byte[] types, byte[] bytes) {
    if (bytes.length < 2 || bytes.length > MAX_INPUT_BYTES) {
      return;
    }
    byte[] type = {types[(bytes[0] & 0xff) % types.length]};
    byte[] rest = java.util.Arrays.copyOfRange(bytes, 2, bytes.length);
    restore(
        OldForms.concat(type, bytes[1] == 0 ? rest : string(rest)), PayloadFuzzTest::useCompact);
  }

  private static byte[] string(byte[] bytes) {
    byte[] length = {(byte) (0x40 | bytes.length >> 8), (byte) bytes.length};
    return OldForms.concat(length, bytes);
  }

  /// Commands of other types are refused.
  private static void useCompact(TestStore store) {
    store.raw("LRANGE", "k", 0, -1);
    store.raw("LINSERT", "k", "BEFORE", "a", "b");
    store.raw("LPOP", "k");
    store.raw("RPUSH", "k", "x");
    store.raw("HGETALL", "k");
    store.raw("HSET", "k", "f", "v".repeat(100), "a", "1");
    store.raw("HDEL", "k", "b");
    store.raw("ZRANGE", "k", 0, -1, "WITHSCORES");
    store.raw("ZADD", "k", 3, "x", -1, "a");
    store.raw("ZPOPMIN", "k");
    useSet(store);
  }
}
