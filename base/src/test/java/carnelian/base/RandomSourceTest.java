package carnelian.base;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class RandomSourceTest {
  @Test
  void seeded_repeatsItself() {
    RandomSource one = RandomSource.seeded(42);
    RandomSource other = RandomSource.seeded(42);

    for (int i = 0; i < 100; i++) {
      assertThat(one.nextLong()).isEqualTo(other.nextLong());
    }
  }

  @Test
  void nextInt_isUniform() {
    RandomSource random = RandomSource.seeded(7);
    int[] hits = new int[10];

    for (int i = 0; i < 100_000; i++) {
      hits[random.nextInt(10)]++;
    }

    // Ten standard deviations of a fair draw are 950.
    for (int hit : hits) {
      assertThat(hit).isBetween(9_050, 10_950);
    }
  }

  @Test
  void nextLong_staysBelowItsBound() {
    RandomSource random = RandomSource.seeded(8);
    for (int i = 0; i < 10_000; i++) {
      assertThat(random.nextLong(Long.MAX_VALUE - 1)).isBetween(0L, Long.MAX_VALUE - 2);
      assertThat(random.nextLong(3)).isBetween(0L, 2L);
      assertThat(random.nextInt(Integer.MAX_VALUE)).isNotNegative();
      assertThat(random.nextDouble()).isGreaterThanOrEqualTo(0).isLessThan(1);
    }
  }

  @Test
  void system_givesDifferentSequences() {
    assertThat(RandomSource.system().nextLong()).isNotEqualTo(RandomSource.system().nextLong());
    assertThat(RandomSource.secret(20)).hasSize(20).isNotEqualTo(RandomSource.secret(20));
  }
}
