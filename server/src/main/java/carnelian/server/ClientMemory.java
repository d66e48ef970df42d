package carnelian.server;

import carnelian.engine.Client;
import carnelian.engine.Engine;
import carnelian.engine.OutletUsage;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What clients hold beside the data: replies they have not taken and requests not yet executed, as
/// far as they do not fit into the buffers that every busy connection borrows; and transactions.
/// Who has to go also depends on what is kept for clients on the Java heap, which `used_memory`
/// leaves out.
///
/// Sampled some times a second, because it counts against `maxmemory` at every command.
final class ClientMemory {
  private static final Logger LOG = LoggerFactory.getLogger(ClientMemory.class);

  /// What a connection borrows while it is busy.
  private static final long BORROWED_BYTES = 16 << 10;

  private final Engine engine;
  private long sampledBytes;
  private long sampledKeptBytes;
  private long evictedClients;

  ClientMemory(Engine engine) {
    this.engine = engine;
  }

  /// As of the last [#sample].
  long sampledBytes() {
    return sampledBytes;
  }

  /// `evicted_clients` of INFO.
  long evictedClients() {
    return evictedClients;
  }

  void resetStatistics() {
    evictedClients = 0;
  }

  /// Looks at every client.
  long sample() {
    sampledBytes = measure();
    sampledKeptBytes = 0;
    for (Client client : engine.clients().all()) {
      sampledKeptBytes += client.keptBytes();
    }
    return sampledBytes;
  }

  /// Takes note of clients that have gone or have taken their replies. Growth waits for the next
  /// [#sample], which closes clients before keys have to go for them.
  long sampleDecrease() {
    sampledBytes = Math.min(sampledBytes, measure());
    return sampledBytes;
  }

  private long measure() {
    long bytes = 0;
    for (Client client : engine.clients().all()) {
      bytes += bytes(client);
    }
    return bytes;
  }

  /// What one client holds.
  static long bytes(Client client) {
    OutletUsage usage = client.outlet().usage();
    return beyond(usage.replyBufferBytes())
        + beyond(usage.queryBufferBytes() + usage.queryBufferFreeBytes())
        + client.transactionMemoryBytes();
  }

  private static long heldBytes(Client client) {
    return bytes(client) + client.keptBytes();
  }

  private static long beyond(long bufferBytes) {
    return Math.max(0, bufferBytes - BORROWED_BYTES);
  }

  /// Closes the largest clients until all together hold no more than `limitBytes`, as
  /// `maxmemory-clients` says; those with `CLIENT NO-EVICT` stay.
  void evict(long limitBytes) {
    long left = sampledBytes + sampledKeptBytes;
    if (left <= limitBytes) {
      return;
    }
    List<Client> largest = new ArrayList<>(engine.clients().all());
    largest.removeIf(client -> client.isNoEvict() || client.role() != Client.Role.NORMAL);
    largest.sort(Comparator.comparingLong(ClientMemory::heldBytes).reversed());
    for (Client client : largest) {
      if (left <= limitBytes) {
        break;
      }
      long bytes = heldBytes(client);
      left -= bytes;
      LOG.info("Evicting client: {}, which holds {} bytes", client.outlet().peer(), bytes);
      engine.kill(client);
      evictedClients++;
    }
    sample();
  }
}
