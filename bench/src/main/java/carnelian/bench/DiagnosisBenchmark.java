package carnelian.bench;

import carnelian.base.Clock;
import carnelian.base.RandomSource;
import carnelian.datatypes.DataTypes;
import carnelian.engine.Client;
import carnelian.engine.CommandSampler;
import carnelian.engine.Engine;
import carnelian.engine.EngineSettings;
import carnelian.engine.Outlet;
import carnelian.engine.diagnosis.Diagnosis;
import carnelian.keyspace.Keyspace;
import carnelian.keyspace.KeyspaceOptions;
import carnelian.memory.Heap;
import carnelian.memory.HeapOptions;
import carnelian.memory.NativeBuffer;
import carnelian.resp.ProtocolException;
import carnelian.resp.RequestBatch;
import carnelian.resp.RequestLimits;
import carnelian.resp.RequestParser;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/// What counting hot keys adds to a GET, from parsed arguments to reply: batches of 16 with random
/// keys of 100,000. Parsing, sockets and the client's flush are not in it, so the part that it
/// shows is larger than a server's.
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 2, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
    value = 3,
    jvmArgsAppend = {"--enable-native-access=ALL-UNNAMED", "-XX:+UseSerialGC", "-Xmx256m"})
public class DiagnosisBenchmark {
  static final int COMMANDS = 16;

  private static final int BATCHES = 256;
  private static final int KEYS = 100_000;

  @Param({"off", "on"})
  public String hotKeys = "on";

  private Heap heap;
  private Keyspace keyspace;
  private Engine engine;
  private Diagnosis diagnosis;
  private Client client;
  private final NativeBuffer output = new NativeBuffer(1 << 16);
  private final NativeBuffer[] queries = new NativeBuffer[BATCHES];
  private final RequestBatch[] batches = new RequestBatch[BATCHES];
  private int next;

  public DiagnosisBenchmark() {}

  private final class Forgetting implements Outlet {
    @Override
    public NativeBuffer buffer() {
      return output;
    }

    @Override
    public void flush() {}

    @Override
    public void closeAfterFlush() {}

    @Override
    public void close() {}

    @Override
    public void pause() {}

    @Override
    public void resume() {}
  }

  @Setup(Level.Trial)
  public void load() throws ProtocolException {
    heap = new Heap(HeapOptions.defaults());
    RandomSource random = RandomSource.seeded(1);
    Clock clock = Clock.system();
    keyspace = new Keyspace(heap, new KeyspaceOptions(16, 1, 2), clock, random);
    engine = new Engine(clock, random, _ -> {}, keyspace, new EngineSettings());
    engine.register(DataTypes.commands());
    diagnosis = new Diagnosis(engine);
    count(hotKeys.equals("on"));
    client = engine.connect(new Forgetting());
    String value = "x".repeat(64);
    try (RequestBatch set = new RequestBatch(1)) {
      for (int i = 0; i < KEYS; i++) {
        NativeBuffer query = new NativeBuffer(256);
        query.putAscii("*3\r\n$3\r\nSET\r\n$12\r\n" + key(i) + "\r\n$64\r\n" + value + "\r\n");
        set.clear();
        new RequestParser(new RequestLimits()).parse(query, set);
        var _ = engine.execute(client, set);
        output.clear();
        query.close();
      }
    }
    for (int i = 0; i < BATCHES; i++) {
      queries[i] = new NativeBuffer(1024);
      batches[i] = new RequestBatch(COMMANDS);
      for (int j = 0; j < COMMANDS; j++) {
        queries[i].putAscii(
            "*2\r\n$3\r\nGET\r\n$12\r\n" + key((int) random.nextLong(KEYS)) + "\r\n");
      }
      new RequestParser(new RequestLimits()).parse(queries[i], batches[i]);
    }
  }

  /// Turns the counting of hot keys on or off.
  void count(boolean on) {
    engine.sampler(on ? diagnosis.hotKeys() : CommandSampler.NONE);
  }

  private static String key(int number) {
    return String.format("key:%08d", number);
  }

  @TearDown(Level.Trial)
  public void close() {
    engine.close();
    diagnosis.close();
    for (int i = 0; i < BATCHES; i++) {
      batches[i].close();
      queries[i].close();
    }
    output.close();
    keyspace.close();
    heap.close();
  }

  @Benchmark
  @OperationsPerInvocation(COMMANDS)
  public int get() {
    next = (next + 1) % BATCHES;
    int executed = engine.execute(client, batches[next]);
    output.clear();
    return executed;
  }
}
