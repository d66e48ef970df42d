package carnelian.keyspace;

import carnelian.memory.Snapshot;

/// All databases as they were at one moment, for one other thread to read while the engine goes on.
///
/// The cut itself takes as long as noting where each database's table is. Made and closed by the
/// engine's thread, closed after the reader has finished.
public final class KeyspaceCut implements AutoCloseable {
  private final Snapshot snapshot;
  private final ValueType[] valueTypes;
  private final AccessClock clock;
  private final long nowMillis;
  private final long[] tables;
  private final long[] keys;
  private final long[] volatileKeys;

  KeyspaceCut(Keyspace keyspace, Database[] databases) {
    valueTypes = keyspace.valueTypes();
    nowMillis = keyspace.nowMillis();
    clock = keyspace.clock().copy();
    tables = new long[databases.length];
    keys = new long[databases.length];
    volatileKeys = new long[databases.length];
    for (int i = 0; i < databases.length; i++) {
      tables[i] = databases[i].entries().table();
      keys[i] = databases[i].size();
      volatileKeys[i] = databases[i].volatileKeys();
    }
    snapshot = keyspace.heap().cut();
  }

  /// When it was, in Unix ms.
  public long nowMillis() {
    return nowMillis;
  }

  public int databases() {
    return tables.length;
  }

  public long keys(int database) {
    return keys[database];
  }

  public long volatileKeys(int database) {
    return volatileKeys[database];
  }

  public long totalKeys() {
    long total = 0;
    for (long count : keys) {
      total += count;
    }
    return total;
  }

  /// Before the first key of a database. On the reader's thread; one cursor at a time.
  public KeyCursor cursor(int database) {
    return new KeyCursor(snapshot, valueTypes, tables[database]);
  }

  /// Whether access clocks count frequencies, so that they are saved as such.
  public boolean isLfu() {
    return clock.isLfu();
  }

  /// What a key's access clock said at the cut, under an LRU policy.
  public long idleSeconds(int accessClock) {
    return clock.idleSeconds(accessClock);
  }

  /// What a key's access clock said at the cut, under an LFU policy.
  public int frequency(int accessClock) {
    return clock.frequency(accessClock);
  }

  /// Pages preserved for the reader so far: `rdb_last_cow_size`. Asked by the engine's thread.
  public long preservedBytes() {
    return snapshot.preservedBytes();
  }

  @Override
  public void close() {
    snapshot.close();
  }
}
