package carnelian.keyspace;

import carnelian.memory.Slice;

/// Where the value of one key is made aside: a database that nobody sees, nobody hears of and no
/// snapshot holds. A value that turns out to be broken goes with it and leaves no trace; one that
/// is whole takes its place by [#adopt], without being copied.
///
/// Opened and closed within one command.
public final class Staging implements AutoCloseable {
  static final int INDEX = -1;

  private final Keyspace keyspace;
  private final Database database;
  private final long mutations;

  Staging(Keyspace keyspace) {
    this.keyspace = keyspace;
    mutations = keyspace.mutations();
    database = new Database(keyspace, INDEX);
  }

  /// To which services add the key.
  public Database database() {
    return database;
  }

  /// Moves the staged entry to a database that does not hold its key, and reports that the key is
  /// new there. What the command did is the command's to report.
  public void adopt(long entry, Database target, Slice key) {
    target.adopt(database, entry, key);
  }

  /// Gives back what was not adopted.
  @Override
  public void close() {
    boolean dropped = database.size() > 0;
    database.dropStructures();
    if (dropped) {
      keyspace.mutationsUndone(mutations);
    }
  }
}
