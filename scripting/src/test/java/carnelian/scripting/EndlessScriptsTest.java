package carnelian.scripting;

import static org.assertj.core.api.Assertions.assertThat;

import carnelian.harness.TestClient;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Scripts that do not end, and what others may do meanwhile.
@Timeout(60)
class EndlessScriptsTest {
  private static final String KILLED = "-ERR Script killed by user with SCRIPT KILL... script: ";

  private final ScriptedStore store = new ScriptedStore();
  private final TestClient other = store.store.client();
  private final List<String> replies = new ArrayList<>();

  EndlessScriptsTest() {
    store.store.engine().settings().busyReplyThresholdMillis(20);
  }

  @AfterEach
  void close() {
    store.close();
  }

  private String ask(TestClient client, Object... words) {
    return client.raw(words).replace("\r\n", " ").strip();
  }

  /// In each turn the next of these commands, then SCRIPT KILL.
  private void meanwhile(String... commands) {
    List<String> left = new ArrayList<>(List.of(commands));
    store.store.inTurns(
        () ->
            replies.add(
                left.isEmpty()
                    ? ask(other, "SCRIPT", "KILL")
                    : ask(other, (Object[]) left.removeFirst().split(" "))));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "while true do end",
        "while true do pcall(function() while true do end end) end",
        "while true do xpcall(function() while true do end end, function() while true do end end) end",
        "while true do coroutine.wrap(function() while true do end end)() end",
        "local function f() while true do pcall(coroutine.wrap(f)) end end f()",
        "local function f(n) while true do coroutine.resume(coroutine.create(function()"
            + " if n < 9 then f(n + 1) else while true do end end end)) end end f(1)",
        "while true do pcall(string.gsub, 'aaaa', 'a', function() while true do end end) end",
        "while true do pcall(table.sort, {3, 2, 1}, function() while true do end end) end",
        "local t = setmetatable({}, {__index = function() while true do end end})"
            + " while true do pcall(function() return t.x end) end",
        "local m = {__lt = function() while true do end end}"
            + " local a, b = setmetatable({}, m), setmetatable({}, m)"
            + " while true do pcall(function() return a < b end) end",
        "while true do load(function() while true do end end) end",
        "while true do pcall(redis.call, 'none') end",
        "local function f() return f() end f()",
      })
  void endlessScript_isStopped(String script) {
    meanwhile("GET a");
    assertThat(store.eval(script)).startsWith(KILLED);
    assertThat(replies)
        .containsExactly(
            "-BUSY Redis is busy running a script. You can only call SCRIPT KILL or SHUTDOWN"
                + " NOSAVE.",
            "+OK");
    assertThat(store.eval("return 1")).isEqualTo(":1");
    assertThat(ask(other, "SCRIPT", "KILL")).startsWith("-NOTBUSY");
  }

  @Test
  void onlyWhatTouchesNoData_runsMeanwhile() {
    store.run("SET", "a", "1");
    meanwhile("MULTI", "DISCARD", "WATCH a", "UNWATCH", "SET a 2", "EVAL x 0", "FUNCTION KILL");
    assertThat(store.eval("while true do end")).startsWith(KILLED);
    String busy = "-BUSY Redis is busy running a script. You can only call SCRIPT KILL or SHUTDOWN";
    assertThat(replies)
        .containsExactly(
            "+OK",
            "+OK",
            "+OK",
            "+OK",
            busy + " NOSAVE.",
            busy + " NOSAVE.",
            busy + " NOSAVE.",
            "+OK");
    assertThat(store.run("GET", "a")).isEqualTo("1");
  }

  @Test
  void aTransactionThatMeetsABusyScript_isGivenUp() {
    meanwhile("MULTI", "SET a 2", "EXEC");
    assertThat(store.eval("while true do end")).startsWith(KILLED);
    assertThat(replies.get(2)).startsWith("-EXECABORT Transaction discarded because of: BUSY");
    assertThat(store.run("EXISTS", "a")).isEqualTo(0L);
    assertThat(ask(other, "PING", "x"))
        .isEqualTo("-ERR unknown command 'PING', with args beginning with: 'x'");
  }

  @Test
  void stats_tellWhatRuns() {
    meanwhile("FUNCTION STATS");
    assertThat(store.eval("while true do end")).startsWith(KILLED);
    assertThat(replies.getFirst())
        .startsWith("*4 $14 running_script *6 $4 name $40 ")
        .contains("$7 command *3 $4 EVAL $17 while true do end $1 0 $11 duration_ms :");
  }

  @Test
  void aScriptThatHasWritten_goesOn() {
    meanwhile();
    assertThat(
            store.eval(
                "redis.call('set','a',1) local n = 0 while n < 1e6 do n = n + 1 end return n"))
        .isEqualTo(":1000000");
    assertThat(replies).isNotEmpty().allMatch(reply -> reply.startsWith("-UNKILLABLE Sorry"));
  }

  @Test
  void functions_areStoppedByTheirOwnCommand() {
    store.run(
        "FUNCTION",
        "LOAD",
        "#!lua name=lib\nredis.register_function('f', function() while true do end end)");
    List<String> left = new ArrayList<>(List.of("GET a", "SCRIPT KILL", "FUNCTION KILL"));
    store.store.inTurns(() -> replies.add(ask(other, (Object[]) left.removeFirst().split(" "))));
    assertThat(store.raw("FCALL", "f", "0"))
        .startsWith(
            "-ERR Script killed by user with FUNCTION KILL... script: f, on @user_function");
    assertThat(replies.get(0)).startsWith("-BUSY").contains("FUNCTION KILL");
    assertThat(replies.get(1)).startsWith("-BUSY");
    assertThat(replies.get(2)).isEqualTo("+OK");
  }

  @Test
  void aLibraryThatDoesNotEnd_isRefused() {
    assertThat(store.raw("FUNCTION", "LOAD", "#!lua name=lib\nwhile true do end"))
        .isEqualTo("-ERR Error registering functions: ERR FUNCTION LOAD timeout");
    assertThat(replies).isEmpty();
  }

  @Test
  void withinATransaction_theRestOfItGoesOn() {
    meanwhile();
    store.run("MULTI");
    store.run("EVAL", "while true do end", "0");
    store.run("SET", "a", "1");
    assertThat(store.raw("EXEC")).startsWith("*2 " + KILLED).endsWith("+OK");
  }

  @Test
  void timersAndKeys_standStillMeanwhile() {
    store.run("SET", "a", "1", "PX", "100");
    store.store.inTurns(() -> store.store.engine().wake());
    assertThat(
            store.eval("local n = 0 while n < 5e6 do n = n + 1 end return redis.call('pttl','a')"))
        .isEqualTo(":100");
    store.store.advance(1);
    assertThat(store.run("GET", "a")).isNull();
  }

  @Test
  void shutdown_abandonsWhatIsHalfDone() {
    store.store.propagated();
    store.store.inTurns(() -> store.store.engine().abandon());
    assertThat(store.eval("redis.call('set','a',1) while true do end")).startsWith("-ERR Script");
    assertThat(store.store.propagated()).isEmpty();
    assertThat(store.raw("GET", "a")).startsWith("-BUSY");
  }
}
