package carnelian.interop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Function libraries go between Carnelian and Redis, by payload, snapshot and log, and through
/// restarts, rewrites and reloads.
class FunctionExchangeTest {
  private static final String[] RDB = {"--rdb-version", "10"};
  private static final String[] LOG = {"--appendonly", "yes", "--appendfsync", "always"};

  /// Long enough that a snapshot compresses it.
  private static final String LIBRARY =
      "#!lua name=counters\n"
          + "-- "
          + "counts ".repeat(200)
          + "\nredis.register_function('add', function(keys, args)"
          + " return redis.call('incrby', keys[1], args[1]) end)\n"
          + "redis.register_function{function_name='peek', flags={'no-writes'},"
          + " description='Looks.', callback=function(keys) return redis.call('get', keys[1]) end}\n";

  private static final String OTHER =
      "#!lua name=other\nredis.register_function('one', function() return 1 end)";

  @TempDir Path directory;

  @BeforeEach
  void needRedis() {
    assumeTrue(ServerProcess.redisInstalled(), "needs Debian's redis-server");
  }

  private static void load(RespConnection connection) {
    assertThat(connection.call("FUNCTION", "LOAD", LIBRARY).text()).isEqualTo("counters");
    assertThat(connection.call("FUNCTION", "LOAD", OTHER).text()).isEqualTo("other");
  }

  /// The libraries are there, and work.
  private static void check(RespConnection connection) {
    String list = connection.call("FUNCTION", "LIST", "WITHCODE").toString();
    assertThat(list).contains(LIBRARY).contains(OTHER).contains("Looks.").contains("no-writes");
    assertThat(connection.call("FCALL", "one", "0").text()).isEqualTo("1");
    String before = connection.call("FCALL_RO", "peek", "1", "n").toString();
    assertThat(connection.call("FCALL", "add", "1", "n", "5").toString()).isNotEqualTo(before);
  }

  @Test
  void payloads_areUnderstoodByBoth() {
    try (ServerProcess carnelian = ServerProcess.carnelian(directory, RDB);
        ServerProcess redis = ServerProcess.redis(directory);
        RespConnection ours = carnelian.connect();
        RespConnection theirs = redis.connect()) {
      load(ours);
      String payload = ours.call("FUNCTION", "DUMP").text();
      assertThat(theirs.call("FUNCTION", "RESTORE", payload).text()).isEqualTo("OK");
      check(theirs);
      String back = theirs.call("FUNCTION", "DUMP").text();
      assertThat(ours.call("FUNCTION", "RESTORE", back).toString()).contains("already exists");
      assertThat(ours.call("FUNCTION", "RESTORE", back, "REPLACE").text()).isEqualTo("OK");
      ours.call("FUNCTION", "FLUSH");
      assertThat(ours.call("FUNCTION", "RESTORE", back, "FLUSH").text()).isEqualTo("OK");
      check(ours);
      String cut = back.substring(0, back.length() - 1);
      assertThat(ours.call("FUNCTION", "RESTORE", cut).toString())
          .isEqualTo(theirs.call("FUNCTION", "RESTORE", cut).toString());
    }
  }

  @Test
  void snapshots_carryLibrariesBothWays() {
    try (ServerProcess carnelian = ServerProcess.carnelian(directory, RDB);
        RespConnection connection = carnelian.connect()) {
      load(connection);
      assertThat(connection.call("SAVE").text()).isEqualTo("OK");
    }
    try (ServerProcess redis = ServerProcess.redis(directory);
        RespConnection connection = redis.connect()) {
      check(connection);
      assertThat(connection.call("SAVE").text()).isEqualTo("OK");
    }
    try (ServerProcess carnelian =
            ServerProcess.carnelian(directory, "--enable-debug-command", "yes");
        RespConnection connection = carnelian.connect()) {
      check(connection);
      assertThat(connection.call("DEBUG", "RELOAD").text()).isEqualTo("OK");
      check(connection);
      assertThat(connection.call("DEBUG", "RELOAD", "NOFLUSH").toString())
          .contains("Error trying to load the RDB");
      assertThat(connection.call("FLUSHALL").text()).isEqualTo("OK");
      check(connection);
    }
  }

  @Test
  void theLog_carriesLibrariesBothWays() {
    try (ServerProcess carnelian = ServerProcess.carnelian(directory, LOG);
        RespConnection connection = carnelian.connect()) {
      load(connection);
      check(connection);
    }
    try (ServerProcess redis = ServerProcess.redis(directory, "--appendonly", "yes");
        RespConnection connection = redis.connect()) {
      check(connection);
      assertThat(redis.stop()).isZero();
    }
    try (ServerProcess carnelian = ServerProcess.carnelian(directory, LOG);
        RespConnection connection = carnelian.connect()) {
      check(connection);
      assertThat(connection.call("BGREWRITEAOF").text()).startsWith("Background");
      awaitRewrite(connection);
      check(connection);
    }
    try (ServerProcess redis = ServerProcess.redis(directory, "--appendonly", "yes");
        RespConnection connection = redis.connect()) {
      check(connection);
      assertThat(connection.call("BGREWRITEAOF").text()).startsWith("Background");
      awaitRewrite(connection);
      assertThat(redis.stop()).isZero();
    }
    try (ServerProcess carnelian = ServerProcess.carnelian(directory, LOG);
        RespConnection connection = carnelian.connect()) {
      check(connection);
    }
  }

  @Test
  void aLogOfCommands_carriesLibraries() {
    String[] commands = {"--appendonly", "yes", "--aof-use-rdb-preamble", "no"};
    try (ServerProcess carnelian = ServerProcess.carnelian(directory, commands);
        RespConnection connection = carnelian.connect()) {
      load(connection);
      assertThat(connection.call("BGREWRITEAOF").text()).startsWith("Background");
      awaitRewrite(connection);
      assertThat(carnelian.stop()).isZero();
    }
    try (ServerProcess redis = ServerProcess.redis(directory, commands);
        RespConnection connection = redis.connect()) {
      check(connection);
      assertThat(redis.stop()).isZero();
    }
    try (ServerProcess carnelian = ServerProcess.carnelian(directory, commands);
        RespConnection connection = carnelian.connect()) {
      check(connection);
    }
  }

  private static void awaitRewrite(RespConnection connection) {
    String info;
    do {
      info = connection.call("INFO", "persistence").text();
    } while (info.contains("aof_rewrite_in_progress:1")
        || info.contains("aof_rewrite_scheduled:1"));
  }
}
