package carnelian.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import carnelian.memory.NativeBuffer;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.exceptions.JedisException;

/// Starts and ends, and what is left after them.
class LifecycleTest {
  private static final int STARTS = 200;

  /// Before leaks are looked for, so that what is made once is there.
  private static final int FIRST_STARTS = 10;

  @TempDir private Path directory;

  // ---- Leaks -----------------------------------------------------------------------------------

  /// What a process has that a store could leave behind.
  private record Traces(
      Set<String> threads, long files, long mappings, long buffers, Set<String> temporary) {
    static Traces now() throws IOException {
      return new Traces(
          Thread.getAllStackTraces().keySet().stream()
              .map(Thread::getName)
              .filter(name -> name.matches("(carnelian|loading|log|snapshot|heap|shutdown).*"))
              .collect(Collectors.toCollection(TreeSet::new)),
          count(Path.of("/proc/self/fd")),
          largeMappings(),
          NativeBuffer.holding(),
          temporaryNames());
    }

    private static long count(Path directory) throws IOException {
      try (Stream<Path> entries = Files.list(directory)) {
        return entries.count();
      }
    }

    /// Those that are large: a heap reserves at least a gigabyte of address space.
    private static long largeMappings() throws IOException {
      try (Stream<String> lines = Files.lines(Path.of("/proc/self/maps"))) {
        return lines.filter(line -> bytes(line) >= 1L << 30).count();
      }
    }

    private static long bytes(String line) {
      String[] range = line.substring(0, line.indexOf(' ')).split("-", 2);
      return Long.parseUnsignedLong(range[1], 16) - Long.parseUnsignedLong(range[0], 16);
    }

    private static Set<String> temporaryNames() throws IOException {
      try (Stream<Path> entries = Files.list(Path.of(System.getProperty("java.io.tmpdir")))) {
        return entries
            .map(path -> path.getFileName().toString())
            .filter(name -> name.startsWith("carnelian-embedded-"))
            .collect(Collectors.toCollection(TreeSet::new));
      }
    }
  }

  /// Every other one has a port, every fourth a log, some are used and some are ended by a client.
  private void startAndStop(int number) {
    CarnelianBuilder builder = Carnelian.builder();
    if (number % 2 == 0) {
      builder.noPort();
    }
    if (number % 4 == 1) {
      builder.temporaryDirectory().config("appendonly", "yes");
    }
    if (number % 8 == 3) {
      builder.virtualClock().unixSocket(directory.resolve("s"));
    }
    if (number % 16 == 5) {
      builder.config("io-threads", "2");
    }
    try (Carnelian store = builder.start()) {
      store.execute("SET", "k", "v");
      if (store.port() > 0) {
        try (Jedis jedis = new Jedis(store.host(), store.port())) {
          assertThat(jedis.get("k")).isEqualTo("v");
          if (number % 16 == 7) {
            jedis.shutdown();
          }
        } catch (JedisException e) {
          assertThat(number % 16).isEqualTo(7);
        }
      }
      if (number % 16 == 9) {
        store.execute("BGSAVE");
      }
      if (number % 16 == 11) {
        store.execute("EVAL", "return redis.call('GET', KEYS[1])", 1, "k");
      }
    }
  }

  @Test
  void twoHundredStarts_leaveNothing() throws Exception {
    for (int i = 0; i < FIRST_STARTS; i++) {
      startAndStop(i);
    }
    Traces before = settled(null);
    for (int i = 0; i < STARTS; i++) {
      startAndStop(i);
    }
    assertThat(settled(before)).isEqualTo(before);
    assertThat(directory).isEmptyDirectory();
  }

  /// Threads that have ended, and what they held, are gone only a moment later.
  private static Traces settled(@Nullable Traces wanted) throws IOException {
    long end = System.nanoTime() + 10_000_000_000L;
    Traces now = Traces.now();
    while (System.nanoTime() < end
        && (wanted == null ? !now.threads.isEmpty() : !now.equals(wanted))) {
      now = Traces.now();
    }
    return now;
  }

  @Test
  void failedStart_saysWhy_andLeavesNothing() throws Exception {
    Traces before = settled(null);
    assertThatThrownBy(() -> Carnelian.builder().config("maxmemory", "much").start())
        .isInstanceOf(StartException.class)
        .hasMessageContaining("maxmemory");
    assertThatThrownBy(() -> Carnelian.builder().config("no-such-thing", "1").start())
        .hasMessageContaining("Bad directive");
    assertThatThrownBy(() -> Carnelian.builder().config("appendonly", "yes").start())
        .hasMessageContaining("a directory");
    try (Carnelian store = Carnelian.start()) {
      assertThatThrownBy(() -> Carnelian.builder().port(store.port()).start())
          .isInstanceOf(StartException.class)
          .hasMessageContaining("Unable to listen on this port");
    }
    Files.writeString(directory.resolve("dump.rdb"), "REDIS0010 is not it");
    assertThatThrownBy(() -> Carnelian.builder().directory(directory).start())
        .isInstanceOf(StartException.class)
        .hasMessageContaining("dump.rdb");
    assertThat(settled(before)).isEqualTo(before);
  }

  // ---- Isolation -------------------------------------------------------------------------------

  @Test
  void storesBesideEachOther_shareNothing() {
    List<Carnelian> stores = new ArrayList<>();
    try {
      for (int i = 0; i < 20; i++) {
        stores.add(Carnelian.start());
      }
      for (int i = 0; i < stores.size(); i++) {
        stores.get(i).execute("SET", "k", i);
      }
      assertThat(stores.stream().map(Carnelian::port).distinct()).hasSize(stores.size());
      stores.getFirst().close();
      for (int i = 1; i < stores.size(); i++) {
        assertThat(stores.get(i).execute("GET", "k").asLong()).isEqualTo(i);
      }
    } finally {
      stores.forEach(Carnelian::close);
    }
  }

