package carnelian.server;

import carnelian.base.Clock;
import carnelian.base.RandomSource;
import carnelian.base.config.Config;
import carnelian.base.config.Directives;
import carnelian.base.config.InvalidValueException;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Connects the command line with the modules that do the work.
final class Wiring implements Main.Programs {
  private static final Logger LOG = LoggerFactory.getLogger(Wiring.class);

  @Override
  public int serve(Config config) {
    Banner.listening(config);
    Instance instance = new Instance(config, Clock.system(), RandomSource.system());
    try {
      instance.start();
    } catch (InvalidValueException e) {
      LOG.warn(
          "Failed listening on port {} ({}), aborting.",
          config.get(Directives.PORT),
          e.getMessage());
      return 1;
    }
    Signals.handle(config, signal -> end(instance));
    LOG.info("Server initialized");
    LOG.info("Ready to accept connections");
    // The loops are daemons, so that a store inside another program never keeps that one alive.
    instance.awaitClosed();
    return SERVING;
  }

  private static void end(Instance instance) {
    LOG.warn("User requested shutdown...");
    instance.close();
    LOG.warn("Carnelian is now ready to exit, bye bye...");
    System.exit(0);
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
