package carnelian.bench;

import carnelian.base.Clock;
import carnelian.base.RandomSource;
import carnelian.keyspace.Database;
import carnelian.keyspace.Keyspace;
import carnelian.keyspace.KeyspaceOptions;
import carnelian.keyspace.Strings;
import carnelian.keyspace.Type;
import carnelian.memory.Heap;
import carnelian.memory.HeapOptions;
import carnelian.memory.Memory;
import carnelian.memory.NativeBuffer;
import carnelian.memory.Slice;
import carnelian.structures.Element;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/// What GET, SET and INCR do in the keyspace: 16-byte keys, 64-byte values, random keys. Guards
/// that none of them allocates on the Java heap; run with `-prof gc`.
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 2, time = 2)
@Measurement(iterations = 3, time = 2)
@Fork(
    value = 1,
    jvmArgsAppend = {"--enable-native-access=ALL-UNNAMED", "-XX:+UseSerialGC", "-Xmx256m"})
public class KeyspaceBenchmark {
  private static final int KEY_BYTES = 16;
  private static final int VALUE_BYTES = 64;
  private static final long HOUR_MILLIS = 3_600_000;

  @Param({"1000", "1000000"})
  public int keys;

  private Heap heap;
  private Keyspace keyspace;
  private Database database;
  private Strings strings;
  private RandomSource random;
  private NativeBuffer buffer;
  private final Slice key = new Slice();
  private final Slice value = new Slice();
  private final Element element = new Element();

  public KeyspaceBenchmark() {}

  @Setup(Level.Trial)
  public void load() {
    heap = new Heap(HeapOptions.defaults());
    random = RandomSource.seeded(1);
    keyspace = new Keyspace(heap, new KeyspaceOptions(16, 1, 2), Clock.system(), random);
    database = keyspace.database(0);
    strings = keyspace.strings();
    buffer = new NativeBuffer(KEY_BYTES + VALUE_BYTES);
    buffer.length(KEY_BYTES + VALUE_BYTES);
    Memory.fill(buffer.address(), KEY_BYTES + VALUE_BYTES, (byte) 'x');
    value.set(buffer.address() + KEY_BYTES, VALUE_BYTES);
    for (int i = 0; i < keys; i++) {
      strings.set(database, key(i, 's'), value);
      strings.setInteger(database, key(i, 'n'), 0, i);
      strings.set(database, key(i, 'v'), value, keyspace.nowMillis() + HOUR_MILLIS + i);
    }
  }

  @TearDown(Level.Trial)
  public void close() {
    keyspace.close();
    heap.close();
    buffer.close();
  }

  private Slice key(long number, char kind) {
    Memory.putLong(buffer.address(), number);
    Memory.putLong(buffer.address() + 8, kind);
    return key.set(buffer.address(), KEY_BYTES);
  }

  private Slice anyKey(char kind) {
    return key(random.nextInt(keys), kind);
  }

  @Benchmark
  public int get() {
    return strings.get(database.read(anyKey('s'), Type.STRING), element).length();
  }

  @Benchmark
  public long getMissing() {
    return database.read(anyKey('-'), Type.STRING);
  }

  @Benchmark
  public long setInPlace() {
    return strings.set(database, anyKey('s'), value);
  }

  @Benchmark
  public long increment() {
    Slice name = anyKey('n');
    long entry = database.write(name, Type.STRING);
    return strings.setInteger(database, name, entry, strings.asLong(entry) + 1);
  }

  /// A new deadline each time, as `SET k v EX` does: one removal and one insertion in the index.
  @Benchmark
  public long setWithDeadline() {
    long deadline = keyspace.nowMillis() + HOUR_MILLIS + random.nextInt(keys);
    return strings.set(database, anyKey('v'), value, deadline);
  }

  @Benchmark
  public long deleteAndSet() {
    Slice name = anyKey('s');
    database.delete(name);
    return strings.set(database, name, value);
  }
}
