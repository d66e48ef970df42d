package carnelian.persistence.log;

import carnelian.base.ManualClock;
import carnelian.base.config.Config;
import carnelian.base.config.Directives;
import carnelian.command.CommandFlag;
import carnelian.command.Declaration;
import carnelian.command.Group;
import carnelian.datatypes.KeyCommands;
import carnelian.datatypes.StringCommands;
import carnelian.engine.Command;
import carnelian.engine.transactions.TransactionCommands;
import carnelian.harness.TestClient;
import carnelian.harness.TestStore;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// One life of a store with a log on a simulated disk: the real engine, log, writer, rewrites and
/// loading; the writer's turns and the engine's tasks happen when the test says so.
final class SimulatedLog implements AutoCloseable {
  final TestStore store;
  final Config config;
  final Log log;
  final List<LogWriter> writers = new ArrayList<>();
  private final ArrayDeque<Runnable> tasks = new ArrayDeque<>();
  private final ManualFlushes flushes = new ManualFlushes();

  SimulatedLog(SimulatedDisk disk, Path directory, String... settings) throws Exception {
    store = TestStore.with(StringCommands.all(), KeyCommands.all());
    TestStore _ = store.and(new TransactionCommands(store.engine()).all());
    TestStore _ = store.and(List.of(select()));
    store.withoutFeed();
    config = new Config(directory.resolve("..").normalize());
    for (int i = 0; i < settings.length; i += 2) {
      config.set(List.of(new Config.Pair(settings[i], settings[i + 1])), Config.Caller.SERVER);
    }
    LogFiles files =
        new LogFiles(disk, directory, new LogNames(config.get(Directives.APPENDFILENAME)));
    log =
        new Log(
            store.engine(),
            config,
            files,
            writer -> {
              writers.add(writer);
              writer.flusher(flushes);
              return new ManualTurns(writer, store.clock());
            },
            AtOnce::new,
            null,
            tasks::add);
    store.engine().writeGuard(log);
  }

  private static Command select() {
    return Command.command(
        Declaration.declare("SELECT")
            .group(Group.CONNECTION)
            .since("1.0.0")
            .summary("Chooses the database.")
            .arity(2)
            .flags(CommandFlag.FAST),
        call -> {
          call.client().select(call.keyspace().database((int) call.integer(1)));
          call.reply().ok();
        });
  }

  /// A thread that has ended when it was started, so that a seed always does the same. A thread it
  /// is, because a cut is not read on the thread that made it.
  private static final class AtOnce extends Thread {
    AtOnce(Runnable work) {
      super(work, "rewrite");
    }

    @Override
    public void start() {
      super.start();
      while (isAlive()) {
        try {
          join();
        } catch (InterruptedException e) {
          throw new IllegalStateException(e);
        }
      }
    }
  }

  /// Flushes beside the writer end when the test says so, or when the writer waits for them.
  private static final class ManualFlushes implements Flush.Flusher {
    private @Nullable Flush running;

    @Override
    public void start(Flush flush) {
      running = flush;
    }

    @Override
    public void await(Flush flush) {
      if (!flush.isDone()) {
        flush.run();
      }
    }

    void end() {
      Flush flush = running;
      running = null;
      if (flush != null && !flush.isDone()) {
        flush.run();
      }
    }
  }

  private record ManualTurns(LogWriter writer, ManualClock clock) implements Log.Turns {
    @Override
    public void wake() {}

    @Override
    public void await() {
      clock.advance(1, TimeUnit.MILLISECONDS);
      long _ = writer.turn();
    }

    @Override
    public void stop() {}
  }

  /// Loads what is there and begins to log.
  void start() throws IOException {
    Recovered found;
    try (LogLoad load = new LogLoad(store.engine(), config, log)) {
      if (load.begin()) {
        while (load.step(512)) {
          // Until the end.
        }
        found = load.recovered();
      } else {
        found = new Recovered(log.position());
      }
    }
    log.open(found);
  }

  /// Ends a flush that runs beside the writer.
  void endFlush() {
    flushes.end();
  }

  void turn() {
    if (!writers.isEmpty()) {
      long _ = writers.getLast().turn();
    }
  }

  /// Runs what was asked of the engine's thread.
  void runTasks() {
    Runnable task;
    while ((task = tasks.poll()) != null) {
      task.run();
    }
  }

  /// Waits for the thread that writes a base.
  void awaitRewrite() {
    log.rewrites().awaitThread();
    runTasks();
  }

  String describe() {
    LogWriter writer = writers.getLast();
    return writer.state()
        + ", in hand: "
        + (writer.handed != null)
        + ", rewriting: "
        + log.figures().isRewriting();
  }

  @Nullable Object run(Object... words) {
    return store.run(words);
  }

  TestClient first() {
    return store.first();
  }

  String get(String key) {
    Object value = store.run("GET", key);
    return value == null ? "" : value.toString();
  }

  /// Ends without telling the disk anything.
  void drop() {
    log.abandon();
    store.engine().feed(null);
    store.engine().keyspace().flushAll();
    store.close();
  }

  @Override
  public void close() {
    log.close();
    runTasks();
    store.engine().keyspace().flushAll();
    store.close();
  }
}
