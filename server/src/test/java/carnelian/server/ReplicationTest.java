package carnelian.server;

import static org.assertj.core.api.Assertions.assertThat;

import carnelian.net.Connection;
import carnelian.net.RequestHandler;
import carnelian.resp.ProtocolException;
import carnelian.resp.RequestBatch;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// A primary over sockets: what it sends to who says that it is a replica.
@Timeout(60)
class ReplicationTest {
  private static final String NO_DELAY = "repl-diskless-sync-delay 0";
  private static final String NO_PINGS = "repl-ping-replica-period 3600";

  @TempDir private Path directory;

  /// A replica of the simplest kind.
  private static final class Reader implements AutoCloseable {
    private final SocketChannel channel;

    Reader(Path directory) throws IOException {
      channel = SocketChannel.open(StandardProtocolFamily.UNIX);
      channel.connect(UnixDomainSocketAddress.of(directory.resolve("s")));
    }

    void send(String line) throws IOException {
      channel.write(ByteBuffer.wrap((line + "\r\n").getBytes(StandardCharsets.ISO_8859_1)));
    }

    String read(int bytes) throws IOException {
      ByteBuffer all = ByteBuffer.allocate(bytes);
      while (all.hasRemaining() && channel.read(all) >= 0) {
        // Until it is full.
      }
      return new String(all.array(), 0, all.position(), StandardCharsets.ISO_8859_1);
    }

    /// The next line that says something.
    String line() throws IOException {
      ByteArrayOutputStream line = new ByteArrayOutputStream();
      ByteBuffer one = ByteBuffer.allocate(1);
      while (channel.read(one.clear()) >= 0) {
        byte letter = one.get(0);
        if (letter == '\n' && line.size() > 0) {
          break;
        }
        if (letter != '\n' && letter != '\r') {
          line.write(letter);
        }
      }
      return line.toString(StandardCharsets.ISO_8859_1);
    }

    String ask(String command) throws IOException {
      send(command);
      return line();
    }

    /// Reads up to the end mark and returns what stands before it.
    String untilMark(String mark) throws IOException {
      StringBuilder all = new StringBuilder(read(mark.length()));
      while (!all.toString().endsWith(mark)) {
        all.append(read(1));
      }
      return all.substring(0, all.length() - mark.length());
    }

    /// The next command of the stream, its words in a row.
    String command() throws IOException {
      int words = Integer.parseInt(line().substring(1));
      StringBuilder command = new StringBuilder();
      for (int i = 0; i < words; i++) {
        int bytes = Integer.parseInt(line().substring(1));
        command.append(i == 0 ? "" : " ").append(read(bytes));
        read(2);
      }
      return command.toString();
    }

    @Override
    public void close() throws IOException {
      channel.close();
    }
  }

  private static String field(TestInstance store, String name) {
    return field(store, "replication", name);
  }

  private static String field(TestInstance store, String section, String name) {
    String info = store.raw("INFO", section);
    int at = info.indexOf(name + ":") + name.length() + 1;
    return info.substring(at, info.indexOf('\r', at));
  }

  private static void await(TestInstance store, String name, String value) {
    while (!field(store, name).contains(value)) {
      Thread.onSpinWait();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"no", "yes"})
  void sync_sendsTheSnapshotWithItsLength_thenTheStream(String appendOnly) throws Exception {
    try (TestInstance store = TestInstance.start(directory, NO_PINGS, "appendonly " + appendOnly);
        Reader replica = new Reader(directory)) {
      store.raw("SET", "before", "1");
      replica.send("SYNC");
      String length = replica.line();
      assertThat(length).startsWith("$");
      assertThat(replica.read(Integer.parseInt(length.substring(1))))
          .startsWith("REDIS0")
          .contains("before");
      store.raw("SELECT", 9);
      store.raw("SET", "after", "2");
      assertThat(replica.command()).isEqualTo("SELECT 9");
      assertThat(replica.command()).isEqualTo("SET after 2");
      assertThat(directory.toFile().list()).noneMatch(name -> name.startsWith("temp-repl"));
    }
  }

