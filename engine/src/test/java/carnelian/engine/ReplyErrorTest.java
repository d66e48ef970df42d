package carnelian.engine;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ReplyErrorTest {
  @Test
  void lineEnds_goAtTheEnd_andAreSpacesElsewhere() {
    assertThat(ReplyError.err("option a\r\nb\n\r").text()).isEqualTo("ERR option a  b");
    assertThat(ReplyError.of("CODE \n").text()).isEqualTo("CODE ");
  }
}
