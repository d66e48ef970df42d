package carnelian.server;

import carnelian.base.OsError;
import carnelian.base.config.Choices;
import carnelian.base.config.Config;
import carnelian.base.config.Directives;
import carnelian.base.config.InvalidValueException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Tells the kernel whom to kill first when the machine's memory runs out: `oom-score-adj`.
///
/// The value for background work has no use, because that is done within the process. What the
/// process was started with is put back when the directive is turned off.
final class OomScore {
  private static final Logger LOG = LoggerFactory.getLogger(OomScore.class);
  private static final int PRIMARY = 0;
  private static final int REPLICA = 1;
  private static final int MOST = 1000;

  private final Config config;
  private final Path file;

  /// Before it was first changed; null: it is not changed.
  private @Nullable Integer original;

  /// The score in `file`, which is the kernel's.
  OomScore(Config config, Path file) {
    this.config = config;
    this.file = file;
  }

  /// Of this process.
  static OomScore ofProcess(Config config) {
    return new OomScore(config, Path.of("/proc/self/oom_score_adj"));
  }

  /// Sets it, and obeys changes of the directives from now on.
  void subscribe() {
    config.onChange(
        Set.of(Directives.OOM_SCORE_ADJ, Directives.OOM_SCORE_ADJ_VALUES),
        () -> {
          if (!apply()) {
            throw new InvalidValueException(
                "Failed to apply new oom_score_adj configuration, check server logs.");
          }
        });
    boolean _ = apply();
  }

  /// The server has become a primary or a replica.
  void roleChanged() {
    boolean _ = apply();
  }

  private boolean apply() {
    try {
      Choices.OomScoreAdj mode = config.get(Directives.OOM_SCORE_ADJ);
      Integer before = original;
      if (mode == Choices.OomScoreAdj.NO) {
        if (before != null) {
          write(before);
          original = null;
        }
        return true;
      }
      int base = before == null ? Integer.parseInt(Files.readString(file).strip()) : before;
      original = base;
      int role = config.get(Directives.REPLICAOF).isReplica() ? REPLICA : PRIMARY;
      int score = config.get(Directives.OOM_SCORE_ADJ_VALUES).get(role);
      write(mode == Choices.OomScoreAdj.ABSOLUTE ? score : base + score);
      return true;
    } catch (IOException e) {
      LOG.warn("Unable to write oom_score_adj: {}", OsError.text(e));
      return false;
    } catch (NumberFormatException e) {
      LOG.warn("Unable to read oom_score_adj: {}", e.getMessage());
      return false;
    }
  }

  private void write(int score) throws IOException {
    Files.writeString(file, Integer.toString(Math.clamp(score, -MOST, MOST)));
  }
}
