package carnelian.scripting;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/// Numbers as `printf` writes them.
class PrintedNumbersTest {
  private static final long SEED = 7;

  @Test
  void numbers_areWrittenAsPrintfDoes() {
    assertThat(PrintedNumbers.general(0.1, 14)).isEqualTo("0.1");
    assertThat(PrintedNumbers.general(0.1, 17)).isEqualTo("0.10000000000000001");
    assertThat(PrintedNumbers.general(100, 2)).isEqualTo("1e+02");
    assertThat(PrintedNumbers.general(-99.5, 2)).isEqualTo("-1e+02");
    assertThat(PrintedNumbers.general(99.5, 3)).isEqualTo("99.5");
    assertThat(PrintedNumbers.general(2.5, 1)).isEqualTo("2");
    assertThat(PrintedNumbers.general(3.5, 1)).isEqualTo("4");
    assertThat(PrintedNumbers.general(45, 1)).isEqualTo("4e+01");
    assertThat(PrintedNumbers.general(450, 1)).isEqualTo("4e+02");
    assertThat(PrintedNumbers.general(0.0001, 14)).isEqualTo("0.0001");
    assertThat(PrintedNumbers.general(0.00001, 14)).isEqualTo("1e-05");
    assertThat(PrintedNumbers.general(1e14, 14)).isEqualTo("1e+14");
    assertThat(PrintedNumbers.general(1e13, 14)).isEqualTo("10000000000000");
    assertThat(PrintedNumbers.general(Double.MIN_VALUE, 14)).isEqualTo("4.9406564584125e-324");
    assertThat(PrintedNumbers.general(-0.0, 14)).isEqualTo("-0");
    assertThat(PrintedNumbers.general(Double.NEGATIVE_INFINITY, 14)).isEqualTo("-inf");
  }

  @Test
  void randomNumbers_areRoundedAsTheyAre() {
    SplittableRandom random = new SplittableRandom(SEED);
    for (int i = 0; i < 100_000; i++) {
      double value =
          switch (random.nextInt(3)) {
            case 0 -> Double.longBitsToDouble(random.nextLong());
            case 1 -> random.nextInt(1_000_000) / 1024.0;
            default -> random.nextInt(1_000_000) / 1000.0 * random.nextInt(100);
          };
      if (Double.isNaN(value) || Double.isInfinite(value) || value == 0) {
        continue;
      }
      int digits = 1 + random.nextInt(17);
      BigDecimal expected =
          new BigDecimal(value).round(new MathContext(digits, RoundingMode.HALF_EVEN));
      assertThat(new BigDecimal(PrintedNumbers.general(value, digits)))
          .as("seed %d: %s with %d digits", SEED, value, digits)
          .isEqualByComparingTo(expected);
    }
  }
}
