package carnelian.persistence.log;

import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/// Runs a writer's turns on a thread of their own.
final class WriterThread implements Log.Turns {
  private static final long AWAIT_NANOS = TimeUnit.MICROSECONDS.toNanos(50);

  private final LogWriter writer;
  private final Thread thread;
  private volatile boolean stopped;

  WriterThread(LogWriter writer, ThreadFactory threads) {
    this.writer = writer;
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
    LockSupport.unpark(thread);
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException _) {
        interrupted = true; // Told to whoever asks, once the writer has ended.
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
