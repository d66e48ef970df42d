package carnelian.base;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class InvariantTest {
  @Test
  void check_thatHolds_isSilent() {
    assertThatCode(() -> Invariant.check(true, "never seen ", 1, 2)).doesNotThrowAnyException();
  }

  @Test
  void check_thatFails_saysWhatAndWith() {
    assertThatThrownBy(() -> Invariant.check(false, "length: ", 7))
        .isInstanceOf(Invariant.Broken.class)
        .hasMessage("length: 7");
    assertThatThrownBy(() -> Invariant.check(false, "state: ", "gone")).hasMessage("state: gone");
  }
}
