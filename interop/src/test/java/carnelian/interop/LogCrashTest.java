package carnelian.interop;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The process is killed while clients write, also within rewrites and changes of segments; the
/// next one starts by itself and has everything that was answered under `appendfsync always`.
///
/// `-Dcarnelian.crash.rounds=1000` for the long form.
class LogCrashTest {
  private static final int ROUNDS = Integer.getInteger("carnelian.crash.rounds", 3);
  private static final int WRITERS = 4;
  private static final String[] OPTIONS = {
    "--appendonly", "yes", "--appendfsync", "always", "--aof-segment-size", "20kb"
  };

  @TempDir Path directory;

  /// Writes ascending numbers to a list of its own until the server is gone.
  private static final class Writer extends Thread {
    final String list;
    final RespConnection connection;
    final AtomicLong acknowledged;
    final CountDownLatch begun;
    long sent;

    Writer(String list, ServerProcess server, long next, CountDownLatch begun) {
      this.list = list;
      connection = server.connect();
      acknowledged = new AtomicLong(next);
      sent = next;
      this.begun = begun;
    }

    @Override
    public void run() {
      try (connection) {
        while (true) {
          sent++;
          if (connection.call("RPUSH", list, Long.toString(sent)).number() != sent) {
            throw new AssertionError(list + " is not as long as was written");
          }
          acknowledged.set(sent);
          begun.countDown();
        }
      } catch (java.io.UncheckedIOException _) {
        // The server was killed.
      }
    }
  }

  @Test
  void killedServer_startsByItself_withEverythingThatWasAnswered() throws InterruptedException {
    Random random = new Random(20_261_121);
    long[] acknowledged = new long[WRITERS];
    long[] sent = new long[WRITERS];
    for (int round = 0; round <= ROUNDS; round++) {
      try (ServerProcess server = ServerProcess.carnelian(directory, OPTIONS);
          RespConnection connection = server.connect()) {
        for (int i = 0; i < WRITERS; i++) {
          long length = connection.call("LLEN", "list" + i).number();
          assertThat(length).as("round %d, list %d", round, i).isBetween(acknowledged[i], sent[i]);
          acknowledged[i] = length;
        }
        if (round == ROUNDS) {
          return;
        }
        CountDownLatch begun = new CountDownLatch(200);
        List<Writer> writers = new ArrayList<>();
        for (int i = 0; i < WRITERS; i++) {
          writers.add(new Writer("list" + i, server, acknowledged[i], begun));
        }
        writers.forEach(Thread::start);
        assertThat(begun.await(60, TimeUnit.SECONDS)).isTrue();
        if (round % 2 == 0) {
          assertThat(connection.call("BGREWRITEAOF").text()).startsWith("Background");
        }
        assertThat(new CountDownLatch(1).await(random.nextInt(100), TimeUnit.MILLISECONDS))
            .isFalse();
        server.kill();
        for (int i = 0; i < WRITERS; i++) {
          writers.get(i).join();
          acknowledged[i] = writers.get(i).acknowledged.get();
          sent[i] = writers.get(i).sent;
        }
      }
    }
  }
}
