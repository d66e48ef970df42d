package carnelian.server;

import static org.assertj.core.api.Assertions.assertThat;

import carnelian.base.config.Config;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class TrainingTest {
  @Test
  void run_startsServesAndEnds() {
    assertThat(Training.run(new Config(Path.of("").toAbsolutePath()))).isZero();
  }
}
