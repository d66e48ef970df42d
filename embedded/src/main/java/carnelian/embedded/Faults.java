package carnelian.embedded;

import carnelian.net.EventLoop;
import carnelian.net.RequestHandler;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// What goes wrong in one store, while it runs, for tests of programs that must bear it. Each fault
/// is on from the moment its method returns, until it is switched off.
///
/// Those of the disk concern the log and snapshots of a store that has a directory; those of
/// connections concern sockets, not the program's own commands. Durations are the machine's, also
/// where the store's clock stands still.
///
/// Any thread but the engine's. Methods throw [IllegalStateException] if the store is closed.
public final class Faults {
  private final EventLoop loop;
  private final FaultyDisk disk;
  private @Nullable FaultyNetwork network;

  Faults(EventLoop loop, FaultyDisk disk) {
    this.loop = loop;
    this.disk = disk;
  }

  RequestHandler between(RequestHandler handler) {
    FaultyNetwork made = new FaultyNetwork(handler, loop);
    network = made;
    return made;
  }

  // ---- The disk --------------------------------------------------------------------------------

  /// Every flush to disk takes so much longer; with `appendfsync always` replies to writes wait for
  /// it. [Duration#ZERO] ends it, also for flushes that are held up.
  public void slowFsync(Duration delay) {
    disk.fsyncTakes(checked(delay));
  }

  /// Every flush to disk fails, as that of a broken disk does. Under `appendfsync always` nobody is
  /// told of a write that is not on disk: replies wait until flushes work again, and all data has
  /// been written anew.
  public void failFsync(boolean on) {
    disk.failsFsync(on);
  }

  /// Nothing more can be written: what is there stays. Writes are refused with `MISCONF` soon.
  public void diskFull(boolean on) {
    disk.full(on);
  }

  // ---- Connections -----------------------------------------------------------------------------

  /// Closes all connections at once, without what was not sent yet; returns how many. Clients may
  /// connect again.
  public int dropConnections() {
    return onLoop(() -> network().dropAll());
  }

  /// Closes every new connection before it is answered; those that are there stay. The port is
  /// still listened on, so that a client sees its connection end, not its being refused.
  public void refuseConnections(boolean on) {
    onLoop(
        () -> {
          network().refuses(on);
          return 0;
        });
  }

  /// Closes each connection when it has got so many replies from now on; 0 ends it.
  public void closeAfterReplies(int count) {
    if (count < 0) {
      throw new IllegalArgumentException("count: " + count + " (expected: 0 or more)");
    }
    onLoop(
        () -> {
          network().mostReplies(count);
          return 0;
        });
  }

  /// What a client sends waits so long before it is executed; commands that come together wait
  /// once. [Duration#ZERO] ends it for what comes then.
  public void delayReplies(Duration delay) {
    long nanos = checked(delay);
    onLoop(
        () -> {
          network().delay(nanos);
          return 0;
        });
  }

  /// Switches everything off.
  public void clear() {
    failFsync(false);
    diskFull(false);
    endSlowness();
    refuseConnections(false);
    closeAfterReplies(0);
    delayReplies(Duration.ZERO);
  }

  /// Flushes that are held up end now. Also of a store that is closed.
  void endSlowness() {
    disk.fsyncTakes(0);
  }

  private static long checked(Duration delay) {
    if (delay.isNegative()) {
      throw new IllegalArgumentException("delay: " + delay + " (expected: 0 or more)");
    }
    return delay.toNanos();
  }

  private FaultyNetwork network() {
    if (network == null) {
      throw new IllegalStateException("not started");
    }
    return network;
  }

  private int onLoop(Supplier<Integer> step) {
    CompletableFuture<Integer> done = new CompletableFuture<>();
    try {
      loop.execute(
          () -> {
            try {
              done.complete(step.get());
            } catch (RuntimeException e) {
              done.completeExceptionally(e);
            }
          });
      return done.join();
    } catch (RejectedExecutionException e) {
      throw new IllegalStateException("the store is closed", e);
    } catch (CompletionException e) {
      throw new IllegalStateException(e.getCause());
    }
  }
}