  @Test
  void shutdown_endsTheStoreAlone_andItsPortIsFree() throws Exception {
    try (Carnelian store = Carnelian.start();
        Carnelian other = Carnelian.start();
        Jedis jedis = new Jedis(store.host(), store.port())) {
      jedis.shutdown();
      awaitEnd(store);
      assertThat(store.isClosed()).isTrue();
      assertThatThrownBy(() -> new Socket(InetAddress.getLoopbackAddress(), store.port()).close())
          .isInstanceOf(ConnectException.class);
      assertThat(other.execute("PING").asString()).isEqualTo("PONG");
      try (Carnelian again = Carnelian.builder().port(store.port()).start()) {
        assertThat(again.port()).isEqualTo(store.port());
      }
    }
  }

  /// An end that has begun is waited for.
  private static void awaitEnd(AutoCloseable store) throws Exception {
    store.close();
  }

  @Test
  void crash_thatIsAskedFor_endsTheStoreAlone() {
    try (Carnelian store =
        Carnelian.builder().noPort().config("enable-debug-command", "yes").start()) {
      assertThatThrownBy(
              () -> {
                while (true) {
                  store.execute("DEBUG", "SEGFAULT");
                }
              })
          .isInstanceOf(IllegalStateException.class);
      assertThat(store.isClosed()).isTrue();
    }
  }

  // ---- Options ---------------------------------------------------------------------------------

  @Test
  void withoutADirectory_nothingIsReadOrWritten() {
    try (Carnelian store = Carnelian.builder().noPort().start()) {
      assertThatThrownBy(() -> store.execute("SAVE")).isInstanceOf(CommandException.class);
      assertThatThrownBy(() -> store.execute("CONFIG", "SET", "appendonly", "yes"))
          .isInstanceOf(CommandException.class);
      assertThat(store.execute("SET", "k", "v").asString()).isEqualTo("OK");
      assertThat(store.directory()).isNull();
    }
  }

  @Test
  void directory_keepsTheData_asTheDirectivesSay() {
    CarnelianBuilder logs =
        Carnelian.builder().noPort().directory(directory.resolve("d")).config("appendonly", "yes");
    try (Carnelian store = logs.start()) {
      store.execute("SET", "k", "v");
    }
    try (Carnelian store = logs.start()) {
      assertThat(store.execute("GET", "k").asString()).isEqualTo("v");
    }
    CarnelianBuilder saves =
        Carnelian.builder().noPort().directory(directory.resolve("e")).config("save", "900 1");
    try (Carnelian store = saves.start()) {
      store.execute("SET", "k", "v");
    }
    try (Carnelian store = saves.start()) {
      assertThat(store.execute("GET", "k").asString()).isEqualTo("v");
    }
  }

  @Test
  void temporaryDirectory_goesWithTheStore() {
    Path temporary;
    try (Carnelian store = Carnelian.builder().noPort().temporaryDirectory().start()) {
      temporary = Objects.requireNonNull(store.directory());
      store.execute("SAVE");
      assertThat(temporary.resolve("dump.rdb")).exists();
    }
    assertThat(temporary).doesNotExist();
  }

  @Test
  void directives_comeFromTheFile_andThenFromTheBuilder() throws Exception {
    Path file = Files.writeString(directory.resolve("c.conf"), "maxmemory 1mb\ndatabases 3\n");
    try (Carnelian store =
        Carnelian.builder()
            .configFile(file)
            .config("maxmemory", "2mb")
            .directive("rename-command FLUSHDB \"\"")
            .start()) {
      assertThat(store.execute("CONFIG", "GET", "maxmemory").asMap())
          .containsEntry("maxmemory", "2097152");
      assertThat(store.execute("CONFIG", "GET", "databases").asMap())
          .containsEntry("databases", "3");
      assertThat(store.execute("CONFIG", "GET", "port").asMap())
          .containsEntry("port", Integer.toString(store.port()));
      assertThatThrownBy(() -> store.execute("FLUSHDB")).isInstanceOf(CommandException.class);
    }
  }

  @Test
  void password_isAskedOfClients_notOfTheProgram() {
    String password = "a \"b\" \\ ü/@:";
    try (Carnelian store = Carnelian.builder().password(password).start();
        Jedis stranger = new Jedis(store.host(), store.port());
        Jedis friend = new Jedis(URI.create(store.uri()))) {
      assertThatThrownBy(() -> stranger.get("k")).hasMessageContaining("NOAUTH");
      assertThat(friend.set("k", "v")).isEqualTo("OK");
      assertThat(store.execute("GET", "k").asString()).isEqualTo("v");
    }
  }

  @Test
  void seed_makesChanceRepeatable() {
    List<String> first = chance();
    assertThat(chance()).isEqualTo(first);
  }

  private static List<String> chance() {
    try (Carnelian store = Carnelian.builder().noPort().randomSeed(7).start()) {
      for (int i = 0; i < 100; i++) {
        store.execute("SADD", "s", "m" + i);
      }
      List<String> chosen = new ArrayList<>();
      for (int i = 0; i < 20; i++) {
        chosen.add(String.valueOf(store.execute("SRANDMEMBER", "s").asString()));
      }
      return chosen;
    }
  }
}
