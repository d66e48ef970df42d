package carnelian.interop;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The process is killed at random moments while clients write, also within rewrites, saves and
/// changes of segments. The next one starts by itself, with no hand repair, and
///
/// 1. holds a prefix of the order in which commands were executed: each write appends a value that
///    nobody else writes to one list, and its reply says where in that order it stands;
/// 2. holds transactions as a whole: what each writer noted beside the list agrees with it;
/// 3. under `always` holds everything that was answered; under `everysec` and `no` lacks nothing
///    that was answered more than two seconds before the kill.
///
/// `-Dcarnelian.crash.kills=1000` for the long form: so many kills over the three policies;
/// `-Dcarnelian.crash.seed=S` for other moments.
class CrashTest {
  private static final int KILLS = Integer.getInteger("carnelian.crash.kills", 3);
  private static final long SEED = Long.getLong("carnelian.crash.seed", 20_261_121);
  private static final int POLICIES = 3;
  private static final int WRITERS = 4;
  private static final int OTHER_KEYS = 3_000;
  private static final int KILLS_PER_DIRECTORY = 50;
  private static final long MOST_LOST_NANOS = TimeUnit.SECONDS.toNanos(2);
  private static final String LIST = "all";
  private static final String NOTES = "notes";

  @TempDir Path directory;

  private record Acknowledged(long position, String value, long atNanos) {}

  /// Writes `name:1`, `name:2` and so on until the server is gone.
  private static final class Writer extends Thread {
    final String name;
    final RespConnection connection;
    final List<Acknowledged> acknowledged = new ArrayList<>();
    final CountDownLatch begun;
    long next;

    Writer(String name, ServerProcess server, long next, CountDownLatch begun) {
      this.name = name;
      this.next = next;
      this.begun = begun;
      connection = server.connect();
    }

    @Override
    public void run() {
      try (connection) {
        while (true) {
          String value = name + ":" + next;
          connection.send("MULTI");
          connection.send("RPUSH", LIST, value);
          connection.send("HSET", NOTES, name, Long.toString(next));
          connection.send("EXEC");
          connection.flush();
          for (int i = 0; i < 3; i++) {
            assertThat(connection.read()).isNotInstanceOf(RespValue.Failure.class);
          }
          long position = connection.read().items().getFirst().number();
          acknowledged.add(new Acknowledged(position, value, System.nanoTime()));
          next++;
          begun.countDown();
        }
      } catch (UncheckedIOException _) {
        // The server was killed.
      }
    }
  }

  /// What has been seen to be there in one directory.
  private static final class Seen {
    final long[] next = new long[WRITERS];
    long length;

    Seen() {
      java.util.Arrays.fill(next, 1);
    }
  }

  private final SplittableRandom random = new SplittableRandom(SEED);
  private long answered;
  private long lost;
  private long mostLostNanos;

  @ParameterizedTest
  @ValueSource(strings = {"always", "everysec", "no"})
  void killedServer_startsByItself_withAPrefixThatHoldsAllThatWasPromised(String policy)
      throws Exception {
    int kills = Math.ceilDiv(KILLS, POLICIES);
    for (int done = 0; done < kills; done += KILLS_PER_DIRECTORY) {
      Path data = Files.createDirectory(directory.resolve("data" + done));
      live(data, policy, Math.min(KILLS_PER_DIRECTORY, kills - done));
      System.out.printf(
          "crash: %s: %d kills, %d writes answered, %d of them lost, the oldest %.1f ms before%n",
          policy, Math.min(done + KILLS_PER_DIRECTORY, kills), answered, lost, mostLostNanos / 1e6);
    }
  }

  private void live(Path data, String policy, int kills) throws Exception {
    Seen seen = new Seen();
    List<Writer> before = List.of();
    long killedNanos = 0;
    for (int i = 0; i <= kills; i++) {
      try (ServerProcess server = ServerProcess.carnelian(data, options(policy));
          RespConnection connection = server.connect()) {
        check(connection, policy, before, killedNanos, seen);
        if (i == 0) {
          fill(connection);
        }
        if (i == kills) {
          return;
        }
        before = write(server, seen);
        provoke(connection);
        killedNanos = System.nanoTime();
        server.kill();
        for (Writer writer : before) {
          writer.join();
        }
      }
    }
  }

