package carnelian.embedded;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Commands that go through no socket.
class InProcessTest {
  private static final Carnelian STORE = Carnelian.builder().noPort().start();

  @AfterAll
  static void end() {
    STORE.close();
  }

  @BeforeEach
  void empty() {
    STORE.flushAll();
  }

  @Test
  void replies_haveTheTypesOfTheProtocol() {
    assertThat(STORE.execute("SET", "k", "v")).isEqualTo(new Reply.Status("OK"));
    assertThat(STORE.execute("GET", "k").asString()).isEqualTo("v");
    assertThat(STORE.execute("GET", "none").isNil()).isTrue();
    assertThat(STORE.execute("GET", "none").asString()).isNull();
    assertThat(STORE.execute("INCRBY", "n", 41).asLong()).isEqualTo(41);
    assertThat(STORE.execute("GET", "n").asLong()).isEqualTo(41);
    assertThat(STORE.execute("RPUSH", "l", "a", "b")).isEqualTo(new Reply.Whole(2));
    assertThat(STORE.execute("LRANGE", "l", 0, -1).asStrings()).containsExactly("a", "b");
    STORE.execute("HSET", "h", "f", "1", "g", "2");
    assertThat(STORE.execute("HGETALL", "h").asMap()).isEqualTo(Map.of("f", "1", "g", "2"));
    STORE.execute("ZADD", "z", 1.5, "m");
    assertThat(STORE.execute("ZSCORE", "z", "m")).isEqualTo(new Reply.Decimal(1.5));
    STORE.execute("SADD", "s", "m");
    assertThat(STORE.execute("SMEMBERS", "s")).isInstanceOf(Reply.Members.class);
    assertThat(STORE.execute("LOLWUT")).isInstanceOf(Reply.Verbatim.class);
  }

  @Test
  void bytes_areKeptAsTheyAre() {
    byte[] value = {0, -1, 13, 10, 36, 127};
    STORE.execute("SET", "k", value);
    assertThat(STORE.execute("GET", "k").asBytes()).containsExactly(value);
    STORE.execute("SET", "k", "Grüße, 世界");
    assertThat(STORE.execute("GET", "k").asString()).isEqualTo("Grüße, 世界");
    byte[] large = new byte[3_000_000];
    STORE.execute("SET", "large", large);
    assertThat(STORE.execute("GET", "large").asBytes()).hasSize(large.length);
  }

  @Test
  void errors_areThrown_andThoseWithinReplies_areFound() {
    STORE.execute("SET", "k", "v");
    assertThatThrownBy(() -> STORE.execute("LPUSH", "k", "x"))
        .isInstanceOfSatisfying(
            CommandException.class, e -> assertThat(e.code()).isEqualTo("WRONGTYPE"))
        .hasMessageContaining("wrong kind of value");
    assertThatThrownBy(() -> STORE.execute("NOTHING")).hasMessageContaining("unknown command");
    assertThatThrownBy(() -> STORE.execute(new Object())).hasMessageContaining("expected: String");
    assertThatThrownBy(STORE::execute).hasMessageContaining("a command's name");
    try (Session session = STORE.session()) {
      session.execute("MULTI");
      session.execute("LPUSH", "k", "x");
      session.execute("GET", "k");
      List<Reply> replies = session.execute("EXEC").asList();
      assertThat(replies.getFirst()).isInstanceOf(Reply.Failure.class);
      assertThat(replies.getLast().asString()).isEqualTo("v");
    }
  }

  @Test
  void calls_areAsFromNewClients_andASessionKeepsItsState() {
    STORE.execute("SELECT", 3);
    STORE.execute("SET", "k", "v");
    STORE.execute("MULTI");
    STORE.execute("HELLO", 2);
    STORE.execute("CLIENT", "REPLY", "OFF");
    assertThat(STORE.execute("GET", "k").asString()).isEqualTo("v");
    try (Session session = STORE.session()) {
      session.execute("SELECT", 3);
      assertThat(session.execute("DBSIZE").asLong()).isZero();
      session.execute("SET", "only-there", "v");
    }
    assertThat(STORE.execute("EXISTS", "only-there").asLong()).isZero();
  }

  @Test
  void waitingCommand_keepsNobodyElseWaiting() throws Exception {
    CompletableFuture<Reply> waiting = STORE.executeAsync("BLPOP", "list", 0);
    STORE.execute("RPUSH", "list", "element");
    assertThat(waiting.get().asStrings()).containsExactly("list", "element");
  }

  @Test
  void cancelledOrInterruptedCommand_takesNothingAnyMore() throws Exception {
    CompletableFuture<Reply> waiting = STORE.executeAsync("BLPOP", "list", 0);
    assertThat(waiting.cancel(false)).isTrue();
    AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
    CountDownLatch started = new CountDownLatch(1);
    Thread thread =
        new Thread(
            () -> {
              started.countDown();
              try {
                STORE.execute("BLPOP", "list", 0);
              } catch (Throwable e) {
                failure.set(e);
              }
            });
    thread.start();
    started.await();
    thread.interrupt();
    thread.join();
    assertThat(failure.get()).isInstanceOf(CancellationException.class);
    while (!STORE.execute("INFO", "clients").toString().contains("blocked_clients:0\r\n")) {
      Thread.onSpinWait();
    }
    assertThat(STORE.execute("RPUSH", "list", "element").asLong()).isOne();
  }

