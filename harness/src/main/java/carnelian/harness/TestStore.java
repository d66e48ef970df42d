package carnelian.harness;

import carnelian.base.ManualClock;
import carnelian.base.RandomSource;
import carnelian.engine.Command;
import carnelian.engine.Engine;
import carnelian.engine.EngineSettings;
import carnelian.engine.EngineTimer;
import carnelian.engine.KeyNotifications;
import carnelian.engine.LoopTurns;
import carnelian.keyspace.ChangeListener;
import carnelian.keyspace.Database;
import carnelian.keyspace.ExpiryMode;
import carnelian.keyspace.KeyEvent;
import carnelian.keyspace.Keyspace;
import carnelian.keyspace.KeyspaceOptions;
import carnelian.memory.Heap;
import carnelian.memory.HeapOptions;
import carnelian.memory.Slice;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// A whole store but for sockets and files: heap, keyspace and engine, with the commands that a
/// test names, a clock that only the test moves, and randomness from a seed.
///
/// ```java
/// try (TestStore store = TestStore.with(StringCommands.all(), KeyCommands.all())) {
///   assertThat(store.run("SET", "k", "v")).isEqualTo("OK");
///   store.advance(1500);
///   assertThat(store.propagated()).containsExactly("SELECT 0", "SET k v");
/// }
/// ```
///
/// Closing it asserts that every byte of the data has been given back.
public final class TestStore implements AutoCloseable {
  /// Where the clock stands at first: 2024-01-01.
  public static final long START_MILLIS = 1_704_067_200_000L;

  private static final long SEED = 42;
  private static final long RESERVED_BYTES = 1L << 32;

  private final ManualClock clock = new ManualClock(START_MILLIS);
  private final Heap heap;
  private final long baseBytes;
  private final Keyspace keyspace;
  private final Engine engine;
  private final Alarm alarm = new Alarm();
  private final List<TestClient> clients = new ArrayList<>();
  private final ArrayDeque<TestClient> resumed = new ArrayDeque<>();
  private final List<String> events = new ArrayList<>();
  private final RecordingFeed feed = new RecordingFeed();
  private final TestClient first;
  private Runnable inTurns = () -> {};

  /// Remembers when the engine wants to be woken.
  private static final class Alarm implements EngineTimer {
    private long nanos = Long.MAX_VALUE;

    @Override
    public void wakeAt(long atNanos) {
      nanos = atNanos;
    }
  }

  private TestStore(long reservedBytes) {
    heap = new Heap(HeapOptions.defaults().withReserveBytes(reservedBytes));
    RandomSource random = RandomSource.seeded(SEED);
    KeyspaceOptions options =
        new KeyspaceOptions(
            KeyspaceOptions.DEFAULT_DATABASES, random.nextLong(), random.nextLong());
    keyspace = new Keyspace(heap, options, clock, random);
    baseBytes = bytesBesidesTables();
    engine = new Engine(clock, random, alarm, keyspace, new EngineSettings());
    engine.feed(feed);
    engine.notifications(new RecordingNotifications());
    engine.turns(new Turns());
    first = client();
  }

  /// Others have their turn within a script; time passes while it works.
  private final class Turns implements LoopTurns {
    @Override
    public boolean arePossible() {
      return true;
    }

    @Override
    public void turn() {
      inTurns.run();
    }

    @Override
    public void worked() {
      clock.advance(1, TimeUnit.MILLISECONDS);
    }
  }

  /// A store with these commands.
  @SafeVarargs
  public static TestStore with(List<Command>... families) {
    return withHeap(RESERVED_BYTES, families);
  }

  /// As [#with], with a heap of a size of its own: it is full when that is used up.
  @SafeVarargs
  public static TestStore withHeap(long reservedBytes, List<Command>... families) {
    TestStore store = new TestStore(reservedBytes);
    for (List<Command> family : families) {
      store.engine.register(family);
    }
    return store;
  }

  /// Adds commands that need the engine or something else to be made.
  public TestStore and(List<Command> family) {
    engine.register(family);
    return this;
  }

  // ---- Commands --------------------------------------------------------------------------------

  /// Runs a command on the first client. See [TestClient#run].
  public @Nullable Object run(Object... arguments) {
    return first.run(arguments);
  }

