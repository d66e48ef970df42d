package carnelian.harness;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import carnelian.command.CommandFlag;
import carnelian.engine.Call;
import carnelian.engine.Client;
import carnelian.engine.CommandEntry;
import carnelian.engine.CommandObserver;
import carnelian.engine.CommandTable;
import carnelian.engine.ReplyMode;
import carnelian.engine.ServingState;
import carnelian.engine.Statistics;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class DispatcherTest {
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
  void unknownCommand_isNamedWithItsFirstArguments() {
    assertThat(store.run("foo", "a", "b"))
        .isEqualTo(error("ERR unknown command 'foo', with args beginning with: 'a' 'b' "));
    assertThat(store.run("foo"))
        .isEqualTo(error("ERR unknown command 'foo', with args beginning with: "));
    assertThat(store.run("x".repeat(200), "y".repeat(150), "z"))
        .isEqualTo(
            error(
                "ERR unknown command '"
                    + "x".repeat(128)
                    + "', with args beginning with: '"
                    + "y".repeat(128)
                    + "' "));
    assertThat(store.raw("a\r\nb"))
        .isEqualTo("-ERR unknown command 'a  b', with args beginning with: \r\n");
  }

  @Test
  void unknownSubcommand_pointsToHelp() {
    assertThat(store.run("box", "FOO", "BAR"))
        .isEqualTo(error("ERR unknown subcommand 'FOO'. Try BOX HELP."));
    assertThat(store.run("Box", "pEEk", "k")).isEqualTo("peeked k");
  }

  @Test
  void errorInTheMiddleOfAReply_replacesAllOfIt() {
    assertThat(store.raw("FAIL", "half")).isEqualTo("-ERR syntax error\r\n");
    assertThat(entry("fail").failedCalls()).isEqualTo(1);
    assertThat(entry("fail").calls()).isEqualTo(1);
  }

  @Test
  void errors_areCountedByCode() {
    store.run("FAIL", "half");
    store.run("FAIL", "type");
    store.run("FAIL", "type");
    store.run("nosuch");
    Statistics statistics = store.engine().statistics();
    assertThat(statistics.errorReplies()).isEqualTo(4);
    assertThat(statistics.errors().get("ERR")).extracting(Statistics.Count::value).isEqualTo(2L);
    assertThat(statistics.errors().get("WRONGTYPE"))
        .extracting(Statistics.Count::value)
        .isEqualTo(2L);
    store.engine().resetStatistics();
    assertThat(statistics.errors()).isEmpty();
    assertThat(entry("fail").failedCalls()).isZero();
  }

  @Test
  void pipeline_runsAllAndCountsEach() {
    List<Object[]> commands = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      commands.add(new Object[] {"SET", "k" + i, i});
      commands.add(new Object[] {"GET", "k" + i});
    }
    assertThat(store.first().pipeline(commands.toArray(Object[][]::new)))
        .hasSize(80)
        .startsWith("OK", "0", "OK", "1")
        .endsWith("OK", "39");
    assertThat(entry("set").calls()).isEqualTo(40);
    assertThat(entry("get").calls()).isEqualTo(40);
    assertThat(store.engine().statistics().commandsProcessed()).isEqualTo(80);
  }

  @Test
  void whatALogHasExecutedWhileItIsLoaded_isNotCounted() {
    store.engine().serving(ServingState.LOADING);
    store.first().client().obeyed(true);
    assertThat(store.run("SET", "k", "v")).isEqualTo("OK");
    assertThat(store.run("MULTI")).isEqualTo("OK");
    assertThat(store.run("SET", "k", "w")).isEqualTo("QUEUED");
    assertThat(store.run("EXEC")).isEqualTo(List.of("OK"));
    store.first().client().obeyed(false);
    store.engine().serving(ServingState.SERVING);
    assertThat(store.run("GET", "k")).isEqualTo("w");
    assertThat(requireNonNull(store.engine().commands().find("set")).calls()).isZero();
    assertThat(requireNonNull(store.engine().commands().find("exec")).calls()).isZero();
    assertThat(store.engine().statistics().commandsProcessed()).isEqualTo(1);
  }

  @Test
  void replyOff_andSkip_dropReplies() {
    Client client = store.first().client();
    client.replyMode(ReplyMode.OFF);
    store.first().send("SET", "k", "v");
    store.first().send("FAIL", "half");
    store.first().send("nosuch");
    assertThat(store.first().hasReply()).isFalse();
    client.replyMode(ReplyMode.ON);
    assertThat(store.run("GET", "k")).isEqualTo("v");
    assertThat(
            store
                .first()
                .pipeline(
                    new Object[] {"SKIP"}, new Object[] {"GET", "k"}, new Object[] {"GET", "none"}))
        .containsExactly((Object) null);
  }

  @Test
  void closingAfterReply_leavesTheRestOfThePipeline() {
    assertThat(
            store
                .first()
                .pipeline(
                    new Object[] {"SET", "k", "v"},
                    new Object[] {"LEAVE"},
                    new Object[] {"SET", "k", "w"}))
        .containsExactly("OK", "OK");
    assertThat(store.first().isClosed()).isTrue();
    assertThat(store.client().run("GET", "k")).isEqualTo("v");
  }

  @Test
  void kill_ofAnotherClientForgetsIt() {
    TestClient other = store.client();
    store.engine().kill(other.client());
    assertThat(other.isClosed()).isTrue();
    assertThat(store.engine().clients().size()).isEqualTo(1);
  }

  /// Writes down what is slow.
  private record SlowLog(List<String> entries, long slowNanos) implements CommandObserver {
    @Override
    public void slow(Call call, long nanos) {
      if (!call.entry().has(CommandFlag.SKIP_SLOWLOG)) {
        entries.add(call.name() + " " + call.arg(1) + " " + nanos / 1_000_000);
      }
    }

    @Override
    public boolean monitoring() {
      return false;
    }

    @Override
    public void executed(Call call) {}
  }

  @Test
  void slowCommand_isReportedWithItsOwnArguments() {
    SlowLog log = new SlowLog(new ArrayList<>(), 10_000_000);
    store.engine().observer(log);
    store
        .first()
        .pipeline(
            new Object[] {"GET", "a"},
            new Object[] {"STALL", "25"},
            new Object[] {"STALL", "5"},
            new Object[] {"STALL", "30"},
            new Object[] {"GET", "b"});
    assertThat(log.entries).containsExactly("stall 25 25", "stall 30 30");
    assertThat(entry("stall").micros()).isEqualTo(60_000);
    store.run("MULTI");
    store.run("STALL", "12");
    store.run("EXEC");
    assertThat(log.entries).containsExactly("stall 25 25", "stall 30 30", "stall 12 12");
  }

  @Test
  void quickCommands_areTimedTogetherUnlessEachMatters() {
    SlowLog log = new SlowLog(new ArrayList<>(), 10_000_000);
    store.engine().observer(log);
    Object[][] commands = {
      {"DOZE", "1"}, {"DOZE", "2"}, {"DOZE", "3"}, {"GET", "a"}, {"DOZE", "12"}
    };
    store.first().pipeline(commands);
    assertThat(log.entries).containsExactly("doze 12 12");
    assertThat(entry("doze").calls()).isEqualTo(4);
    assertThat(entry("doze").micros()).isEqualTo(18_000);
    SlowLog all = new SlowLog(new ArrayList<>(), 0);
    store.engine().observer(all);
    store.first().pipeline(commands);
    assertThat(all.entries)
        .containsExactly("doze 1 1", "doze 2 2", "doze 3 3", "get a 0", "doze 12 12");
  }

  @Test
  void monitoring_seesCommandsThatRanInOrder() {
    List<String> seen = new ArrayList<>();
    store
        .engine()
        .observer(
            new CommandObserver() {
              @Override
              public void slow(Call call, long nanos) {}

              @Override
              public long slowNanos() {
                return Long.MAX_VALUE;
              }

              @Override
              public boolean monitoring() {
                return true;
              }

              @Override
              public void executed(Call call) {
                seen.add(call.name());
              }
            });
    store.run("MULTI");
    store.run("SET", "k", "v");
    store.run("nosuch");
    store.run("EXEC");
    store.run("GET", "k");
    assertThat(seen).containsExactly("multi", "exec", "get");
  }

  @Test
  void operationsPerSecond_areSampled() {
    for (int tenth = 0; tenth < 20; tenth++) {
      for (int i = 0; i < 5; i++) {
        store.run("PING");
      }
      store.advance(100);
    }
    assertThat(store.engine().statistics().operationsPerSecond()).isEqualTo(50);
  }

  @Test
  void containersStatistics_standWithTheirSubcommands() {
    store.run("BOX", "peek", "k");
    CommandTable boxes = requireNonNull(entry("box").subcommands());
    CommandEntry peek = requireNonNull(boxes.find("peek"));
    assertThat(peek.calls()).isEqualTo(1);
    assertThat(peek.latencies()).isNotNull();
    assertThat(entry("box").calls()).isZero();
  }
}
