package carnelian.persistence.snapshot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import carnelian.base.RandomSource;
import carnelian.base.config.Config;
import carnelian.engine.ServingState;
import carnelian.harness.TestStore;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RehearsalTest {
  private final TestStore store = TestStore.with();
  private final Queue<Runnable> begun = new ArrayDeque<>();
  private final Rehearsal rehearsal = new Rehearsal(store.engine(), this::begin);

  @AfterEach
  void stop() {
    store.close();
  }

  private Thread begin(Runnable work) {
    begun.add(work);
    return new Thread(() -> {});
  }

  private void pass(long millis) {
    store.clock().advance(millis, TimeUnit.MILLISECONDS);
    rehearsal.cron();
  }

  @Test
  void aRehearsal_writesEveryKeyManyTimes_andLeavesNothing() {
    long used = store.engine().keyspace().heap().usedBytes();
    assertThat(rehearsal.run()).isEqualTo(40 * 4096L);
    assertThat(store.engine().keyspace().heap().usedBytes()).isEqualTo(used);
  }

  @Test
  void aRehearsalThatFails_endsNothing_andIsNotTriedAgain() {
    RandomSource broken =
        () -> {
          throw new IllegalStateException("broken");
        };
    Rehearsal failing = new Rehearsal(store.engine(), this::begin, broken);
    store.clock().advance(2, TimeUnit.SECONDS);
    failing.cron();
    assertThat(begun).hasSize(1);
    assertThatCode(begun.remove()::run).doesNotThrowAnyException();
    store.clock().advance(2, TimeUnit.SECONDS);
    failing.cron();
    assertThat(begun).isEmpty();
  }

  @Test
  void itBegins_onceASecondWasQuiet_andOnlyOnce() {
    rehearsal.cron();
    pass(900);
    assertThat(begun).isEmpty();
    pass(200);
    assertThat(begun).hasSize(1);
    pass(5_000);
    assertThat(begun).hasSize(1);
  }

  @Test
  void itWaits_whileClientsAreServed(@TempDir Path directory) {
    Snapshots snapshots =
        new Snapshots(store.engine(), new Config(directory), Thread::new, Runnable::run);
    TestStore _ = store.and(snapshots.commands());
    for (int round = 0; round < 5; round++) {
      for (int i = 0; i < 30; i++) {
        assertThat(store.run("LASTSAVE")).isEqualTo(TestStore.START_MILLIS / 1000);
      }
      pass(600);
    }
    assertThat(begun).isEmpty();
    pass(1100);
    assertThat(begun).hasSize(1);
  }

  @Test
  void itWaits_whileDataIsLoaded() {
    store.engine().serving(ServingState.LOADING);
    pass(10_000);
    assertThat(begun).isEmpty();
    store.engine().serving(ServingState.SERVING);
    pass(900);
    assertThat(begun).isEmpty();
    pass(200);
    assertThat(begun).hasSize(1);
  }
}
