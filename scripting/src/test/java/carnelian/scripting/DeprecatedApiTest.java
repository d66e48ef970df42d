package carnelian.scripting;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// `lua-enable-deprecated-api`: what it brings back, and that the sandbox holds all the same.
class DeprecatedApiTest {
  @ParameterizedTest
  @ValueSource(strings = {"getfenv", "setfenv", "newproxy"})
  void withoutIt_thereIsNothing(String name) {
    try (ScriptedStore store = new ScriptedStore()) {
      assertThat(store.eval("return " + name))
          .contains("Script attempted to access nonexistent global variable '" + name + "'");
    }
  }

  @Test
  void aFunctionsOwnEnvironment_isSeenAndReplaced() {
    try (ScriptedStore store = new ScriptedStore(true)) {
      assertThat(store.eval("local f = function() return x end setfenv(f, {x = 7}) return f()"))
          .isEqualTo(":7");
      assertThat(
              store.eval(
                  "local e = {} local f = setfenv(function() end, e) "
                      + "return getfenv(f) == e and 1 or 0"))
          .isEqualTo(":1");
      assertThat(store.eval("return getfenv(function() end) == _G and getfenv() == _G and 1"))
          .isEqualTo(":1");
      assertThat(store.eval("local redis = redis setfenv(1, {y = 3}) return y")).isEqualTo(":3");
      assertThat(store.eval("return #redis.sha1hex('')")).as("the next script").isEqualTo(":40");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "return tostring(getfenv(pcall))",
        "return tostring(getfenv(string.rep))",
        "return tostring(getfenv(redis.call))",
        "return tostring(getfenv(0))",
        "return tostring(getfenv(100))",
        "return tostring(getfenv('x'))",
        "setfenv(pcall, {}) return 'replaced'",
        "setfenv(redis.call, {}) return 'replaced'",
        "setfenv(0, {}) return 'replaced'",
        "setfenv(function() end, 'x') return 'replaced'",
        "local found pcall(function() found = getfenv(2) end) return found.debug and 'host'",
        "getfenv().x = 1 return 'replaced'",
      })
  void whatIsNotTheScripts_isKeptFromIt(String script) {
    try (ScriptedStore store = new ScriptedStore(true)) {
      String reply = store.eval(script);
      // The environment of C's functions is that of the script.
      String own = store.eval("return tostring(_G)");
      assertThat(reply)
          .satisfiesAnyOf(
              it -> assertThat(it).startsWith("-"), it -> assertThat(it).isEqualTo(own));
      assertThat(store.eval("return #redis.sha1hex('')")).isEqualTo(":40");
    }
  }

  @Test
  void proxy_hasAMetatableOfItsOwn_andNoFinalizer() {
    try (ScriptedStore store = new ScriptedStore(true)) {
      assertThat(
              store.eval(
                  "getmetatable(newproxy(true)).__gc = function() error('x') end "
                      + "collectgarbage() return 1"))
          .isEqualTo(":1");
      assertThat(
              store.eval(
                  "local a = newproxy(true) getmetatable(a).__index = {x = 5} "
                      + "return newproxy(a).x"))
          .isEqualTo(":5");
      assertThat(store.eval("return getmetatable(newproxy()) == nil and 1")).isEqualTo(":1");
    }
  }
}
