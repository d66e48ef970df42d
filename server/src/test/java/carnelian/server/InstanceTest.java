package carnelian.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import carnelian.persistence.rdb.RdbFormatException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The store as a whole: what needs the wiring to be seen.
class InstanceTest {
  private static final String OK = "+OK\r\n";

  @TempDir private Path directory;
  private Path store;
  private Path redis;

  @BeforeEach
  void makeDirectories() throws Exception {
    store = Files.createDirectory(directory.resolve("store"));
    redis = Files.createDirectory(directory.resolve("redis"));
  }

  // ---- INFO ------------------------------------------------------------------------------------

  /// Names of sections and fields, without those that tell of commands, errors and databases.
  private static List<String> names(String info) {
    List<String> names = new ArrayList<>();
    for (String line : info.split("\r\n", -1)) {
      String name = line.startsWith("#") ? line : line.replaceFirst(":.*", "");
      boolean varies = name.matches("cmdstat_.*|errorstat_.*|latency_percentiles_.*|db\\d+");
      if (!name.isEmpty() && !name.startsWith("$") && !varies) {
        names.add(name);
      }
    }
    return names;
  }

  /// The counters that the test makes count, each of which CONFIG RESETSTAT puts back.
  private static final List<String> COUNTERS =
      List.of(
          "total_error_replies",
          "expired_keys",
          "keyspace_hits",
          "keyspace_misses",
          "total_forks",
          "rdb_saves",
          "aof_rewrites",
          "dump_payload_sanitizations",
          "acl_access_denied_auth");

  @Test
  void resetStat_putsEveryCounterBack() throws Exception {
    try (TestInstance instance = TestInstance.start(store, "appendonly yes")) {
      instance.instance().awaitLoaded();
      instance.raw("SET", "k", "v");
      instance.raw("GET", "k");
      instance.raw("GET", "none");
      instance.raw("NONE");
      instance.raw("AUTH", "nobody", "x");
      String payload = instance.raw("DUMP", "k").replaceFirst("\\$\\d+\r\n", "");
      instance.raw("RESTORE", "copy", 0, payload.substring(0, payload.length() - 2));
      instance.raw("SET", "brief", "v", "PX", 1);
      while (!instance.raw("EXISTS", "brief").equals(":0\r\n")) {
        Thread.onSpinWait();
      }
      instance.raw("SAVE");
      instance.raw("BGREWRITEAOF");
      assertThat(counted(instance)).containsExactlyElementsOf(COUNTERS);
      instance.raw("CONFIG", "RESETSTAT");
      assertThat(counted(instance)).isEmpty();
      long input = Long.parseLong(field(instance.raw("INFO", "stats"), "total_net_input_bytes"));
      assertThat(input).as("of three requests").isBetween(1L, 300L);
    }
  }

  @Test
  void memoryStats_countScriptsAndFunctions() throws Exception {
    try (TestInstance instance = TestInstance.start(store)) {
      instance.instance().awaitLoaded();
      assertThat(instance.raw("MEMORY", "STATS")).contains("lua.caches\r\n:0\r\n");
      instance.raw("EVAL", "return 1", 0);
      instance.raw(
          "FUNCTION",
          "LOAD",
          "#!lua name=l\nredis.register_function('f', function() return 1 end)");
      String stats = instance.raw("MEMORY", "STATS");
      String memory = instance.raw("INFO", "memory");
      String scripts = field(memory, "used_memory_scripts_eval");
      String functions = field(memory, "used_memory_functions");
      assertThat(List.of(scripts, functions)).doesNotContain("0");
      assertThat(stats)
          .contains("lua.caches\r\n:" + scripts + "\r\n")
          .contains("functions.caches\r\n:" + functions + "\r\n");
    }
  }

  /// Those of the counters that are above zero.
  private static List<String> counted(TestInstance instance) {
    String info = instance.raw("INFO", "stats") + instance.raw("INFO", "persistence");
    return COUNTERS.stream().filter(name -> !field(info, name).equals("0")).toList();
  }

  private static String field(String info, String name) {
    int at = info.indexOf("\n" + name + ":") + name.length() + 2;
    return info.substring(at, info.indexOf('\r', at));
  }

  @Test
  void info_hasEveryFieldOfRedis_inItsOrder() throws Exception {
    assumeTrue(Oracle.isInstalled(), "no redis-server");
    try (Oracle oracle = Oracle.start(redis);
        TestInstance instance = TestInstance.start(store)) {
      instance.instance().awaitLoaded();
      for (String section : List.of("default", "all", "everything", "memory", "stats", "server")) {
        List<String> expected = names(oracle.raw("INFO", section));
        List<String> ours = names(instance.raw("INFO", section));
        ours.retainAll(expected);
        assertThat(ours).as(section).isEqualTo(expected);
      }
    }
  }

