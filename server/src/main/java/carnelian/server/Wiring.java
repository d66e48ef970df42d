package carnelian.server;

import carnelian.base.config.Config;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Connects the command line with the modules that do the work.
final class Wiring implements Main.Programs {
  private static final Logger LOG = LoggerFactory.getLogger(Wiring.class);

  @Override
  public int serve(Config config) {
    LOG.error("This build has no engine yet: it reads its configuration and stops.");
    return 1;
  }

  @Override
  public int checkRdb(Path file) {
    LOG.error("This build cannot check {} yet.", file);
    return 1;
  }

  @Override
  public int train(Config config) {
    Banner.starting(true);
    return 0;
  }
}
