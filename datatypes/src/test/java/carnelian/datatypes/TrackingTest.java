package carnelian.datatypes;

import static carnelian.command.CommandFlag.LOADING;
import static carnelian.command.Declaration.declare;
import static org.assertj.core.api.Assertions.assertThat;

import carnelian.command.Group;
import carnelian.engine.Command;
import carnelian.engine.pubsub.PubSub;
import carnelian.engine.pubsub.PubSubCommands;
import carnelian.engine.tracking.Tracking;
import carnelian.engine.tracking.TrackingCommands;
import carnelian.engine.transactions.TransactionCommands;
import carnelian.harness.TestClient;
import carnelian.harness.TestStore;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Client-side caching with real commands.
class TrackingTest {
  private final TestStore store = TestStore.with(DataTypes.commands());
  private final PubSub pubSub = new PubSub(store.engine(), 7);
  private final Tracking tracking = new Tracking(store.engine(), 8);
  private final TestClient cache = store.client().resp3();

  TrackingTest() {
    TrackingCommands commands = new TrackingCommands(store.engine(), tracking);
    store.and(new TransactionCommands(store.engine()).all());
    store.and(new PubSubCommands(pubSub).all());
    store.and(
        List.of(
            Command.container(
                declare("CLIENT")
                    .group(Group.CONNECTION)
                    .since("2.4.0")
                    .summary("Some of CLIENT.")
                    .arity(-2)
                    .flags(LOADING),
                List.of(
                    commands.caching(),
                    commands.getredir(),
                    commands.tracking(),
                    commands.trackinginfo()))));
  }

  @AfterEach
  void close() {
    store.close();
    tracking.close();
    pubSub.close();
  }

  private static String send(TestClient client, String line) {
    return wire(client.raw((Object[]) line.split(" ")));
  }

  private static String received(TestClient client) {
    return wire(client.rawReplies());
  }

  /// The bytes, a space for each end of line.
  private static String wire(String bytes) {
    return bytes.replace("\r\n", " ").strip();
  }

  private String change(String line) {
    return send(store.first(), line);
  }

  private static String invalidate(String key) {
    return ">2 $10 invalidate *1 $" + key.length() + " " + key;
  }

  @Test
  void readKeys_areInvalidatedOnce() {
    send(cache, "CLIENT TRACKING ON");
    send(cache, "MGET a b");
    change("SET a 1");
    change("SET a 2");
    change("SET other 1");
    assertThat(received(cache)).isEqualTo(invalidate("a"));
    assertThat(tracking.keys()).isEqualTo(1);
    assertThat(tracking.items()).isEqualTo(1);
  }

  @Test
  void ownChanges_areToldAfterTheReply_unlessNoLoop() {
    send(cache, "CLIENT TRACKING ON");
    send(cache, "GET a");
    assertThat(send(cache, "SET a 1")).isEqualTo("+OK " + invalidate("a"));

    send(cache, "CLIENT TRACKING ON NOLOOP");
    send(cache, "GET a");
    assertThat(send(cache, "SET a 1")).isEqualTo("+OK");
  }

  @Test
  void expiredAndFlushedKeys_areInvalidated() {
    send(cache, "CLIENT TRACKING ON");
    change("SET a 1 PX 10");
    send(cache, "GET a");
    store.advance(1000);
    assertThat(received(cache)).isEqualTo(invalidate("a"));

    send(cache, "GET b");
    change("FLUSHALL");
    assertThat(received(cache)).isEqualTo(">2 $10 invalidate _");
    assertThat(tracking.keys()).isZero();
  }

  @Test
  void broadcast_tellsOfPrefixesOnceABatch() {
    send(cache, "CLIENT TRACKING ON BCAST PREFIX a: PREFIX b:");
    change("MSET a:1 x a:2 x c:1 x");
    assertThat(received(cache)).isEqualTo(">2 $10 invalidate *2 $3 a:1 $3 a:2");
    assertThat(tracking.prefixes()).isEqualTo(2);
    assertThat(send(cache, "CLIENT TRACKING ON BCAST PREFIX a:x"))
        .isEqualTo(
            "-ERR Prefix 'a:x' overlaps with an existing prefix 'a:'. Prefixes for a single client"
                + " must not overlap.");
    send(cache, "CLIENT TRACKING OFF");
    assertThat(tracking.prefixes()).isZero();
  }

  @Test
  void optIn_remembersTheNextCommandOnly() {
    send(cache, "CLIENT TRACKING ON OPTIN");
    send(cache, "GET a");
    send(cache, "CLIENT CACHING YES");
    send(cache, "GET b");
    send(cache, "GET c");
    change("MSET a 1 b 1 c 1");
    assertThat(received(cache)).isEqualTo(invalidate("b"));
  }

  @Test
  void optOut_forgetsTheNextCommandOnly_orTheTransaction() {
    send(cache, "CLIENT TRACKING ON OPTOUT");
    send(cache, "CLIENT CACHING NO");
    send(cache, "MULTI");
    send(cache, "GET a");
    send(cache, "GET b");
    send(cache, "EXEC");
    send(cache, "GET c");
    change("MSET a 1 b 1 c 1");
    assertThat(received(cache)).isEqualTo(invalidate("c"));
  }

  @Test
  void redirection_reachesSubscribersOfResp2_andIsToldBroken() {
    TestClient listener = store.client();
    send(listener, "SUBSCRIBE __redis__:invalidate");
    send(cache, "CLIENT TRACKING ON REDIRECT " + listener.client().id());
    send(cache, "GET a");
    change("SET a 1");
    assertThat(received(listener)).isEqualTo("*3 $7 message $20 __redis__:invalidate *1 $1 a");
    assertThat(received(cache)).isEmpty();

    send(cache, "GET a");
    store.engine().disconnect(listener.client());
    change("SET a 1");
    assertThat(received(cache)).startsWith(">2 $21 tracking-redir-broken :");
    assertThat(cache.client().flags()).isEqualTo("tR");
  }

  @Test
  void anyKeysAreGivenUp_whenThereAreTooMany() {
    tracking.maxKeys(2);
    send(cache, "CLIENT TRACKING ON");
    assertThat(send(cache, "MGET a b c"))
        .isIn(
            "*3 _ _ _ " + invalidate("a"),
            "*3 _ _ _ " + invalidate("b"),
            "*3 _ _ _ " + invalidate("c"));
    assertThat(tracking.keys()).isEqualTo(2);
  }

  @Test
  void clientsThatAreGone_leaveNothingThatIsTold() {
    send(cache, "CLIENT TRACKING ON BCAST");
    store.engine().disconnect(cache.client());
    change("SET a 1");
    assertThat(tracking.clients()).isZero();
    assertThat(tracking.prefixes()).isZero();
  }
}