  private static String[] options(String policy) {
    return new String[] {
      "--appendonly",
      "yes",
      "--appendfsync",
      policy,
      "--aof-segment-size",
      "20kb",
      "--auto-aof-rewrite-min-size",
      "200kb",
      "--auto-aof-rewrite-percentage",
      "50"
    };
  }

  private static void fill(RespConnection connection) {
    for (int i = 0; i < OTHER_KEYS; i++) {
      connection.send("SET", "other" + i, "value of the other key number " + i);
    }
    connection.flush();
    for (int i = 0; i < OTHER_KEYS; i++) {
      assertThat(connection.read().text()).isEqualTo("OK");
    }
    assertThat(connection.call("WAITAOF", "1", "0", "0").items()).hasSize(2);
  }

  private static List<Writer> write(ServerProcess server, Seen seen) throws InterruptedException {
    CountDownLatch begun = new CountDownLatch(100);
    List<Writer> writers = new ArrayList<>();
    for (int i = 0; i < WRITERS; i++) {
      writers.add(new Writer("writer" + i, server, seen.next[i], begun));
    }
    writers.forEach(Thread::start);
    assertThat(begun.await(60, TimeUnit.SECONDS)).isTrue();
    return writers;
  }

  /// Something that a kill may come into the middle of.
  private void provoke(RespConnection connection) throws InterruptedException {
    switch (random.nextInt(4)) {
      case 0, 1 -> {
        RespValue _ = connection.call("BGREWRITEAOF");
      }
      case 2 -> {
        RespValue _ = connection.call("BGSAVE");
      }
      default -> {} // Segments change all the time.
    }
    long micros = random.nextInt(3) == 0 ? random.nextInt(200_000) : random.nextInt(30_000);
    assertThat(new CountDownLatch(1).await(micros, TimeUnit.MICROSECONDS)).isFalse();
  }

  // ---- Invariants ------------------------------------------------------------------------------

  private void check(
      RespConnection connection, String policy, List<Writer> writers, long killedNanos, Seen seen)
      throws IOException {
    List<String> list = connection.call("LRANGE", LIST, Long.toString(seen.length), "-1").texts();
    long[] next = seen.next.clone();
    for (String value : list) {
      int colon = value.indexOf(':');
      int writer = Integer.parseInt(value.substring("writer".length(), colon));
      assertThat(value).as(policy).isEqualTo("writer" + writer + ":" + next[writer]);
      next[writer]++;
    }
    for (int i = 0; i < WRITERS; i++) {
      RespValue note = connection.call("HGET", NOTES, "writer" + i);
      long noted = note instanceof RespValue.Bulk(String digits) ? Long.parseLong(digits) : 0;
      assertThat(noted).as("%s: writer %d", policy, i).isEqualTo(next[i] - 1);
    }
    long length = seen.length + list.size();
    for (Writer writer : writers) {
      for (Acknowledged each : writer.acknowledged) {
        checkAnswered(each, policy, list, seen.length, killedNanos);
      }
      answered += writer.acknowledged.size();
    }
    if (!writers.isEmpty()) {
      assertThat(connection.call("EXISTS", "other0", "other" + (OTHER_KEYS - 1)).number())
          .isEqualTo(2);
      // All that the first life of a directory wrote may have been too young.
      assertThat(connection.call("DBSIZE").number()).isEqualTo(OTHER_KEYS + (length == 0 ? 0 : 2));
    }
    System.arraycopy(next, 0, seen.next, 0, WRITERS);
    seen.length = length;
  }

  private void checkAnswered(
      Acknowledged each, String policy, List<String> list, long before, long killedNanos) {
    long index = each.position() - before - 1;
    if (index < list.size()) {
      assertThat(list.get((int) index)).as(policy).isEqualTo(each.value());
      return;
    }
    assertThat(policy).as("%s was answered and is lost", each.value()).isNotEqualTo("always");
    long nanos = killedNanos - each.atNanos();
    assertThat(nanos).as("%s: %s is lost", policy, each.value()).isLessThan(MOST_LOST_NANOS);
    lost++;
    mostLostNanos = Math.max(mostLostNanos, nanos);
  }
}
