package carnelian.server;

import carnelian.base.config.Config;
import carnelian.base.config.Directives;
import carnelian.engine.Engine;
import carnelian.engine.tracking.Tracking;
import carnelian.keyspace.Evictor;
import carnelian.keyspace.Keyspace;
import carnelian.persistence.log.Log;
import carnelian.replication.Replication;
import java.util.concurrent.TimeUnit;

/// Looks at memory now and then, remembers the peak and where it began, and makes reports.
final class MemoryWatch implements Evictor.UsedMemory {
  private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

  private final Engine engine;
  private final Config config;
  private final Tracking tracking;
  private final Log log;
  private final Replication replication;
  private final ClientMemory clients;
  private final long startupBytes;
  private long peakBytes;
  private long lookedNanos;

  /// Made when there is no data yet. What `replication` keeps of the stream counts as used, but not
  /// against `maxmemory`: no key goes because a replica is slow.
  MemoryWatch(Engine engine, Config config, Tracking tracking, Log log, Replication replication) {
    this.engine = engine;
    this.config = config;
    this.tracking = tracking;
    this.log = log;
    this.replication = replication;
    clients = new ClientMemory(engine);
    startupBytes = engine.keyspace().heap().usedBytes();
    peakBytes = startupBytes;
  }

  /// What counts against `maxmemory`. If clients make the difference, they are looked at again, for
  /// no key shall go for a client that has gone itself.
  @Override
  public long countedBytes() {
    long data = storedBytes();
    long bytes = data + clients.sampledBytes();
    long limit = engine.keyspace().evictor().settings().maxmemoryBytes();
    return data <= limit && bytes > limit && isDue() ? data + clients.sampleDecrease() : bytes;
  }

  /// Data, and which client has read what of it.
  private long storedBytes() {
    return engine.keyspace().heap().usedBytes() + tracking.bytes();
  }

  private boolean isDue() {
    long now = engine.clock().monotonicNanos();
    if (now - lookedNanos < LOOK_NANOS) {
      return false;
    }
    lookedNanos = now;
    return true;
  }

  /// Some times a second: looks, and closes clients that hold too much.
  void watch() {
    sample();
    long limit = config.get(Directives.MAXMEMORY_CLIENTS);
    if (limit < 0) { // A percentage.
      limit = config.get(Directives.MAXMEMORY) * -limit / 100;
    }
    if (limit > 0) {
      clients.evict(limit);
    }
  }

  private void sample() {
    peakBytes = Math.max(peakBytes, storedBytes() + clients.sample());
  }

  /// `evicted_clients` of INFO.
  long evictedClients() {
    return clients.evictedClients();
  }

  void resetStatistics() {
    clients.resetStatistics();
    peakBytes = 0;
    sample();
  }

  MemoryReport report() {
    watch();
    Keyspace keyspace = engine.keyspace();
    long tableBytes = 0;
    for (int i = 0; i < keyspace.databases(); i++) {
      tableBytes += keyspace.database(i).overheadBytes();
    }
    return new MemoryReport(
        keyspace.heap().stats(),
        clients.sampledBytes(),
        tracking.bytes(),
        replication.heldBytes(),
        replication.heldForReplicasBytes(),
        log.figures().heldBytes(),
        ResidentMemory.bytes(),
        startupBytes,
        peakBytes,
        Math.max(0, tableBytes - startupBytes),
        keyspace.size());
  }
}
