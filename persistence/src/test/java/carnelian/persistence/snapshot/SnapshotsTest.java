package carnelian.persistence.snapshot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import carnelian.base.config.Config;
import carnelian.base.config.ConfigRefusedException;
import carnelian.base.config.Directives;
import carnelian.harness.TestStore;
import carnelian.keyspace.Database;
import carnelian.memory.NativeBuffer;
import carnelian.memory.Slice;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SnapshotsTest {
  @TempDir private Path directory;

  private final BlockingQueue<Runnable> onEngine = new LinkedBlockingQueue<>();
  private final NativeBuffer text = new NativeBuffer(64);
  private final TestStore store = TestStore.with();
  private Config config;
  private Snapshots snapshots;

  @BeforeEach
  void start() {
    config = new Config(directory);
    snapshots = new Snapshots(store.engine(), config, Thread::new, onEngine::add);
    TestStore _ = store.and(snapshots.commands());
    store.engine().writeGuard(snapshots);
  }

  @AfterEach
  void stop() {
    snapshots.close();
    store.engine().keyspace().flushAll();
    store.close();
    text.close();
  }

  private void addKey(String name) {
    text.clear();
    text.putAscii(name);
    Slice key = text.slice(new Slice());
    store.engine().keyspace().strings().add(db(), key, key, Database.NO_DEADLINE);
  }

  private Database db() {
    return store.engine().keyspace().database(0);
  }

  private void finish() throws InterruptedException {
    while (snapshots.isSavingInBackground()) {
      onEngine.take().run();
    }
  }

  private void fileName(String name) throws ConfigRefusedException {
    config.set(Directives.DBFILENAME, name);
  }

  @Test
  void save_writesAFileThatLoads() throws IOException {
    addKey("k");
    assertThat(store.run("SAVE")).isEqualTo("OK");
    assertThat(directory).isDirectoryContaining(file -> file.endsWith("dump.rdb"));
    store.engine().keyspace().flushAll();
    assertThat(snapshots.load(snapshots.file())).isTrue();
    assertThat(db().size()).isEqualTo(1);
    assertThat(snapshots.load(directory.resolve("none.rdb"))).isFalse();
  }

  @Test
  void bgsave_holdsTheKeysOfItsCut_andLeavesLaterChangesDirty() throws Exception {
    addKey("before");
    store.engine().dirty(3);
    assertThat(store.run("BGSAVE")).isEqualTo("Background saving started");
    store.engine().dirty(5);
    addKey("after");
    finish();
    assertThat(snapshots.lastSaveWorked()).isTrue();
    assertThat(store.engine().dirty()).isEqualTo(2);
    store.engine().keyspace().flushAll();
    assertThat(snapshots.load(snapshots.file())).isTrue();
    assertThat(db().size()).isEqualTo(1);
  }

  @Test
  void failedBgsave_refusesWritesUntilOneWorks() throws Exception {
    Files.createDirectories(directory.resolve("taken.rdb/full"));
    fileName("taken.rdb");
    snapshots.saveInBackground();
    finish();
    assertThat(snapshots.lastSaveWorked()).isFalse();
    assertThat(snapshots.refusal(store.first().client())).hasMessageStartingWith("MISCONF ");
    try (var files = Files.list(directory)) {
      assertThat(files).noneMatch(file -> file.getFileName().toString().startsWith("temp-"));
    }
    fileName("dump.rdb");
    snapshots.saveInBackground();
    finish();
    assertThat(snapshots.refusal(store.first().client())).isNull();
  }

  @Test
  void save_whereItCannotWrite_throws() throws Exception {
    Files.createDirectories(directory.resolve("taken.rdb/full"));
    fileName("taken.rdb");
    assertThatThrownBy(snapshots::saveNow).isInstanceOf(IOException.class);
  }
}
