package carnelian.harness;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import carnelian.engine.Call;
import carnelian.engine.Client;
import carnelian.engine.CommandEntry;
import carnelian.engine.Denial;
import carnelian.engine.Engine;
import carnelian.engine.Pause;
import carnelian.engine.Permissions;
import carnelian.engine.ReplicationGuard;
import carnelian.engine.ReplyError;
import carnelian.engine.ServingState;
import carnelian.engine.WriteGuard;
import carnelian.keyspace.EvictionSettings;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class AdmissionTest {
  private final TestStore store = TestStores.create();

  @AfterEach
  void close() {
    store.close();
  }

  private static ErrorReply error(String text) {
    return new ErrorReply(text);
  }

  private CommandEntry entry(String name) {
    return requireNonNull(store.engine().commands().find(name));
  }

  @Test
  void wrongArity_isRefusedByFullName() {
    assertThat(store.run("GET"))
        .isEqualTo(error("ERR wrong number of arguments for 'get' command"));
    assertThat(store.run("BOX", "peek"))
        .isEqualTo(error("ERR wrong number of arguments for 'box|peek' command"));
    assertThat(store.run("BOX"))
        .isEqualTo(error("ERR wrong number of arguments for 'box' command"));
    assertThat(entry("get").rejectedCalls()).isEqualTo(1);
    assertThat(entry("get").calls()).isZero();
  }

  @Test
  void unauthenticatedClient_mayOnlyAuthenticate() {
    store.engine().defaultUser(true, false);
    TestClient stranger = store.client();
    assertThat(stranger.run("GET", "k")).isEqualTo(error("NOAUTH Authentication required."));
    assertThat(stranger.run("GET"))
        .isEqualTo(error("ERR wrong number of arguments for 'get' command"));
    assertThat(stranger.run("LOGIN")).isEqualTo("OK");
    assertThat(stranger.run("GET", "k")).isNull();
    assertThat(store.run("GET", "k")).as("who was there before").isNull();
  }

  /// Nobody may use SET.
  private static final class NoSet implements Permissions {
    @Override
    public @Nullable Denial check(Call call, Context context) {
      return call.name().equals("set") ? Denial.COMMAND : null;
    }

    @Override
    public boolean permits(Call call) {
      return check(call, Context.TOPLEVEL) == null;
    }

    @Override
    public boolean mayReadAnyKey(Call call) {
      return true;
    }
  }

  @Test
  void permissions_areAskedForEachCommandOfRestrictedClients() {
    store.engine().permissions(new NoSet());
    assertThat(store.run("SET", "k", "v")).isEqualTo("OK");
    store.first().client().restricted(true);
    assertThat(store.run("SET", "k", "v"))
        .isEqualTo(error("NOPERM this user has no permissions to run the 'set' command"));
    assertThat(store.run("GET", "k")).isEqualTo("v");
  }

  @Test
  void loading_refusesAllButWhatIsFlagged() {
    store.engine().serving(ServingState.LOADING);
    assertThat(store.run("GET", "k"))
        .isEqualTo(error("LOADING Redis is loading the dataset in memory"));
    assertThat(store.run("MULTI")).isEqualTo("OK");
    store.engine().serving(ServingState.SERVING);
  }

  @Test
  void writeGuard_refusesWritesAndPing() {
    store.engine().writeGuard(client -> ReplyError.MISCONF_RDB);
    assertThat(store.run("SET", "k", "v")).isEqualTo(error(ReplyError.MISCONF_RDB.text()));
    assertThat(store.run("PING")).isEqualTo(error(ReplyError.MISCONF_RDB.text()));
    assertThat(store.run("GET", "k")).isNull();
    assertThat(store.run("MULTI")).isEqualTo("OK");
    assertThat(store.run("SET", "k", "v")).isInstanceOf(ErrorReply.class);
    assertThat(store.run("EXEC"))
        .isEqualTo(error("EXECABORT Transaction discarded because of previous errors."));
  }

  @Test
  void subscriber_inResp2MayOnlyChangeItsSubscriptions() {
    store.first().client().subscriptions(1);
    assertThat(store.run("GET", "k"))
        .isEqualTo(
            error(
                "ERR Can't execute 'get': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT /"
                    + " RESET are allowed in this context"));
    assertThat(store.run("PING")).isEqualTo("PONG");
    store.first().resp3();
    assertThat(store.run("GET", "k")).isNull();
  }

  @Test
  void pauseAll_holdsCommandsBackUntilItEnds() {
    TestClient other = store.client();
    store.engine().pause(Pause.ALL, store.nowMillis() + 100);
    store.first().send("SET", "k", "v");
    store.first().send("GET", "k");
    other.send("PING");
    assertThat(store.first().hasReply()).isFalse();
    assertThat(store.engine().blockedClients()).isEqualTo(2);
    store.advance(99);
    assertThat(store.first().hasReply()).isFalse();
    store.advance(1);
    assertThat(store.first().replies()).containsExactly("OK", "v");
    assertThat(other.replies()).containsExactly("PONG");
    assertThat(store.engine().blockedClients()).isZero();
  }

  @Test
  void pauseWrite_letsReadsThrough() {
    store.run("SET", "k", "v");
    store.engine().pause(Pause.WRITE, store.nowMillis() + 1000);
    assertThat(store.run("GET", "k")).isEqualTo("v");
    TestClient writer = store.client();
    writer.send("SET", "k", "w");
    assertThat(writer.isBlocked()).isTrue();
    TestClient transaction = store.client();
    assertThat(transaction.run("MULTI")).isEqualTo("OK");
    transaction.send("SET", "k", "x");
    assertThat(transaction.isBlocked()).isTrue();
    assertThat(store.run("GET", "k")).isEqualTo("v");
    store.engine().unpause();
    store.advance(0);
    assertThat(writer.replies()).containsExactly("OK");
    assertThat(transaction.replies()).containsExactly("QUEUED");
    assertThat(transaction.run("EXEC")).isEqualTo(List.of("OK"));
  }

  /// Writes are refused and the data is too old, as on a replica.
  private static final class CutOffReplica implements ReplicationGuard {
    @Override
    public @Nullable ReplyError writes(Client client) {
      return ReplyError.READ_ONLY;
    }

    @Override
    public @Nullable ReplyError stale() {
      return ReplyError.MASTER_DOWN;
    }
  }

  @Test
  void whereAllReasonsMeet_theFirstOfRedisIsGiven() {
    Engine engine = store.engine();
    engine.defaultUser(true, true);
    engine.permissions(new NoSet());
    TestStores.fill(store);
    engine.writeGuard(client -> ReplyError.MISCONF_RDB);
    engine.replicationGuard(new CutOffReplica());
    engine.serving(ServingState.LOADING);
    TestClient client = store.client();
    client.client().subscriptions(1);

    assertThat(client.run("SET", "k"))
        .isEqualTo(error("ERR wrong number of arguments for 'set' command"));
    assertThat(client.run("SET", "k", "v")).isEqualTo(error(ReplyError.NO_AUTH.text()));
    client.client().authenticate(Client.DEFAULT_USER, true);
    assertThat(client.run("SET", "k", "v"))
        .isEqualTo(error("NOPERM this user has no permissions to run the 'set' command"));
    engine.permissions(Permissions.ALL);
    assertThat(client.run("SET", "k", "v")).isEqualTo(error(ReplyError.OUT_OF_MEMORY.text()));
    store.keyspace().evictor().settings(EvictionSettings.DEFAULT);
    assertThat(client.run("SET", "k", "v")).isEqualTo(error(ReplyError.MISCONF_RDB.text()));
    engine.writeGuard(WriteGuard.OPEN);
    assertThat(client.run("SET", "k", "v")).isEqualTo(error(ReplyError.READ_ONLY.text()));
    assertThat(client.raw("GET", "k")).startsWith("-ERR Can't execute 'get': only (P|S)SUBSCRIBE");
    client.client().subscriptions(0);
    assertThat(client.run("GET", "k")).isEqualTo(error(ReplyError.MASTER_DOWN.text()));
    engine.replicationGuard(ReplicationGuard.OPEN);
    assertThat(client.run("SET", "k", "v")).isEqualTo(error(ReplyError.LOADING.text()));
    engine.serving(ServingState.SERVING);
    assertThat(client.run("SET", "k", "v")).isEqualTo("OK");
    assertThat(entry("set").rejectedCalls()).isEqualTo(7);
  }
}
