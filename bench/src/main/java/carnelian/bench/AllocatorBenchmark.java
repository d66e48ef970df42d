package carnelian.bench;

import carnelian.memory.Heap;
import carnelian.memory.HeapOptions;
import carnelian.memory.Memory;
import java.util.SplittableRandom;
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

/// Guards "Allocator" in docs/memory.md: a pair of free and allocate in the cache and at random
/// among many, allocation in sequence, and what it costs that a heap is an object and no static.
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
    value = 1,
    jvmArgsAppend = {"--enable-native-access=ALL-UNNAMED", "-XX:+UseSerialGC", "-Xmx512m"})
public class AllocatorBenchmark {
  private static final int RECORD_BYTES = 88;
  private static final int SEQUENCE = 1024;
  private static final Heap STATIC = new Heap(HeapOptions.defaults());

  @Param({"1024", "5000000"})
  public int blocks;

  private Heap heap;
  private long[] at;
  private final long[] sequence = new long[SEQUENCE];
  private SplittableRandom random;

  public AllocatorBenchmark() {}

  @Setup(Level.Trial)
  public void fill() {
    heap = new Heap(HeapOptions.defaults());
    random = new SplittableRandom(1);
    at = new long[blocks];
    for (int i = 0; i < blocks; i++) {
      at[i] = heap.allocate(RECORD_BYTES);
      Memory.putLong(at[i], i);
    }
  }

  @TearDown(Level.Trial)
  public void close() {
    heap.close();
  }

  /// The same slot again and again: the latency of both operations.
  @Benchmark
  public void allocateAndFree() {
    heap.free(heap.allocate(RECORD_BYTES));
  }

  /// As [#allocateAndFree] with a heap that the JIT knows as a constant.
  @Benchmark
  public void allocateAndFreeStatic() {
    STATIC.free(STATIC.allocate(RECORD_BYTES));
  }

  /// The cost of an allocation and of a free, each in sequence, together.
  @Benchmark
  @OperationsPerInvocation(SEQUENCE)
  public void allocateAndFreeInSequence() {
    for (int i = 0; i < SEQUENCE; i++) {
      sequence[i] = heap.allocate(RECORD_BYTES);
    }
    for (int i = 0; i < SEQUENCE; i++) {
      heap.free(sequence[i]);
    }
  }

  /// A record is replaced, as SET does with a longer value.
  @Benchmark
  public void replaceAtRandom() {
    int i = random.nextInt(blocks);
    heap.free(at[i]);
    long block = heap.allocate(RECORD_BYTES);
    Memory.putLong(block, i);
    at[i] = block;
  }

  /// What [#replaceAtRandom] costs without the allocator.
  @Benchmark
  public void writeAtRandom() {
    int i = random.nextInt(blocks);
    heap.touch(at[i], RECORD_BYTES);
    Memory.putLong(at[i], i);
  }

  /// As [#writeAtRandom] without the barrier.
  @Benchmark
  public void writeAtRandomUntouched() {
    int i = random.nextInt(blocks);
    Memory.putLong(at[i], i);
  }
}
