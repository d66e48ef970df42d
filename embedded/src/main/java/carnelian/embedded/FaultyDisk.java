package carnelian.embedded;

import carnelian.persistence.log.Disk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/// A disk that is full, slow or broken when told so. Faults are switched by any thread, and concern
/// what is done from then on; a flush that is held up ends at once when slowness does.
final class FaultyDisk implements Disk {
  private final Disk disk;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private volatile long fsyncNanos;
  private volatile boolean failsFsync;
  private volatile boolean full;

  FaultyDisk(Disk disk) {
    this.disk = disk;
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

  private final class File implements Appender {
    private final Appender file;
    private final Path path;

    File(Appender file, Path path) {
      this.file = file;
      this.path = path;
    }

    @Override
    public void write(ByteBuffer source) throws IOException {
      checkRoom(path);
      file.write(source);
    }

    @Override
    public void fsync() throws IOException {
      beforeFsync(path);
      file.fsync();
    }

    @Override
    public long size() throws IOException {
      return file.size();
    }

    @Override
    public void truncate(long bytes) throws IOException {
      file.truncate(bytes);
    }

    @Override
    public void close() throws IOException {
      file.close();
    }
  }

  @Override
  public Appender append(Path file) throws IOException {
    return new File(disk.append(file), file);
  }

  @Override
  public Appender create(Path file) throws IOException {
    checkRoom(file);
    return new File(disk.create(file), file);
  }

  @Override
  public ReadableByteChannel read(Path file, long from) throws IOException {
    return disk.read(file, from);
  }

  @Override
  public boolean exists(Path file) {
    return disk.exists(file);
  }

  @Override
  public long size(Path file) throws IOException {
    return disk.size(file);
  }

  @Override
  public long modifiedMillis(Path file) throws IOException {
    return disk.modifiedMillis(file);
  }

  @Override
  public void truncate(Path file, long bytes) throws IOException {
    disk.truncate(file, bytes);
  }

  @Override
  public void refresh(Path file, long from) throws IOException {
    disk.refresh(file, from);
  }

  @Override
  public void rename(Path from, Path to) throws IOException {
    disk.rename(from, to);
  }

  @Override
  public void delete(Path file) throws IOException {
    disk.delete(file);
  }

  @Override
  public List<Path> list(Path directory) throws IOException {
    return disk.list(directory);
  }

  @Override
  public void createDirectory(Path directory) throws IOException {
    disk.createDirectory(directory);
  }

  @Override
  public void fsyncDirectory(Path directory) throws IOException {
    beforeFsync(directory);
    disk.fsyncDirectory(directory);
  }
}
