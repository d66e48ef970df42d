package carnelian.server;

import carnelian.base.Clock;
import carnelian.base.OsError;
import carnelian.base.RandomSource;
import carnelian.base.Version;
import carnelian.base.config.Choices;
import carnelian.base.config.Config;
import carnelian.base.config.Directives;
import carnelian.base.config.InvalidValueException;
import carnelian.persistence.log.LogLoadException;
import carnelian.persistence.rdb.RdbFormatException;
import carnelian.server.log.ServerLog;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Connects the command line with the modules that do the work.
final class Wiring implements Main.Programs {
  private static final Logger LOG = LoggerFactory.getLogger(Wiring.class);

  @Override
  public int serve(Config config) {
    Ending ending = new Ending();
    Instance instance = new Instance(config, Clock.system(), RandomSource.system(), ending);
    ending.instance = instance;
    instance.ownProcess();
    Signals.handle(ending);
    Thread.setDefaultUncaughtExceptionHandler((_, fault) -> ending.die(fault));
    try {
      instance.start(
          () -> {
            // Scripts take this for the sign that they can connect.
            Banner.listening(config);
            LOG.info("Server initialized");
          });
      instance.awaitLoaded();
    } catch (InvalidValueException e) {
      LOG.warn("{}, aborting.", e.getMessage());
      instance.close();
      return 1;
    } catch (RdbFormatException e) {
      LOG.warn("Fatal error loading the DB: {}", e.getMessage());
      LOG.warn("Terminating server after rdb file reading failure.");
      instance.close();
      return 1;
    } catch (LogLoadException _) {
      // It has said why, in the line that operators and scripts look for: the last one.
      instance.close();
      return 1;
    } catch (IOException e) {
      instance.close();
      LOG.warn("Fatal error loading the DB: {}. Exiting.", OsError.text(e));
      return 1;
    }
    LOG.info("Ready to accept connections");
    // The loops are daemons, so that a store inside another program never keeps that one alive.
    instance.awaitClosed();
    return SERVING;
  }

  /// The end of the process, which begins once, whoever asks for it.
  private static final class Ending implements Shutdown, Signals.ShutdownRequest {
    private final AtomicBoolean begun = new AtomicBoolean();

    /// A signal has asked for the end.
    private final AtomicBoolean asked = new AtomicBoolean();

    private volatile @Nullable Instance instance;
    private volatile boolean ending;
    private Runnable givenUp = () -> {};

    /// What waits for replicas, until when; null: nothing does. On the loop.
    private @Nullable Request waiting;

    private long deadlineNanos;

    @Override
    public boolean begin(Request request) {
      Instance ended = instance;
      if (waiting == null && ended != null && waitsForReplicas(ended, request)) {
        ended.holdWrites();
        LOG.info("Waiting for replicas before shutting down.");
        waiting = request;
        long seconds = ended.config().get(Directives.SHUTDOWN_TIMEOUT);
        deadlineNanos = ended.clock().monotonicNanos() + TimeUnit.SECONDS.toNanos(seconds);
        return true;
      }
      return (waiting != null && !request.now()) || finish(request);
    }

    private static boolean waitsForReplicas(Instance ended, Request request) {
      return !request.now()
          && ended.config().get(Directives.SHUTDOWN_TIMEOUT) > 0
          && !ended.replicasCaughtUp();
    }

    private boolean finish(Request request) {
      Instance ended = instance;
      waiting = null;
      if (ended != null) {
        ended.reportLag();
        if (!ended.saveBeforeEnd(request)) {
          return false;
        }
      }
      ending = true;
      // Closing waits for the loop that this runs on. That is a daemon, and what it starts would be
      // one, too: then the process could end with the main thread, before the last words.
      Thread end = new Thread(this::close, "shutdown");
      end.setDaemon(false);
      end.start();
      return true;
    }

    @Override
    public long millisLeft() {
      Instance ended = instance;
      if (waiting == null || ended == null) {
        return -1;
      }
      long left = deadlineNanos - ended.clock().monotonicNanos();
      return Math.max(0, TimeUnit.NANOSECONDS.toMillis(left));
    }

    @Override
    public void onGivenUp(Runnable listener) {
      givenUp = listener;
    }

    private void giveUp() {
      waiting = null;
      asked.set(false);
      Instance ended = instance;
      if (ended != null) {
        ended.letWrite();
      }
      givenUp.run();
    }

    /// What a signal has asked for can be taken back until the engine has seen it, and what waits
    /// for replicas; an end that has begun waits for nothing.
    @Override
    public boolean abort() {
      if (ending || (waiting == null && !asked.get())) {
        return false;
      }
      LOG.warn("Shutdown manually aborted.");
      if (waiting != null) {
        giveUp();
      }
      asked.set(false);
      return true;
    }

    /// The engine begins it, as in Redis: what it does at the moment is done first.
    @Override
    public void requested(String signal) {
      Instance ended = instance;
      if (ended == null || !ended.isMade()) {
        close();
        return;
      }
      asked.set(true);
      ended.stopScript();
    }

    @Override
    public boolean isRequested() {
      return asked.get();
    }

    @Override
    public void poll() {
      Request present = waiting;
      Instance ended = instance;
      if (present != null && ended != null) {
        if ((millisLeft() == 0 || ended.replicasCaughtUp()) && !finish(present)) {
          LOG.warn("Errors trying to shut down the server. Check the logs for more information.");
          giveUp();
        }
      } else if (asked.get() && !ending) {
        LOG.warn("User requested shutdown...");
        if (!begin(new Request(Saving.AS_CONFIGURED, false, false))) {
          LOG.warn("SIGTERM received but errors trying to shut down the server");
          asked.set(false);
        }
      }
    }

    @Override
    public void insisted() {
      Instance ended = instance;
      if (ended != null) {
        ended.removeTemporaryFile();
      }
    }

    @Override
    public void crashed(int signal) {
      Instance failed = instance;
      boolean report = failed == null || failed.config().get(Directives.CRASH_LOG_ENABLED);
      String reason = "Carnelian " + Version.CARNELIAN + " crashed by signal: " + signal;
      dieBySignal(signal, reason, report);
    }

    @Override
    public void dieBySignal(int signal, String reason, boolean report) {
      CrashReport.dieBySignal(signal, reason, report, lastWords());
    }

    @Override
    public void die(Throwable fault) {
      CrashReport.die(fault, lastWords());
    }

    private @Nullable LastWords lastWords() {
      Instance failed = instance;
      return failed == null ? null : failed.lastWords();
    }

    private void close() {
      if (!begun.compareAndSet(false, true)) {
        return;
      }
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
    return new RdbCheck(Clock.system(), RandomSource.system()).report(file, System.out);
  }

  private static LogTools logTools() {
    // What loading says is for a server's log; the tools say what matters.
    ServerLog.ofProcess().level(Choices.LogLevel.WARNING);
    return new LogTools(Clock.system(), RandomSource.system(), System.out, System.err);
  }

  @Override
  public int checkAof(CommandLine.CheckAof wanted) {
    return logTools().checkAof(wanted, System.in);
  }

  @Override
  public int restore(CommandLine.Restore wanted) {
    return logTools().restore(wanted);
  }

  @Override
  public int backup(CommandLine.Backup wanted) {
    return logTools().backup(wanted);
  }

  @Override
  public int verify(CommandLine.Verify wanted) {
    return logTools().verify(wanted);
  }

  @Override
  public int train(Config config) {
    return Training.run(config);
  }
}