  @Test
  void memoryStats_hasRedisFields_inItsOrder() throws Exception {
    assumeTrue(Oracle.isInstalled(), "no redis-server");
    try (Oracle oracle = Oracle.start(redis);
        TestInstance instance = TestInstance.start(store)) {
      instance.instance().awaitLoaded();
      for (String command : List.of("SET k v", "SET k2 v EX 1000")) {
        Object[] words = command.split(" ");
        assertThat(oracle.raw(words)).isEqualTo(OK);
        assertThat(instance.raw(words)).isEqualTo(OK);
      }
      assertThat(letters(instance.raw("MEMORY", "STATS")))
          .isEqualTo(letters(oracle.raw("MEMORY", "STATS")));
    }
  }

  /// The lines that hold names.
  private static List<String> letters(String reply) {
    return reply.lines().filter(line -> line.matches("[a-z].*")).toList();
  }

  @Test
  void memoryUsage_countsTheValue() throws Exception {
    try (TestInstance instance = TestInstance.start(store)) {
      instance.instance().awaitLoaded();
      assertThat(instance.raw("MEMORY", "USAGE", "k")).isEqualTo("$-1\r\n");
      instance.raw("SET", "k", "x".repeat(10_000));
      long bytes = Long.parseLong(instance.raw("MEMORY", "USAGE", "k").substring(1).strip());
      assertThat(bytes).isBetween(10_000L, 13_000L);
      for (String options : List.of("SAMPLES", "SAMPLES -1", "OTHER 1")) {
        assertThat(instance.raw((Object[]) ("MEMORY USAGE k " + options).split(" ")))
            .isEqualTo("-ERR syntax error\r\n");
      }
      assertThat(instance.raw("MEMORY", "PURGE")).isEqualTo(OK);
      assertThat(instance.raw("MEMORY", "DOCTOR")).contains("nothing to examine");
    }
  }

  // ---- Commands --------------------------------------------------------------------------------

  @Test
  void renamedCommand_hasItsNewNameAlone() throws Exception {
    try (TestInstance instance =
        TestInstance.start(store, "rename-command FLUSHDB badger", "rename-command DEBUG \"\"")) {
      instance.instance().awaitLoaded();
      assertThat(instance.raw("flushdb")).startsWith("-ERR unknown command 'flushdb'");
      assertThat(instance.raw("BADGER")).isEqualTo(OK);
      assertThat(instance.raw("DEBUG", "JMAP")).startsWith("-ERR unknown command 'DEBUG'");
    }
  }

  @Test
  void renamingWhatIsNotThere_orToWhatIs_endsTheStart() {
    assertThatThrownBy(() -> TestInstance.start(store, "rename-command nothing x").close())
        .hasMessageContaining("No such command in rename-command: nothing");
    assertThatThrownBy(() -> TestInstance.start(store, "rename-command get set").close())
        .hasMessageContaining("Target command name already exists: rename-command get set");
  }

  // ---- Loading ---------------------------------------------------------------------------------

  @Test
  void whileLoading_clientsAreToldSo_andInfoTellsHowFar() throws Exception {
    try (TestInstance instance = TestInstance.start(store)) {
      instance.instance().awaitLoaded();
      assertThat(instance.raw("DEBUG", "POPULATE", 2000, "key", 100)).isEqualTo(OK);
      assertThat(instance.raw("SAVE")).isEqualTo(OK);
    }
    try (TestInstance instance =
        TestInstance.start(
            store, "key-load-delay 100000", "loading-process-events-interval-bytes 1024")) {
      assertThat(instance.line("GET key:1"))
          .isEqualTo("-LOADING Redis is loading the dataset in memory");
      assertThat(instance.line("PING")).startsWith("-LOADING ");
      for (String command : List.of("RELOAD NOSAVE", "LOADAOF", "POPULATE 1")) {
        assertThat(instance.line("DEBUG " + command)).startsWith("-LOADING ");
      }
      instance.line("CONFIG SET key-load-delay 0");
      instance.instance().awaitLoaded();
      assertThat(instance.raw("DBSIZE")).isEqualTo(":2000\r\n");
      assertThat(instance.raw("INFO", "persistence"))
          .contains("loading:0")
          .contains("rdb_last_load_keys_loaded:2000")
          .doesNotContain("loading_eta_seconds");
    }
  }

  @Test
  void damagedFile_isNotServed() throws Exception {
    Files.writeString(store.resolve("dump.rdb"), "REDIS0010 is not it");
    try (TestInstance instance = TestInstance.start(store)) {
      assertThatThrownBy(instance.instance()::awaitLoaded)
          .isInstanceOf(RdbFormatException.class)
          .hasMessageContaining("dump.rdb:");
      assertThat(instance.line("GET k")).startsWith("-LOADING ");
    }
  }

  // ---- MIGRATE ---------------------------------------------------------------------------------

