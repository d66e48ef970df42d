package carnelian.datatypes;

import carnelian.engine.transactions.TransactionCommands;
import carnelian.harness.TestStore;

/// Stores with every command family.
final class Families {
  private Families() {}

  static TestStore store() {
    TestStore store = TestStore.with(DataTypes.commands());
    return store.and(new TransactionCommands(store.engine()).all());
  }

  /// Follows a session on a new store; see `Transcript`.
  static void check(String transcript) {
    try (TestStore store = store()) {
      store.check(transcript);
    }
  }
}
