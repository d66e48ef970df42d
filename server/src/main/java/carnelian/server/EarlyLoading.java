package carnelian.server;

import carnelian.base.Clock;
import carnelian.base.RandomSource;
import carnelian.keyspace.Keyspace;
import carnelian.keyspace.KeyspaceOptions;
import carnelian.memory.Heap;
import carnelian.memory.HeapOptions;
import java.util.concurrent.atomic.AtomicBoolean;

/// The first start in a process loads some hundreds of classes, and links the calls into the C
/// library. Begun before the configuration is read, this does a third of that on a thread of its
/// own: it makes a small keyspace and gives it back, while the caller gets as far as a network.
public final class EarlyLoading implements AutoCloseable {
  /// Of the process, as what is loaded is.
  private static final AtomicBoolean DONE = new AtomicBoolean();

  private final Thread thread;

  private EarlyLoading(Thread thread) {
    this.thread = thread;
  }

  /// Does nothing from the second time on.
  public static EarlyLoading begin() {
    Thread thread = Thread.ofPlatform().daemon().name("loading").unstarted(EarlyLoading::load);
    if (!DONE.getAndSet(true)) {
      thread.start();
    }
    return new EarlyLoading(thread);
  }

  private static void load() {
    KeyspaceOptions options = new KeyspaceOptions(1, 0, 0);
    try (Heap heap = new Heap(HeapOptions.defaults());
        Keyspace keyspace = new Keyspace(heap, options, Clock.system(), RandomSource.seeded(0))) {
      var _ = keyspace.database(0).size();
    } catch (RuntimeException | Error _) {
      // The start meets it again.
    }
  }

  /// Waits until the thread has gone.
  @Override
  public void close() {
    boolean interrupted = false;
    while (true) {
      try {
        thread.join();
        break;
      } catch (InterruptedException _) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
