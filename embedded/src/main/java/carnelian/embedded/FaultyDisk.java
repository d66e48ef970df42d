package carnelian.embedded;

import carnelian.persistence.log.Disk;
import carnelian.persistence.log.ForwardingDisk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/// A disk that is full, slow or broken when told so. Faults are switched by any thread, and concern
/// what is done from then on; a flush that is held up ends at once when slowness does.
final class FaultyDisk extends ForwardingDisk {
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private volatile long fsyncNanos;
  private volatile boolean failsFsync;
  private volatile boolean full;

  FaultyDisk(Disk disk) {
    super(disk);
  }

  void fsyncTakes(long nanos) {
    lock.lock();
    try {
      fsyncNanos = nanos;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  void failsFsync(boolean fails) {
    failsFsync = fails;
  }

  void full(boolean isFull) {
    full = isFull;
  }

  private void checkRoom(Path file) throws IOException {
    if (full) {
      throw new IOException(file + ": No space left on device");
    }
  }

  /// What a flush meets before it begins.
  private void beforeFsync(Path file) throws IOException {
    long nanos = fsyncNanos;
    if (nanos > 0) {
      holdUp(nanos);
    }
    if (failsFsync) {
      throw new IOException(file + ": Input/output error");
    }
  }

  private void holdUp(long nanos) {
    boolean interrupted = false;
    lock.lock();
    try {
      long left = nanos;
      while (left > 0 && fsyncNanos > 0) {
        try {
          left = changed.awaitNanos(left);
        } catch (InterruptedException _) {
          interrupted = true; // Told to whoever asks, once the flush has been made.
        }
      }
    } finally {
      lock.unlock();
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private final class FaultyFile extends File {
    private final Path path;

    FaultyFile(Appender file, Path path) {
      super(file);
      this.path = path;
    }

    @Override
    public void write(ByteBuffer source) throws IOException {
      checkRoom(path);
      super.write(source);
    }

    @Override
    public void fsync() throws IOException {
      beforeFsync(path);
      super.fsync();
    }
  }

  @Override
  public Appender append(Path file) throws IOException {
    return new FaultyFile(super.append(file), file);
  }

  @Override
  public Appender create(Path file) throws IOException {
    checkRoom(file);
    return new FaultyFile(super.create(file), file);
  }

  @Override
  public void fsyncDirectory(Path directory) throws IOException {
    beforeFsync(directory);
    super.fsyncDirectory(directory);
  }
}
