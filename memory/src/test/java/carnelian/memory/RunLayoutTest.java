package carnelian.memory;

import static java.lang.foreign.MemoryLayout.PathElement.groupElement;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/// Sizes and offsets as documented. If one changes on purpose, change the table of [RunLayout] too;
/// nothing outside memory depends on them.
class RunLayoutTest {
  @Test
  void offsets_areThoseOfTheTable() {
    assertThat(RunLayout.BYTES).isEqualTo(128);
    assertThat(offset("start")).isEqualTo(0);
    assertThat(offset("pages")).isEqualTo(8);
    assertThat(offset("kind")).isEqualTo(12);
    assertThat(offset("next")).isEqualTo(16);
    assertThat(offset("previous")).isEqualTo(24);
    assertThat(offset("younger")).isEqualTo(32);
    assertThat(offset("older")).isEqualTo(40);
    assertThat(offset("freeSlots")).isEqualTo(48);
    assertThat(offset("hint")).isEqualTo(52);
    assertThat(offset("bitmap")).isEqualTo(64);
  }

  private static long offset(String field) {
    return RunLayout.LAYOUT.byteOffset(groupElement(field));
  }
}
