package carnelian.server;

import static org.assertj.core.api.Assertions.assertThat;

import carnelian.persistence.log.Disk;
import carnelian.persistence.log.SystemDisk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.nio.file.Path;
import java.util.List;
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
  private static final class SlowDisk implements Disk {
    private final Disk disk = new SystemDisk();
    private final CountDownLatch flushing = new CountDownLatch(1);
    private final CountDownLatch release = new CountDownLatch(1);
    private volatile boolean slow;

    private final class SlowFile implements Appender {
      private final Appender file;

      SlowFile(Appender file) {
        this.file = file;
      }

      @Override
      public void write(ByteBuffer source) throws IOException {
        file.write(source);
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
        file.fsync();
      }

      @Override
      public long size() throws IOException {
        return file.size();
      }

      @Override
      public void truncate(long bytes) throws IOException {
        file.truncate(bytes);
      }

      @Override
      public void close() throws IOException {
        file.close();
      }
    }

    @Override
    public Appender append(Path file) throws IOException {
      return new SlowFile(disk.append(file));
    }

    @Override
    public Appender create(Path file) throws IOException {
      return new SlowFile(disk.create(file));
    }

    @Override
    public ReadableByteChannel read(Path file, long from) throws IOException {
      return disk.read(file, from);
    }

    @Override
    public boolean exists(Path file) {
      return disk.exists(file);
    }

    @Override
    public long size(Path file) throws IOException {
      return disk.size(file);
    }

    @Override
    public long modifiedMillis(Path file) throws IOException {
      return disk.modifiedMillis(file);
    }

    @Override
    public void truncate(Path file, long bytes) throws IOException {
      disk.truncate(file, bytes);
    }

    @Override
    public void refresh(Path file, long from) throws IOException {
      disk.refresh(file, from);
    }

    @Override
    public void rename(Path from, Path to) throws IOException {
      disk.rename(from, to);
    }

    @Override
    public void delete(Path file) throws IOException {
      disk.delete(file);
    }

    @Override
    public List<Path> list(Path directory) throws IOException {
      return disk.list(directory);
    }

    @Override
    public void createDirectory(Path directory) throws IOException {
      disk.createDirectory(directory);
    }

    @Override
    public void fsyncDirectory(Path directory) throws IOException {
      disk.fsyncDirectory(directory);
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
