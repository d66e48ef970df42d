package carnelian.engine;

import static org.assertj.core.api.Assertions.assertThat;

import carnelian.memory.NativeBuffer;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NumbersTest {
  private final NativeBuffer bytes = new NativeBuffer(64);

  @AfterEach
  void close() {
    bytes.close();
  }

  private double parse(String text) {
    bytes.clear();
    bytes.putAscii(text);
    return Numbers.parse(bytes.address(), bytes.length());
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0",
    "-0, -0.0",
    "1, 1",
    "-17.25, -17.25",
    ".5, 0.5",
    "5., 5",
    "+3, 3",
    "1e3, 1000",
    "-1.5E-3, -0.0015",
    "0x1A, 26",
    "0x1p4, 16",
    "0xFd, 253",
    "3.0000000000000001, 3",
    "123456789012345678901234567890, 123456789012345678901234567890",
    "inf, Infinity",
    "-INF, -Infinity",
    "+infinity, Infinity"
  })
  void parse_readsWhatCReads(String text, double value) {
    assertThat(parse(text)).isEqualTo(value);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "1e400",
        "-1e400",
        "1e-400",
        "",
        "-",
        "+",
        ".",
        "-.",
        "e5",
        "1e",
        " 1",
        "1 ",
        "1d",
        "1f",
        "1.0D",
        "0x",
        "0x1g",
        "nan",
        "NaN",
        "--1",
        "+-1",
        "1.2.3",
        "1,5",
        "infinit",
        "Infinityy",
        "0x1pf"
      })
  void parse_refusesTheRest(String text) {
    assertThat(parse(text)).isNaN();
  }

  @Test
  void parse_agreesWithJavaOnPlainDecimals() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    for (int i = 0; i < 20_000; i++) {
      long digits = random.nextLong() >>> random.nextInt(64);
      int scale = random.nextInt(20);
      String text = java.math.BigDecimal.valueOf(digits, scale).toPlainString();
      assertThat(parse(text)).as("seed %d", seed).isEqualTo(Double.parseDouble(text));
    }
  }
}
