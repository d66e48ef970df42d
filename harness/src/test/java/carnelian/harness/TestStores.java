package carnelian.harness;

import carnelian.engine.transactions.TransactionCommands;
import carnelian.keyspace.EvictionPolicy;
import carnelian.keyspace.EvictionSettings;

/// Makes stores with the commands that the engine's own tests need.
final class TestStores {
  private TestStores() {}

  static TestStore create() {
    TestStore store = TestStore.with();
    store.and(new TransactionCommands(store.engine()).all());
    store.and(new TestCommands(store).all());
    return store;
  }

  /// Puts the store over its limit of memory, with nothing that may be evicted.
  static void fill(TestStore store) {
    store
        .keyspace()
        .evictor()
        .settings(new EvictionSettings(1, EvictionPolicy.NOEVICTION, 5, 10, 10, 1));
  }
}
