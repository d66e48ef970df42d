package carnelian.resp;

import static org.assertj.core.api.Assertions.assertThat;

import carnelian.base.RandomSource;
import carnelian.memory.NativeBuffer;
import carnelian.memory.Slice;
import java.math.BigDecimal;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class DecimalsTest {
  private final NativeBuffer out = new NativeBuffer(64);

  @AfterEach
  void free() {
    out.close();
  }

  private String text(double value) {
    out.clear();
    out.advance(Decimals.write(out.reserve(Decimals.DOUBLE_BYTES), value));
    assertThat(out.length()).isLessThanOrEqualTo(Decimals.DOUBLE_BYTES);
    return out.slice(new Slice()).toString();
  }

  private String text(long value) {
    out.clear();
    out.advance(Decimals.write(out.reserve(Decimals.LONG_BYTES), value));
    return out.slice(new Slice()).toString();
  }

  @Test
  void longs_atEveryPowerAndSign_areExact() {
    for (long power = 1; power > 0 && power < Long.MAX_VALUE / 10; power *= 10) {
      for (long value : new long[] {power - 1, power, power + 1, -power, 1 - power, -power - 1}) {
        assertThat(text(value)).isEqualTo(Long.toString(value));
        assertThat(Decimals.length(value)).isEqualTo(Long.toString(value).length());
      }
    }
    for (long value : new long[] {Long.MAX_VALUE, Long.MIN_VALUE, Long.MIN_VALUE + 1}) {
      assertThat(text(value)).isEqualTo(Long.toString(value));
      assertThat(Decimals.length(value)).isEqualTo(Long.toString(value).length());
    }
  }

  /// Taken from Redis 7.2, ZSCORE.
  @Test
  void doubles_lookAsInRedis() {
    assertThat(text(0.0)).isEqualTo("0");
    assertThat(text(-0.0)).isEqualTo("-0");
    assertThat(text(0.1)).isEqualTo("0.1");
    assertThat(text(-3.5)).isEqualTo("-3.5");
    assertThat(text(1e15)).isEqualTo("1000000000000000");
    assertThat(text(1e17)).isEqualTo("100000000000000000");
    assertThat(text(1e20)).isEqualTo("1e+20");
    assertThat(text(1.2345678901234568e17)).isEqualTo("123456789012345680");
    assertThat(text(1e-5)).isEqualTo("0.00001");
    assertThat(text(1e-7)).isEqualTo("1e-7");
    assertThat(text(1.5e-7)).isEqualTo("1.5e-7");
    assertThat(text(Double.MIN_VALUE)).isEqualTo("5e-324");
    assertThat(text(Double.MAX_VALUE)).isEqualTo("1.7976931348623157e+308");
    assertThat(text(Math.PI)).isEqualTo("3.141592653589793");
    assertThat(text(0.30000000000000004)).isEqualTo("0.30000000000000004");
    assertThat(text(Double.NaN)).isEqualTo("nan");
    assertThat(text(Double.NEGATIVE_INFINITY)).isEqualTo("-inf");
  }

  @Test
  void doubles_ofAnyKind_readBackAndAreShortest() {
    long seed = 20261121;
    RandomSource random = RandomSource.seeded(seed);
    for (int i = 0; i < 200_000; i++) {
      double value =
          switch (i % 3) {
            case 0 -> Double.longBitsToDouble(random.nextLong());
            case 1 -> random.nextInt(10_000_000) / 1000.0 - 5000;
            default -> random.nextDouble();
          };
      if (!Double.isFinite(value)) {
        continue;
      }
      String text = text(value);
      assertThat(Double.parseDouble(text)).as("seed %s: %s", seed, text).isEqualTo(value);
      int javaDigits = significantDigits(Double.toString(value));
      assertThat(significantDigits(text))
          .as("seed %s: %s", seed, text)
          .isLessThanOrEqualTo(Math.abs(value) <= 0x1p62 ? 19 : javaDigits);
      if (value != Math.rint(value)) {
        assertThat(significantDigits(text)).as(text).isLessThanOrEqualTo(javaDigits);
      }
    }
  }

  private static int significantDigits(String decimal) {
    return new BigDecimal(decimal).stripTrailingZeros().precision();
  }
}
