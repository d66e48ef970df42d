package carnelian.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Time that passes when the test says so.
class VirtualClockTest {
  private static final Instant START = Instant.parse("2030-01-01T00:00:00Z");
  private static final Carnelian STORE =
      Carnelian.builder()
          .noPort()
          .virtualClock(START)
          .config("notify-keyspace-events", "KEA")
          .start();

  @AfterAll
  static void end() {
    STORE.close();
  }

  @BeforeEach
  void empty() {
    STORE.flushAll();
  }

  private static void advance(long millis) {
    STORE.clock().advance(Duration.ofMillis(millis));
  }

  @Test
  void keys_goWhenTheirTimeHasPassed_notBefore() {
    STORE.execute("SET", "k", "v", "EX", 10);
    advance(9_999);
    assertThat(STORE.execute("PTTL", "k").asLong()).isOne();
    advance(1);
    assertThat(STORE.execute("DBSIZE").asLong()).as("without being asked for").isZero();
    assertThat(STORE.execute("GET", "k").isNil()).isTrue();
  }

  @Test
  void manyKeysOverManyDays_areAllGone() {
    for (int i = 0; i < 5_000; i++) {
      STORE.execute("SET", "k" + i, "v", "EX", 1 + i * 60);
    }
    STORE.execute("SET", "stays", "v");
    STORE.clock().advance(Duration.ofDays(30));
    assertThat(STORE.execute("DBSIZE").asLong()).isOne();
    assertThat(STORE.execute("INFO", "stats").asString()).contains("expired_keys:");
  }

  @Test
  void fieldsOfHashes_go() {
    STORE.execute("HSET", "h", "f", "1", "g", "2");
    STORE.execute("HPEXPIRE", "h", 1_000, "FIELDS", 1, "f");
    advance(999);
    assertThat(STORE.execute("HLEN", "h").asLong()).isEqualTo(2);
    advance(1);
    assertThat(STORE.execute("HLEN", "h").asLong()).isOne();
  }

  @Test
  void waitingCommands_giveUp_inTheOrderOfTheirTimes() throws Exception {
    CompletableFuture<Reply> early = STORE.executeAsync("BLPOP", "list", 1);
    CompletableFuture<Reply> late = STORE.executeAsync("BLPOP", "list", 5);
    assertThat(STORE.execute("PING").asString()).isEqualTo("PONG");
    advance(999);
    assertThat(early).isNotDone();
    advance(1);
    assertThat(early.get().isNil()).isTrue();
    assertThat(late).isNotDone();
    STORE.execute("RPUSH", "list", "element");
    assertThat(late.get().asStrings()).containsExactly("list", "element");
  }

  @Test
  void pause_ends() throws Exception {
    STORE.execute("CLIENT", "PAUSE", 10_000, "WRITE");
    CompletableFuture<Reply> write = STORE.executeAsync("SET", "k", "v");
    assertThat(STORE.execute("GET", "k").isNil()).isTrue();
    assertThat(write).isNotDone();
    advance(10_001);
    assertThat(write.get().asString()).isEqualTo("OK");
  }

  @Test
  void otherwise_timeStandsStill() {
    Instant before = STORE.clock().now();
    String time = STORE.execute("TIME").toString();
    STORE.execute("SET", "k", "v", "PX", 1);
    for (int i = 0; i < 1_000; i++) {
      STORE.execute("GET", "k");
    }
    assertThat(STORE.execute("PTTL", "k").asLong()).isOne();
    assertThat(STORE.execute("TIME")).hasToString(time);
    assertThat(STORE.clock().now()).isEqualTo(before);
    STORE.clock().advance(Duration.ZERO);
    assertThat(STORE.clock().now()).isEqualTo(before);
  }

  @Test
  void endlessScript_isRefusedAndKilled_byTheMachinesClock() {
    STORE.execute("CONFIG", "SET", "busy-reply-threshold", 20);
    CompletableFuture<Reply> script = STORE.executeAsync("EVAL", "while true do end", 0);
    boolean killed = false;
    while (!killed) {
      try {
        STORE.execute("SCRIPT", "KILL");
        killed = true;
      } catch (CommandException e) {
        assertThat(e.code()).isEqualTo("NOTBUSY");
      }
    }
    assertThatThrownBy(script::get).hasMessageContaining("Script killed");
  }

  @Test
  void time_onlyPassesForwards_andOnlyWhereItStandsStill() {
    assertThatThrownBy(() -> STORE.clock().advance(Duration.ofMillis(-1)))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> STORE.clock().advance(Duration.ofDays(40_000)))
        .isInstanceOf(IllegalArgumentException.class);
    try (Carnelian other = Carnelian.builder().noPort().start()) {
      assertThatThrownBy(other::clock).hasMessageContaining("virtualClock()");
    }
  }
}