  @Test
  void whatAReplicaDoesNotTake_isCountedAsItsOwn_untilItIsGone() throws Exception {
    String value = "v".repeat(1 << 20);
    try (TestInstance store =
            TestInstance.start(directory, NO_PINGS, NO_DELAY, "repl-backlog-size 16kb");
        Reader replica = new Reader(directory)) {
      replica.send("SYNC");
      await(store, "slave0", "state=online");
      while (memory(store, "mem_clients_slaves") < value.length()) {
        store.raw("SET", "k", value); // Until the socket is full.
      }
      assertThat(memory(store, "mem_replication_backlog")).isEqualTo(16 << 10);
      assertThat(memory(store, "mem_total_replication_buffers"))
          .isEqualTo((16 << 10) + memory(store, "mem_clients_slaves"));
      store.raw("CLIENT", "KILL", "TYPE", "replica");
      await(store, "connected_slaves", "0");
      assertThat(memory(store, "mem_clients_slaves")).isZero();
      store.raw("SET", "k", value);
      assertThat(memory(store, "mem_replication_backlog"))
          .as("without replicas, too")
          .isBetween(16L << 10, 32L << 10);
    }
  }

  /// Tells of connections that are over.
  private record Closings(RequestHandler engine, Semaphore closed) implements RequestHandler {
    @Override
    public void opened(Connection connection) {
      engine.opened(connection);
    }

    @Override
    public int execute(Connection connection, RequestBatch batch) {
      return engine.execute(connection, batch);
    }

    @Override
    public void refused(Connection connection, ProtocolException error) {
      engine.refused(connection, error);
    }

    @Override
    public void closed(Connection connection, String reason) {
      engine.closed(connection, reason);
      closed.release();
    }

    @Override
    public void failed(Connection connection, Throwable bug) {
      engine.failed(connection, bug);
    }
  }

  /// A connection that has taken a piece asks for the next one. The engine may have closed it
  /// meanwhile and given up what it had not taken; the end of the connection comes with that.
  @Test
  void replicaThatIsClosed_whileItTakesAPiece_isNotGivenAnother() throws Exception {
    String value = "v".repeat(1 << 20);
    Semaphore closed = new Semaphore(0);
    try (TestInstance store =
            TestInstance.start(
                engine -> new Closings(engine, closed),
                directory,
                NO_PINGS,
                NO_DELAY,
                "repl-backlog-size 16kb",
                "io-threads 2");
        Reader replica = new Reader(directory);
        Reader control = new Reader(directory)) {
      replica.send("SYNC");
      await(store, "slave0", "state=online");
      while (memory(store, "mem_clients_slaves") < value.length()) {
        store.raw("SET", "k", value); // Until the socket is full.
      }
      control.send("MULTI");
      control.send("DEBUG SLEEP 0.3");
      control.send("CLIENT KILL TYPE replica");
      control.send("*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$" + value.length() + "\r\n" + value);
      control.send("DEBUG SLEEP 0.1");
      control.send("EXEC");
      while (!replica.read(1 << 16).isEmpty()) {
        // To the end.
      }
      assertThat(closed.tryAcquire(20, TimeUnit.SECONDS)).isTrue();
    }
  }

  private static long memory(TestInstance store, String name) {
    return Long.parseLong(field(store, "memory", name));
  }

  @Test
  void psync_fullThenPartial_losesNothing() throws Exception {
    try (TestInstance store = TestInstance.start(directory, NO_DELAY, NO_PINGS)) {
      String full;
      long position;
      try (Reader replica = new Reader(directory)) {
        assertThat(replica.ask("REPLCONF capa eof capa psync2")).isEqualTo("+OK");
        full = replica.ask("PSYNC ? -1");
        assertThat(full).startsWith("+FULLRESYNC ");
        String mark = replica.line();
        assertThat(mark).startsWith("$EOF:");
        assertThat(replica.untilMark(mark.substring(5))).startsWith("REDIS0");
        store.raw("SET", "a", "1");
        await(store, "slave0", "state=online");
        replica.send("REPLCONF ACK 0"); // Only then it may be sent more.
        assertThat(replica.command()).isEqualTo("SELECT 0");
        assertThat(replica.command()).isEqualTo("SET a 1");
        position = Long.parseLong(field(store, "master_repl_offset"));
      }
      await(store, "connected_slaves", "0");
      store.raw("SET", "b", "2");
      String id = full.split(" ", -1)[1];
      try (Reader replica = new Reader(directory)) {
        assertThat(replica.ask("REPLCONF capa psync2")).isEqualTo("+OK");
        assertThat(replica.ask("PSYNC " + id + " " + (position + 1))).isEqualTo("+CONTINUE " + id);
        assertThat(replica.command()).isEqualTo("SET b 2");
        store.raw("INCR", "b");
        assertThat(replica.command()).isEqualTo("INCR b");
      }
      try (Reader stranger = new Reader(directory)) {
        assertThat(stranger.ask("PSYNC " + "f".repeat(40) + " 1")).startsWith("+FULLRESYNC " + id);
      }
      String info = store.raw("INFO", "stats");
      assertThat(info)
          .contains("sync_full:2\r\n", "sync_partial_ok:1\r\n", "sync_partial_err:1\r\n");
    }
  }

