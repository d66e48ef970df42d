package carnelian.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadFactory;
import org.junit.jupiter.api.Test;

class ShadowsTest {
  private static final long DATA_BYTES = 16L << 20;
  private static final int TAKEN = 10_000;

  private final List<Thread> feeders = new ArrayList<>();
  private final ThreadFactory threads =
      work -> {
        Thread thread = new Thread(work, "feeder");
        thread.setDaemon(true);
        feeders.add(thread);
        return thread;
      };
  private final HeapOptions options = HeapOptions.defaults().withThreads(threads);

  @Test
  void closedShadows_areTakenOverByTheNextSnapshot() throws InterruptedException {
    Shadows shadows = new Shadows(DATA_BYTES, options);
    fill(shadows, 1);
    shadows.close();

    assertThat(shadows.reopen(DATA_BYTES)).isTrue();
    assertThat(shadows.takenPages()).isZero();
    fill(shadows, 2);
    assertFilled(shadows, 2);
    shadows.close();
    shadows.end();
    awaitNoFeeder();
  }

  @Test
  void closedShadows_withoutRoom_areNotTakenOver() throws InterruptedException {
    Shadows shadows = new Shadows(DATA_BYTES, options);
    shadows.close();
    assertThat(shadows.reopen(2 * DATA_BYTES)).isFalse();
    shadows.end();
    awaitNoFeeder();
  }

  @Test
  void openShadows_areNotTakenOver() throws InterruptedException {
    Shadows shadows = new Shadows(DATA_BYTES, options);
    assertThat(shadows.reopen(DATA_BYTES)).isFalse();
    shadows.close();
    shadows.end();
    awaitNoFeeder();
  }

  @Test
  void idleShadows_areReturnedToTheLastByte() throws InterruptedException {
    Shadows shadows = new Shadows(DATA_BYTES, options, 0);
    fill(shadows, 1);
    shadows.close();
    awaitNoFeeder();
    assertThat(shadows.reopen(DATA_BYTES)).isFalse();
  }

  @Test
  void shadowsTakenOverWhileTheyAreReturned_loseNothing() throws InterruptedException {
    int takenOver = 0;
    for (int round = 1; round <= 60; round++) {
      Shadows shadows = new Shadows(DATA_BYTES, options, 0);
      fill(shadows, round);
      while (true) {
        shadows.close();
        if (round % 3 == 0) {
          Thread.onSpinWait();
        }
        if (!shadows.reopen(DATA_BYTES)) {
          break;
        }
        takenOver++;
        fill(shadows, round + takenOver);
        assertFilled(shadows, round + takenOver);
        if (takenOver % 20 == 0) {
          shadows.close();
          break;
        }
      }
      shadows.end();
    }
    assertThat(takenOver).isPositive();
    awaitNoFeeder();
  }

  private static void fill(Shadows shadows, int with) {
    for (int i = 0; i < TAKEN; i++) {
      Raw.putLong(shadows.address(shadows.take()), (long) with << 32 | i);
    }
  }

  private static void assertFilled(Shadows shadows, int with) {
    for (int i = 0; i < TAKEN; i++) {
      if (Raw.getLong(shadows.address(i + 1)) != ((long) with << 32 | i)) {
        fail("shadow %d was lost", i + 1);
      }
    }
  }

  private void awaitNoFeeder() throws InterruptedException {
    for (Thread feeder : feeders) {
      boolean _ = feeder.join(Duration.ofSeconds(30));
      assertThat(feeder.isAlive()).isFalse();
    }
  }
}
