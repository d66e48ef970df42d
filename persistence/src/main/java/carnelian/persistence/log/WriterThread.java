package carnelian.persistence.log;

import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/// Runs a writer's turns on a thread of their own, and the flushes that it need not wait for on
/// another.
final class WriterThread implements Log.Turns, Flush.Flusher {
  private static final long AWAIT_NANOS = TimeUnit.MICROSECONDS.toNanos(50);

  private final LogWriter writer;
  private final Thread thread;
  private final Thread flushThread;
  private volatile @Nullable Flush flush;
  private volatile boolean stopped;

  WriterThread(LogWriter writer, ThreadFactory threads) {
    this.writer = writer;
    flushThread = threads.newThread(this::runFlushes);
    flushThread.start();
    writer.flusher(this);
    thread = threads.newThread(this::run);
    thread.start();
  }

  private void run() {
    while (!stopped) {
      long nanos = writer.turn();
      if (nanos > 0 && !stopped) {
        LockSupport.parkNanos(this, nanos);
      }
    }
  }

  private void runFlushes() {
    while (!stopped) {
      Flush next = flush;
      if (next == null) {
        LockSupport.park(this);
      } else {
        flush = null;
        next.run();
        LockSupport.unpark(thread);
      }
    }
  }

  @Override
  public void start(Flush next) {
    flush = next;
    LockSupport.unpark(flushThread);
  }

  @Override
  public void await(Flush awaited) {
    while (!awaited.isDone()) {
      LockSupport.parkNanos(this, AWAIT_NANOS);
    }
  }

  @Override
  public void wake() {
    LockSupport.unpark(thread);
  }

  @Override
  public void await() {
    LockSupport.parkNanos(this, AWAIT_NANOS);
  }

  @Override
  public void stop() {
    stopped = true;
    join(thread);
    join(flushThread);
  }

  private static void join(Thread ending) {
    LockSupport.unpark(ending);
    boolean interrupted = false;
    while (ending.isAlive()) {
      try {
        ending.join();
      } catch (InterruptedException _) {
        interrupted = true; // Told to whoever asks, once the thread has ended.
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
