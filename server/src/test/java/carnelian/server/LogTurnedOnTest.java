package carnelian.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `CONFIG SET appendonly yes` while there is data.
class LogTurnedOnTest {
  private static final Shutdown.Request AS_CONFIGURED =
      new Shutdown.Request(Shutdown.Saving.AS_CONFIGURED, true, false);
  private static final Shutdown.Request FORCED =
      new Shutdown.Request(Shutdown.Saving.NEVER, true, true);

  @TempDir Path directory;

  @Test
  void withinATransaction_itsBaseIsOfTheTimeAfterIt() throws Exception {
    try (TestInstance store = TestInstance.start(directory, "appendfsync always")) {
      store.instance().awaitLoaded();
      assertThat(store.line("MULTI")).isEqualTo("+OK");
      assertThat(store.line("INCR n")).isEqualTo("+QUEUED");
      assertThat(store.line("CONFIG SET appendonly yes")).isEqualTo("+QUEUED");
      assertThat(store.line("INFO persistence")).isEqualTo("+QUEUED");
      assertThat(store.line("INCR n")).isEqualTo("+QUEUED");
      assertThat(store.raw("EXEC"))
          .contains("aof_rewrite_in_progress:0", "aof_rewrite_scheduled:1");
      while (!store.raw("INFO", "persistence").contains("aof_rewrites:1")
          || store.raw("INFO", "persistence").contains("aof_rewrite_in_progress:1")) {
        assertThat(store.raw("INFO", "persistence")).contains("aof_last_bgrewrite_status:ok");
      }
      assertThat(store.raw("INFO", "stats")).contains("total_forks:1\r\n");
    }
    try (TestInstance store = TestInstance.start(directory, "appendonly yes")) {
      store.instance().awaitLoaded();
      assertThat(store.raw("GET", "n")).isEqualTo("$1\r\n2\r\n");
    }
  }

  @Test
  void whileItsFirstBaseIsWritten_theEndIsRefused_unlessForced() throws Exception {
    try (TestInstance store = TestInstance.start(directory, "rdb-key-save-delay 30000000")) {
      store.instance().awaitLoaded();
      assertThat(store.raw("SET", "k", "v")).isEqualTo("+OK\r\n");
      assertThat(mayEnd(store, AS_CONFIGURED)).as("without a log").isTrue();
      assertThat(store.raw("CONFIG", "SET", "appendonly", "yes")).isEqualTo("+OK\r\n");
      assertThat(mayEnd(store, AS_CONFIGURED)).isFalse();
      assertThat(mayEnd(store, FORCED)).isTrue();
    }
  }

  private static boolean mayEnd(TestInstance store, Shutdown.Request request) throws Exception {
    CompletableFuture<Boolean> answer = new CompletableFuture<>();
    store.instance().loop().execute(() -> answer.complete(store.instance().saveBeforeEnd(request)));
    return answer.get();
  }
}
