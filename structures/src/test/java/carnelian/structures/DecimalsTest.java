package carnelian.structures;

import static org.assertj.core.api.Assertions.assertThat;

import carnelian.base.RandomSource;
import carnelian.memory.Memory;
import carnelian.memory.NativeBuffer;
import carnelian.memory.Slice;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DecimalsTest {
  private final Outside outside = new Outside();

  @AfterEach
  void close() {
    outside.close();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "0",
        "1",
        "-1",
        "9",
        "10",
        "-10",
        "999999999999999999",
        "9223372036854775807",
        "-9223372036854775808",
        "-9223372036854775807"
      })
  void isCanonical_ofPrintedIntegers_holds(String text) {
    Slice slice = outside.text(text);
    assertThat(Decimals.isCanonical(slice.at, slice.length)).isTrue();
    assertThat(Decimals.parse(slice.at, slice.length)).isEqualTo(Long.parseLong(text));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "-",
        "-0",
        "00",
        "01",
        "-01",
        "+1",
        " 1",
        "1 ",
        "1.0",
        "1e3",
        "--1",
        "12-3",
        "9223372036854775808",
        "9999999999999999999",
        "-9223372036854775809",
        "10000000000000000000",
        "18446744073709551617",
        "123456789012345678901",
        "/",
        ":",
        "1:"
      })
  void isCanonical_ofAnythingElse_doesNotHold(String text) {
    Slice slice = outside.text(text);
    assertThat(Decimals.isCanonical(slice.at, slice.length)).isFalse();
  }

  @Test
  void write_ofAnyInteger_isWhatJavaPrints() {
    long seed = 7;
    RandomSource random = RandomSource.seeded(seed);
    try (NativeBuffer buffer = new NativeBuffer(Decimals.MAX_LENGTH)) {
      check(buffer, Long.MIN_VALUE);
      check(buffer, Long.MAX_VALUE);
      for (long power = 1; power > 0 && power <= 1_000_000_000_000_000_000L; power *= 10) {
        check(buffer, power);
        check(buffer, power - 1);
        check(buffer, -power);
        check(buffer, 1 - power);
      }
      for (int i = 0; i < 10_000; i++) {
        check(buffer, random.nextLong() >> random.nextInt(64));
      }
    }
  }

  private static void check(NativeBuffer buffer, long value) {
    buffer.clear();
    long at = buffer.reserve(Decimals.MAX_LENGTH);
    int length = Decimals.write(value, at);
    byte[] written = new byte[length];
    Memory.copyOut(at, written, 0, length);
    assertThat(new String(written, StandardCharsets.ISO_8859_1)).isEqualTo(Long.toString(value));
    assertThat(Decimals.length(value)).isEqualTo(length);
    assertThat(Decimals.isCanonical(at, length)).isTrue();
    assertThat(Decimals.parse(at, length)).isEqualTo(value);
  }
}
