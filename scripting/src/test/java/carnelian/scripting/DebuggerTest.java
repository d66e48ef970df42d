package carnelian.scripting;

import static org.assertj.core.api.Assertions.assertThat;

import carnelian.harness.TestClient;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What becomes of the server, of others and of the data while a script is debugged.
@Timeout(60)
class DebuggerTest {
  private static final String ALONE = "-ERR timeout during Lua debugging with client closing";

  private final ScriptedStore store = new ScriptedStore();
  private final TestClient debugging = store.store.client();
  private final TestClient other = store.store.client();

  @AfterEach
  void close() {
    store.close();
  }

  /// Runs a script as this user's; the reply is on one line.
  private String debug(DebuggerUser user, String script) {
    debugging.conversesAs(user);
    assertThat(debugging.raw("SCRIPT", "DEBUG", "SYNC")).isEqualTo("+OK\r\n");
    return debugging.raw("EVAL", script, "0").replace("\r\n", " ").strip();
  }

  @Test
  void whileTheUserThinks_othersAreToldBusy_andMayStopTheScript() {
    List<String> replies = new ArrayList<>();
    List<String> left = new ArrayList<>(List.of("GET a", "SCRIPT KILL"));
    store.store.inTurns(
        () -> {
          store.store.clock().advance(5, TimeUnit.SECONDS);
          if (replies.isEmpty()) {
            replies.add("the first turn");
          } else {
            replies.add(other.raw((Object[]) left.removeFirst().split(" ")));
          }
        });
    String reply = debug(new DebuggerUser().staying(), "return 1");
    assertThat(reply).startsWith("-ERR Script killed by user with SCRIPT KILL... script: ");
    assertThat(replies.get(1)).startsWith("-BUSY Redis is busy running a script.");
    assertThat(replies.get(2)).isEqualTo("+OK\r\n");
    assertThat(other.run("GET", "a")).isNull();
  }

  @Test
  void whoComesAtFirst_isHeldBack_andServedAfterwards() {
    DebuggerUser user = new DebuggerUser().staying();
    store.store.inTurns(
        () -> {
          other.send("GET", "a");
          user.leave();
        });
    assertThat(debug(user, "redis.call('set','a',1)\nreturn 2")).isEqualTo(":2");
    assertThat(other.replies()).containsExactly("1");
  }

  @Test
  void whoIsHeldBackForTooLong_isToldBusy() {
    DebuggerUser user = new DebuggerUser().staying();
    List<Runnable> turns =
        new ArrayList<>(
            List.of(
                () -> other.send("GET", "a"),
                () -> store.store.clock().advance(5, TimeUnit.SECONDS),
                () -> {},
                user::leave));
    store.store.inTurns(() -> turns.removeFirst().run());
    assertThat(debug(user, "redis.call('set','a',1)\nreturn 2")).isEqualTo(":2");
    assertThat(other.replies()).hasSize(1);
  }

  @Test
  void aScriptThatHasWritten_isNotStopped_butEndsWhenItsUserLeaves() {
    List<String> replies = new ArrayList<>();
    DebuggerUser user = new DebuggerUser("s").staying();
    store.store.inTurns(
        () -> {
          replies.add(other.raw("SCRIPT", "KILL"));
          user.leave();
        });
    store.store.propagated();
    String reply = debug(user, "redis.call('set','a',1)\nredis.call('set','a',2)\nreturn 3");
    assertThat(reply).isEqualTo(":3");
    assertThat(replies.getFirst()).startsWith("-UNKILLABLE");
    assertThat(store.run("GET", "a")).isEqualTo("2");
    assertThat(store.store.propagated())
        .containsExactly("SELECT 0", "MULTI", "set a 1", "set a 2", "EXEC");
  }

  @Test
  void abort_keepsAndPropagatesWhatWasWritten_andNoPcallCatchesIt() {
    store.store.propagated();
    String reply =
        debug(
            new DebuggerUser("s", "a"),
            "redis.call('set','a',1)\npcall(function() redis.call('set','a',2) end)\nreturn 1");
    assertThat(reply).startsWith("-ERR script aborted for user request script: ").endsWith(":2.");
    assertThat(store.run("GET", "a")).isEqualTo("1");
    assertThat(store.store.propagated()).containsExactly("SELECT 0", "set a 1");
  }