  @Test
  void replicasThatWaitTogether_shareOneSnapshot() throws Exception {
    try (TestInstance store =
            TestInstance.start(
                directory,
                NO_PINGS,
                "repl-diskless-sync-delay 3600",
                "repl-diskless-sync-max-replicas 2");
        Reader first = new Reader(directory);
        Reader second = new Reader(directory)) {
      store.raw("SET", "k", "x".repeat(2_000_000));
      for (Reader replica : new Reader[] {first, second}) {
        assertThat(replica.ask("REPLCONF capa eof")).isEqualTo("+OK");
        replica.send("PSYNC ? -1");
      }
      assertThat(first.line()).isEqualTo(second.line());
      String mark = first.line();
      assertThat(second.line()).isEqualTo(mark);
      Thread reading =
          Thread.ofPlatform()
              .start(
                  () -> {
                    try {
                      first.untilMark(mark.substring(5));
                    } catch (IOException e) {
                      throw new AssertionError(e);
                    }
                  });
      assertThat(second.untilMark(mark.substring(5))).startsWith("REDIS0");
      reading.join();
    }
  }

  @Test
  void wait_countsReplicasThatHaveTheWrite() throws Exception {
    try (TestInstance store = TestInstance.start(directory, NO_PINGS);
        Reader replica = new Reader(directory)) {
      assertThat(store.raw("WAIT", 1, 1)).isEqualTo(":0\r\n");
      replica.send("SYNC");
      replica.read(Integer.parseInt(replica.line().substring(1)));
      await(store, "slave0", "state=online");
      assertThat(store.raw("SET", "k", "v")).isEqualTo("+OK\r\n");
      Thread answering =
          Thread.ofPlatform()
              .start(
                  () -> {
                    try {
                      while (!replica.command().startsWith("REPLCONF GETACK")) {
                        // Until it is asked.
                      }
                      replica.send("REPLCONF ACK 1000000");
                    } catch (IOException e) {
                      throw new AssertionError(e);
                    }
                  });
      assertThat(store.raw("WAIT", 1, 0)).isEqualTo(":1\r\n");
      answering.join();
      assertThat(store.raw("WAIT", 2, 1)).isEqualTo(":1\r\n");
    }
  }

  @Test
  void minReplicasToWrite_refusesWritesWithoutThem() throws Exception {
    try (TestInstance store = TestInstance.start(directory, "min-replicas-to-write 1")) {
      assertThat(store.raw("SET", "k", "v")).startsWith("-NOREPLICAS");
      assertThat(store.raw("PING")).isEqualTo("+PONG\r\n");
      store.raw("CONFIG", "SET", "min-replicas-to-write", 0);
      assertThat(store.raw("SET", "k", "v")).isEqualTo("+OK\r\n");
    }
  }

  @Test
  void replicaThatLoadsItsSnapshot_isAGoodOne() throws Exception {
    try (TestInstance store =
            TestInstance.start(directory, NO_DELAY, NO_PINGS, "min-replicas-to-write 1");
        Reader replica = new Reader(directory)) {
      assertThat(replica.ask("REPLCONF capa eof")).isEqualTo("+OK");
      replica.send("PSYNC ? -1");
      await(store, "slave0", "state=online"); // And silent: nothing is acknowledged.
      assertThat(field(store, "min_slaves_good_slaves")).isEqualTo("1");
      assertThat(store.raw("SET", "k", "v")).isEqualTo("+OK\r\n");
    }
  }
}
