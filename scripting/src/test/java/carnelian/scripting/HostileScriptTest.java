package carnelian.scripting;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/// Scripts that ask the libraries for more than there is: memory, stack, time.
class HostileScriptTest {
  private static final long LIMIT_BYTES = 8 << 20;

  private static String run(String script) {
    try (SandboxedLua lua = new SandboxedLua(LIMIT_BYTES, true)) {
      String result = lua.run(script);
      assertThat(lua.lua.usedBytes()).isLessThan(2 * LIMIT_BYTES);
      int _ = LuaLibrary.collectGarbage(lua.lua.state(), LuaLibrary.COLLECT, 0);
      assertThat(lua.run("return cjson.encode({1})")).isEqualTo("[1]");
      return result;
    }
  }

  @Test
  void encode_ofMoreThanTheState_isRefused() {
    String full = "not enough memory";
    assertThat(run("local t={} for i=1,40 do t={t,t} end return #cjson.encode(t)")).contains(full);
    assertThat(run("local s=string.rep('x',1e6) return #cjson.encode({s,s,s,s,s,s,s,s,s})"))
        .contains(full);
    assertThat(run("local s=string.rep('\\1',2e6) return #cjson.encode(s)")).contains(full);
    assertThat(run("cjson.encode_sparse_array(false,0) return #cjson.encode({[2147483647]=1})"))
        .contains(full);
    assertThat(run("local s=string.rep('x',1e6) return #cmsgpack.pack(s,s,s,s,s,s,s,s,s)"))
        .contains(full);
    assertThat(
            run("local s=string.rep('x',1e6) return #struct.pack('sssssssss',s,s,s,s,s,s,s,s,s)"))
        .contains(full);
    assertThat(run("return #struct.pack(string.rep('x',5e6))")).contains(full);
  }

  @Test
  void decode_toMoreThanTheState_isRefused() {
    String full = "not enough memory";
    assertThat(run("return cjson.decode('['..string.rep('[],',1e6)..'0]')")).contains(full);
    assertThat(run("return cjson.decode('['..string.rep('{},',1e6)..'0]')")).contains(full);
    assertThat(run("return cmsgpack.unpack('\\221\\255\\255\\255\\255'..string.rep('\\144',1e6))"))
        .contains(full);
    assertThat(run("return cmsgpack.unpack('\\223\\255\\255\\255\\255'..string.rep('\\144',1e6))"))
        .contains(full);
    assertThat(run("local t={} while true do t[#t+1]=cjson.new() end")).contains(full);
    assertThat(run("for i=1,1e5 do cjson.new() end return 1")).isEqualTo("1");
  }

  @Test
  void lengthsThatAreNotThere_takeNoMemory() {
    for (String tag : new String[] {"\\219", "\\221", "\\223"}) {
      assertThat(run("return cmsgpack.unpack('" + tag + "\\255\\255\\255\\255')"))
          .contains("Missing bytes in input.");
    }
    assertThat(run("return struct.unpack('c2147483647','a')")).contains("data string too short");
    assertThat(run("return struct.pack('c2147483647','a')")).contains("string too short");
    assertThat(run("return struct.size(string.rep('c2147483647',1000))"))
        .isEqualTo("2147483647000");
  }

  @Test
  void nesting_endsWithLuasStack() {
    assertThat(run("cjson.decode_max_depth(2147483647) return cjson.decode(string.rep('[',1e6))"))
        .contains("Found too many nested data structures (");
    assertThat(run("cjson.encode_max_depth(2147483647) local t={} t[1]=t return cjson.encode(t)"))
        .contains("Cannot serialise, excessive nesting (");
    assertThat(run("return cmsgpack.unpack(string.rep('\\145',1e6))")).contains("stack overflow");
    assertThat(run("return struct.unpack(string.rep('b',1e5),string.rep('b',1e5))"))
        .contains("stack overflow (too many results)");
  }

  @Test
  void longCalls_letOthersHaveATurn_andCanBeStopped() {
    String[] scripts = {
      "local t={} for i=1,16 do t={t,t} end return #cjson.encode(t)",
      "return #cjson.decode('['..string.rep('0,',1e5)..'0]')",
      "local t={} for i=1,1e5 do t[i]=i end return #cmsgpack.pack(t)",
      "return #cmsgpack.unpack('\\221\\0\\1\\134\\160'..string.rep('\\1',1e5))",
      "return struct.size(string.rep('x',1e5))",
    };
    for (String script : scripts) {
      try (SandboxedLua lua = new SandboxedLua(64 << 20, true)) {
        AtomicInteger turns = new AtomicInteger();
        lua.lua.watch((_, _) -> turns.incrementAndGet() > 1_000_000);
        String loops = "for i=1,1 do end ";
        int before = turns.get();
        assertThat(lua.run(loops + script)).matches("[0-9]+");
        assertThat(turns.get()).isGreaterThan(before + 3);
        lua.lua.watch((_, _) -> true);
        assertThat(lua.run("while true do pcall(function() " + script + " end) end"))
            .doesNotMatch("[0-9]+");
      }
    }
  }

  @Test
  void tables_areReadRaw() {
    String trap = "setmetatable({1}, {__index=error, __len=error, __newindex=error})";
    assertThat(run("return cjson.encode(" + trap + ")")).isEqualTo("[1]");
    assertThat(run("return #cmsgpack.pack(" + trap + ")")).isEqualTo("2");
  }

  /// Where no machine code raises errors, functions are wrapped in Lua.
  @Test
  void withoutRaisingCode_resultsAndErrorsAreTheSame() {
    try (SandboxedLua lua = new SandboxedLua(LIMIT_BYTES, false)) {
      assertThat(lua.run("return cjson.encode({1,{a='x'}})")).isEqualTo("[1,{\"a\":\"x\"}]");
      assertThat(lua.run("local x = cjson.decode('[') return x"))
          .isEqualTo("ERR script:1: Expected value but found T_END at character 2");
      assertThat(lua.run("local x = cjson.encode() return x"))
          .isEqualTo("ERR script:1: bad argument #1 to 'encode' (expected 1 argument)");
      assertThat(lua.run("local c = cjson.new() c.encode_number_precision(2) return c.encode(1/3)"))
          .isEqualTo("0.33");
      assertThat(lua.run("local c = cjson.new().new() local x = c.decode('}') return x"))
          .isEqualTo("ERR script:1: Expected value but found T_OBJ_END at character 1");
      assertThat(lua.run("return struct.unpack('I2', ...)", "\1\2".getBytes(ISO_8859_1)))
          .isEqualTo("513");
    }
  }
}
