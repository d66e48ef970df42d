package carnelian.harness;

import static org.assertj.core.api.Assertions.assertThat;

import carnelian.engine.ReplyMode;
import carnelian.engine.pubsub.KeyspaceNotifications;
import carnelian.engine.pubsub.NotifiedEvents;
import carnelian.engine.pubsub.PubSub;
import carnelian.engine.pubsub.PubSubCommands;
import carnelian.engine.transactions.TransactionCommands;
import carnelian.keyspace.KeyEvent;
import carnelian.memory.NativeBuffer;
import carnelian.memory.Slice;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PubSubTest {

  private final TestStore store = TestStore.with();
  private final PubSub pubSub = new PubSub(store.engine(), 7);
  private final TestClient client = store.client();
  private final TestClient other = store.client();

  PubSubTest() {
    store.engine().register(new PubSubCommands(pubSub).all());
    store.engine().register(new TransactionCommands(store.engine()).all());
  }

  /// The reply as on the wire, a space for each end of line.
  private static String send(TestClient client, Object... words) {
    return client.raw(words).replace("\r\n", " ");
  }

  private static String received(TestClient client) {
    return client.rawReplies().replace("\r\n", " ");
  }

  @AfterEach
  void close() {
    store.close();
    pubSub.close();
  }

  @Test
  void subscribe_confirmsEachChannelWithTheCount() {
    assertThat(send(client, "SUBSCRIBE", "a", "b"))
        .isEqualTo("*3 $9 subscribe $1 a :1 *3 $9 subscribe $1 b :2 ");
    assertThat(send(client, "PSUBSCRIBE", "x*")).isEqualTo("*3 $10 psubscribe $2 x* :3 ");
    assertThat(send(client, "SSUBSCRIBE", "s")).isEqualTo("*3 $10 ssubscribe $1 s :1 ");
    assertThat(send(client, "SUBSCRIBE", "a")).isEqualTo("*3 $9 subscribe $1 a :3 ");
    assertThat(client.client().subscriptions()).isEqualTo(4);
  }

  @Test
  void publish_reachesChannelsAndPatterns() {
    send(client, "SUBSCRIBE", "news");
    send(client, "PSUBSCRIBE", "n*", "x*");

    assertThat(send(other, "PUBLISH", "news", "hello")).isEqualTo(":2 ");
    assertThat(received(client))
        .isEqualTo("*3 $7 message $4 news $5 hello *4 $8 pmessage $2 n* $4 news $5 hello ");
    assertThat(send(other, "PUBLISH", "old", "hello")).isEqualTo(":0 ");
  }

  @Test
  void publish_speaksEachSubscribersProtocol() {
    TestClient third = store.client();
    third.client().protocol(3);
    send(client, "SUBSCRIBE", "c");
    assertThat(send(third, "SUBSCRIBE", "c")).isEqualTo(">3 $9 subscribe $1 c :1 ");

    assertThat(send(other, "PUBLISH", "c", "m")).isEqualTo(":2 ");

    assertThat(received(client)).isEqualTo("*3 $7 message $1 c $1 m ");
    assertThat(received(third)).isEqualTo(">3 $7 message $1 c $1 m ");
  }

  @Test
  void publish_toOneself_followsTheReply() {
    client.client().protocol(3);
    send(client, "SUBSCRIBE", "c");

    assertThat(send(client, "PUBLISH", "c", "m")).isEqualTo(":1 >3 $7 message $1 c $1 m ");
  }

  @Test
  void publish_toOneselfInATransaction_followsTheWholeReply() {
    client.client().protocol(3);
    send(client, "SUBSCRIBE", "c");
    send(client, "MULTI");
    send(client, "PUBLISH", "c", "1");
    send(client, "PUBLISH", "c", "2");

    assertThat(send(client, "EXEC"))
        .isEqualTo("*2 :1 :1 >3 $7 message $1 c $1 1 >3 $7 message $1 c $1 2 ");
  }

  @Test
  void shardChannels_areApart() {
    send(client, "SSUBSCRIBE", "c");

    assertThat(send(other, "PUBLISH", "c", "m")).isEqualTo(":0 ");
    assertThat(send(other, "SPUBLISH", "c", "m")).isEqualTo(":1 ");
    assertThat(received(client)).isEqualTo("*3 $8 smessage $1 c $1 m ");
  }

  @Test
  void unsubscribe_confirmsEvenWhatWasNotSubscribed() {
    send(client, "SUBSCRIBE", "a", "b");

    assertThat(send(client, "UNSUBSCRIBE", "x")).isEqualTo("*3 $11 unsubscribe $1 x :2 ");
    assertThat(send(client, "UNSUBSCRIBE"))
        .isEqualTo("*3 $11 unsubscribe $1 a :1 *3 $11 unsubscribe $1 b :0 ");
    assertThat(send(client, "UNSUBSCRIBE")).isEqualTo("*3 $11 unsubscribe $-1 :0 ");
    assertThat(client.client().subscriptions()).isZero();
    assertThat(send(other, "PUBLISH", "a", "m")).isEqualTo(":0 ");
  }

  @Test
  void subscriberInResp2_maySayLittle() {
    send(client, "SUBSCRIBE", "a");

    assertThat(send(client, "PUBLISH", "a", "m"))
        .isEqualTo(
            "-ERR Can't execute 'publish': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT /"
                + " RESET are allowed in this context ");
    send(client, "UNSUBSCRIBE");
    assertThat(send(client, "PUBLISH", "a", "m")).isEqualTo(":0 ");
  }

  @Test
  void pubsub_looksAtChannels() {
    send(client, "SUBSCRIBE", "a", "ab");
    send(other, "SUBSCRIBE", "a");
    send(other, "PSUBSCRIBE", "p*", "q*");
    send(other, "SSUBSCRIBE", "s");
    TestClient third = store.client();

    assertThat(send(third, "PUBSUB", "CHANNELS")).isEqualTo("*2 $1 a $2 ab ");
    assertThat(send(third, "PUBSUB", "CHANNELS", "?b")).isEqualTo("*1 $2 ab ");
    assertThat(send(third, "PUBSUB", "NUMSUB")).isEqualTo("*0 ");
    assertThat(send(third, "PUBSUB", "NUMSUB", "a", "z")).isEqualTo("*4 $1 a :2 $1 z :0 ");
    assertThat(send(third, "PUBSUB", "NUMPAT")).isEqualTo(":2 ");
    assertThat(send(third, "PUBSUB", "SHARDCHANNELS")).isEqualTo("*1 $1 s ");
    assertThat(send(third, "PUBSUB", "SHARDNUMSUB", "s")).isEqualTo("*2 $1 s :1 ");
    assertThat(send(third, "PUBSUB", "CHANNELS", "a", "b"))
        .isEqualTo(
            "-ERR unknown subcommand or wrong number of arguments for 'CHANNELS'. Try PUBSUB"
                + " HELP. ");
    assertThat(send(third, "PUBSUB", "HELP")).startsWith("*13 +PUBSUB <subcommand> ");
    assertThat(pubSub.channelsOf(other.client())).isEqualTo(1);
    assertThat(pubSub.patternsOf(other.client())).isEqualTo(2);
    assertThat(pubSub.shardChannelsOf(other.client())).isEqualTo(1);
    assertThat(pubSub.clientCount()).isEqualTo(2);
  }

  @Test
  void disconnect_endsSubscriptions() {
    send(client, "SUBSCRIBE", "a");
    send(client, "PSUBSCRIBE", "a*");
    client.close();

    assertThat(send(other, "PUBLISH", "a", "m")).isEqualTo(":0 ");
    assertThat(pubSub.clientCount()).isZero();
    assertThat(pubSub.patternCount()).isZero();
  }

  @Test
  void manySubscribers_leaveInAnyOrder() {
    TestClient[] clients = new TestClient[20];
    for (int i = 0; i < clients.length; i++) {
      clients[i] = store.client();
      send(clients[i], "SUBSCRIBE", "c");
    }
    for (int i = 0; i < clients.length; i += 2) {
      send(clients[i], "UNSUBSCRIBE", "c");
    }

    assertThat(send(other, "PUBLISH", "c", "m")).isEqualTo(":10 ");
    for (int i = 0; i < clients.length; i++) {
      assertThat(received(clients[i])).isEqualTo(i % 2 == 0 ? "" : "*3 $7 message $1 c $1 m ");
    }
  }

  @Test
  void replyOff_doesNotDropMessages() {
    send(client, "SUBSCRIBE", "c");
    client.client().replyMode(ReplyMode.OFF);

    assertThat(send(client, "SUBSCRIBE", "d")).isEqualTo("*3 $9 subscribe $1 d :2 ");
    send(other, "PUBLISH", "c", "m");
    assertThat(received(client)).isEqualTo("*3 $7 message $1 c $1 m ");
  }

  @Test
  void longMessage_arrivesWholeAndItsBufferIsGivenBack() {
    send(client, "SUBSCRIBE", "c");
    String message = "m".repeat(200_000);

    send(other, "PUBLISH", "c", message);

    assertThat(received(client)).isEqualTo("*3 $7 message $1 c $200000 " + message + " ");
  }

  @Test
  void notifications_goToTheChannelsOfKeyAndEvent() {
    try (KeyspaceNotifications notifications = new KeyspaceNotifications(pubSub);
        NativeBuffer bytes = new NativeBuffer(16)) {
      bytes.putAscii("k");
      Slice key = bytes.slice(new Slice());
      notifications.events(Objects.requireNonNull(NotifiedEvents.parse("KEA")));
      assertThat(notifications.classes()).as("nobody listens").isZero();
      send(client, "PSUBSCRIBE", "__key*__:*");
      assertThat(notifications.classes()).isNotZero();

      notifications.publish(store.engine().keyspace().database(12), key, KeyEvent.DEL);
      send(other, "PUBLISH", "x", "flushes what was written");

      assertThat(received(client))
          .isEqualTo(
              "*4 $8 pmessage $10 __key*__:* $17 __keyspace@12__:k $3 del "
                  + "*4 $8 pmessage $10 __key*__:* $19 __keyevent@12__:del $1 k ");
    }
  }
}