  /// As [#run], but the bytes of the reply.
  public String raw(Object... arguments) {
    return first.raw(arguments);
  }

  /// Follows a session that is written down; see [Transcript].
  public void check(String transcript) {
    Transcript.check(this, transcript);
  }

  /// The first client.
  public TestClient first() {
    return first;
  }

  /// Another client.
  public TestClient client() {
    TestClient client = new TestClient(this);
    clients.add(client);
    return client;
  }

  // ---- Time ------------------------------------------------------------------------------------

  /// Lets time pass; whatever falls due on the way happens at its moment.
  public void advance(long millis) {
    long end = clock.monotonicNanos() + TimeUnit.MILLISECONDS.toNanos(millis);
    while (alarm.nanos <= end) {
      long step = Math.max(alarm.nanos - clock.monotonicNanos(), 0);
      alarm.nanos = Long.MAX_VALUE;
      clock.advance(step, TimeUnit.NANOSECONDS);
      engine.wake();
      settle();
    }
    clock.advance(end - clock.monotonicNanos(), TimeUnit.NANOSECONDS);
  }

  /// Lets time pass without anything happening meanwhile, as in a server that is busy.
  public void freeze(long millis) {
    clock.advance(millis, TimeUnit.MILLISECONDS);
  }

  public long nowMillis() {
    return clock.wallMillis();
  }

  /// What others do whenever a script that takes long lets them: they use clients of their own.
  /// Every ten thousand instructions of a script take a millisecond.
  public void inTurns(Runnable what) {
    inTurns = what;
  }

  // ---- What was seen ---------------------------------------------------------------------------

  /// The propagated stream since it was asked last, one command a line, arguments parted by blanks.
  public List<String> propagated() {
    return feed.take();
  }

  /// The keyspace events since it was asked last, as `set k@0`.
  public List<String> events() {
    List<String> seen = new ArrayList<>(events);
    events.clear();
    return seen;
  }

  /// Stops to record the propagated stream: the engine runs as with nobody listening.
  public void withoutFeed() {
    engine.feed(null);
  }

  // ---- Parts -----------------------------------------------------------------------------------

  public ManualClock clock() {
    return clock;
  }

  public Heap heap() {
    return heap;
  }

  public Keyspace keyspace() {
    return keyspace;
  }

  public Engine engine() {
    return engine;
  }

  /// Closes everything and asserts that the data's memory is balanced.
  @Override
  public void close() {
    for (TestClient client : List.copyOf(clients)) {
      client.close();
    }
    engine.close();
    feed.close();
    deleteEverything();
    long left = bytesBesidesTables() - baseBytes;
    keyspace.close();
    heap.close();
    if (left != 0) {
      throw new AssertionError(left + " bytes of the heap were not given back");
    }
  }

  /// Key by key, so that what a value forgot to free is seen.
  private void deleteEverything() {
    keyspace.listener(ChangeListener.NONE);
    keyspace.expiryMode(ExpiryMode.IGNORE);
    RandomSource random = RandomSource.seeded(SEED);
    for (int i = 0; i < keyspace.databases(); i++) {
      Database database = keyspace.database(i);
      while (database.size() > 0) {
        database.discard(database.traversal().randomKey(random));
      }
      database.verify();
    }
    while (keyspace.freeLazily(Integer.MAX_VALUE)) {
      // Until nothing is left.
    }
  }

  private long bytesBesidesTables() {
    long bytes = heap.usedBytes();
    for (int i = 0; i < keyspace.databases(); i++) {
      bytes -= keyspace.database(i).overheadBytes();
    }
    return bytes;
  }

  void resumed(TestClient client) {
    resumed.add(client);
  }

  void forget(TestClient client) {
    clients.remove(client);
    resumed.remove(client);
  }

  /// Lets clients whose wait is over go on with what they have sent meanwhile.
  void settle() {
    TestClient client;
    while ((client = resumed.poll()) != null) {
      client.process();
    }
  }

  /// Writes down every event.
  private final class RecordingNotifications implements KeyNotifications {
    @Override
    public int classes() {
      return -1;
    }

    @Override
    public void publish(Database database, Slice key, KeyEvent event) {
      if (event != KeyEvent.KEYMISS && event != KeyEvent.NEW) {
        events.add(event.word() + " " + key + "@" + database.index());
      }
    }
  }
}