  @Test
  void manyThreads_canUseIt() throws Exception {
    Thread[] threads = new Thread[8];
    for (int i = 0; i < threads.length; i++) {
      threads[i] =
          new Thread(
              () -> {
                for (int n = 0; n < 500; n++) {
                  STORE.execute("INCR", "n");
                }
              });
      threads[i].start();
    }
    for (Thread thread : threads) {
      thread.join();
    }
    assertThat(STORE.execute("GET", "n").asLong()).isEqualTo(4000);
  }

  @Test
  void engineThread_doesNotWaitForItself() throws Exception {
    CompletableFuture<Reply> nested =
        STORE.executeAsync("BLPOP", "list", 0).thenApply(_ -> STORE.execute("PING"));
    STORE.execute("RPUSH", "list", "element");
    assertThatThrownBy(nested::get)
        .isInstanceOf(ExecutionException.class)
        .hasMessageContaining("does not wait for itself");
  }

  @Test
  void messages_goToTheListener_andRepliesAreTheReplies() throws Exception {
    BlockingQueue<Message> messages = new LinkedBlockingQueue<>();
    try (Session session = STORE.session()) {
      session.onMessage(messages::add);
      assertThat(session.execute("SUBSCRIBE", "news", "weather").asList().get(1).asString())
          .isEqualTo("weather");
      session.execute("PSUBSCRIBE", "n*");
      assertThat(STORE.execute("PUBLISH", "news", "first").asLong()).isEqualTo(2);
      STORE.execute("PUBLISH", "weather", "rain");
      assertThat(session.execute("PING").asString()).isEqualTo("PONG");
      assertThat(messages.take())
          .isEqualTo(new Message("message", null, "news", new Reply.Bulk("first".getBytes(UTF_8))));
      assertThat(messages.take())
          .isEqualTo(
              new Message("pmessage", "n*", "news", new Reply.Bulk("first".getBytes(UTF_8))));
      assertThat(messages.take().text()).isEqualTo("rain");
      assertThat(session.execute("PUBLISH", "weather", "its own").asLong()).isOne();
      assertThat(messages.take().text()).isEqualTo("its own");
      session.execute("UNSUBSCRIBE");
      session.execute("PUNSUBSCRIBE");
      assertThat(STORE.execute("PUBLISH", "news", "second").asLong()).isZero();
      assertThat(messages).isEmpty();
    }
  }

  @Test
  void messages_thatComeWhileACommandWaits_areToldWithItsAnswer() throws Exception {
    BlockingQueue<Message> messages = new LinkedBlockingQueue<>();
    try (Session session = STORE.session()) {
      session.onMessage(messages::add);
      session.execute("SUBSCRIBE", "news");
      CompletableFuture<Reply> waiting = session.executeAsync("BLPOP", "list", 0);
      for (int i = 0; i < 1000; i++) {
        STORE.execute("PUBLISH", "news", i);
      }
      assertThat(waiting).isNotDone();
      STORE.execute("RPUSH", "list", "element");
      assertThat(waiting.get().asStrings()).containsExactly("list", "element");
      for (int i = 0; i < 1000; i++) {
        assertThat(messages.take().text()).isEqualTo(Integer.toString(i));
      }
      assertThat(messages).isEmpty();
    }
  }

  @Test
  void messages_areAlsoKeyspaceEvents_andKeysToForget() throws Exception {
    BlockingQueue<Message> messages = new LinkedBlockingQueue<>();
    STORE.execute("CONFIG", "SET", "notify-keyspace-events", "KEA");
    try (Session session = STORE.session()) {
      session.onMessage(messages::add);
      session.execute("SUBSCRIBE", "__keyevent@0__:set");
      STORE.execute("SET", "k", "v");
      assertThat(messages.take().text()).isEqualTo("k");
      session.execute("CLIENT", "TRACKING", "ON");
      session.execute("GET", "k");
      STORE.execute("DEL", "k");
      Message forget = messages.take();
      assertThat(forget.kind()).isEqualTo("invalidate");
      assertThat(forget.payload().asStrings()).containsExactly("k");
    } finally {
      STORE.execute("CONFIG", "SET", "notify-keyspace-events", "");
    }
  }

  @Test
  void listenerThatThrows_endsNothing_andWithoutOneMessagesAreLost() throws Exception {
    CountDownLatch called = new CountDownLatch(2);
    try (Session session = STORE.session()) {
      session.execute("SUBSCRIBE", "news");
      STORE.execute("PUBLISH", "news", "lost");
      session.onMessage(
          _ -> {
            called.countDown();
            throw new IllegalStateException("a listener's bug, asked for");
          });
      STORE.execute("PUBLISH", "news", "first");
      STORE.execute("PUBLISH", "news", "second");
      called.await();
      assertThat(session.execute("PING").asString()).isEqualTo("PONG");
    }
  }

  @Test
  void afterTheEnd_commandsFail() {
    Carnelian store = Carnelian.builder().noPort().start();
    Session session = store.session();
    CompletableFuture<Reply> waiting = store.executeAsync("BLPOP", "list", 0);
    store.close();
    store.close();
    assertThat(store.isClosed()).isTrue();
    assertThatThrownBy(waiting::get).hasMessageContaining("closed");
    assertThatThrownBy(() -> store.execute("PING")).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> session.execute("PING")).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(store::session).isInstanceOf(Exception.class);
    session.close();
  }
}
