package carnelian.bench;

import carnelian.base.RandomSource;
import carnelian.memory.Heap;
import carnelian.memory.HeapOptions;
import carnelian.structures.CountedTrees;
import carnelian.structures.TieOrder;
import carnelian.structures.TreeCursor;
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

/// A tree of random words, as an expiry index or the order of a sorted set. Guards "Counted tree"
/// in docs/structures.md.
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 2, time = 2)
@Measurement(iterations = 3, time = 2)
@Fork(
    value = 1,
    jvmArgsAppend = {"--enable-native-access=ALL-UNNAMED", "-XX:+UseSerialGC", "-Xmx256m"})
public class CountedTreeBenchmark {
  @Param({"1000", "1000000", "10000000"})
  public int items;

  private Heap heap;
  private CountedTrees trees;
  private RandomSource random;
  private long tree;
  private long next;
  private long oldest;
  private final TreeCursor cursor = new TreeCursor();

  public CountedTreeBenchmark() {}

  @Setup(Level.Trial)
  public void load() {
    heap = new Heap(HeapOptions.defaults());
    trees = CountedTrees.sorted(heap, TieOrder.REFERENCES);
    random = RandomSource.seeded(1);
    tree = trees.create();
    long from = System.nanoTime();
    for (; next < items; next++) {
      trees.insert(tree, word(next), next);
    }
    double nanos = (System.nanoTime() - from) / (double) items;
    long ascending = trees.create();
    from = System.nanoTime();
    for (long i = 0; i < items; i++) {
      trees.insert(ascending, i, i);
    }
    double ascendingNanos = (System.nanoTime() - from) / (double) items;
    System.out.printf(
        "loaded %d: random %.0f ns an insert, %.2f bytes an item; ascending %.0f ns, %.2f bytes%n",
        items,
        nanos,
        trees.bytes(tree) / (double) items,
        ascendingNanos,
        trees.bytes(ascending) / (double) items);
    trees.destroy(ascending);
  }

  @TearDown(Level.Trial)
  public void close() {
    heap.close();
  }

  private static long word(long number) {
    return number * 0x9E3779B97F4A7C15L;
  }

  @Benchmark
  public long find() {
    long number = oldest + random.nextInt(items);
    trees.find(tree, word(number), number, 0, cursor);
    return cursor.reference();
  }

  @Benchmark
  public long rank() {
    long number = oldest + random.nextInt(items);
    trees.find(tree, word(number), number, 0, cursor);
    return cursor.weightBefore();
  }

  @Benchmark
  public long seekRank() {
    trees.seek(tree, random.nextInt(items), cursor);
    return cursor.reference();
  }

  @Benchmark
  public long hundredItemsFromARandomPlace() {
    trees.seek(tree, random.nextInt(items - 100), cursor);
    long sum = cursor.reference();
    for (int i = 1; i < 100; i++) {
      cursor.next();
      sum += cursor.reference();
    }
    return sum;
  }

  /// The oldest out, a new one in: the tree keeps its size.
  @Benchmark
  public void removeAndInsert() {
    trees.remove(tree, word(oldest), oldest);
    oldest++;
    trees.insert(tree, word(next), next);
    next++;
  }
}
