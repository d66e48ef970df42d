package carnelian.server;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/// The text of scores decides whether digests equal those of Redis.
class DatasetDigestTest {
  @Test
  void scores_ofModestSize_areWrittenPlainly() {
    assertThat(DatasetDigest.shortest(1)).isEqualTo("1");
    assertThat(DatasetDigest.shortest(-3)).isEqualTo("-3");
    assertThat(DatasetDigest.shortest(1.5)).isEqualTo("1.5");
    assertThat(DatasetDigest.shortest(0.1)).isEqualTo("0.10000000000000001");
    assertThat(DatasetDigest.shortest(0.0001)).isEqualTo("0.0001");
    assertThat(DatasetDigest.shortest(1e16)).isEqualTo("10000000000000000");
  }

  @Test
  void scores_farFromOne_haveAnExponentOfTwoDigitsAtLeast() {
    assertThat(DatasetDigest.shortest(1e17)).isEqualTo("1e+17");
    assertThat(DatasetDigest.shortest(1e30)).isEqualTo("1e+30");
    assertThat(DatasetDigest.shortest(1e-7)).isEqualTo("9.9999999999999995e-08");
    assertThat(DatasetDigest.shortest(-2.5e-10)).isEqualTo("-2.5000000000000002e-10");
    assertThat(DatasetDigest.shortest(1e100)).isEqualTo("1e+100");
  }

  @Test
  void zeros_andInfinities_keepTheirSign() {
    assertThat(DatasetDigest.shortest(0.0)).isEqualTo("0");
    assertThat(DatasetDigest.shortest(-0.0)).isEqualTo("-0");
    assertThat(DatasetDigest.shortest(Double.POSITIVE_INFINITY)).isEqualTo("inf");
    assertThat(DatasetDigest.shortest(Double.NEGATIVE_INFINITY)).isEqualTo("-inf");
  }
}
