package carnelian.memory;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class SizeClassesTest {
  @Test
  void everySize_hasTheSmallestClassThatHoldsIt() {
    for (int bytes = 0; bytes <= SizeClasses.MAX_BYTES; bytes++) {
      int sizeClass = SizeClasses.of(bytes);
      assertThat(SizeClasses.bytes(sizeClass)).isGreaterThanOrEqualTo(bytes);
      if (sizeClass > 0) {
        assertThat(SizeClasses.bytes(sizeClass - 1)).isLessThan(bytes);
      }
    }
  }

  @Test
  void recordOfKey16AndValue64_hasItsOwnClass() {
    assertThat(SizeClasses.bytes(SizeClasses.of(88))).isEqualTo(88);
  }

  @Test
  void classOfAMultipleOf64_isAMultipleOf64() {
    for (int bytes = 64; bytes <= SizeClasses.MAX_BYTES; bytes += 64) {
      assertThat(SizeClasses.bytes(SizeClasses.of(bytes)) % 64).isZero();
    }
  }

  @Test
  void wasteInsideABlock_isAtMostAnEighth() {
    for (int bytes = 128; bytes <= SizeClasses.MAX_BYTES; bytes++) {
      int size = SizeClasses.bytes(SizeClasses.of(bytes));
      assertThat((size - bytes) * 8).isLessThanOrEqualTo(size);
    }
  }

  @Test
  void slabs_areSmallAndWasteLittleBehindTheLastSlot() {
    for (int i = 0; i < SizeClasses.COUNT; i++) {
      int slab = SizeClasses.slabPages(i) * Runs.PAGE_BYTES;
      int slots = SizeClasses.slots(i);
      assertThat(slab).isLessThanOrEqualTo(128 << 10);
      assertThat(slots).isBetween(1, SizeClasses.MAX_SLOTS);
      assertThat(slab - slots * SizeClasses.bytes(i))
          .as("class of %d bytes", SizeClasses.bytes(i))
          .isLessThanOrEqualTo(slab * 7 / 100);
    }
  }

  @Test
  void everyBin_holdsOnlyRunsOfAtLeastItsLength() {
    for (int pages = 1; pages < 1 << 16; pages++) {
      assertThat(RunBins.bin(pages + 1)).isGreaterThanOrEqualTo(RunBins.bin(pages));
    }
    assertThat(RunBins.bin(64)).isEqualTo(63);
    assertThat(RunBins.bin(65)).isEqualTo(64);
    assertThat(RunBins.bin(Integer.MAX_VALUE)).isLessThan(272);
  }
}
