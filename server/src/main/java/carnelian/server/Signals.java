package carnelian.server;

import carnelian.base.config.Config;
import carnelian.base.config.Directives;
import java.util.Locale;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sun.misc.Signal;

/// What the system's signals do, in place of what the JVM would do.
///
/// - SIGTERM and SIGINT ask for an orderly shutdown; a second SIGINT exits at once.
/// - SIGABRT writes to the log and dies, as a crash does.
/// - SIGHUP is ignored: a server outlives its terminal.
///
/// Thread: handlers run on a thread of the JVM; what they call must hand over to the engine.
public final class Signals {
  private static final Logger LOG = LoggerFactory.getLogger(Signals.class);

  private final ShutdownRequest shutdown;
  private final Config config;

  /// Told that the process shall end. `signal` is `SIGTERM` or `SIGINT`.
  public interface ShutdownRequest {
    /// Called on a thread of the JVM.
    void requested(String signal);

    /// Whether it was told and neither has given up nor was called off.
    boolean isRequested();

    /// Told when the process ends at once, although a shutdown goes on. Called on a thread of the
    /// JVM; the process ends when it returns.
    default void insisted() {}
  }

  private Signals(Config config, ShutdownRequest shutdown) {
    this.config = config;
    this.shutdown = shutdown;
  }

  /// Takes the signals over from the JVM.
  public static void handle(Config config, ShutdownRequest shutdown) {
    Signals signals = new Signals(config, shutdown);
    Signal.handle(new Signal("TERM"), signals::ends);
    Signal.handle(new Signal("INT"), signals::ends);
    Signal.handle(new Signal("HUP"), _ -> {});
    Signal.handle(new Signal("ABRT"), signals::crashes);
  }

  private void ends(Signal signal) {
    String name = "SIG" + signal.getName().toUpperCase(Locale.ROOT);
    if (shutdown.isRequested() && name.equals("SIGINT")) {
      LOG.warn("You insist... exiting now.");
      shutdown.insisted();
      Runtime.getRuntime().halt(1);
    }
    LOG.warn("Received {} scheduling shutdown...", name);
    shutdown.requested(name);
  }

  private void crashes(Signal signal) {
    if (config.get(Directives.CRASH_LOG_ENABLED)) {
      CrashReport.write("Carnelian crashed by signal: " + signal.getNumber());
    }
    Runtime.getRuntime().halt(128 + signal.getNumber());
  }
}
