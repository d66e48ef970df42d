package carnelian.server;

import carnelian.base.Version;
import carnelian.base.config.Config;
import carnelian.base.config.Directives;
import carnelian.server.log.ServerLog;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The first lines of the log. Scripts wait for some of them, so they keep Redis's words.
final class Banner {
  private static final Logger LOG = LoggerFactory.getLogger(Banner.class);

  private Banner() {}

  /// The process is there.
  static void starting(boolean configured) {
    LOG.warn("oO0OoO0OoO0Oo Carnelian is starting oO0OoO0OoO0Oo");
    LOG.warn(
        "Carnelian version={}, Redis version={}, bits=64, pid={}, just started",
        Version.CARNELIAN,
        Version.REDIS,
        ProcessHandle.current().pid());
    if (configured) {
      LOG.warn("Configuration loaded");
    } else {
      LOG.warn(
          "Warning: no config file specified, using the default config. In order to specify a config"
              + " file use ./carnelian server /path/to/carnelian.conf");
    }
  }

  /// Whether standard output is a terminal. `System.console()` would load a line editor to say so.
  private static boolean isTerminal() {
    try {
      String target = Files.readSymbolicLink(Path.of("/proc/self/fd/1")).toString();
      return target.startsWith("/dev/pts/") || target.startsWith("/dev/tty");
    } catch (IOException _) { // Not Linux, or no /proc: then there is only the plain line.
      return false;
    }
  }

  /// It is about to listen: the logo, or a line in its place when the log is no terminal.
  static void listening(Config config) {
    boolean terminal = config.get(Directives.LOGFILE).isEmpty() && isTerminal();
    if (!terminal && !config.get(Directives.ALWAYS_SHOW_LOGO)) {
      LOG.info("Running mode=standalone, port={}.", config.get(Directives.PORT));
      return;
    }
    ServerLog.ofProcess()
        .raw(
            """

                  ____
                 /\\  /\\       Carnelian %s, speaks Redis %s
                /  \\/  \\
                \\  /\\  /      Running in standalone mode
                 \\/  \\/       Port: %d
                  \\__/        PID: %d

            """
                .formatted(
                    Version.CARNELIAN,
                    Version.REDIS,
                    config.get(Directives.PORT),
                    ProcessHandle.current().pid()));
  }
}
