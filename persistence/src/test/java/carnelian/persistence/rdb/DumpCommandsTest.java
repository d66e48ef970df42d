package carnelian.persistence.rdb;

import static org.assertj.core.api.Assertions.assertThat;

import carnelian.base.config.Config;
import carnelian.base.config.Directives;
import carnelian.datatypes.ExpireCommands;
import carnelian.datatypes.HashCommands;
import carnelian.datatypes.KeyCommands;
import carnelian.datatypes.ListCommands;
import carnelian.datatypes.ObjectCommands;
import carnelian.datatypes.SetCommands;
import carnelian.datatypes.SortedSetCommands;
import carnelian.datatypes.SortedSetRangeCommands;
import carnelian.datatypes.StringCommands;
import carnelian.harness.ErrorReply;
import carnelian.harness.TestStore;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class DumpCommandsTest {
  private static final int FOOTER_BYTES = 10;
  private static final long SEED = 20_261_121;
  private static final int CORRUPTIONS = 4000;

  private static final String NODE = "13" + "130000000e0000000200" + "00026100" + "04026200" + "ff";

  /// A hash of two fields as a ziplist, a list of two ziplists, an intset and a string, of RDB 9.
  private static final List<String> OLD_BODIES =
      List.of(
          "0d1b"
              + "1b000000160000000400"
              + "00026100"
              + "04026200"
              + "04026300"
              + "04026400"
              + "ff",
          "0e02" + NODE + NODE,
          "0b0c" + "0200000002000000" + "01000200",
          "0005" + "68656c6c6f");

  private TestStore store;
  private Config config;
  private DumpPayloads payloads;

  @BeforeEach
  void open() {
    config = new Config(Path.of(""));
    store =
        TestStore.with(
            StringCommands.all(),
            KeyCommands.all(),
            ExpireCommands.all(),
            ObjectCommands.all(),
            HashCommands.all(),
            ListCommands.all(),
            SetCommands.all(),
            SortedSetCommands.all(),
            SortedSetRangeCommands.all());
    payloads = new DumpPayloads(store.keyspace());
    TestStore _ = store.and(new DumpCommands(config, payloads).all());
  }

  @AfterEach
  void close() {
    store.close();
  }

  private byte[] dump(String key) {
    return String.valueOf(store.run("DUMP", key)).getBytes(StandardCharsets.ISO_8859_1);
  }

  private static ErrorReply error(String text) {
    return new ErrorReply(text);
  }

  /// The body with a footer of this version and the right checksum.
  private static byte[] sealed(byte[] body, int version) {
    ByteBuffer payload =
        ByteBuffer.allocate(body.length + FOOTER_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    payload.put(body).putShort((short) version);
    return payload.putLong(Crc64.update(0, payload.array(), 0, body.length + 2)).array();
  }

  // ---- Replies ---------------------------------------------------------------------------------

  @Test
  void dump_ofAString_isWhatRedis7Writes() {
    store.run("SET", "k", "bar");
    assertThat(HexFormat.of().formatHex(dump("k")))
        .isEqualTo("00036261720a00" + "e6be4960ee66fd17");
  }

  @Test
  void dump_onMissingKey_repliesNil() {
    assertThat(store.run("DUMP", "k")).isNull();
  }

  @Test
  void restore_makesTheKeyAgain_andReportsIt() {
    store.run("SET", "k", "v");
    byte[] payload = dump("k");
    store.run("DEL", "k");
    store.events();
    store.propagated();
    assertThat(store.run("RESTORE", "k", 0, payload)).isEqualTo("OK");
    assertThat(store.run("GET", "k")).isEqualTo("v");
    assertThat(store.run("PTTL", "k")).isEqualTo(-1L);
    assertThat(store.events()).containsExactly("restore k@0");
    assertThat(store.propagated()).singleElement().asString().startsWith("RESTORE k 0 ");
  }

  @Test
  void restore_withATtl_isPropagatedWithTheMoment() {
    store.run("SET", "k", "v");
    byte[] payload = dump("k");
    store.propagated();
    assertThat(store.run("RESTORE", "k", 5000, payload, "REPLACE")).isEqualTo("OK");
    assertThat(store.run("PTTL", "k")).isEqualTo(5000L);
    assertThat(store.propagated())
        .singleElement()
        .asString()
        .startsWith("RESTORE k " + (store.nowMillis() + 5000))
        .endsWith(" REPLACE ABSTTL");
    long moment = store.nowMillis() + 100;
    assertThat(store.run("RESTORE", "k", moment, payload, "REPLACE", "ABSTTL")).isEqualTo("OK");
    assertThat(store.run("PTTL", "k")).isEqualTo(100L);
    assertThat(store.propagated()).singleElement().asString().endsWith(" REPLACE ABSTTL");
  }

  @Test
  void restore_whoseTimeIsOver_onlyDeletesWhatWasThere() {
    store.run("SET", "k", "v");
    byte[] payload = dump("k");
    store.propagated();
    store.events();
    assertThat(store.run("RESTORE", "k", 1, payload, "REPLACE", "ABSTTL")).isEqualTo("OK");
    assertThat(store.run("EXISTS", "k")).isEqualTo(0L);
    assertThat(store.events()).containsExactly("del k@0");
    assertThat(store.propagated()).containsExactly("DEL k");
    assertThat(store.run("RESTORE", "k", 1, payload, "ABSTTL")).isEqualTo("OK");
    assertThat(store.propagated()).isEmpty();
  }

  @Test
  void restore_thatReplaces_doesNotAskWhetherTheKeyHasExpired() {
    store.run("SET", "k", "v");
    byte[] payload = dump("k");
    store.keyspace().expiry().active(false);
    store.run("PEXPIRE", "k", 10);
    store.advance(11);
    store.propagated();
    store.events();
    assertThat(store.run("RESTORE", "k", 0, payload, "REPLACE")).isEqualTo("OK");
    assertThat(store.events()).containsExactly("restore k@0");
    assertThat(store.propagated()).singleElement().asString().startsWith("RESTORE k 0 ");
    assertThat(store.run("PTTL", "k")).isEqualTo(-1L);
  }

  @Test
  void restore_setsIdleTime() {
    store.run("SET", "k", "v");
    byte[] payload = dump("k");
    assertThat(store.run("RESTORE", "k2", 0, payload, "IDLETIME", 1000)).isEqualTo("OK");
    assertThat(store.run("OBJECT", "IDLETIME", "k2")).isEqualTo(1000L);
  }

  @Test
  void restore_withATimeToLiveThatOverflows_leavesNoKey() {
    store.run("SET", "k", "v");
    byte[] payload = dump("k");
    assertThat(store.run("RESTORE", "n", Long.MAX_VALUE, payload)).isEqualTo("OK");
    assertThat(store.run("RESTORE", "k", Long.MAX_VALUE, payload, "REPLACE")).isEqualTo("OK");
    assertThat(store.run("EXISTS", "n", "k")).isEqualTo(0L);
  }

  @Test
  void restore_refusesWhatRedisRefuses_inItsOrder() {
    store.run("SET", "k", "v");
    byte[] payload = dump("k");
    assertThat(store.run("RESTORE", "k", 0, "..."))
        .isEqualTo(error("BUSYKEY Target key name already exists."));
    assertThat(store.run("RESTORE", "k", "x", "...", "NO")).isEqualTo(error("ERR syntax error"));
    assertThat(store.run("RESTORE", "n", 0, payload, "IDLETIME"))
        .isEqualTo(error("ERR syntax error"));
    assertThat(store.run("RESTORE", "n", 0, payload, "IDLETIME", 1, "FREQ", 1))
        .isEqualTo(error("ERR syntax error"));
    assertThat(store.run("RESTORE", "n", 0, payload, "IDLETIME", -1))
        .isEqualTo(error("ERR Invalid IDLETIME value, must be >= 0"));
    assertThat(store.run("RESTORE", "n", 0, payload, "FREQ", 256))
        .isEqualTo(error("ERR Invalid FREQ value, must be >= 0 and <= 255"));
    assertThat(store.run("RESTORE", "n", "x", payload))
        .isEqualTo(error("ERR value is not an integer or out of range"));
    assertThat(store.run("RESTORE", "n", -1, payload))
        .isEqualTo(error("ERR Invalid TTL value, must be >= 0"));
    assertThat(store.run("RESTORE", "n", 0, "short"))
        .isEqualTo(error("ERR DUMP payload version or checksum are wrong"));
    payload[0] ^= 1;
    assertThat(store.run("RESTORE", "n", 0, payload))
        .isEqualTo(error("ERR DUMP payload version or checksum are wrong"));
    payloads.checksum(false);
    byte[] broken = sealed(new byte[] {0, 5, 'a'}, 10);
    assertThat(store.run("RESTORE", "n", 0, broken)).isEqualTo(error("ERR Bad data format"));
    assertThat(store.run("RESTORE", "n", 0, sealed(new byte[] {7, 1, 2}, 10)))
        .isEqualTo(error("ERR Bad data format"));
  }

  @Test
  void restore_ofALaterVersion_isRefused() {
    byte[] body = {0, 1, 'a'};
    assertThat(store.run("RESTORE", "k", 0, sealed(body, 13)))
        .isEqualTo(error("ERR DUMP payload version or checksum are wrong"));
    for (int version = 1; version <= 12; version++) {
      assertThat(store.run("RESTORE", "k", 0, sealed(body, version), "REPLACE")).isEqualTo("OK");
    }
  }

  // ---- Every form ------------------------------------------------------------------------------

  private List<byte[]> bodies() throws Exception {
    List<byte[]> bodies = new ArrayList<>();
    for (String hex : OLD_BODIES) {
      bodies.add(HexFormat.of().parseHex(hex));
    }
    for (boolean compressed : new boolean[] {false, true}) {
      config.set(Directives.RDBCOMPRESSION, compressed ? "yes" : "no");
      for (int size : new int[] {1, 5, 300}) {
        populate(size);
        for (String key : List.of("s", "n", "l", "set", "ints", "h", "z")) {
          byte[] payload = dump(key);
          bodies.add(Arrays.copyOf(payload, payload.length - FOOTER_BYTES));
        }
        store.run("DEL", "s", "n", "l", "set", "ints", "h", "z");
      }
    }
    return bodies;
  }

  private void populate(int size) {
    store.run("SET", "s", "text ".repeat(size));
    store.run("SET", "n", size * 1000);
    for (int i = 0; i < size; i++) {
      store.run("RPUSH", "l", i % 3 == 0 ? i : "element " + i);
      store.run("SADD", "set", "member " + i);
      store.run("SADD", "ints", i * 70_000);
      store.run("HSET", "h", "field " + i, i % 2 == 0 ? i : "value " + i);
      store.run("ZADD", "z", i % 4 == 0 ? i + 0.5 : i, "member " + i);
    }
  }

  @Test
  void everyForm_comesBackTheSame() throws Exception {
    for (byte[] body : bodies()) {
      int version = body[0] == 0x0d || body[0] == 0x0e ? 9 : 10;
      byte[] payload = sealed(body, version);
      assertThat(store.run("RESTORE", "back", 0, payload, "REPLACE")).isEqualTo("OK");
      byte[] again = dump("back");
      assertThat(store.run("RESTORE", "again", 0, again, "REPLACE")).isEqualTo("OK");
      assertThat(dump("again")).isEqualTo(again);
    }
  }

  /// Bytes of good payloads are changed, and the checksum is made to fit: the payload is refused
  /// and the old value stays, or it is some value that can be read and deleted. In checked memory,
  /// with nothing left over.
  @Test
  void corruptedPayloads_areRefusedOrUsable() throws Exception {
    List<byte[]> bodies = bodies();
    Random random = new Random(SEED);
    int refused = 0;
    for (int i = 0; i < CORRUPTIONS; i++) {
      byte[] body = corrupted(bodies.get(random.nextInt(bodies.size())), random);
      byte[] payload = sealed(body, 9 + random.nextInt(3));
      store.run("SET", "k", "old");
      Object reply = store.run("RESTORE", "k", 0, payload, "REPLACE");
      if (reply instanceof ErrorReply) {
        assertThat(reply).as(hex(payload)).isEqualTo(error("ERR Bad data format"));
        assertThat(store.run("GET", "k")).as(hex(payload)).isEqualTo("old");
        refused++;
      } else {
        use(payload);
      }
    }
    assertThat(refused).as("seed %s", SEED).isBetween(CORRUPTIONS / 10, CORRUPTIONS - 1);
  }

  private static String hex(byte[] payload) {
    return "seed " + SEED + ", " + HexFormat.of().formatHex(payload);
  }

  private static byte[] corrupted(byte[] good, Random random) {
    byte[] body = good.clone();
    int flips = 1 + random.nextInt(4);
    for (int i = 0; i < flips; i++) {
      // The beginning has the lengths, so it is hit more often.
      int bound = random.nextBoolean() ? Math.min(body.length, 24) : body.length;
      body[random.nextInt(bound)] = (byte) random.nextInt(256);
    }
    return random.nextInt(8) == 0 ? Arrays.copyOf(body, random.nextInt(body.length) + 1) : body;
  }

  private void use(byte[] payload) {
    byte[] again = dump("k");
    assertThat(store.run("RESTORE", "k", 0, again, "REPLACE")).as(hex(payload)).isEqualTo("OK");
    switch (String.valueOf(store.run("TYPE", "k"))) {
      case "string" -> store.run("GET", "k");
      case "list" -> {
        store.run("LRANGE", "k", 0, -1);
        store.run("LPUSH", "k", "x");
        store.run("RPOP", "k");
      }
      case "set" -> {
        store.run("SMEMBERS", "k");
        store.run("SADD", "k", "x", 5);
      }
      case "hash" -> {
        store.run("HGETALL", "k");
        store.run("HSET", "k", "x", "y");
      }
      case "zset" -> {
        store.run("ZRANGE", "k", 0, -1, "WITHSCORES");
        store.run("ZADD", "k", 1, "x");
      }
      default -> throw new AssertionError(hex(payload));
    }
    assertThat(store.run("DEL", "k")).isEqualTo(1L);
  }
}
