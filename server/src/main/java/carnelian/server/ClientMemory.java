package carnelian.server;

import carnelian.engine.Client;
import carnelian.engine.Clients;
import carnelian.engine.OutletUsage;

/// What clients hold beside the data: replies they have not taken and requests not yet executed, as
/// far as they do not fit into the buffers that every busy connection borrows; and transactions.
///
/// Sampled some times a second, because it counts against `maxmemory` at every command.
final class ClientMemory {
  /// What a connection borrows while it is busy.
  private static final long BORROWED_BYTES = 16 << 10;

  private final Clients clients;
  private long sampledBytes;

  ClientMemory(Clients clients) {
    this.clients = clients;
  }

  /// As of the last [#sample].
  long sampledBytes() {
    return sampledBytes;
  }

  /// Looks at every client.
  long sample() {
    long bytes = 0;
    for (Client client : clients.all()) {
      OutletUsage usage = client.outlet().usage();
      bytes += beyond(usage.replyBufferBytes());
      bytes += beyond(usage.queryBufferBytes() + usage.queryBufferFreeBytes());
      bytes += client.transactionMemoryBytes();
    }
    sampledBytes = bytes;
    return bytes;
  }

  private static long beyond(long bufferBytes) {
    return Math.max(0, bufferBytes - BORROWED_BYTES);
  }
}
