package carnelian.server;

import static org.assertj.core.api.Assertions.assertThat;

import carnelian.base.Clock;
import carnelian.base.RandomSource;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LogToolsTest {
  @TempDir Path directory;
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  private LogTools tools() {
    return new LogTools(
        Clock.system(),
        RandomSource.seeded(1),
        new PrintStream(out, true, StandardCharsets.UTF_8),
        new PrintStream(err, true, StandardCharsets.UTF_8));
  }

  private String said() {
    return out.toString(StandardCharsets.UTF_8) + err.toString(StandardCharsets.UTF_8);
  }

  private Path data() throws Exception {
    return Files.createDirectories(directory.resolve("data"));
  }

  private static long offset(TestInstance store) {
    return store
        .raw("INFO", "replication")
        .lines()
        .filter(line -> line.startsWith("master_repl_offset:"))
        .mapToLong(line -> Long.parseLong(line.substring("master_repl_offset:".length()).strip()))
        .sum();
  }

  @Test
  void backupOfARunningStore_isVerified_andRestoredToAnOffset() throws Exception {
    Path backup = directory.resolve("backup");
    Path restored = directory.resolve("restored");
    long then;
    try (TestInstance store = TestInstance.start(data(), "appendonly yes", "appendfsync always")) {
      store.instance().awaitLoaded();
      assertThat(store.raw("SET", "a", "1")).isEqualTo("+OK\r\n");
      assertThat(store.raw("XADD", "s", "1-1", "f", "v")).contains("1-1");
      then = offset(store);
      assertThat(store.raw("FLUSHALL")).isEqualTo("+OK\r\n");
      assertThat(store.raw("SET", "b", "1")).isEqualTo("+OK\r\n");
      CommandLine.Backup wanted =
          new CommandLine.Backup(data().toString(), backup, null, null, null);
      assertThat(tools().backup(wanted)).as("%s", said()).isZero();
    }
    assertThat(tools().verify(new CommandLine.Verify(backup))).as("%s", said()).isZero();
    assertThat(said()).contains("Checksums of 3 files are good").contains("Loaded: 1 keys");
    CommandLine.Restore wanted =
        new CommandLine.Restore(backup, null, Long.toString(then), restored);
    assertThat(tools().restore(wanted)).as("%s", said()).isZero();
    assertThat(said()).contains("State as of offset " + then).contains("Loaded: 2 keys (db0: 2)");
    try (TestInstance store = TestInstance.start(restored, "appendonly yes")) {
      store.instance().awaitLoaded();
      assertThat(store.raw("GET", "a")).isEqualTo("$1\r\n1\r\n");
      assertThat(store.raw("EXISTS", "b")).isEqualTo(":0\r\n");
    }
  }

  @Test
  void damagedLog_doesNotVerify() throws Exception {
    try (TestInstance store = TestInstance.start(data(), "appendonly yes")) {
      store.instance().awaitLoaded();
      assertThat(store.raw("SET", "a", "1")).isEqualTo("+OK\r\n");
    }
    assertThat(tools().verify(new CommandLine.Verify(data()))).as("%s", said()).isZero();
    Path base = data().resolve("appendonlydir/appendonly.aof.1.base.rdb");
    byte[] bytes = Files.readAllBytes(base);
    bytes[bytes.length - 1] ^= 1;
    Files.write(base, bytes);
    assertThat(tools().verify(new CommandLine.Verify(data()))).isEqualTo(1);
    assertThat(said()).contains("verify: ");
  }

  @Test
  void backupOfAnotherMachine_isRefusedWithAWayOut() {
    CommandLine.Backup wanted =
        new CommandLine.Backup("192.0.2.1:6379", directory.resolve("backup"), null, null, null);
    assertThat(tools().backup(wanted)).isEqualTo(1);
    assertThat(said()).contains("192.0.2.1:6379 is not this machine");
  }
}
