package carnelian.keyspace;

import carnelian.base.Invariant;
import carnelian.structures.CountedTrees;
import carnelian.structures.EntryLayout;
import carnelian.structures.HashTables;
import carnelian.structures.TreeCursor;

/// What must hold of a database's table and expiry index. Walks all of them: for tests and DEBUG.
final class DatabaseCheck {
  private DatabaseCheck() {}

  static void verify(Database database) {
    HashTables tables = database.keyspace().tables();
    CountedTrees trees = database.keyspace().trees();
    tables.verify(database.entries().table());
    trees.verify(database.indexes().keys());
    trees.verify(database.indexes().hashes());
    long[] counted = new long[2];
    tables.forEach(
        database.keyspace().heap().live(),
        database.entries().table(),
        entry -> {
          if (EntryLayout.hasDeadline(entry)) {
            counted[0]++;
            long deadline = EntryLayout.deadline(entry);
            boolean found =
                trees.find(database.indexes().keys(), deadline, entry, 0, new TreeCursor());
            Invariant.check(found, "key not in the expiry index: ", entry);
          }
          if (Hashes.isVolatile(entry)) {
            counted[1]++;
            database.keyspace().hashes().verify(database, entry);
          }
        });
    long indexed = database.volatileKeys();
    Invariant.check(counted[0] == indexed, "keys in the expiry index: ", indexed, counted[0]);
    long hashes = database.volatileHashes();
    Invariant.check(counted[1] == hashes, "hashes in the fields' index: ", hashes, counted[1]);
  }
}
