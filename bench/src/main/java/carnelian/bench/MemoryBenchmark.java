package carnelian.bench;

import carnelian.memory.Heap;
import carnelian.memory.HeapOptions;
import carnelian.memory.Memory;
import carnelian.memory.NativeBuffer;
import carnelian.memory.Slice;
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

/// Guards "Access" in docs/memory.md: a word read by absolute address against a word of a Java
/// array, and copying and comparing short byte strings.
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
    value = 1,
    jvmArgsAppend = {"--enable-native-access=ALL-UNNAMED", "-XX:+UseSerialGC", "-Xmx256m"})
public class MemoryBenchmark {
  private static final int WORDS = 512;

  @Param({"16", "64", "1024"})
  public int bytes;

  private Heap heap;
  private long words;
  private final long[] array = new long[WORDS];
  private long from;
  private long to;
  private final NativeBuffer buffer = new NativeBuffer(4096);
  private final Slice number = new Slice();

  public MemoryBenchmark() {}

  @Setup(Level.Trial)
  public void fill() {
    heap = new Heap(HeapOptions.defaults());
    words = heap.allocate(WORDS * Long.BYTES);
    from = heap.allocate(bytes);
    to = heap.allocate(bytes);
    Memory.fill(words, WORDS * Long.BYTES, (byte) 1);
    Memory.fill(from, bytes, (byte) 1);
    Memory.fill(to, bytes, (byte) 1);
    buffer.putAscii("-1234567890123");
    buffer.slice(number);
  }

  @TearDown(Level.Trial)
  public void close() {
    heap.close();
    buffer.close();
  }

  @Benchmark
  @OperationsPerInvocation(WORDS)
  public long sumOfWords() {
    long sum = 0;
    for (int i = 0; i < WORDS; i++) {
      sum += Memory.getLong(words + 8L * i);
    }
    return sum;
  }

  @Benchmark
  @OperationsPerInvocation(WORDS)
  public long sumOfArray() {
    long sum = 0;
    for (int i = 0; i < WORDS; i++) {
      sum += array[i];
    }
    return sum;
  }

  @Benchmark
  public void copy() {
    Memory.copy(from, to, bytes);
  }

  @Benchmark
  public boolean equal() {
    return Memory.equal(from, to, bytes);
  }

  @Benchmark
  public int compare() {
    return Memory.compare(from, bytes, to, bytes);
  }

  @Benchmark
  public long parseLong() {
    return number.isLong() ? number.asLong() : 0;
  }
}
