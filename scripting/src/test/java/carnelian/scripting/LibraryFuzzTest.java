package carnelian.scripting;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;

/// Any bytes for what reads bytes: a value or an error, and what was read can be written and is
/// read again. A normal run goes over the inputs kept in the test resources; `JAZZER_FUZZ=1`
/// searches for more.
class LibraryFuzzTest {
  private static final long LIMIT_BYTES = 32 << 20;
  private static final int MOST_BYTES = 1 << 16;

  /// What has been decoded can be encoded unless it holds what JSON has not.
  private static final String DECODE =
      """
      local bytes, lax = ...
      cjson.decode_invalid_numbers(lax == '')
      local ok, value = pcall(cjson.decode, bytes)
      if not ok then return value end
      local ok, text = pcall(cjson.encode, value)
      if not ok then return text end
      local again = cjson.encode(cjson.decode(text))
      return #again == #text and 'same' or 'DIFFERENT ' .. text .. ' ' .. again
      """;

  /// The first time, tables that are too deep become nil, and may be lost with their keys.
  private static final String UNPACK =
      """
      local bytes = ...
      local values = {pcall(cmsgpack.unpack, bytes)}
      if not values[1] then return values[2] end
      local ok, kept = pcall(cmsgpack.unpack, cmsgpack.pack(values))
      if not ok then return kept end
      local packed = cmsgpack.pack(kept)
      local again = cmsgpack.pack(cmsgpack.unpack(packed))
      return #again == #packed and 'same' or 'DIFFERENT'
      """;

  private static final String UNPACK_SOME =
      """
      local bytes, limit, offset = ...
      local values = {pcall(cmsgpack.unpack_limit, bytes, limit, offset)}
      if not values[1] then return values[2] end
      if limit == '0' and offset == '0' then return 'all' end
      return values[2] == -1 and 'all' or values[2] > tonumber(offset) and 'some' or 'none'
      """;

  private static final String STRUCT =
      """
      local format, data, offset = ...
      local values = {pcall(struct.unpack, format, data, offset)}
      if not values[1] then return values[2] end
      local ok, size = pcall(struct.size, format)
      local ok, packed = pcall(struct.pack, format, unpack(values, 2))
      return ok and 'packed' or packed
      """;

  private static SandboxedLua state = new SandboxedLua(LIMIT_BYTES, true);
  private static int runs;

  private static String run(String script, byte[]... arguments) {
    if (++runs % 100_000 == 0) {
      state.close();
      state = new SandboxedLua(LIMIT_BYTES, true);
    }
    String result = state.run(script, arguments);
    assertThat(state.lua.usedBytes()).isLessThan(2 * LIMIT_BYTES);
    assertThat(result).doesNotStartWith("DIFFERENT").doesNotContain("internal error");
    return result;
  }

  @FuzzTest(maxDuration = "10m")
  void json_isDecodedOrRefused(FuzzedDataProvider data) {
    byte[] strict = data.consumeBoolean() ? new byte[] {1} : new byte[0];
    byte[] text = data.consumeBytes(MOST_BYTES);
    String result = run(DECODE, text, strict);
    if (!result.equals("same")) {
      assertThat(result)
          .matches(
              "Expected .* but found .* at character [0-9]+"
                  + "|Found too many nested data structures .*"
                  + "|JSON parser does not support UTF-16 or UTF-32"
                  + "|Cannot serialise number: must not be NaN or Inf");
    }
  }

  @FuzzTest(maxDuration = "10m")
  void messages_areUnpackedOrRefused(FuzzedDataProvider data) {
    byte[] limit = Integer.toString(data.consumeInt(-1, 5)).getBytes(ISO_8859_1);
    byte[] offset = Integer.toString(data.consumeInt(-1, 20)).getBytes(ISO_8859_1);
    byte[] bytes = data.consumeBytes(MOST_BYTES);
    assertThat(run(UNPACK, bytes))
        .matches(
            "same|Missing bytes in input\\.|Bad data format in input\\.|stack overflow \\(.*\\)"
                + "|table index is (nil|NaN)|not enough memory");
    assertThat(run(UNPACK_SOME, bytes, limit, offset))
        .matches(
            "all|some|none|Missing bytes in input\\.|Bad data format in input\\."
                + "|stack overflow \\(.*\\)|table index is (nil|NaN)|not enough memory"
                + "|Start offset .*|Invalid request .*");
  }

  @FuzzTest(maxDuration = "10m")
  void structs_areUnpackedOrRefused(FuzzedDataProvider data) {
    byte[] offset = Long.toString(data.consumeLong(-3, 40)).getBytes(ISO_8859_1);
    byte[] format = data.consumeBytes(64);
    byte[] bytes = data.consumeBytes(MOST_BYTES);
    assertThat(run(STRUCT, format, bytes, offset)).isNotEmpty();
  }
}
