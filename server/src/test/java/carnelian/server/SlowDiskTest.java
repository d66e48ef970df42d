package carnelian.server;

import static org.assertj.core.api.Assertions.assertThat;

import carnelian.persistence.log.ForwardingDisk;
import carnelian.persistence.log.SystemDisk;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A flush that takes long keeps nobody waiting but those who asked for it.
class SlowDiskTest {
  private static final int COMMANDS = 100;
  private static final int FLUSH_MILLIS = 500;

  @TempDir Path directory;

  /// The machine's disk, with a flush that is held up on demand.
  private static final class SlowDisk extends ForwardingDisk {
    private final CountDownLatch flushing = new CountDownLatch(1);
    private final CountDownLatch release = new CountDownLatch(1);
    private volatile boolean slow;

    SlowDisk() {
      super(new SystemDisk());
    }

    private final class SlowFile extends File {
      SlowFile(Appender file) {
        super(file);
      }

      @Override
      public void fsync() throws IOException {
        if (slow) {
          flushing.countDown();
          try {
            release.await();
          } catch (InterruptedException e) {
            throw new IOException(e);
          }
        }
        super.fsync();
      }
    }

    @Override
    public Appender append(Path file) throws IOException {
      return new SlowFile(super.append(file));
    }

    @Override
    public Appender create(Path file) throws IOException {
      return new SlowFile(super.create(file));
    }
  }

  private static long delayedFsyncs(TestInstance store) {
    return store
        .raw("INFO", "persistence")
        .lines()
        .filter(line -> line.startsWith("aof_delayed_fsync:"))
        .mapToLong(line -> Long.parseLong(line.substring("aof_delayed_fsync:".length()).strip()))
        .sum();
  }

  @Test
  void everysec_whileAFlushIsHeldUp_writesAndReadsGoOn_andTheFlushIsCounted() throws Exception {
    SlowDisk disk = new SlowDisk();
    try (TestInstance store =
        TestInstance.start(disk, directory, "appendonly yes", "appendfsync everysec")) {
      store.instance().awaitLoaded();
      assertThat(store.raw("SET", "k", "0")).isEqualTo("+OK\r\n");
      disk.slow = true;
      int i = 0;
      do { // The next flush of the second comes when there is something to flush.
        i++;
        assertThat(store.raw("SET", "k", i)).isEqualTo("+OK\r\n");
      } while (!disk.flushing.await(10, TimeUnit.MILLISECONDS));

      for (int n = 1; n <= COMMANDS; n++) {
        assertThat(store.raw("SET", "n", n)).isEqualTo("+OK\r\n");
        assertThat(store.raw("GET", "n")).endsWith("\r\n" + n + "\r\n");
      }
      assertThat(disk.release.getCount()).as("all that was while the flush was held up").isOne();
      assertThat(disk.release.await(FLUSH_MILLIS, TimeUnit.MILLISECONDS)).isFalse();
      assertThat(delayedFsyncs(store)).isZero();

      disk.slow = false;
      disk.release.countDown();
      while (delayedFsyncs(store) == 0) {
        assertThat(store.raw("PING")).isEqualTo("+PONG\r\n");
      }
      assertThat(delayedFsyncs(store)).isOne();
    } finally {
      disk.release.countDown();
    }
  }

  @Test
  void always_whileAFlushIsHeldUp_theReplyWaits() throws Exception {
    SlowDisk disk = new SlowDisk();
    try (TestInstance store =
        TestInstance.start(disk, directory, "appendonly yes", "appendfsync always")) {
      store.instance().awaitLoaded();
      disk.slow = true;
      CountDownLatch answered = new CountDownLatch(1);
      Thread client =
          new Thread(
              () -> {
                assertThat(store.raw("SET", "k", "v")).isEqualTo("+OK\r\n");
                answered.countDown();
              });
      client.start();
      disk.flushing.await();
      assertThat(answered.await(50, TimeUnit.MILLISECONDS)).isFalse();
      disk.slow = false;
      disk.release.countDown();
      answered.await();
      client.join();
    } finally {
      disk.release.countDown();
    }
  }
}
