package carnelian.persistence.rdb;

import static org.assertj.core.api.Assertions.assertThat;

import carnelian.base.config.Config;
import carnelian.base.config.Directives;
import carnelian.datatypes.DataTypes;
import carnelian.harness.ErrorReply;
import carnelian.harness.TestStore;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Hashes with deadlines of fields, as RESTORE takes them from Redis 7.4 and Valkey 9 and as DUMP
/// writes them. The deadline is 1800000000000.
class RdbVolatileHashTest {
  private static final long DEADLINE = 1_800_000_000_000L;

  private static final String TIME = "00505c18a3010000";

  /// `a` 1 with the deadline, `b` 2 without.
  private static final String LISTPACK =
      "1d000000 0600 816102 0101 f4" + TIME + "09 816202 0201 0001 ff";

  private Config config;
  private TestStore store;

  @BeforeEach
  void open() {
    config = new Config(Path.of(""));
    store = TestStore.with(DataTypes.commands());
    TestStore _ = store.and(new DumpCommands(config, new DumpPayloads(store.keyspace())).all());
  }

  @AfterEach
  void close() {
    store.close();
  }

  private static byte[] sealed(String hex, int version) {
    byte[] body = Bytes.hex(hex);
    ByteBuffer payload = ByteBuffer.allocate(body.length + 10).order(ByteOrder.LITTLE_ENDIAN);
    payload.put(body).putShort((short) version);
    return payload.putLong(Crc64.update(0, payload.array(), 0, body.length + 2)).array();
  }

  private byte[] dump(String key) {
    return String.valueOf(store.run("DUMP", key)).getBytes(StandardCharsets.ISO_8859_1);
  }

  private static String bodyOf(byte[] payload) {
    String hex = Bytes.hexOf(payload);
    return hex.substring(0, hex.length() - 20);
  }

  private static int versionOf(byte[] payload) {
    return payload[payload.length - 10];
  }

  @ParameterizedTest
  @CsvSource({
    "12, 18 TIME 02 01 0161 c001 00 0162 c002",
    "12, 19 TIME 1d LISTPACK",
    "12, 17 1d LISTPACK",
    "80, 16 02 0161 c001 TIME 0162 c002 ffffffffffffffff",
  })
  void everyForm_isRead(int version, String form) {
    String body = form.replace("LISTPACK", LISTPACK).replace("TIME", TIME);
    assertThat(store.run("RESTORE", "h", 0, sealed(body, version))).isEqualTo("OK");
    assertThat(store.run("HGETALL", "h")).asString().isEqualTo("[a, 1, b, 2]");
    assertThat(store.run("HPEXPIRETIME", "h", "FIELDS", 2, "a", "b"))
        .asString()
        .isEqualTo("[" + DEADLINE + ", -1]");
    assertThat(store.run("OBJECT", "ENCODING", "h")).isEqualTo("listpackex");
  }

  @ParameterizedTest
  @CsvSource({
    // A field twice, no fields, a distance too far, elements not in threes, a deadline that is
    // none.
    "12, 18 TIME 02 01 0161 c001 00 0161 c002",
    "12, 18 TIME 00",
    "12, 18 ffffffffffffff7f 01 05 0161 c001",
    "12, 18 TIME 01 81ffffffffffffffff 0161 c001",
    "12, 19 TIME 0c 0c000000 0200 816102 0101 ff",
    "12, 19 TIME 10 10000000 0300 816102 0101 816202 ff",
    "12, 19 TIME 0f 0f000000 0300 816102 0101 df ff 02 ff",
    "80, 16 01 0161 c001 0000000000000000",
    "80, 16 01 0161 c001 feffffffffffffff",
    "12, 16 01 01 0161 c001",
    "12, 18 TIME 02 01 0161 c001",
  })
  void whatIsBroken_isRefused(int version, String form) {
    String body = form.replace("TIME", TIME);
    Object reply = store.run("RESTORE", "h", 0, sealed(body, version));
    assertThat(reply).isInstanceOf(ErrorReply.class);
    assertThat(reply).asString().contains("Bad data format");
    assertThat(store.run("EXISTS", "h")).isEqualTo(0L);
  }

  @Test
  void dump_writesWhatRedisWrites() {
    store.run("HSET", "h", "b", "2", "a", "1");
    assertThat(versionOf(dump("h"))).isEqualTo(10);
    store.run("HPEXPIREAT", "h", DEADLINE, "FIELDS", 1, "a");
    assertThat(versionOf(dump("h"))).isEqualTo(12);
    assertThat(bodyOf(dump("h"))).isEqualTo(("19" + TIME + "1d" + LISTPACK).replace(" ", ""));
    store.run("HSET", "h", "c", "x".repeat(65));
    store.run("HDEL", "h", "b");
    assertThat(bodyOf(dump("h"))).contains("18" + TIME + "02").contains("010161c001");
    byte[] payload = dump("h");
    assertThat(store.run("RESTORE", "i", 0, payload)).isEqualTo("OK");
    assertThat(store.run("HPEXPIRETIME", "i", "FIELDS", 2, "a", "c"))
        .asString()
        .isEqualTo("[" + DEADLINE + ", -1]");
  }

  @Test
  void dump_inAnOlderVersion_leavesDeadlinesOut() throws Exception {
    config.set(Directives.RDB_VERSION, "11");
    store.run("HSETEX", "h", "PX", 1000, "FIELDS", 1, "a", "1");
    byte[] payload = dump("h");
    assertThat(versionOf(payload)).isEqualTo(11);
    assertThat(store.run("RESTORE", "i", 0, payload)).isEqualTo("OK");
    assertThat(store.run("HTTL", "i", "FIELDS", 1, "a")).asString().isEqualTo("[-1]");
  }

  @Test
  void fieldsThatAreDueAlready_goAtOnce() {
    String body = "18 " + "0100000000000000" + " 02 01 0161 c001 00 0162 c002";
    assertThat(store.run("RESTORE", "h", 0, sealed(body, 12))).isEqualTo("OK");
    assertThat(store.run("HGETALL", "h")).asString().isEqualTo("[b, 2]");
    store.advance(1);
    assertThat(store.keyspace().volatileHashes()).isZero();
  }
}
