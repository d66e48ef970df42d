package carnelian.harness;

import static carnelian.command.Declaration.declare;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import carnelian.command.CommandFlag;
import carnelian.command.Group;
import carnelian.engine.Command;
import carnelian.engine.diagnosis.Diagnosis;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class DiagnosisTest {

  private final TestStore store = TestStore.with();
  private final Diagnosis diagnosis = new Diagnosis(store.engine());
  private final TestClient client = store.client();
  private final TestClient other = store.client();
  private long millisPerCommand;

  DiagnosisTest() {
    store.engine().register(diagnosis.commands());
    store.engine().register(List.of(slow("SLOW"), slow("AUTH"), slow("CONFIG")));
  }

  /// A command that takes as long as the test says.
  private Command slow(String name) {
    return Command.command(
        declare(name)
            .group(Group.GENERIC)
            .since("1.0.0")
            .summary("Takes its time.")
            .arity(-1)
            .flags(CommandFlag.LOADING),
        call -> {
          store.clock().advance(millisPerCommand, TimeUnit.MILLISECONDS);
          call.reply().ok();
        });
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
    diagnosis.close();
  }

  // ---- SLOWLOG ---------------------------------------------------------------------------------

  @Test
  void slowlog_keepsCommandsThatTookLong() {
    client.client().name("me");
    send(client, "SLOW", "fast");
    millisPerCommand = 20;
    send(client, "SLOW", "one");
    send(client, "SLOW", "two");

    assertThat(send(client, "SLOWLOG", "LEN")).isEqualTo(":2 ");
    assertThat(send(client, "SLOWLOG", "GET", "1"))
        .startsWith("*1 *6 :1 :")
        .endsWith(" :20000 *2 $4 SLOW $3 two $15 " + client.client().outlet().peer() + " $2 me ");
    assertThat(send(client, "SLOWLOG", "GET", "-1")).startsWith("*2 ");
    assertThat(send(client, "SLOWLOG", "GET", "-2"))
        .isEqualTo("-ERR count should be greater than or equal to -1 ");
    assertThat(send(client, "SLOWLOG", "RESET")).isEqualTo("+OK ");
    assertThat(send(client, "SLOWLOG", "GET")).isEqualTo("*0 ");
    send(client, "SLOW");
    assertThat(send(client, "SLOWLOG", "GET")).startsWith("*1 *6 :2 ");
  }

  @Test
  void slowlog_cutsArgumentsShort() {
    millisPerCommand = 20;
    String[] words = new String[40];
    Arrays.fill(words, "x");
    words[0] = "SLOW";
    words[1] = "y".repeat(200);
    send(client, (Object[]) words);

    assertThat(send(client, "SLOWLOG", "GET"))
        .contains("*32 $4 SLOW $147 " + "y".repeat(128) + "... (72 more bytes) $1 x ")
        .contains(" $1 x $22 ... (9 more arguments) ");
  }

  @Test
  void slowlog_hidesSecrets() {
    millisPerCommand = 20;
    send(client, "AUTH", "user", "password");

    assertThat(send(client, "SLOWLOG", "GET"))
        .contains("*3 $4 AUTH $10 (redacted) $10 (redacted) ");
  }

  @Test
  void slowlog_isBoundedAndCanBeTurnedOff() {
    diagnosis.slowLogMaxLength(2);
    diagnosis.slowLogSlowerThanMicros(0);
    send(client, "SLOW", "1");
    send(client, "SLOW", "2");
    send(client, "SLOW", "3");
    assertThat(send(client, "SLOWLOG", "LEN")).isEqualTo(":2 ");

    send(client, "SLOWLOG", "RESET");
    diagnosis.slowLogSlowerThanMicros(-1);
    send(client, "SLOWLOG", "RESET");
    send(client, "SLOW", "4");
    assertThat(send(client, "SLOWLOG", "LEN")).isEqualTo(":0 ");
  }

  @Test
  void slowlog_afterABug_doesNotReadTheBatchThatItEnded() {
    diagnosis.slowLogSlowerThanMicros(0);
    store.engine().register(List.of(buggy()));
    assertThatThrownBy(() -> client.raw("BUG")).isInstanceOf(IllegalStateException.class);
    send(other, "SLOW", "1");
    assertThat(send(other, "SLOWLOG", "LEN")).isEqualTo(":1 ");
  }

  private static Command buggy() {
    return Command.command(
        declare("BUG").group(Group.GENERIC).since("1.0.0").summary("Fails.").arity(-1),
        _ -> {
          throw new IllegalStateException("a bug");
        });
  }

  // ---- LATENCY ---------------------------------------------------------------------------------

  @Test
  void latency_keepsTheWorstDelayOfEachSecond() {
    diagnosis.latencyMonitorThresholdMillis(10);
    millisPerCommand = 5;
    send(client, "SLOW");
    assertThat(send(client, "LATENCY", "LATEST")).isEqualTo("*0 ");
    millisPerCommand = 30;
    send(client, "SLOW");
    millisPerCommand = 20;
    send(client, "SLOW");
    long second = TimeUnit.MILLISECONDS.toSeconds(store.clock().wallMillis());

    assertThat(send(client, "LATENCY", "HISTORY", "command"))
        .isEqualTo("*1 *2 :" + second + " :30 ");
    store.clock().advance(1000, TimeUnit.MILLISECONDS);
    send(client, "SLOW");
    assertThat(send(client, "LATENCY", "LATEST"))
        .isEqualTo("*1 *4 $7 command :" + (second + 1) + " :20 :30 ");
    assertThat(send(client, "LATENCY", "RESET", "x", "command")).isEqualTo(":1 ");
    assertThat(send(client, "LATENCY", "HISTORY", "command")).isEqualTo("*0 ");
  }

  @Test
  void latencyGraph_showsHighAndLow() {
    diagnosis.latencyMonitorThresholdMillis(1);
    for (int i = 1; i <= 12; i++) {
      diagnosis.latency().add("event", i * 10L);
      store.clock().advance(1000, TimeUnit.MILLISECONDS);
    }

    assertThat(send(client, "LATENCY", "GRAPH", "event"))
        .contains("event - high 120 ms, low 10 ms (all time high 120 ms)\n")
        .contains("         _o#\n      _o#|||\n   _o#||||||\n_o#|||||||||\n");
    assertThat(send(client, "LATENCY", "GRAPH", "x"))
        .isEqualTo("-ERR No samples available for event 'x' ");
  }

  @Test
  void latencyDoctor_speaks() {
    assertThat(send(client, "LATENCY", "DOCTOR")).contains("latency-monitor-threshold");
    diagnosis.latencyMonitorThresholdMillis(1);
    assertThat(send(client, "LATENCY", "DOCTOR")).contains("All is well");
    diagnosis.latency().add("expire-cycle", 12);
    assertThat(send(client, "LATENCY", "DOCTOR")).contains("1. expire-cycle: 1 delays (mean 12 ms");
  }

  @Test
  void latencyHistogram_countsUpToPowersOfTwo() {
    send(client, "SLOW");
    millisPerCommand = 1;
    send(client, "SLOW");
    millisPerCommand = 2000;
    send(client, "SLOW");

    assertThat(send(client, "LATENCY", "HISTOGRAM", "slow", "nope"))
        .isEqualTo("*2 $4 slow *4 $5 calls :3 $14 histogram_usec *6 :1 :1 :1056 :2 :1073741 :3 ");
    assertThat(send(client, "LATENCY", "HISTOGRAM")).contains("latency|histogram");
  }

  @Test
  void samples_areBounded() {
    diagnosis.latencyMonitorThresholdMillis(1);
    for (int i = 0; i < 200; i++) {
      diagnosis.latency().add("event", 100 + i);
      store.clock().advance(1000, TimeUnit.MILLISECONDS);
    }

    assertThat(send(client, "LATENCY", "HISTORY", "event"))
        .startsWith("*160 *2 ")
        .contains(":140 ");
  }

  // ---- MONITOR ---------------------------------------------------------------------------------

  @Test
  void monitor_seesCommands() {
    assertThat(send(client, "MONITOR")).isEqualTo("+OK ");

    send(other, "SLOW", "a\"b\\c\n\u0001\u00FF");

    assertThat(received(client))
        .matches(
            "\\+\\d+\\.\\d{6} \\[0 127.0.0.1:\\d+\\] \"SLOW\" \"a\\\\\"b\\\\\\\\c\\\\n"
                + "\\\\x01\\\\xff\" ");
  }

  @Test
  void monitor_seesNeitherSecretsNorAdministration() {
    send(client, "MONITOR");

    send(other, "AUTH", "secret");
    assertThat(received(client)).endsWith("\"AUTH\" \"(redacted)\" ");
    send(other, "SLOWLOG", "LEN");
    assertThat(received(client)).isEmpty();
  }

  @Test
  void monitor_endsWithTheConnection() {
    send(client, "MONITOR");
    client.close();
    send(other, "SLOW");

    assertThat(diagnosis.monitoring()).isFalse();
  }
}
