package carnelian.server;

import carnelian.base.Clock;
import carnelian.base.RandomSource;
import carnelian.base.config.Config;
import carnelian.base.config.Directives;
import carnelian.base.config.InvalidValueException;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Connects the command line with the modules that do the work.
final class Wiring implements Main.Programs {
  private static final Logger LOG = LoggerFactory.getLogger(Wiring.class);

  @Override
  public int serve(Config config) {
    Banner.listening(config);
    Ending ending = new Ending();
    Instance instance = new Instance(config, Clock.system(), RandomSource.system(), ending);
    ending.instance = instance;
    try {
      instance.start();
    } catch (InvalidValueException e) {
      LOG.warn(
          "Failed listening on port {} ({}), aborting.",
          config.get(Directives.PORT),
          e.getMessage());
      return 1;
    }
    Signals.handle(config, _ -> ending.end());
    LOG.info("Server initialized");
    LOG.info("Ready to accept connections");
    // The loops are daemons, so that a store inside another program never keeps that one alive.
    instance.awaitClosed();
    return SERVING;
  }

  /// The end of the process, which begins once, whoever asks for it.
  private static final class Ending implements Shutdown {
    private final AtomicBoolean begun = new AtomicBoolean();
    private volatile @Nullable Instance instance;

    @Override
    public boolean begin(Request request) {
      if (request.saving() == Saving.ALWAYS && !request.force()) {
        LOG.warn("This build cannot save: not exiting. SHUTDOWN NOSAVE exits.");
        return false;
      }
      // Closing waits for the loop that this runs on.
      new Thread(this::end, "shutdown").start();
      return true;
    }

    /// An end that has begun waits for nothing.
    @Override
    public boolean abort() {
      return false;
    }

    /// Runs on any thread but the loops.
    void end() {
      if (!begun.compareAndSet(false, true)) {
        return;
      }
      LOG.warn("User requested shutdown...");
      Instance ended = instance;
      if (ended != null) {
        ended.close();
      }
      LOG.warn("Carnelian is now ready to exit, bye bye...");
      System.exit(0);
    }
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
