package carnelian.engine;

import carnelian.keyspace.Database;
import carnelian.keyspace.Keyspace;
import carnelian.keyspace.Prefetch;
import carnelian.resp.RequestBatch;
import org.jspecify.annotations.Nullable;

/// Finds the commands of a batch and touches the place of every first key before the first of them
/// runs, so that the memory's latencies overlap. The hash that this takes is kept for the command's
/// own lookup.
///
/// Owns what it has found of the commands ahead; a batch longer than it sees is looked at piece by
/// piece. On the engine's thread, for the batch that runs now. Changes nothing and does not fail.
final class LookAhead {
  private static final int COMMANDS = 64;

  private final CommandTable commands;
  private final Keyspace keyspace;
  private final Prefetch prefetch = new Prefetch(COMMANDS);
  private final @Nullable CommandEntry[] entries = new CommandEntry[COMMANDS];
  private final long[] hashes = new long[COMMANDS];
  private final boolean[] hashed = new boolean[COMMANDS];

  /// Index in the batch of the first one that was looked at.
  private int first;

  private int count;

  LookAhead(CommandTable commands, Keyspace keyspace) {
    this.commands = commands;
    this.keyspace = keyspace;
  }

  /// Another batch runs, from that command on.
  void restart(int command) {
    first = command;
    count = 0;
  }

  /// The command, or the container, that the call at this place of the batch names; null if there
  /// is none. The keyspace is told the hash of the first key.
  @Nullable CommandEntry find(Call call, RequestBatch batch, int command) {
    if (command >= first + count) {
      look(call.client().database(), batch, command);
    }
    int place = command - first;
    CommandEntry entry = entries[place];
    if (hashed[place] && entry != null) {
      keyspace.expect(call.arg(entry.firstKey), hashes[place]);
    } else {
      keyspace.expectNothing();
    }
    return entry;
  }

  private void look(Database database, RequestBatch batch, int command) {
    first = command;
    count = Math.min(batch.commands() - command, COMMANDS);
    boolean several = count > 1;
    for (int i = 0; i < count; i++) {
      CommandEntry entry = commands.find(batch.arg(command + i, 0));
      entries[i] = entry;
      hashed[i] = false;
      if (several
          && entry != null
          && entry.firstKey > 0
          && entry.firstKey < batch.argc(command + i)) {
        hashes[i] = prefetch.add(database, batch.arg(command + i, entry.firstKey));
        hashed[i] = true;
      }
    }
    if (several) {
      prefetch.run();
    }
  }
}
