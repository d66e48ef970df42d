package carnelian.scripting;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Scripts that try to end the process. They run on a thread with the stack of a loop.
@Timeout(60)
class CrashingScriptsTest {
  private static final long STACK_BYTES = 16L << 20;

  private static String eval(String script) throws Exception {
    try (ExecutorService threads =
        Executors.newSingleThreadExecutor(task -> new Thread(null, task, "scripts", STACK_BYTES))) {
      return threads
          .submit(
              () -> {
                try (ScriptedStore store = new ScriptedStore()) {
                  String reply = store.eval(script);
                  assertThat(store.eval("return 'alive'")).isEqualTo("$5 alive");
                  return reply;
                }
              })
          .get();
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          # The thread's stack
          return string.find(('a'):rep(32768), ('a?'):rep(32768))                      | :1
          return string.find(('a'):rep(32768), ('a?'):rep(32769))                      | pattern too long
          return string.gsub('x', ('a-'):rep(40000), '')                               | pattern too long
          return string.gmatch('x', ('x'):rep(70000))                                  | pattern too long
          local function f(n) return (('a'):gsub('a', function() return f(n + 1) end)) end return f(1) | C stack overflow
          local function f() return coroutine.wrap(function() return f() end)() end return f() | C stack overflow
          local function f() return table.sort({2, 1}, function() f() return true end) end f() | C stack overflow
          local t = setmetatable({}, {}) getmetatable(t).__index = function(t, k) return t[k + 1] end return t[1] | C stack overflow
          local t = setmetatable({}, {__concat = function(a, b) return a .. b end}) return t .. t | C stack overflow
          local function f() return 1 + f() end return f()                             | stack overflow
          return #tostring(loadstring('return ' .. ('('):rep(10000) .. '1' .. (')'):rep(10000))) | :3
          local t = {} t[1] = t return t                                               | reached lua stack limit
          # Lua's stack
          return {unpack({}, 0, 2147483647)}                                           | too many results to unpack
          return {unpack({}, -2147483648, -2)}                                         | too many results to unpack
          return {unpack({}, -2, 2147483647)}                                          | too many results to unpack
          return {unpack({}, 0/0, 1)}                                                  | too many results to unpack
          return {unpack({}, 2147483648, 2147483647)}                                  | *0
          return {string.byte(('x'):rep(100000), 1, -1)}                               | string slice too long
          return select('#', unpack({}, 1, 7990))                                      | :7990
          return redis.call(unpack({}, 1, 7900))                                       | Lua redis lib command arguments must be strings or integers
          # Formats and numbers
          return #string.format('%99.99f', 1e308)                                      | :409
          return string.format('%999d', 1)                                             | invalid format (width or precision too long)
          return ('').rep('', 2147483647)                                              | $0
          return table.concat({}, 'x', 1, 2 ^ 30)                                      | invalid value (nil) at index 1
          return table.insert({}, -2147483648, 1)                                      | position out of bounds
          return ('x'):rep(-1)                                                         | $0
          # Errors
          error(setmetatable({}, {__tostring = function() error('x') end}))            | unknown error
          error(nil)                                                                   | -ERR
          local function f() error(f) end f()                                          | -ERR
          xpcall(function() error('x') end, function(e) error(e) end) return 1         | :1
          # The way out
          return loadstring('\\27Lua')                                                 | $-1
          return tostring(debug) .. tostring(io) .. tostring(os)                       | nonexistent global variable 'debug'
          getmetatable('').__index = nil                                               | Attempt to modify a readonly table
          redis.call = nil                                                             | Attempt to modify a readonly table
          return getmetatable(_G).__index                                              | *
          setmetatable(_G, {})                                                         | Attempt to modify a readonly table
          string.rep = nil                                                             | Attempt to modify a readonly table
          x = 1                                                                        | Attempt to modify a readonly table
          """)
  void hostileScript_isAnswered(String script, String expected) throws Exception {
    assertThat(eval(script)).contains(expected.equals("*") ? "" : expected);
  }

  @Test
  void aCommandWithThousandsOfArguments_runs() throws Exception {
    assertThat(
            eval(
                "local a = {} for i = 1, 7000 do a[i] = 'x' end return #redis.call('mget', unpack(a))"))
        .isEqualTo(":7000");
    assertThat(
            eval(
                "local a = {} for i = 1, 7999 do a[i] = 1 end"
                    + " return redis.call('rpush', 'l', unpack(a))"))
        .isEqualTo(":7999");
  }
}
