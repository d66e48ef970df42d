package carnelian.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class EventLoopTest {
  private final Network network = new Network(NetworkOptions.defaults());

  @AfterEach
  void stop() {
    network.close();
  }

  @Test
  void tasks_runOnTheLoop() throws InterruptedException {
    EventLoop loop = network.engineLoop();
    CountDownLatch done = new CountDownLatch(2);
    assertThat(loop.inLoop()).isFalse();
    loop.execute(
        () -> {
          if (loop.inLoop()) {
            done.countDown();
          }
        });
    loop.schedule(TimeUnit.MILLISECONDS.toNanos(5), done::countDown);
    assertThat(done.await(10, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void alarm_ringsOnce_atTheLastSetting() {
    EventLoop loop = network.engineLoop();
    AtomicInteger rings = new AtomicInteger();
    long start = System.nanoTime();
    long late = start + TimeUnit.MILLISECONDS.toNanos(60);
    loop.execute(
        () -> {
          Alarm alarm = loop.alarm(() -> rings.addAndGet(System.nanoTime() >= late ? 1 : 100));
          alarm.ringAt(start + TimeUnit.MILLISECONDS.toNanos(500));
          alarm.ringAt(start + TimeUnit.MILLISECONDS.toNanos(10));
          alarm.ringAt(late);
          Alarm cancelled = loop.alarm(() -> rings.addAndGet(1000));
          cancelled.ringAt(start + TimeUnit.MILLISECONDS.toNanos(5));
          cancelled.cancel();
        });
    await().until(() -> rings.get() != 0);
    assertThat(rings).hasValue(1);
  }

  @Test
  void unknownTransport_isRefused() {
    assertThatThrownBy(() -> Transport.choose("carrier-pigeon"))
        .hasMessage("transport: carrier-pigeon (expected: auto, io_uring, epoll or nio)");
    assertThat(Transport.choose("auto").reason()).isNotEmpty();
    assertThat(Transport.choose("nio").transport()).isEqualTo(Transport.NIO);
  }
}
