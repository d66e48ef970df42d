package carnelian.server;

import java.util.Locale;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sun.misc.Signal;

/// What the system's signals do, in place of what the JVM would do.
///
/// - SIGTERM and SIGINT ask for an orderly shutdown; a second SIGINT exits at once.
/// - SIGABRT writes a report to the log and dies of it: a watchdog sends it to a server that hangs.
/// - SIGHUP is ignored: a server outlives its terminal.
///
/// Thread: handlers run on a thread of the JVM; what they call must hand over to the engine.
public final class Signals {
  private static final Logger LOG = LoggerFactory.getLogger(Signals.class);

  private final ShutdownRequest shutdown;

  /// Told that the process shall end. `signal` is `SIGTERM` or `SIGINT`.
  public interface ShutdownRequest {
    /// Called on a thread of the JVM.
    void requested(String signal);

    /// Whether it was told and neither has given up nor was called off.
    boolean isRequested();

    /// Told when the process ends at once, although a shutdown goes on. Called on a thread of the
    /// JVM; the process ends when it returns.
    default void insisted() {}

    /// A signal says that the process has failed: it leaves a report, unless `crash-log-enabled` is
    /// off, and dies. Called on a thread of the JVM, while the engine may hang.
    void crashed(int signal);
  }

  private Signals(ShutdownRequest shutdown) {
    this.shutdown = shutdown;
  }

  /// Takes the signals over from the JVM.
  public static void handle(ShutdownRequest shutdown) {
    Signals signals = new Signals(shutdown);
    Signal.handle(new Signal("TERM"), signals::ends);
    Signal.handle(new Signal("INT"), signals::ends);
    Signal.handle(new Signal("HUP"), _ -> {});
    Signal.handle(new Signal("ABRT"), signal -> shutdown.crashed(signal.getNumber()));
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
}
