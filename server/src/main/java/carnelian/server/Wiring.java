package carnelian.server;

import carnelian.base.Clock;
import carnelian.base.OsError;
import carnelian.base.RandomSource;
import carnelian.base.config.Choices;
import carnelian.base.config.Config;
import carnelian.base.config.InvalidValueException;
import carnelian.persistence.log.LogLoadException;
import carnelian.persistence.rdb.RdbFormatException;
import carnelian.server.log.ServerLog;
import java.io.IOException;
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
    Ending ending = new Ending();
    Instance instance = new Instance(config, Clock.system(), RandomSource.system(), ending);
    ending.instance = instance;
    instance.ownProcess();
    Signals.handle(config, ending);
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

    @Override
    public boolean begin(Request request) {
      Instance ended = instance;
      try {
        if (ended != null && request.saving() != Saving.NEVER) {
          ended.saveOnLoop(request.saving() == Saving.ALWAYS);
        }
      } catch (IOException e) {
        LOG.warn("Error trying to save the DB, can't exit: {}", e.getMessage());
        if (!request.force()) {
          return false;
        }
      }
      ending = true;
      // Closing waits for the loop that this runs on.
      new Thread(this::close, "shutdown").start();
      return true;
    }

    /// What a signal has asked for can be taken back until the engine has seen it; an end that has
    /// begun waits for nothing.
    @Override
    public boolean abort() {
      if (ending || !asked.compareAndSet(true, false)) {
        return false;
      }
      LOG.warn("Shutdown manually aborted.");
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
      if (asked.get() && !ending) {
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
