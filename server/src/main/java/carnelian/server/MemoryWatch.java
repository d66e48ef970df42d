package carnelian.server;

import carnelian.engine.Engine;
import carnelian.keyspace.Keyspace;

/// Looks at memory now and then, remembers the peak and where it began, and makes reports.
final class MemoryWatch {
  private final Engine engine;
  private final ClientMemory clients;
  private final long startupBytes;
  private long peakBytes;

  /// Made when there is no data yet.
  MemoryWatch(Engine engine) {
    this.engine = engine;
    clients = new ClientMemory(engine.clients());
    startupBytes = engine.keyspace().heap().usedBytes();
    peakBytes = startupBytes;
  }

  /// What counts against `maxmemory`.
  long countedBytes() {
    return engine.keyspace().heap().usedBytes() + clients.sampledBytes();
  }

  /// Some times a second.
  void sample() {
    peakBytes = Math.max(peakBytes, engine.keyspace().heap().usedBytes() + clients.sample());
  }

  MemoryReport report() {
    sample();
    Keyspace keyspace = engine.keyspace();
    long tableBytes = 0;
    for (int i = 0; i < keyspace.databases(); i++) {
      tableBytes += keyspace.database(i).overheadBytes();
    }
    return new MemoryReport(
        keyspace.heap().stats(),
        clients.sampledBytes(),
        ResidentMemory.bytes(),
        startupBytes,
        peakBytes,
        Math.max(0, tableBytes - startupBytes),
        keyspace.size());
  }
}
