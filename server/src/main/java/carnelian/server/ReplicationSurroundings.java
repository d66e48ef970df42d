package carnelian.server;

import carnelian.base.RandomSource;
import carnelian.base.config.Config;
import carnelian.base.config.Directives;
import carnelian.base.config.ReplicaOf;
import carnelian.memory.BackgroundWork;
import carnelian.net.EventLoop;
import carnelian.replication.Surroundings;
import java.nio.file.Path;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/// The loop, threads and files that replication works with.
record ReplicationSurroundings(
    Config config, EventLoop loop, RandomSource random, @Nullable Runnable roleChanged)
    implements Surroundings {
  @Override
  public void onEngine(Runnable task) {
    try {
      loop.execute(task);
    } catch (RejectedExecutionException _) {
      // The loop has ended, and with it everything that the task is about.
    }
  }

  @Override
  public void later(long delayNanos, Runnable task) {
    loop.schedule(delayNanos, task);
  }

  @Override
  public void inBackground(Runnable work) {
    Thread.ofPlatform().name("replication").daemon().start(BackgroundWork.of(work));
  }

  @Override
  public void beside(Runnable work) {
    Thread.ofPlatform().name("primary-link").daemon().start(work);
  }

  @Override
  public void replicaOf(ReplicaOf primary) {
    config.replicaOf(primary);
    if (roleChanged != null) {
      roleChanged.run();
    }
  }

  @Override
  public String newMark() {
    return ReplicationIdentity.newId(random);
  }

  @Override
  public Path temporaryFile() {
    String name = "temp-repl-" + Long.toHexString(random.nextLong()) + ".rdb";
    return config.resolve(config.get(Directives.DBFILENAME)).resolveSibling(name);
  }
}
