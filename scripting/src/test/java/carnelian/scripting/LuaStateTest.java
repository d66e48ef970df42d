package carnelian.scripting;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// One Lua machine: its sandbox, its memory, and errors that Java raises in it.
class LuaStateTest {
  private static final long LIMIT_BYTES = 8L << 20;

  private static LuaState state(boolean raisesInPlace) {
    LuaState lua =
        new LuaState(
            LIMIT_BYTES,
            raisesInPlace,
            each -> {
              each.define("constants", LuaStateTest::nothing);
              each.define("redis.fail", (_, _) -> fail());
              each.define("redis.bug", (_, _) -> bug());
              each.define("redis.count", LuaStateTest::count);
            });
    lua.pushGlobals();
    LuaLibrary.replace(lua.state(), LuaLibrary.GLOBALS_INDEX);
    return lua;
  }

  private static int nothing(LuaState lua, long state) {
    LuaLibrary.createTable(state, 0, 0);
    return 1;
  }

  private static int fail() {
    throw LuaError.at("no");
  }

  private static int bug() {
    throw new IllegalStateException("a bug");
  }

  private static int count(LuaState lua, long state) {
    LuaLibrary.pushNumber(state, LuaLibrary.top(state));
    return 1;
  }

  /// What the script returns or fails with, as text.
  private static String run(LuaState lua, String script) {
    String refused = lua.load(script.getBytes(StandardCharsets.ISO_8859_1), "@test");
    if (refused != null) {
      return refused;
    }
    int status = lua.call(0);
    if (LuaLibrary.type(lua.state(), -1) == LuaLibrary.TABLE) {
      lua.push("err");
      LuaLibrary.rawGet(lua.state(), -2);
    }
    String text = lua.text(-1);
    LuaLibrary.top(lua.state(), 0);
    return status == 0 ? text : "failed: " + text;
  }

  private static boolean inPlace() {
    return RaisingCode.isKnown();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void errorsOfJava_areRaisedInTheScript(boolean raisesInPlace) {
    try (LuaState lua = state(raisesInPlace && inPlace())) {
      assertThat(run(lua, "redis.fail() return 1")).isEqualTo("failed: ERR test:1: no");
      assertThat(run(lua, "local ok, e = pcall(redis.fail) return tostring(ok) .. e"))
          .startsWith("false");
      assertThat(run(lua, "return redis.count(1, nil, 3)")).isEqualTo("3");
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void bugsOfJava_endTheScriptAndAreThrown(boolean raisesInPlace) {
    try (LuaState lua = state(raisesInPlace && inPlace())) {
      assertThatThrownBy(() -> run(lua, "pcall(redis.bug) while true do end"))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("a bug");
      assertThat(run(lua, "return 1")).isEqualTo("1");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "return #('x'):rep(2 ^ 24)",
        "local t = {} while true do t[#t + 1] = ('x'):rep(1e5) .. #t end",
        "local s = 'x' while true do s = s .. s end",
        "collectgarbage('stop') local t = {} while true do t = {t} end",
        "local t = {} for i = 1, 1e5 do t[i] = ('x'):rep(1000) end return #table.concat(t)",
        "local t = {} while true do t[#t + 1] = coroutine.create(function() end) end",
        "local t = {} while true do t[{}] = function() return t end end",
      })
  void aScriptThatTakesTooMuchMemory_fails(String script) {
    try (LuaState lua = state(inPlace())) {
      assertThat(run(lua, script)).contains("not enough memory");
      assertThat(run(lua, "collectgarbage('restart') collectgarbage() return 1")).isEqualTo("1");
      assertThat(lua.usedBytes()).isLessThan(LIMIT_BYTES / 2);
    }
  }

  @Test
  void patterns_areLimitedOnEveryMachine() {
    try (LuaState lua = state(false)) {
      assertThat(run(lua, "return ('x'):find(('a?'):rep(40000))"))
          .isEqualTo("failed: ERR pattern too long");
      assertThat(run(lua, "return ('xay'):match('a(.)')")).isEqualTo("y");
    }
  }

  @Test
  void nothingOfAScriptIsLeft_exceptWhatItMayKeep() {
    try (LuaState lua = state(inPlace())) {
      assertThat(run(lua, "x = 1")).contains("Attempt to modify a readonly table");
      assertThat(run(lua, "local function f() y = 1 end f()"))
          .contains("Attempt to modify a readonly table");
      assertThat(run(lua, "return z")).contains("nonexistent global variable 'z'");
      assertThat(run(lua, "table.sort = nil")).contains("Attempt to modify a readonly table");
      assertThat(run(lua, "rawset(_G, 'a', 1)")).contains("Attempt to modify a readonly table");
      assertThat(run(lua, "setmetatable(string, {})"))
          .contains("Attempt to modify a readonly table");
      assertThat(run(lua, "getmetatable('').__index = nil"))
          .contains("Attempt to modify a readonly table");
      assertThat(run(lua, "table.insert(table, 1)")).contains("Attempt to modify a readonly table");
    }
  }

  @Test
  void compiledCode_isRefused() {
    try (LuaState lua = state(inPlace())) {
      assertThat(run(lua, "return select(2, loadstring(string.dump(function() end)))"))
          .isEqualTo("attempt to load a binary chunk");
      assertThat(run(lua, "return select(2, load(function() return '\\27Lua' end))")).isNotEmpty();
    }
  }
}
