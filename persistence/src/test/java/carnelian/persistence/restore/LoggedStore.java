package carnelian.persistence.restore;

import carnelian.base.config.Config;
import carnelian.command.CommandFlag;
import carnelian.command.Declaration;
import carnelian.command.Group;
import carnelian.datatypes.HashCommands;
import carnelian.datatypes.KeyCommands;
import carnelian.datatypes.ListCommands;
import carnelian.datatypes.StringCommands;
import carnelian.datatypes.StringCounterCommands;
import carnelian.engine.Command;
import carnelian.engine.transactions.TransactionCommands;
import carnelian.harness.TestStore;
import carnelian.persistence.log.Disk;
import carnelian.persistence.log.Log;
import carnelian.persistence.log.LogLoad;
import carnelian.persistence.log.Recovered;
import carnelian.persistence.log.SystemDisk;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/// A store whose writes are logged to files by the real threads; its clock is moved by the test.
final class LoggedStore implements AutoCloseable {
  final TestStore store;
  final Log log;
  private final ConcurrentLinkedQueue<Runnable> tasks = new ConcurrentLinkedQueue<>();

  private LoggedStore(Disk disk, Path directory, String... settings) throws Exception {
    store =
        TestStore.with(
            StringCommands.all(),
            StringCounterCommands.all(),
            KeyCommands.all(),
            HashCommands.all(),
            ListCommands.all());
    TestStore _ = store.and(new TransactionCommands(store.engine()).all());
    TestStore _ = store.and(List.of(select()));
    store.withoutFeed();
    Config config = new Config(directory);
    for (int i = 0; i < settings.length; i += 2) {
      config.set(List.of(new Config.Pair(settings[i], settings[i + 1])), Config.Caller.SERVER);
    }
    log = Log.of(store.engine(), config, disk, Thread.ofPlatform().daemon().factory(), tasks::add);
    TestStore _ = store.and(log.commands());
    store.engine().writeGuard(log);
    Recovered found;
    try (LogLoad load = new LogLoad(store.engine(), config, log)) {
      if (load.begin()) {
        while (load.step(Long.MAX_VALUE)) {
          // Until the end.
        }
        found = load.recovered();
      } else {
        found = new Recovered(log.position());
      }
    }
    log.open(found);
  }

  /// Loads what is there and begins to log.
  static LoggedStore open(Path directory, String... settings) throws Exception {
    return new LoggedStore(new SystemDisk(), directory, settings);
  }

  /// On a disk of the test's own.
  static LoggedStore on(Disk disk, Path directory, String... settings) throws Exception {
    return new LoggedStore(disk, directory, settings);
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

  @Nullable Object run(Object... words) {
    Object reply = store.run(words);
    runTasks();
    return reply;
  }

  void runTasks() {
    Runnable task;
    while ((task = tasks.poll()) != null) {
      task.run();
    }
  }

  /// Everything so far is on disk.
  void flush() throws IOException {
    runTasks();
    log.flush();
    runTasks();
  }

  /// Rewrites the log and waits for that.
  void rewrite() {
    Object _ = run("BGREWRITEAOF");
    while (log.figures().isRewriting() || log.figures().isRewriteScheduled()) {
      log.cron();
      runTasks();
      store.clock().advance(10, TimeUnit.MILLISECONDS);
      LockSupport.parkNanos(TimeUnit.MICROSECONDS.toNanos(200));
    }
  }

  @Override
  public void close() {
    log.close();
    runTasks();
    store.engine().keyspace().flushAll();
    store.close();
  }
}
