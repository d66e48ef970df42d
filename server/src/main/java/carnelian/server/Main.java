package carnelian.server;

import carnelian.base.Version;
import carnelian.base.config.Config;
import carnelian.base.config.ConfigException;
import carnelian.base.config.ConfigFile;
import carnelian.base.config.Directives;
import carnelian.server.log.ServerLog;
import carnelian.server.log.ServerLogProvider;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The program: understands the command line, reads the configuration, opens the log, and hands
/// over to what serves or checks. It must not know how either is done.
public final class Main {
  private static final int FAILED = 1;
  private static final String LOG_PROVIDER = "slf4j.provider";

  private final PrintStream out;
  private final PrintStream err;
  private final InputStream in;
  private final Programs programs;

  /// What the program can do once the configuration is known. Each returns an exit code, or
  /// [#SERVING] if threads go on.
  interface Programs {
    /// Threads serve; the process ends when they say so.
    int SERVING = -1;

    /// Starts to serve.
    int serve(Config config);

    /// Checks a snapshot file, and says on standard output what is in it or wrong with it.
    int checkRdb(Path file);

    /// Checks an append-only file, and asks on standard output before it changes one.
    int checkAof(CommandLine.CheckAof wanted);

    /// Builds a data directory as of some moment.
    int restore(CommandLine.Restore wanted);

    /// Copies a log.
    int backup(CommandLine.Backup wanted);

    /// Proves that a backup loads.
    int verify(CommandLine.Verify wanted);

    /// Does everything once that a start and the first commands need, then ends.
    int train(Config config);
  }

  Main(PrintStream out, PrintStream err, InputStream in, Programs programs) {
    this.out = out;
    this.err = err;
    this.in = in;
    this.programs = programs;
  }

  /// `carnelian WORDS`.
  public static void main(String[] words) {
    // Before anybody logs. Not by a service file: a program that holds a store has a log of its
    // own.
    if (System.getProperty(LOG_PROVIDER) == null) {
      System.setProperty(LOG_PROVIDER, ServerLogProvider.class.getName());
      System.setProperty("slf4j.internal.verbosity", "WARN");
    }
    Thread.setDefaultUncaughtExceptionHandler((_, fault) -> CrashReport.die(fault, null));
    int code = new Main(System.out, System.err, System.in, new Wiring()).run(List.of(words));
    if (code != Programs.SERVING) {
      System.exit(code);
    }
  }

  int run(List<String> words) {
    return switch (CommandLine.parse(words)) {
      case CommandLine.Serve serve -> serve(serve);
      case CommandLine.CheckRdb check -> programs.checkRdb(check.file());
      case CommandLine.CheckAof wanted -> programs.checkAof(wanted);
      case CommandLine.Restore wanted -> programs.restore(wanted);
      case CommandLine.Backup wanted -> programs.backup(wanted);
      case CommandLine.Verify wanted -> programs.verify(wanted);
      case CommandLine.Train _ -> programs.train(new Config(workingDirectory()));
      case CommandLine.ShowVersion _ -> {
        // Scripts look for `v=` and take what follows for the version of Redis.
        out.printf(
            "Redis server v=%s sha=00000000:0 malloc=carnelian bits=64 build=carnelian-%s%n",
            Version.REDIS, Version.CARNELIAN);
        yield 0;
      }
      case CommandLine.ShowHelp _ -> {
        out.print(HELP);
        yield 0;
      }
      case CommandLine.Refused refused -> {
        err.println(refused.reason());
        yield FAILED;
      }
    };
  }

  private int serve(CommandLine.Serve wanted) {
    Config config = new Config(workingDirectory());
    boolean configured =
        wanted.file() != null || wanted.standardInput() || !wanted.options().isEmpty();
    try {
      ConfigFile.read(config, wanted.file(), wanted.standardInput() ? in : null, wanted.options());
    } catch (ConfigException e) {
      err.print(e.report());
      return FAILED;
    }
    openLog(config);
    Banner.starting(configured);
    if (!config.get(Directives.LOADMODULE).isEmpty()) {
      String path = config.get(Directives.LOADMODULE).getFirst().getFirst();
      Logger log = LoggerFactory.getLogger(Main.class);
      log.warn("Module {} failed to load: Carnelian has no modules", path);
      log.warn("Can't load module from {}: server aborting", path);
      return FAILED;
    }
    return programs.serve(config);
  }

  private static void openLog(Config config) {
    ServerLog log = ServerLog.ofProcess();
    log.level(config.get(Directives.LOGLEVEL));
    log.file(config.path(Directives.LOGFILE));
    config.onChange(Directives.LOGLEVEL, log::level);
  }

  private static Path workingDirectory() {
    return Path.of("").toAbsolutePath();
  }

  private static final String HELP =
      """
      Usage: ./carnelian                            serve carnelian.conf
             ./carnelian server [FILE | -] [--directive value ...] [-]
             ./carnelian check-rdb FILE             check a snapshot without a server
             ./carnelian check-aof [--fix] [--truncate-to-timestamp T] FILE|MANIFEST|DIR
             ./carnelian backup --from HOST:PORT|DIR --into EMPTY [--incremental-from BACKUP]
             ./carnelian restore --dir DIR --to TIME|--offset N --into EMPTY
             ./carnelian verify DIR                 prove that a backup or a log loads
             ./carnelian --version
             ./carnelian --help

      FILE is a configuration as redis-server reads it; - reads it from standard input.
      Each directive may be given as an option too, and the last one holds:

             ./carnelian server --port 7777 --save "60 1000"
             ./carnelian server /etc/carnelian.conf --maxmemory 2gb
             echo 'maxmemory 128mb' | ./carnelian server -
      """;
}
