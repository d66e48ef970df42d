package carnelian.bench;

import carnelian.memory.Heap;
import carnelian.memory.HeapOptions;
import carnelian.memory.Memory;
import carnelian.memory.Snapshot;
import java.util.SplittableRandom;
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

/// Guards "Costs" in docs/snapshot.md: what a cut takes, what the writer pays while a snapshot is
/// open and what the reader pays for a pin. A line per iteration has the pause and the extra
/// memory.
@State(Scope.Thread)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 3)
@Measurement(iterations = 5)
@Fork(
    value = 1,
    jvmArgsAppend = {"--enable-native-access=ALL-UNNAMED", "-XX:+UseSerialGC", "-Xmx512m"})
public class SnapshotBenchmark {
  private static final int RECORD_BYTES = 88;
  private static final int WRITES = 1_000_000;

  @Param({"10000000"})
  public int records;

  private Heap heap;
  private long[] at;
  private SplittableRandom random;

  public SnapshotBenchmark() {}

  @Setup(Level.Trial)
  public void fill() {
    heap = new Heap(HeapOptions.defaults().withThreads(Thread.ofPlatform().daemon().factory()));
    random = new SplittableRandom(1);
    at = new long[records];
    for (int i = 0; i < records; i++) {
      at[i] = heap.allocate(RECORD_BYTES);
      Memory.fill(at[i], RECORD_BYTES, (byte) i);
    }
  }

  @TearDown(Level.Trial)
  public void close() {
    heap.close();
  }

  /// A million random writes without a snapshot.
  @Benchmark
  public void writeQuietly() {
    write();
  }

  /// The same after a cut: at first nearly every write preserves its page.
  @Benchmark
  public void writeUnderSnapshot() {
    heap.prepareCut();
    long from = System.nanoTime();
    try (Snapshot snapshot = heap.cut()) {
      long cutNanos = System.nanoTime() - from;
      write();
      System.out.printf(
          "cut %.1f us, %d MB preserved ", cutNanos / 1_000.0, snapshot.preservedBytes() >> 20);
    }
  }

  /// Every record read through the snapshot, in address order, while nobody writes.
  @Benchmark
  public long readSnapshot() {
    try (Snapshot snapshot = heap.cut()) {
      long sum = 0;
      for (long record : at) {
        sum += Memory.getLong(snapshot.pin(record, RECORD_BYTES));
      }
      return sum;
    }
  }

  /// The same without a snapshot.
  @Benchmark
  public long readLive() {
    long sum = 0;
    for (long record : at) {
      sum += Memory.getLong(heap.live().pin(record, RECORD_BYTES));
    }
    return sum;
  }

  private void write() {
    for (int i = 0; i < WRITES; i++) {
      long record = at[random.nextInt(records)];
      heap.touch(record, RECORD_BYTES);
      Memory.putLong(record, i);
    }
  }
}
