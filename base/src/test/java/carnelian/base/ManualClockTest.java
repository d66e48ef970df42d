package carnelian.base;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class ManualClockTest {
  @Test
  void advance_movesBothScales() {
    ManualClock clock = new ManualClock(1_000);

    clock.advance(250, TimeUnit.MILLISECONDS);

    assertThat(clock.wallMillis()).isEqualTo(1_250);
    assertThat(clock.monotonicNanos()).isEqualTo(250_000_000);
  }

  @Test
  void advance_inPartsOfAMicrosecond_losesNothing() {
    ManualClock clock = new ManualClock(0);

    for (int i = 0; i < 10_000; i++) {
      clock.advance(100, TimeUnit.NANOSECONDS);
    }

    assertThat(clock.wallMicros()).isEqualTo(1_000);
  }

  @Test
  void jumpTo_leavesMonotonicTimeAlone() {
    ManualClock clock = new ManualClock(5_000);
    clock.advance(1, TimeUnit.SECONDS);

    clock.jumpTo(10);

    assertThat(clock.wallMillis()).isEqualTo(10);
    assertThat(clock.monotonicNanos()).isEqualTo(1_000_000_000);
  }
}
