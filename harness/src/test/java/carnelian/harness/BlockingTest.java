package carnelian.harness;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class BlockingTest {
  private final TestStore store = TestStores.create();
  private final TestClient waiter = store.client();

  @AfterEach
  void close() {
    store.close();
  }

  @Test
  void key_thatIsThere_isTakenAtOnce() {
    store.run("SET", "k", "v");
    assertThat(waiter.run("TAKE", "k", "0")).isEqualTo(List.of("k", "v"));
    assertThat(store.run("GET", "k")).isNull();
  }

  @Test
  void key_thatComes_isGivenToWhoWaits() {
    waiter.send("TAKE", "k", "0");
    assertThat(waiter.isBlocked()).isTrue();
    assertThat(store.engine().blockedClients()).isEqualTo(1);
    assertThat(store.engine().blockingKeys()).isEqualTo(1);
    assertThat(store.run("SET", "k", "v")).isEqualTo("OK");
    assertThat(waiter.replies()).containsExactly(List.of("k", "v"));
    assertThat(waiter.isBlocked()).isFalse();
    assertThat(store.engine().blockingKeys()).isZero();
    assertThat(store.run("GET", "k")).isNull();
  }

  @Test
  void propagation_hasTheEffectAfterItsCause() {
    waiter.send("TAKE", "k", "0");
    store.run("SET", "k", "v");
    assertThat(store.propagated()).containsExactly("SELECT 0", "SET k v", "DEL k");
  }

  @Test
  void severalKeys_areWaitedForAtOnce() {
    waiter.send("TAKE", "a", "b", "a", "c", "0");
    assertThat(store.engine().blockingKeys()).isEqualTo(3);
    store.run("SET", "b", "2");
    assertThat(waiter.replies()).containsExactly(List.of("b", "2"));
    assertThat(store.engine().blockingKeys()).isZero();
    store.run("SET", "a", "1");
    assertThat(waiter.hasReply()).isFalse();
  }

  @Test
  void whoCameFirst_isServedFirst() {
    List<TestClient> waiters = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      TestClient next = store.client();
      next.send("TAKE", "k", "0");
      waiters.add(next);
    }
    waiters.remove(1).close();
    for (int served = 0; served < 4; served++) {
      store.run("SET", "k", served);
      for (int i = 0; i < 4; i++) {
        assertThat(waiters.get(i).isBlocked()).isEqualTo(i > served);
      }
      assertThat(waiters.get(served).replies())
          .containsExactly(List.of("k", String.valueOf(served)));
    }
  }

  @Test
  void timeout_endsTheWaitToTheMillisecond() {
    waiter.send("TAKE", "k", "0.05");
    TestClient longer = store.client();
    longer.send("TAKE", "k", "0.2");
    store.advance(49);
    assertThat(waiter.isBlocked()).isTrue();
    store.advance(1);
    assertThat(waiter.replies()).containsExactly((Object) null);
    assertThat(longer.isBlocked()).isTrue();
    store.advance(150);
    longer.send("GET", "none");
    assertThat(longer.rawReplies()).isEqualTo("*-1\r\n$-1\r\n");
  }

  @Test
  void wrongTimeouts_areErrors() {
    assertThat(store.run("TAKE", "k", "x"))
        .isEqualTo(new ErrorReply("ERR timeout is not a float or out of range"));
    assertThat(store.run("TAKE", "k", "-1")).isEqualTo(new ErrorReply("ERR timeout is negative"));
    assertThat(store.run("TAKE", "k", "1e300"))
        .isEqualTo(new ErrorReply("ERR timeout is out of range"));
    assertThat(store.run("TAKE", "k", "inf"))
        .isEqualTo(new ErrorReply("ERR timeout is out of range"));
    assertThat(store.run("TAKE", "k", "9223372036854776"))
        .isEqualTo(new ErrorReply("ERR timeout is out of range"));
  }

  @Test
  void commandsSentWhileBlocked_runAfterwards() {
    waiter.sendBytes("*3\r\n$4\r\nTAKE\r\n$1\r\nk\r\n$1\r\n0\r\n*2\r\n$3\r\nGET\r\n$1\r\na\r\n");
    waiter.send("GET", "b");
    assertThat(waiter.hasReply()).isFalse();
    store.run("SET", "a", "1");
    assertThat(waiter.hasReply()).isFalse();
    store.run("SET", "k", "v");
    assertThat(waiter.replies()).containsExactly(List.of("k", "v"), "1", null);
  }

  @Test
  void keyMadeAndGoneInATransaction_isNotSeen() {
    waiter.send("TAKE", "k", "0");
    store.run("MULTI");
    store.run("SET", "k", "v");
    store.run("DEL", "k");
    store.run("EXEC");
    assertThat(waiter.isBlocked()).isTrue();
    store.run("MULTI");
    store.run("SET", "k", "v");
    store.run("GET", "k");
    assertThat(store.run("EXEC"))
        .as("still there for the transaction itself")
        .isEqualTo(List.of("OK", "v"));
    assertThat(waiter.replies()).containsExactly(List.of("k", "v"));
  }

  @Test
  void chain_ofClientsThatFeedEachOtherIsServedToItsEnd() {
    TestClient second = store.client();
    waiter.send("PASS", "a", "b", "0");
    second.send("PASS", "b", "c", "0");
    store.run("SET", "a", "v");
    assertThat(waiter.replies()).containsExactly("v");
    assertThat(second.replies()).containsExactly("v");
    assertThat(store.run("GET", "c")).isEqualTo("v");
    assertThat(store.run("GET", "a")).isNull();
  }

  @Test
  void unblock_endsTheWaitAsAskedFor() {
    waiter.send("TAKE", "k", "0");
    assertThat(store.engine().unblock(waiter.client(), false)).isTrue();
    store.advance(0);
    assertThat(waiter.replies()).containsExactly((Object) null);
    waiter.send("TAKE", "k", "0");
    assertThat(store.engine().unblock(waiter.client(), true)).isTrue();
    store.advance(0);
    assertThat(waiter.replies())
        .containsExactly(new ErrorReply("UNBLOCKED client unblocked via CLIENT UNBLOCK"));
    assertThat(store.engine().unblock(waiter.client(), true)).isFalse();
  }

  @Test
  void otherDatabase_hasOtherKeys_untilTheySwap() {
    waiter.send("TAKE", "k", "0");
    store.run("SELECT", "1");
    store.run("SET", "k", "v");
    assertThat(waiter.isBlocked()).isTrue();
    store.run("SWAPDB", "0", "1");
    assertThat(waiter.replies()).containsExactly(List.of("k", "v"));
  }

  @Test
  void lostConnection_leavesItsQueues() {
    waiter.send("TAKE", "a", "b", "100");
    waiter.close();
    assertThat(store.engine().blockedClients()).isZero();
    assertThat(store.engine().blockingKeys()).isZero();
    store.run("SET", "a", "1");
    store.advance(200_000);
    assertThat(store.run("GET", "a")).isEqualTo("1");
  }

  @Test
  void replyInResp3_isNullAfterTimeout() {
    waiter.resp3();
    waiter.send("TAKE", "k", "0.01");
    store.advance(10);
    assertThat(waiter.replies()).isEqualTo(Arrays.asList((Object) null));
  }
}
