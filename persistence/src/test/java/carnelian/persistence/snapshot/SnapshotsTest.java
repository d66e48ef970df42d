package carnelian.persistence.snapshot;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import carnelian.base.config.Config;
import carnelian.base.config.ConfigRefusedException;
import carnelian.base.config.Directives;
import carnelian.engine.ServingState;
import carnelian.harness.TestStore;
import carnelian.keyspace.Database;
import carnelian.memory.NativeBuffer;
import carnelian.memory.Slice;
import carnelian.persistence.log.Position;
import carnelian.persistence.log.RewriteToken;
import carnelian.persistence.rdb.RdbFormatException;
import carnelian.persistence.rdb.RdbInput;
import carnelian.persistence.rdb.RdbLoader;
import carnelian.persistence.rdb.RdbOpcode;
import carnelian.persistence.rdb.RdbOutput;
import carnelian.persistence.rdb.RdbType;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
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
    assertThat(snapshots.loads().load(snapshots.file())).isTrue();
    assertThat(db().size()).isEqualTo(1);
    assertThat(snapshots.loads().load(directory.resolve("none.rdb"))).isFalse();
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
    assertThat(snapshots.loads().load(snapshots.file())).isTrue();
    assertThat(db().size()).isEqualTo(1);
  }

  @Test
  void failedBgsave_refusesWritesUntilOneWorks() throws Exception {
    Files.createDirectories(directory.resolve("taken.rdb/full"));
    fileName("taken.rdb");
    assertThat(snapshots.saveInBackground()).isTrue();
    finish();
    assertThat(snapshots.lastSaveWorked()).isFalse();
    assertThat(snapshots.refusal(store.first().client()))
        .hasMessageStartingWith("MISCONF ")
        .hasMessageEndingWith(directory.resolve("taken.rdb").toString());
    try (var files = Files.list(directory)) {
      assertThat(files).noneMatch(file -> file.getFileName().toString().startsWith("temp-"));
    }
    fileName("dump.rdb");
    assertThat(snapshots.saveInBackground()).isTrue();
    finish();
    assertThat(snapshots.refusal(store.first().client())).isNull();
  }

  @Test
  void save_whereItCannotWrite_throws() throws Exception {
    Files.createDirectories(directory.resolve("taken.rdb/full"));
    fileName("taken.rdb");
    assertThatThrownBy(snapshots::saveNow).isInstanceOf(IOException.class);
  }

  @Test
  void bgsave_waitsWhileAnotherServerOfTheHostWritesAllItsData() throws Exception {
    config.set(Directives.REWRITE_TOKEN_DIR, directory.toString());
    RewriteToken other = requireNonNull(RewriteToken.take(config));
    assertThat(store.run("BGSAVE")).isEqualTo("Background saving scheduled");
    snapshots.cron();
    assertThat(snapshots.isSavingInBackground()).isFalse();
    assertThat(store.run("SAVE")).isEqualTo("OK");
    other.close();
    snapshots.cron();
    assertThat(snapshots.isSavingInBackground()).isTrue();
    assertThat(RewriteToken.take(config)).isNull();
    finish();
    requireNonNull(RewriteToken.take(config)).close();
  }

  @Test
  void savedFile_saysWhereItWasCut() throws Exception {
    Position cut = new Position("0123456789abcdef0123456789abcdef01234567", 1234);
    snapshots.position(() -> cut);
    assertThat(store.run("SAVE")).isEqualTo("OK");
    assertThat(snapshots.loads().load(snapshots.file())).isTrue();
    assertThat(snapshots.loads().position()).isEqualTo(cut);
  }

  // ---- FLUSHALL --------------------------------------------------------------------------------

  @Test
  void flushall_endsASaveInTheBackground() throws Exception {
    config.set(Directives.SAVE, "");
    config.set(Directives.RDB_KEY_SAVE_DELAY, "100000000");
    addKey("a");
    addKey("b");
    assertThat(store.run("BGSAVE")).isEqualTo("Background saving started");
    store.engine().keyspace().flushAll();
    snapshots.flushedAll();
    assertThat(snapshots.isSavingInBackground()).isFalse();
    assertThat(snapshots.lastSaveWorked()).isTrue();
    try (var files = Files.list(directory)) {
      assertThat(files).isEmpty();
    }
  }

  @Test
  void flushall_withSavePoints_savesThatThereIsNothing() throws Exception {
    config.set(Directives.SAVE, "100 1");
    addKey("a");
    snapshots.saveNow();
    store.engine().keyspace().flushAll();
    snapshots.flushedAll();
    assertThat(snapshots.loads().load(snapshots.file())).isTrue();
    assertThat(db().size()).isZero();
  }

  // ---- Slices ----------------------------------------------------------------------------------

  @Test
  void loadInSlices_letsCommandsBeAnsweredInBetween() throws Exception {
    for (int i = 0; i < 1000; i++) {
      addKey("a key that takes some bytes: " + i);
    }
    snapshots.saveNow();
    store.engine().keyspace().flushAll();
    config.set(Directives.LOADING_PROCESS_EVENTS_INTERVAL_BYTES, "1024");
    config.set(Directives.KEY_LOAD_DELAY, "1");
    boolean[] done = new boolean[1];
    snapshots
        .loads()
        .inSlices(
            failure -> {
              assertThat(failure).isNull();
              done[0] = true;
            });
    int slices = 0;
    while (!done[0]) {
      assertThat(store.raw("SAVE")).startsWith("-LOADING ");
      assertThat(store.run("LASTSAVE")).isInstanceOf(Long.class);
      assertThat(snapshots.loads().loading()).isNotNull();
      onEngine.take().run();
      slices++;
    }
    assertThat(slices).isGreaterThan(10);
    assertThat(snapshots.loads().loading()).isNull();
    assertThat(db().size()).isEqualTo(1000);
    assertThat(store.run("SAVE")).isEqualTo("OK");
  }

  // ---- What others wrote -----------------------------------------------------------------------

  private interface Body {
    void write(RdbOutput out) throws IOException;
  }

  private void writeFile(Body body) throws IOException {
    try (FileChannel file =
            FileChannel.open(
                snapshots.file(), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        RdbOutput out = RdbOutput.to(file, RdbOutput.Compression.NONE)) {
      out.writeSignature(10);
      body.write(out);
      out.writeOpcode(RdbOpcode.EOF);
      out.writeChecksum(true);
      out.flush();
    }
  }

  @Test
  void functionLibraries_areCarriedToTheNextFile() throws Exception {
    String library = "#!lua name=mylib\nredis.register_function('f', function() return 1 end)";
    writeFile(
        out -> {
          out.writeOpcode(RdbOpcode.FUNCTION_2);
          out.writeText(library);
        });
    assertThat(snapshots.loads().load(snapshots.file())).isTrue();
    Files.delete(snapshots.file());
    store.engine().keyspace().flushAll();
    snapshots.saveNow();
    try (FileChannel file = FileChannel.open(snapshots.file());
        RdbInput in = new RdbInput("dump.rdb", file);
        RdbLoader loader =
            new RdbLoader(
                in, store.engine().keyspace(), RdbLoader.Expired.KEEP, file.size(), true)) {
      loader.load();
      assertThat(loader.functions())
          .singleElement()
          .isEqualTo(library.getBytes(StandardCharsets.US_ASCII));
    }
  }

  @Test
  void valuesOfModules_areRefusedByName() throws Exception {
    long bloomFilters = 0x01_3a25_a320_5be7L;
    writeFile(
        out -> {
          out.writeByte(RdbType.MODULE_2.code());
          out.writeText("key");
          out.writeLength(bloomFilters);
          out.writeLength(0);
        });
    assertThatThrownBy(() -> snapshots.loads().load(snapshots.file()))
        .isInstanceOf(RdbFormatException.class)
        .hasMessageContaining("dump.rdb:14: found data of the module type '");
    assertThat(store.engine().serving()).isEqualTo(ServingState.SERVING);
  }
}
