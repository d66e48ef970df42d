package carnelian.persistence.restore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import carnelian.base.Clock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BackupTest {
  @TempDir Path directory;

  private Path data() throws IOException {
    return Files.createDirectories(directory.resolve("data"));
  }

  private static Backup backup() {
    return new Backup(Clock.system());
  }

  private static LoggedStore open(Path data, String retention) throws Exception {
    return LoggedStore.open(
        data,
        "appendonly",
        "yes",
        "appendfsync",
        "no",
        "aof-segment-size",
        "2kb",
        "log-retention-bytes",
        retention);
  }

  /// Every backup holds exactly the first so many writes, and all that was on disk when it began.
  private void check(Path made, long atLeast, long atMost) throws Exception {
    BackupCheck.Result found = BackupCheck.check(made);
    assertThat(found.checksums()).isGreaterThan(2);
    try (LoggedStore store = LoggedStore.open(made, "appendonly", "yes")) {
      assertThat(store.log.offset()).isEqualTo(found.offset());
      long count = Long.parseLong(String.valueOf(store.run("GET", "n")));
      assertThat(count).isBetween(atLeast, atMost);
      for (int i = 0; i < 100; i++) {
        long last = count - Math.floorMod(count - i, 100);
        Object value = store.run("GET", "k" + i);
        assertThat(String.valueOf(value)).isEqualTo(last <= 0 ? "null" : Long.toString(last));
      }
    }
  }

  @Test
  void backupsWhileTheLogIsRewritten_eachHoldAPrefix() throws Exception {
    Path data = data();
    List<IOException> failures = new ArrayList<>();
    AtomicBoolean stop = new AtomicBoolean();
    List<Path> made = new ArrayList<>();
    try (LoggedStore store = open(data, "0")) {
      long i = write(store, 0, 300);
      store.flush();
      Thread copier =
          new Thread(
              () -> {
                for (int n = 0; n < 8 && !stop.get(); n++) {
                  try {
                    Path earlier = made.isEmpty() ? null : made.getLast();
                    Path into = directory.resolve("backup" + n);
                    Backup.Result _ = backup().back(data, into, earlier);
                    made.add(into);
                  } catch (IOException e) {
                    failures.add(e);
                  }
                }
              });
      copier.start();
      while (copier.isAlive()) {
        i = write(store, i, 150);
        store.rewrite();
      }
      copier.join();
      store.flush();
      assertThat(failures).isEmpty();
      assertThat(made).hasSize(8);
      for (Path each : made) {
        check(each, 300, i);
      }
    } finally {
      stop.set(true);
    }
  }

  private static long write(LoggedStore store, long from, int count) {
    for (long i = from + 1; i <= from + count; i++) {
      Object _ = store.run("MSET", "k" + i % 100, i, "n", i);
    }
    return from + count;
  }

  @Test
  void laterBackup_linksToFilesOfTheEarlierOne() throws Exception {
    Path data = data();
    try (LoggedStore store = open(data, "0")) {
      long i = write(store, 0, 500);
      store.flush();
      Path first = directory.resolve("first");
      Backup.Result _ = backup().back(data, first, null);
      i = write(store, i, 100);
      store.flush();
      Path second = directory.resolve("second");
      Backup.Result result = backup().back(data, second, first);
      assertThat(result.linkedBytes()).isPositive();
      assertThat(result.offset()).isEqualTo(store.log.offset());
      String base = "appendonlydir/appendonly.aof.1.base.rdb";
      assertThat(Files.getAttribute(second.resolve(base), "unix:ino"))
          .isEqualTo(Files.getAttribute(first.resolve(base), "unix:ino"));
      check(second, i, i);
    }
  }

  @Test
  void changedFile_isFoundByItsChecksum() throws Exception {
    Path data = data();
    try (LoggedStore store = open(data, "0")) {
      long _ = write(store, 0, 100);
      store.flush();
      Path made = directory.resolve("made");
      Backup.Result _ = backup().back(data, made, null);
      Path base = made.resolve("appendonlydir/appendonly.aof.1.base.rdb");
      byte[] bytes = Files.readAllBytes(base);
      bytes[bytes.length - 1] ^= 1;
      Files.write(base, bytes);
      assertThatThrownBy(() -> BackupCheck.check(made))
          .isInstanceOf(RestoreException.class)
          .hasMessageContaining("appendonly.aof.1.base.rdb: FAILED");
      Files.delete(base);
      assertThatThrownBy(() -> BackupCheck.check(made)).hasMessageContaining("missing");
    }
  }

  @Test
  void directoryWithoutALog_isSaidSo() {
    assertThatThrownBy(() -> backup().back(data(), directory.resolve("made"), null))
        .isInstanceOf(RestoreException.class)
        .hasMessageContaining("no append only file");
  }
}