  @Test
  void migrate_movesKeysWithTheirDeadlines() throws Exception {
    int port;
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = free.getLocalPort();
    }
    try (TestInstance from = TestInstance.start(store);
        TestInstance to = TestInstance.start(redis, "port " + port, "bind 127.0.0.1")) {
      from.instance().awaitLoaded();
      to.instance().awaitLoaded();
      assertThat(from.raw("MIGRATE", "127.0.0.1", port, "k", 3, 5000)).isEqualTo("+NOKEY\r\n");
      from.raw("SET", "k", "v", "EX", 1000);
      from.raw("RPUSH", "list", "a", "b");
      assertThat(from.raw("MIGRATE", "127.0.0.1", port, "", 3, 5000, "KEYS", "k", "x", "list"))
          .isEqualTo(OK);
      assertThat(from.raw("DBSIZE")).isEqualTo(":0\r\n");
      to.raw("SELECT", 3);
      assertThat(to.raw("GET", "k")).isEqualTo("$1\r\nv\r\n");
      assertThat(to.raw("TTL", "k")).matches(":(1000|99\\d)\r\n");
      assertThat(to.raw("LLEN", "list")).isEqualTo(":2\r\n");
      from.raw("SET", "k", "other");
      assertThat(from.raw("MIGRATE", "127.0.0.1", port, "k", 3, 5000))
          .startsWith("-ERR Target instance replied with error: BUSYKEY");
      assertThat(from.raw("MIGRATE", "127.0.0.1", port, "k", 3, 5000, "COPY", "REPLACE"))
          .isEqualTo(OK);
      assertThat(to.raw("GET", "k")).isEqualTo("$5\r\nother\r\n");
      assertThat(from.raw("EXISTS", "k")).isEqualTo(":1\r\n");
      assertThat(from.raw("INFO", "stats")).contains("migrate_cached_sockets:1");
    }
    try (TestInstance alone = TestInstance.start(Files.createDirectory(directory.resolve("a")))) {
      alone.instance().awaitLoaded();
      alone.raw("SET", "k", "v");
      assertThat(alone.raw("MIGRATE", "127.0.0.1", port, "k", 0, 500))
          .isEqualTo("-IOERR error or timeout connecting to the client\r\n");
      assertThat(alone.raw("EXISTS", "k")).isEqualTo(":1\r\n");
    }
  }

  // ---- DEBUG -----------------------------------------------------------------------------------

  @Test
  void debugReload_bringsEverythingBack() throws Exception {
    try (TestInstance instance = TestInstance.start(store)) {
      instance.instance().awaitLoaded();
      instance.raw("RPUSH", "list", "a", "b", 3);
      instance.raw("HSET", "hash", "f", "v");
      instance.raw("SET", "volatile", "v", "EX", 1000);
      String digest = instance.raw("DEBUG", "DIGEST");
      assertThat(instance.raw("DEBUG", "RELOAD")).isEqualTo(OK);
      assertThat(instance.raw("DEBUG", "DIGEST")).isEqualTo(digest);
      instance.raw("SET", "more", "v");
      assertThat(instance.raw("DEBUG", "RELOAD", "NOSAVE", "NOFLUSH"))
          .startsWith("-ERR Error trying to load");
      assertThat(instance.raw("DEBUG", "RELOAD", "NOSAVE", "NOFLUSH", "MERGE")).isEqualTo(OK);
      assertThat(instance.raw("EXISTS", "more", "list")).isEqualTo(":2\r\n");
      assertThat(instance.raw("DEBUG", "RELOAD", "NOSAVE")).isEqualTo(OK);
      assertThat(instance.raw("DEBUG", "DIGEST")).isEqualTo(digest);
      assertThat(instance.raw("DEBUG", "RELOAD", "OTHER")).startsWith("-ERR DEBUG RELOAD only");
    }
  }

  @Test
  void debug_looksIntoValues() throws Exception {
    try (TestInstance instance = TestInstance.start(store)) {
      instance.instance().awaitLoaded();
      instance.raw("SET", "k", "value");
      instance.raw("HSET", "hash", "f", "v");
      assertThat(instance.raw("DEBUG", "SDSLEN", "k"))
          .startsWith("+key_sds_len:1, key_sds_avail:0, ")
          .contains("val_sds_len:5");
      assertThat(instance.raw("DEBUG", "LISTPACK", "hash")).startsWith("+Listpack structure");
      assertThat(instance.raw("DEBUG", "LISTPACK", "k")).startsWith("-ERR Not a listpack");
      assertThat(instance.raw("DEBUG", "STRINGMATCH-TEST")).startsWith("+");
      assertThat(instance.raw("DEBUG", "JMAP")).startsWith("-ERR unknown subcommand");
      String before = instance.raw("INFO", "replication");
      assertThat(instance.raw("DEBUG", "CHANGE-REPL-ID")).isEqualTo(OK);
      assertThat(instance.raw("INFO", "replication")).isNotEqualTo(before);
    }
  }
}
