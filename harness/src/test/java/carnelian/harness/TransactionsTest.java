package carnelian.harness;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import carnelian.engine.CommandEntry;
import carnelian.engine.ReplyError;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class TransactionsTest {
  private final TestStore store = TestStores.create();
  private final TestClient other = store.client();

  @AfterEach
  void close() {
    store.close();
  }

  private static ErrorReply error(String text) {
    return new ErrorReply(text);
  }

  @Test
  void exec_runsWhatWasQueued() {
    assertThat(store.run("MULTI")).isEqualTo("OK");
    assertThat(store.run("SET", "a", "1")).isEqualTo("QUEUED");
    assertThat(store.run("GET", "a")).isEqualTo("QUEUED");
    assertThat(other.run("GET", "a")).isNull();
    assertThat(store.run("EXEC")).isEqualTo(List.of("OK", "1"));
    assertThat(store.run("EXEC")).isEqualTo(error("ERR EXEC without MULTI"));
  }

  @Test
  void exec_ofNothingRepliesAnEmptyArray() {
    store.run("MULTI");
    assertThat(store.raw("EXEC")).isEqualTo("*0\r\n");
  }

  @Test
  void errorInside_doesNotStopTheOthers() {
    store.run("MULTI");
    store.run("SET", "a", "1");
    store.run("FAIL", "half");
    store.run("GET", "a");
    assertThat(store.run("EXEC")).isEqualTo(List.of("OK", error("ERR syntax error"), "1"));
    CommandEntry exec = requireNonNull(store.engine().commands().find("exec"));
    CommandEntry fail = requireNonNull(store.engine().commands().find("fail"));
    assertThat(exec.failedCalls()).isZero();
    assertThat(fail.failedCalls()).isEqualTo(1);
  }

  @Test
  void refusedCommand_doomsTheTransaction() {
    store.run("MULTI");
    store.run("SET", "a", "1");
    assertThat(store.run("GET")).isInstanceOf(ErrorReply.class);
    assertThat(store.run("SET", "b", "1")).isEqualTo("QUEUED");
    assertThat(store.run("EXEC"))
        .isEqualTo(error("EXECABORT Transaction discarded because of previous errors."));
    assertThat(store.run("GET", "a")).isNull();
  }

  @Test
  void execWithArguments_abortsAndSaysWhy() {
    store.run("MULTI");
    assertThat(store.run("EXEC", "x"))
        .isEqualTo(
            error(
                "EXECABORT Transaction discarded because of: wrong number of arguments for 'exec'"
                    + " command"));
    assertThat(store.run("EXEC")).isEqualTo(error("ERR EXEC without MULTI"));
  }

  @Test
  void execThatIsRefused_unwatchesAlsoWithoutMulti() {
    store.run("WATCH", "k");
    assertThat(store.run("EXEC", "x")).isInstanceOf(ErrorReply.class);
    other.run("SET", "k", "v");
    store.run("MULTI");
    assertThat(store.run("EXEC")).isEqualTo(List.of());
  }

  @Test
  void discard_forgetsTheQueue() {
    assertThat(store.run("DISCARD")).isEqualTo(error("ERR DISCARD without MULTI"));
    store.run("MULTI");
    store.run("SET", "a", "1");
    assertThat(store.run("DISCARD")).isEqualTo("OK");
    assertThat(store.run("GET", "a")).isNull();
  }

  @Test
  void nestedMultiAndWatchInside_areErrorsThatDoNotDoom() {
    store.run("MULTI");
    assertThat(store.run("MULTI")).isEqualTo(error("ERR MULTI calls can not be nested"));
    assertThat(store.run("WATCH", "k")).isEqualTo(error("ERR WATCH inside MULTI is not allowed"));
    assertThat(store.run("EXEC")).isEqualTo(List.of());
  }

  @Test
  void watch_failsExecIfTheKeyHasChanged() {
    store.run("WATCH", "k", "k");
    other.run("SET", "k", "v");
    store.run("MULTI");
    store.run("SET", "a", "1");
    assertThat(store.raw("EXEC")).isEqualTo("*-1\r\n");
    assertThat(store.engine().watchedKeys()).isZero();
    store.run("MULTI");
    store.run("SET", "a", "1");
    assertThat(store.run("EXEC")).isEqualTo(List.of("OK"));
  }

  @Test
  void watch_ofOneselfCountsToo() {
    store.run("WATCH", "k");
    store.run("SET", "k", "v");
    store.run("MULTI");
    assertThat(store.run("EXEC")).isNull();
  }

  @Test
  void watch_ofTheSameNameInAnotherDatabaseIsAnotherKey() {
    store.run("WATCH", "k");
    other.run("SELECT", "1");
    other.run("SET", "k", "v");
    store.run("MULTI");
    assertThat(store.run("EXEC")).isEqualTo(List.of());
  }

  @Test
  void unwatch_forgetsAndMends() {
    store.run("WATCH", "k");
    other.run("SET", "k", "v");
    assertThat(store.run("UNWATCH")).isEqualTo("OK");
    store.run("MULTI");
    assertThat(store.run("EXEC")).isEqualTo(List.of());
  }

  @Test
  void watchedKeyThatExpires_failsExecWhetherRemovedOrNot() {
    store.run("SET", "k", "v");
    store.run("PEXPIREAT", "k", store.nowMillis() + 10);
    store.run("WATCH", "k");
    store.freeze(11);
    store.run("MULTI");
    assertThat(store.run("EXEC")).isNull();

    store.run("SET", "k", "v");
    store.run("PEXPIREAT", "k", store.nowMillis() + 10);
    store.run("WATCH", "k");
    store.advance(20);
    assertThat(store.keyspace().size()).isZero();
    store.run("MULTI");
    assertThat(store.run("EXEC")).isNull();
  }

  @Test
  void keyExpiredBeforeWatch_mayBeRemoved() {
    store.run("SET", "k", "v");
    store.run("PEXPIREAT", "k", store.nowMillis() + 10);
    store.freeze(11);
    store.run("WATCH", "k");
    assertThat(other.run("GET", "k")).isNull();
    store.run("MULTI");
    assertThat(store.run("EXEC")).isEqualTo(List.of());

    store.run("SET", "k", "v");
    store.run("PEXPIREAT", "k", store.nowMillis() + 10);
    store.freeze(11);
    store.run("WATCH", "k");
    other.run("SET", "k", "w");
    store.run("MULTI");
    assertThat(store.run("EXEC")).isNull();
  }

  @Test
  void flush_breaksWatchesOfKeysThatExist() {
    store.run("SET", "k", "v");
    store.run("WATCH", "none");
    other.run("FLUSHDB");
    store.run("MULTI");
    assertThat(store.run("EXEC")).isEqualTo(List.of());

    store.run("SET", "k", "v");
    store.run("WATCH", "k");
    other.run("FLUSHDB");
    store.run("MULTI");
    assertThat(store.run("EXEC")).isNull();
  }

  @Test
  void swap_breaksWatchesOfKeysOnEitherSide() {
    other.run("SELECT", "1");
    other.run("SET", "k", "v");
    store.run("WATCH", "k");
    other.run("SWAPDB", "0", "1");
    store.run("MULTI");
    assertThat(store.run("EXEC")).isNull();

    store.run("WATCH", "nowhere");
    other.run("SWAPDB", "0", "1");
    store.run("MULTI");
    assertThat(store.run("EXEC")).isEqualTo(List.of());
  }

  @Test
  void lostConnection_givesUpItsWatches() {
    TestClient lost = store.client();
    lost.run("WATCH", "a", "b");
    lost.run("MULTI");
    lost.run("SET", "a", "v");
    assertThat(store.engine().watchedKeys()).isEqualTo(2);
    assertThat(store.engine().watchingClients()).isEqualTo(1);
    lost.close();
    assertThat(store.engine().watchedKeys()).isZero();
    assertThat(store.engine().watchingClients()).isZero();
  }

  @Test
  void blockingInside_answersAsAfterItsTimeout() {
    store.run("MULTI");
    store.run("TAKE", "k", "0");
    assertThat(store.run("EXEC")).isEqualTo(Arrays.asList((Object) null));
  }

  @Test
  void queueBeyondTheLimit_closesTheClient() {
    store.engine().settings().queryBufferLimitBytes(10_000);
    store.run("MULTI");
    for (int i = 0; i < 9; i++) {
      assertThat(store.run("SET", "k", "x".repeat(1000))).isEqualTo("QUEUED");
    }
    assertThat(store.first().client().transactionMemoryBytes()).isGreaterThan(9000);
    store.first().send("SET", "k", "x".repeat(1000));
    assertThat(store.first().isClosed()).isTrue();
  }

  @Test
  void outOfMemory_refusesToQueueAndToExec() {
    store.run("MULTI");
    store.run("SET", "k", "v");
    TestStores.fill(store);
    assertThat(store.run("GET", "k")).isEqualTo(error(ReplyError.OUT_OF_MEMORY.text()));
    assertThat(store.run("EXEC"))
        .isEqualTo(
            error(
                "EXECABORT Transaction discarded because of: OOM command not allowed when used"
                    + " memory > 'maxmemory'."));
    assertThat(store.run("EXEC")).isEqualTo(error("ERR EXEC without MULTI"));
    assertThat(store.run("SET", "k", "v")).isEqualTo(error(ReplyError.OUT_OF_MEMORY.text()));
    assertThat(store.run("GET", "k")).isNull();
  }
}
