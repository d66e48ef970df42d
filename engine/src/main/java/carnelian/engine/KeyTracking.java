package carnelian.engine;

import carnelian.keyspace.Database;
import carnelian.memory.Slice;
import org.jspecify.annotations.Nullable;

/// Port: client-side caching, which tells clients that keys they have read are no longer as they
/// were.
public interface KeyTracking {
  /// A key changed; `by` is the client whose command did it, null if none (expiry, eviction).
  void changed(Database database, Slice key, @Nullable Client by);

  /// A command that only reads has run. Called for clients that are [Client#isTracking]; `reader`
  /// is the one whose cache is meant, also where a script has run the command.
  void read(Call call, Client reader);

  /// A command of a client that is [Client#isTracking] has been answered; null if it is unknown.
  void commandEnded(Client client, @Nullable CommandEntry entry);

  /// A batch of commands, or periodic work, has been done: nothing is in the middle of being
  /// written.
  void batchEnded();

  /// All keys of a database are gone.
  void flushed(@Nullable Client by);
}
