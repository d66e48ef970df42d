package carnelian.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import carnelian.base.config.Config;
import carnelian.base.config.ConfigRefusedException;
import carnelian.base.config.Directives;
import carnelian.base.config.ReplicaOf;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The score stands in a file of the test's own.
class OomScoreTest {
  @TempDir Path directory;
  private Path file;
  private Config config;
  private OomScore score;

  @BeforeEach
  void startedWith22() throws IOException {
    file = directory.resolve("oom_score_adj");
    Files.writeString(file, "22\n");
    config = new Config(directory);
    score = new OomScore(config, file);
    score.subscribe();
  }

  private void set(String name, String value) throws ConfigRefusedException {
    config.set(List.of(new Config.Pair(name, value)), Config.Caller.SERVER);
  }

  private String written() throws IOException {
    return Files.readString(file).strip();
  }

  @Test
  void isAddedToWhatTheProcessWasStartedWith_andTakenBack() throws Exception {
    set("oom-score-adj-values", "9 200 800");
    assertThat(written()).as("turned off").isEqualTo("22");
    set("oom-score-adj", "yes");
    assertThat(written()).isEqualTo("31");
    set("oom-score-adj-values", "15 200 800");
    assertThat(written()).isEqualTo("37");
    set("oom-score-adj", "absolute");
    assertThat(written()).isEqualTo("15");
    set("oom-score-adj", "no");
    assertThat(written()).isEqualTo("22");
  }

  @Test
  void replica_hasItsOwn_andNoneIsBeyondTheKernelsLimits() throws Exception {
    set("oom-score-adj-values", "-2000 200 800");
    set("oom-score-adj", "relative");
    assertThat(written()).isEqualTo("-1000");
    config.replicaOf(new ReplicaOf("127.0.0.1", 1));
    score.roleChanged();
    assertThat(written()).isEqualTo("222");
    config.replicaOf(ReplicaOf.NO_ONE);
    score.roleChanged();
    assertThat(written()).isEqualTo("-1000");
  }

  @Test
  void whatCannotBeWritten_isRefused() throws Exception {
    Files.delete(file);
    Files.createDirectory(file);
    assertThatThrownBy(() -> set("oom-score-adj", "yes"))
        .isInstanceOf(ConfigRefusedException.class)
        .hasMessageContaining("Failed to apply new oom_score_adj configuration");
    assertThat(config.text(Directives.OOM_SCORE_ADJ)).isEqualTo("no");
  }
}
