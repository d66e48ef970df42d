package carnelian.server;

import carnelian.base.Clock;
import carnelian.base.RandomSource;
import carnelian.datatypes.DataTypes;
import carnelian.engine.acl.Acl;
import carnelian.engine.diagnosis.Diagnosis;
import carnelian.engine.pubsub.PubSub;
import carnelian.engine.tracking.Tracking;
import carnelian.keyspace.Keyspace;
import carnelian.keyspace.KeyspaceOptions;
import carnelian.memory.Heap;
import carnelian.memory.HeapOptions;
import carnelian.net.Transport;
import carnelian.persistence.log.Log;
import carnelian.persistence.log.LogFiles;
import carnelian.persistence.snapshot.Snapshots;
import carnelian.replication.Replication;
import carnelian.resp.RequestParser;
import carnelian.scripting.Scripting;
import java.util.concurrent.atomic.AtomicBoolean;

/// The first start in a process loads some hundreds of classes, and links the calls into the C
/// library. Begun before the configuration is read, this does half of that on a thread of its own.
/// It makes a small keyspace and gives it back, while the caller gets as far as a network. Then,
/// while the engine's thread makes everything from the first to the last, it loads from the last to
/// the first.
public final class EarlyLoading implements Runnable, AutoCloseable {
  /// Of the process, as what is loaded is.
  private static final AtomicBoolean DONE = new AtomicBoolean();

  private final Thread thread = Thread.ofPlatform().daemon().name("loading").unstarted(this);

  /// The start is over: there is nothing to do early.
  private volatile boolean isOver;

  private EarlyLoading() {}

  /// Does nothing from the second time on.
  public static EarlyLoading begin() {
    EarlyLoading made = new EarlyLoading();
    if (!DONE.getAndSet(true)) {
      made.thread.start();
    }
    return made;
  }

  @Override
  public void run() {
    try {
      makeKeyspace();
      Transport.choose(Instance.HOSTED_TRANSPORT).transport().rehearseListening();
      Class<?>[] later = later();
      for (int i = 0; i < later.length && !isOver; i++) {
        // For this HotSpot links a class and leaves it uninitialised: no two threads can wait for
        // each other's classes.
        var _ = later[i].getDeclaredConstructors();
      }
    } catch (RuntimeException | Error _) {
      // The start meets it again.
    }
  }

  private static void makeKeyspace() {
    KeyspaceOptions options = new KeyspaceOptions(1, 0, 0);
    try (Heap heap = new Heap(HeapOptions.defaults());
        Keyspace keyspace = new Keyspace(heap, options, Clock.system(), RandomSource.seeded(0))) {
      var _ = keyspace.database(0).size();
    }
  }

  /// What [Instance] makes, from its end on. Not a constant: to name a class is to load it.
  private static Class<?>[] later() {
    return new Class<?>[] {
      DelayWatch.class,
      ServerFamilies.class,
      DataTypes.class,
      Settings.class,
      LocalClients.class,
      Scripting.class,
      Gateway.class,
      ClientMemory.class,
      MemoryWatch.class,
      RequestParser.class,
      Replication.class,
      ReplicationSurroundings.class,
      Log.class,
      LogFiles.class,
      Durability.class,
      Snapshots.class,
      Diagnosis.class,
      Tracking.class,
      Acl.class,
      PubSub.class
    };
  }

  /// Waits until the thread has gone.
  @Override
  public void close() {
    isOver = true;
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