  @Test
  void theCommandOfTheUser_isPropagatedToo() {
    store.store.propagated();
    assertThat(debug(new DebuggerUser("r set b 1", "c"), "return 1")).isEqualTo(":1");
    assertThat(store.store.propagated()).containsExactly("SELECT 0", "set b 1");
  }

  @Test
  void anEndlessScript_stopsForItsUser() {
    store.store.engine().settings().busyReplyThresholdMillis(20);
    DebuggerUser user = new DebuggerUser("c", "p i", "a");
    String reply = debug(user, "local i = 0\nwhile true do i = 1 end");
    assertThat(user.seen())
        .contains("* Stopped at 2, stop reason = timeout reached, infinite loop?\n")
        .contains("> p i\n<value> 1\n");
    assertThat(reply).startsWith("-ERR script aborted for user request");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "while true do end",
        "while true do pcall(function() while true do end end) end",
        "local f = loadstring('while true do end') f()",
        "coroutine.wrap(function() while true do end end)()",
        "while true do pcall(coroutine.wrap(function() while true do end end)) end",
      })
  void anEndlessScriptWhoseUserHasLeft_isEnded(String script) {
    store.store.engine().settings().busyReplyThresholdMillis(20);
    assertThat(debug(new DebuggerUser("c"), script)).startsWith(ALONE);
    assertThat(store.eval("return 1")).isEqualTo(":1");
  }

  @Test
  void endlessCodeOfTheUser_canBeStopped() {
    store.store.engine().settings().busyReplyThresholdMillis(20);
    List<String> replies = new ArrayList<>();
    store.store.inTurns(() -> replies.add(other.raw("SCRIPT", "KILL")));
    DebuggerUser user = new DebuggerUser("e while true do pcall(error) end").staying();
    assertThat(debug(user, "return 1")).startsWith("-ERR Script killed by user");
    assertThat(replies.getFirst()).isEqualTo("+OK\r\n");
    assertThat(store.eval("return 1")).isEqualTo(":1");
  }

  @Test
  void endlessCodeOfAUserWhoHasLeft_isEnded() {
    store.store.engine().settings().busyReplyThresholdMillis(20);
    assertThat(debug(new DebuggerUser("e while true do end"), "return 1")).startsWith(ALONE);
  }

  @Test
  void aShutdownWithoutSaving_endsTheSession() {
    store.store.propagated();
    store.store.inTurns(() -> store.store.engine().abandon());
    assertThat(debug(new DebuggerUser("s").staying(), "redis.call('set','a',1)\nreturn 1"))
        .startsWith("-ERR Script killed");
    assertThat(store.store.propagated()).isEmpty();
  }

  @Test
  void theEndOfTheProcess_isNotWaitedForByADebuggedScript() {
    store.store.inTurns(store.scripting::endSoon);
    assertThat(debug(new DebuggerUser("s").staying(), "redis.call('set','a',1)\nreturn 1"))
        .isEqualTo(":1");
    assertThat(store.run("GET", "a")).isEqualTo("1");
  }

  @Test
  void evaluatedCode_isInTheSandbox() {
    DebuggerUser user =
        new DebuggerUser(
            "e redis.call('nosuch')",
            "e error({})",
            "e error({err = 'MY own'})",
            "e local function f() return 1 + f() end return f()",
            "e string.rep('x', 600 * 1024 * 1024)",
            "e redis.breakpoint()",
            "e setfenv(1, {})",
            "e KEYS[1]",
            "s",
            "c");
    assertThat(debug(user, "return redis.call('exists', 'a')")).isEqualTo(":0");
    assertThat(user.seen())
        .contains("> e redis.call('nosuch')\n<error> ERR Unknown Redis command called from script")
        .contains("> e error({})\n<error> execution failure\n")
        .contains("> e error({err = 'MY own'})\n<error> MY own\n")
        .contains("stack overflow")
        .contains("<error> not enough memory\n")
        .contains("> e redis.breakpoint()\n<retval> true\n")
        .contains("nonexistent global variable 'setfenv'")
        .contains("> e KEYS[1]\n<retval> nil\n")
        .endsWith("<redis> exists a\n<reply> 0\n<endsession>\n");
  }

  @Test
  void hugeValues_areCut() {
    DebuggerUser user = new DebuggerUser("b 2", "c", "p t", "m 0", "p t", "p s", "p", "e t", "c");
    String script =
        "local t, s = {}, string.rep('x', 5000000) for i = 1, 300 do t[i] = t end\nreturn 1";
    assertThat(debug(user, script)).isEqualTo(":1");
    assertThat(user.seen().length()).isBetween(4 << 20, 5 << 20);
    assertThat(user.seen())
        .contains("{{{{{{{{{{<max recursion level reached! Nested table?>; <max");
  }

  @Test
  void endlessMessages_areDropped() {
    DebuggerUser user = new DebuggerUser("c");
    String script = "local s = string.rep('x', 1000000) for i = 1, 100 do redis.debug(s) end";
    assertThat(debug(user, script)).isEqualTo("$-1");
    assertThat(user.seen().length()).isLessThan(17 << 20);
    assertThat(user.seen()).contains("<hint> There was more, which was dropped.");
  }

  @Test
  void deepCalls_areTraced() {
    DebuggerUser user = new DebuggerUser("b 2", "c", "t", "p none", "b 0", "c");
    String script =
        """
        local function f(n) if n == 0 then
          return 0
        end return 1 + f(n - 1) end
        return f(15000)\
        """;
    assertThat(debug(user, script)).isEqualTo(":15000");
    assertThat(user.seen().lines().filter(line -> line.equals("From f:")).count()).isEqualTo(14999);
  }

  @Test
  void tooMuchInput_endsTheSession() {
    DebuggerUser user = new DebuggerUser("raw *1024\\r\\n", "raw " + "x".repeat(1 << 20));
    assertThat(debug(user, "return 1")).startsWith("-ERR max client buffer reached script: ");
  }

  @Test
  void manyWords_areRefusedLikeAnyUnknownCommand() {
    DebuggerUser user = new DebuggerUser("redis" + " test".repeat(100), "c");
    assertThat(debug(user, "return 1")).isEqualTo(":1");
    assertThat(user.seen())
        .contains("... (89 more)\n<error> Unknown Redis command called from script\n");
  }

  @Test
  void whoWantsChangesThrownAway_isTold_andNothingRuns() {
    DebuggerUser user = new DebuggerUser();
    debugging.conversesAs(user);
    String refusal = debugging.raw("SCRIPT", "DEBUG", "YES");
    assertThat(refusal).startsWith("-ERR SCRIPT DEBUG YES is not supported").contains("SYNC");
    assertThat(debugging.raw("EVAL", "redis.call('set','a',1)", "0")).isEqualTo(refusal);
    assertThat(user.seen()).isEqualTo("<endsession>\n");
    assertThat(store.run("EXISTS", "a")).isEqualTo(0L);
  }

  @Test
  void debugging_isForEvalOutsideOfTransactions() {
    debugging.conversesAs(new DebuggerUser("c"));
    debugging.run("SCRIPT", "DEBUG", "SYNC");
    assertThat(debugging.raw("EVALSHA", Sha1.hex(new byte[0]), "0"))
        .startsWith("-ERR Please use EVAL instead of EVALSHA for debugging");
    debugging.run("MULTI");
    debugging.run("EVAL", "return 1", "0");
    debugging.run("SCRIPT", "DEBUG", "NO");
    assertThat(debugging.raw("EXEC"))
        .contains("-ERR Debugging needs a connection, outside a transaction and a pipeline")
        .contains("-ERR SCRIPT DEBUG must be called outside a pipeline");
  }

  @Test
  void debugging_canBeTurnedOffAgain() {
    debugging.run("SCRIPT", "DEBUG", "SYNC");
    assertThat(debugging.raw("SCRIPT", "DEBUG", "perhaps"))
        .isEqualTo("-ERR Use SCRIPT DEBUG YES/SYNC/NO\r\n");
    assertThat(debugging.run("SCRIPT", "DEBUG", "NO")).isEqualTo("OK");
    assertThat(debugging.run("EVAL", "return redis.breakpoint()", "0")).isNull();
    assertThat(debugging.client().isOpen()).isTrue();
  }

  @Test
  void theNextScript_runsWithoutTheDebugger() {
    assertThat(debug(new DebuggerUser("a"), "return 1")).startsWith("-ERR script aborted");
    assertThat(store.eval("local n = 0 for i = 1, 1e5 do n = n + 1 end return n"))
        .isEqualTo(":100000");
  }
}
