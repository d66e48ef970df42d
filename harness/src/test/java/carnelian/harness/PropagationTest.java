package carnelian.harness;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PropagationTest {
  private final TestStore store = TestStores.create();

  @AfterEach
  void close() {
    store.close();
  }

  @Test
  void write_isPropagatedAsItCameAfterItsSelect() {
    store.run("set", "k", "v\r\n\0");
    store.run("GET", "k");
    store.run("SET", "l", "");
    assertThat(store.propagated()).containsExactly("SELECT 0", "set k v\r\n\0", "SET l ");
  }

  @Test
  void writeThatChangesNothingOrFails_isNotPropagated() {
    store.run("DEL", "none");
    store.run("FAIL", "half");
    assertThat(store.propagated()).isEmpty();
  }

  @Test
  void anotherDatabase_isSelectedInTheStream() {
    store.run("SET", "a", "1");
    TestClient other = store.client();
    other.run("SELECT", "9");
    other.run("SET", "b", "2");
    store.run("SET", "c", "3");
    store.engine().restartFeedDatabase();
    store.run("SET", "d", "4");
    assertThat(store.propagated())
        .containsExactly(
            "SELECT 0",
            "SET a 1",
            "SELECT 9",
            "SET b 2",
            "SELECT 0",
            "SET c 3",
            "SELECT 0",
            "SET d 4");
  }

  @Test
  void replicateAs_replacesTheCommand() {
    store.run("SET", "k", "v");
    store.run("GETDEL", "k");
    assertThat(store.propagated()).containsExactly("SELECT 0", "SET k v", "DEL k");
  }

  @Test
  void severalEffects_areWrapped() {
    store.run("SPLIT", "a", "b");
    assertThat(store.propagated())
        .containsExactly("SELECT 0", "MULTI", "SET a 1", "SET b 2.5", "EXEC");
  }

  @Test
  void replicateNothing_propagatesNothing() {
    store.run("SECRET", "k");
    assertThat(store.run("GET", "k")).isEqualTo("SECRET");
    assertThat(store.propagated()).isEmpty();
  }

  @Test
  void replicate_propagatesWithoutAChange() {
    store.run("SHOUT", "x");
    assertThat(store.propagated()).containsExactly("SELECT 0", "SHOUT x");
  }

  @Test
  void exec_isOneUnit() {
    store.run("MULTI");
    store.run("SET", "a", "1");
    store.run("GET", "a");
    store.run("GETDEL", "a");
    store.run("EXEC");
    assertThat(store.propagated()).containsExactly("SELECT 0", "MULTI", "SET a 1", "DEL a", "EXEC");
  }

  @Test
  void databasesThatChangeWithinAUnit_areSelectedInside() {
    store.run("MULTI");
    store.run("SET", "a", "1");
    store.run("SELECT", "5");
    store.run("SET", "b", "2");
    store.run("EXEC");
    store.run("SET", "c", "3");
    assertThat(store.propagated())
        .containsExactly("SELECT 0", "MULTI", "SET a 1", "SELECT 5", "SET b 2", "EXEC", "SET c 3");
  }

  @Test
  void execWithOneWrite_isNotWrapped() {
    store.run("MULTI");
    store.run("SET", "a", "1");
    store.run("GET", "a");
    store.run("EXEC");
    assertThat(store.propagated()).containsExactly("SELECT 0", "SET a 1");
  }

  @Test
  void execThatReads_isNotPropagated() {
    store.run("MULTI");
    store.run("GET", "a");
    store.run("EXEC");
    assertThat(store.propagated()).isEmpty();
  }

  @Test
  void expiredKeyFoundByARead_isPropagatedAsItsDeletion() {
    store.run("SET", "k", "v");
    store.run("PEXPIREAT", "k", store.nowMillis() + 10);
    store.propagated();
    store.freeze(11);
    assertThat(store.run("GET", "k")).isNull();
    assertThat(store.propagated()).containsExactly("DEL k");
  }

  @Test
  void expiredKeyFoundByAWrite_isDeletedBeforeIt() {
    store.run("SET", "k", "v");
    store.run("PEXPIREAT", "k", store.nowMillis() + 10);
    store.propagated();
    store.engine().propagateDeletions(true, true);
    store.freeze(11);
    store.run("SET", "k", "w");
    assertThat(store.propagated()).containsExactly("MULTI", "UNLINK k", "SET k w", "EXEC");
  }

  @Test
  void keysThatTheTimerRemoves_areUnitsOfTheirOwn() {
    for (int i = 0; i < 3; i++) {
      store.run("SET", "k" + i, "v");
      store.run("PEXPIREAT", "k" + i, store.nowMillis() + 10);
    }
    store.propagated();
    store.events();
    store.advance(20);
    assertThat(store.propagated()).containsExactlyInAnyOrder("DEL k0", "DEL k1", "DEL k2");
    assertThat(store.events())
        .containsExactlyInAnyOrder("expired k0@0", "expired k1@0", "expired k2@0");
  }

  @Test
  void withoutAFeed_nothingIsGathered() {
    store.withoutFeed();
    store.run("SPLIT", "a", "b");
    store.run("SET", "a", "1");
    assertThat(store.propagated()).isEmpty();
    assertThat(store.run("GET", "b")).isEqualTo("2.5");
  }

  @Test
  void dirty_countsChanges() {
    long before = store.engine().dirty();
    store.run("SET", "a", "1");
    store.run("GET", "a");
    store.run("DEL", "a", "b");
    assertThat(store.engine().dirty() - before).isEqualTo(2);
  }
}
