package carnelian.bench;

import carnelian.base.RandomSource;
import carnelian.memory.Heap;
import carnelian.memory.HeapOptions;
import carnelian.memory.Memory;
import carnelian.memory.NativeBuffer;
import carnelian.structures.EntryLayout;
import carnelian.structures.HashTables;
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

/// A table as the keyspace's: 16-byte keys, 64-byte values. Guards "Hash table" in
/// docs/structures.md: lookup, lookup in batches of 16, insert with growth, bytes an entry.
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 2, time = 2)
@Measurement(iterations = 3, time = 2)
@Fork(
    value = 1,
    jvmArgsAppend = {"--enable-native-access=ALL-UNNAMED", "-XX:+UseSerialGC", "-Xmx256m"})
public class HashTableBenchmark {
  static final int BATCH = 16;
  private static final int KEY_BYTES = 16;
  private static final int VALUE_BYTES = 64;

  @Param({"1000", "1000000", "10000000"})
  public int entries;

  private Heap heap;
  private HashTables tables;
  private NativeBuffer keys;
  private RandomSource random;
  private long table;
  private long nextKey;
  private long oldestKey;
  private final long[] hashes = new long[BATCH];

  public HashTableBenchmark() {}

  @Setup(Level.Trial)
  public void load() {
    heap = new Heap(HeapOptions.defaults());
    tables = new HashTables(heap, 0x0123456789abcdefL, 0x76543210fedcba98L);
    keys = new NativeBuffer(BATCH * KEY_BYTES);
    random = RandomSource.seeded(1);
    table = tables.create();
    long from = System.nanoTime();
    while (nextKey < entries) {
      insertNext();
    }
    double nanos = (System.nanoTime() - from) / (double) entries;
    System.out.printf(
        "loaded %d: %.0f ns an insert, %.2f bytes of table an entry, %.2f in all, %s%n",
        entries,
        nanos,
        tables.bytes(table) / (double) entries,
        heap.usedBytes() / (double) entries,
        tables.stats(table));
  }

  @TearDown(Level.Trial)
  public void close() {
    keys.close();
    heap.close();
  }

  private void insertNext() {
    long key = key(0, nextKey++);
    long hash = tables.hash(key, KEY_BYTES);
    long entry = heap.allocate(EntryLayout.bytesFor(KEY_BYTES, VALUE_BYTES, false));
    EntryLayout.write(entry, 0, 0, key, KEY_BYTES, VALUE_BYTES);
    tables.insert(table, hash, entry);
  }

  /// Key number `number` of the universe in one of the places for keys.
  private long key(int place, long number) {
    long at = keys.address() + (long) place * KEY_BYTES;
    Memory.putLong(at, number * 0x9E3779B97F4A7C15L);
    Memory.putLong(at + 8, number);
    return at;
  }

  @Benchmark
  public long hash() {
    return tables.hash(key(0, random.nextLong()), KEY_BYTES);
  }

  @Benchmark
  public long findHit() {
    long key = key(0, oldestKey + random.nextInt(entries));
    long entry = tables.find(table, tables.hash(key, KEY_BYTES), key, KEY_BYTES);
    return Memory.getLong(EntryLayout.value(entry));
  }

  @Benchmark
  public long findMiss() {
    long key = key(0, -1 - random.nextInt(entries));
    return tables.find(table, tables.hash(key, KEY_BYTES), key, KEY_BYTES);
  }

  @Benchmark
  @OperationsPerInvocation(BATCH)
  public long findHitInBatch() {
    for (int i = 0; i < BATCH; i++) {
      long key = key(i, oldestKey + random.nextInt(entries));
      hashes[i] = tables.hash(key, KEY_BYTES);
    }
    tables.prefetch(table, hashes, BATCH);
    long sum = 0;
    for (int i = 0; i < BATCH; i++) {
      long key = keys.address() + (long) i * KEY_BYTES;
      long entry = tables.find(table, hashes[i], key, KEY_BYTES);
      sum += Memory.getLong(EntryLayout.value(entry));
    }
    return sum;
  }

  /// The oldest out, a new one in: the table keeps its size.
  @Benchmark
  public void removeAndInsert() {
    long key = key(0, oldestKey++);
    long hash = tables.hash(key, KEY_BYTES);
    long slot = tables.findSlot(table, hash, key, KEY_BYTES);
    heap.free(tables.remove(table, hash, slot));
    insertNext();
  }
}
