package carnelian.keyspace;

import carnelian.base.RandomSource;
import carnelian.memory.Heap;
import carnelian.structures.EntryVisitor;
import carnelian.structures.HashTables;
import carnelian.structures.TableCursor;

/// What the hash tables inside values have in common when they are freed and measured.
final class TableFreeing {
  /// A bucket holds about as many entries.
  private static final int ENTRIES_PER_BUCKET = 8;

  private TableFreeing() {}

  /// Frees the entries of a value's table through `freeing`, and then the table: see
  /// [ValueType#destroy].
  static int destroy(HashTables tables, long table, EntryVisitor freeing, int budget) {
    int left = budget;
    while (left > 0) {
      long before = tables.count(table);
      if (before == 0) {
        tables.destroy(table);
        return left;
      }
      long after = tables.drain(table, Math.max(1, left / ENTRIES_PER_BUCKET), freeing);
      left -= (int) Math.min(left, before - after);
    }
    return 0;
  }

  /// Frees the entries of a value's table, and then the table.
  static void destroyAll(HashTables tables, long table, EntryVisitor freeing) {
    while (tables.drain(table, Integer.MAX_VALUE, freeing) > 0) {
      // Until nothing is left.
    }
    tables.destroy(table);
  }

  /// Bytes of a table's entries, from the mean of `samples` of them; 0 samples mean all.
  static long entryBytes(
      Heap heap, HashTables tables, long table, int samples, RandomSource random) {
    long count = tables.count(table);
    if (samples == 0 || samples >= count) {
      long sum = 0;
      TableCursor each = new TableCursor();
      for (each.start(heap.live(), table); each.next(); ) {
        sum += heap.usable(each.entry());
      }
      return sum;
    }
    long sampled = 0;
    for (int i = 0; i < samples; i++) {
      sampled += heap.usable(tables.random(table, random));
    }
    return sampled * count / samples;
  }
}
