package carnelian.persistence.restore;

import static org.assertj.core.api.Assertions.assertThat;

import carnelian.base.Clock;
import carnelian.base.RandomSource;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AofCheckTest {
  private static final AofCheck.Options ONLY_CHECK = new AofCheck.Options(false, 0);
  private static final AofCheck.Options FIX = new AofCheck.Options(true, 0);

  @TempDir Path directory;
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  private int check(Path path, AofCheck.Options options, String answers) {
    out.reset();
    return new AofCheck(
            Clock.system(),
            RandomSource.seeded(1),
            new PrintStream(out, true, StandardCharsets.UTF_8),
            new ByteArrayInputStream(answers.getBytes(StandardCharsets.UTF_8)))
        .check(path, options);
  }

  private String said() {
    return out.toString(StandardCharsets.UTF_8);
  }

  private Path segment() {
    return directory.resolve("appendonlydir/appendonly.aof.1.incr.aof");
  }

  private void write(int commands) throws Exception {
    try (LoggedStore store = LoggedStore.open(directory, "appendonly", "yes")) {
      for (int i = 0; i < commands; i++) {
        Object _ = store.run("SET", "k", "value" + i);
        store.flush();
        store.store.freeze(1000);
      }
    }
  }

  @Test
  void goodLog_isValid_bySegmentDirectoryAndManifest() throws Exception {
    write(5);
    Path log = directory.resolve("appendonlydir");
    for (Path each : new Path[] {directory, log, log.resolve("appendonly.aof.manifest")}) {
      assertThat(check(each, ONLY_CHECK, "")).as("%s", each).isZero();
      assertThat(said())
          .contains("Start checking Multi Part AOF")
          .contains("BASE AOF appendonly.aof.1.base.rdb is valid")
          .contains("INCR AOF appendonly.aof.1.incr.aof is valid")
          .contains("All AOF files and manifest are valid");
    }
    assertThat(check(segment(), ONLY_CHECK, "")).isZero();
    assertThat(said()).contains("Start checking Old-Style AOF").contains("is valid");
  }

  @Test
  void tornTail_isSaid_andCutWhenTheAnswerIsYes() throws Exception {
    write(5);
    byte[] bytes = Files.readAllBytes(segment());
    Files.write(segment(), Arrays.copyOf(bytes, bytes.length - 150));
    assertThat(check(directory, ONLY_CHECK, "")).isEqualTo(1);
    assertThat(said())
        .contains("A torn tail")
        .contains("is not valid. Use the --fix option to try fixing it.");
    assertThat(check(directory, FIX, "n")).isEqualTo(1);
    assertThat(said()).contains("This will shrink the AOF").contains("Aborting...");
    assertThat(check(directory, FIX, "y")).isZero();
    assertThat(said()).contains("Successfully truncated AOF appendonly.aof.1.incr.aof");
    assertThat(check(directory, ONLY_CHECK, "")).isZero();
  }

  @Test
  void flippedByte_isFoundByItsMark() throws Exception {
    write(5);
    byte[] bytes = Files.readAllBytes(segment());
    String text = new String(bytes, StandardCharsets.ISO_8859_1);
    bytes[text.indexOf("value2")] ^= 1;
    Files.write(segment(), bytes);
    assertThat(check(directory, ONLY_CHECK, "")).isEqualTo(1);
    assertThat(said()).contains("Damage: no crash leaves this").contains("Wrong checksum");
  }

  @Test
  void timestamp_cutsWhatIsYounger() throws Exception {
    write(5);
    long start = carnelian.harness.TestStore.START_MILLIS / 1000;
    assertThat(check(directory, new AofCheck.Options(false, start - 5), "")).isEqualTo(1);
    assertThat(said()).contains("has nothing before timestamp");
    assertThat(check(directory, new AofCheck.Options(false, start + 2), "")).isZero();
    assertThat(said())
        .contains("Successfully truncated AOF appendonly.aof.1.incr.aof to timestamp");
    assertThat(check(directory, new AofCheck.Options(false, start + 2), "")).isZero();
    assertThat(said()).contains("Truncate nothing in AOF appendonly.aof.1.incr.aof to timestamp");
    try (LoggedStore store = LoggedStore.open(directory, "appendonly", "yes")) {
      assertThat(store.run("GET", "k")).hasToString("value2");
    }
  }

  @Test
  void plainFileOfRedis_isCheckedByItsCommands() throws IOException {
    Path file = directory.resolve("x.aof");
    Files.writeString(file, "*2\r\n$6\r\nSELECT\r\n$1\r\n0\r\n*1\r\n$8\r\nFLUSHALL\r\n");
    assertThat(check(file, ONLY_CHECK, "")).isZero();
    Files.writeString(file, "*2\r\n$6\r\nSELECT\r\n$1\r\n0\r\n*1\r\n$8\r\nFLUSH");
    assertThat(check(file, ONLY_CHECK, "")).isEqualTo(1);
    assertThat(said()).contains("size=36, ok_up_to=23, ok_up_to_line=6, diff=13");
    assertThat(check(directory.resolve("nosuch"), ONLY_CHECK, "")).isEqualTo(1);
    assertThat(said()).contains("No such file or directory");
  }
}
