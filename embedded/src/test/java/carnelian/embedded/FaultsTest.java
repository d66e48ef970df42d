package carnelian.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.Pipeline;
import redis.clients.jedis.exceptions.JedisConnectionException;

/// What goes wrong on purpose.
class FaultsTest {
  private static Carnelian logging(String fsync) {
    return Carnelian.builder()
        .temporaryDirectory()
        .config("appendonly", "yes")
        .config("appendfsync", fsync)
        .start();
  }

  private static void isNotAnswered(CompletableFuture<Reply> command) {
    assertThatThrownBy(() -> command.get(50, TimeUnit.MILLISECONDS))
        .isInstanceOf(TimeoutException.class);
  }

  private static Jedis connect(Carnelian store) {
    return new Jedis(store.host(), store.port(), 10_000);
  }

  @Test
  void slowFlush_keepsRepliesToWritesWaiting() throws Exception {
    try (Carnelian store = logging("always")) {
      store.faults().slowFsync(Duration.ofMinutes(10));
      CompletableFuture<Reply> write = store.executeAsync("SET", "k", "v");
      isNotAnswered(write);
      store.faults().slowFsync(Duration.ZERO);
      assertThat(write.get().asString()).isEqualTo("OK");
    }
  }

  @Test
  void heldUpFlush_doesNotKeepTheEndWaiting() {
    Carnelian store = logging("always");
    store.faults().slowFsync(Duration.ofMinutes(10));
    CompletableFuture<Reply> write = store.executeAsync("SET", "k", "v");
    store.close();
    assertThat(write).isDone();
  }

  @Test
  void fullDisk_refusesWrites_untilThereIsRoom() {
    try (Carnelian store = logging("everysec")) {
      store.execute("SET", "k", "v");
      store.faults().diskFull(true);
      CompletableFuture<Reply> _ = store.executeAsync("SET", "k", "on its way");
      awaitRefusal(store, "MISCONF");
      assertThatThrownBy(() -> store.execute("SAVE")).isInstanceOf(CommandException.class);
      store.faults().diskFull(false);
      awaitWrite(store);
    }
  }

  @Test
  void failingFlush_keepsRepliesToWritesBack_untilItWorks() throws Exception {
    try (Carnelian store = logging("always")) {
      store.execute("SET", "k", "v");
      store.faults().failFsync(true);
      CompletableFuture<Reply> write = store.executeAsync("SET", "k", "on its way");
      isNotAnswered(write);
      store.faults().failFsync(false);
      assertThat(write.get().asString()).isEqualTo("OK");
      awaitWrite(store);
    }
  }

  private static void awaitRefusal(Carnelian store, String code) {
    while (true) {
      try {
        store.execute("PING");
        Thread.onSpinWait();
      } catch (CommandException e) {
        assertThat(e.code()).isEqualTo(code);
        return;
      }
    }
  }

  private static void awaitWrite(Carnelian store) {
    while (true) {
      try {
        assertThat(store.execute("SET", "again", "v").asString()).isEqualTo("OK");
        return;
      } catch (CommandException e) {
        assertThat(e.code()).isEqualTo("MISCONF");
      }
    }
  }

  @Test
  void droppedConnections_areClosed_andOthersCanCome() {
    try (Carnelian store = Carnelian.start();
        Jedis jedis = connect(store)) {
      jedis.set("k", "v");
      assertThat(store.faults().dropConnections()).isOne();
      assertThatThrownBy(() -> jedis.get("k")).isInstanceOf(JedisConnectionException.class);
      try (Jedis next = connect(store)) {
        assertThat(next.get("k")).isEqualTo("v");
      }
    }
  }

  @Test
  void refusedConnections_end_thoseThatAreThereStay() {
    try (Carnelian store = Carnelian.start();
        Jedis jedis = connect(store)) {
      jedis.set("k", "v");
      store.faults().refuseConnections(true);
      assertThatThrownBy(() -> connect(store).get("k"))
          .isInstanceOf(JedisConnectionException.class);
      assertThat(jedis.get("k")).isEqualTo("v");
      store.faults().refuseConnections(false);
      try (Jedis next = connect(store)) {
        assertThat(next.get("k")).isEqualTo("v");
      }
    }
  }

  @Test
  void connection_endsAfterSoManyReplies_inTheMiddleOfAPipeline() {
    try (Carnelian store = Carnelian.start();
        Jedis jedis = connect(store)) {
      jedis.set("n", "0");
      store.faults().closeAfterReplies(3);
      Pipeline pipeline = jedis.pipelined();
      for (int i = 0; i < 10; i++) {
        pipeline.incr("n");
      }
      assertThatThrownBy(pipeline::sync).isInstanceOf(JedisConnectionException.class);
      assertThat(store.execute("GET", "n").asLong()).isEqualTo(3);
      store.faults().clear();
      try (Jedis next = connect(store)) {
        for (int i = 0; i < 10; i++) {
          next.incr("n");
        }
      }
      assertThat(store.execute("GET", "n").asLong()).isEqualTo(13);
    }
  }

  @Test
  void delayedReplies_comeLate() {
    try (Carnelian store = Carnelian.start();
        Jedis jedis = new Jedis(store.host(), store.port(), 200)) {
      jedis.set("k", "v");
      store.faults().delayReplies(Duration.ofMillis(20));
      assertThat(jedis.get("k")).isEqualTo("v");
      assertThat(jedis.get("k")).isEqualTo("v");
      store.faults().delayReplies(Duration.ofMinutes(1));
      assertThatThrownBy(() -> jedis.get("k"))
          .isInstanceOf(JedisConnectionException.class)
          .hasMessageContaining("timed out");
      store.faults().clear();
      try (Jedis next = connect(store)) {
        assertThat(next.get("k")).isEqualTo("v");
      }
    }
  }

  @Test
  void otherStores_areNotConcerned() {
    try (Carnelian store = Carnelian.start();
        Carnelian other = Carnelian.start();
        Jedis jedis = connect(other)) {
      jedis.set("k", "v");
      store.faults().refuseConnections(true);
      assertThat(store.faults().dropConnections()).isZero();
      assertThat(jedis.get("k")).isEqualTo("v");
    }
  }
}
