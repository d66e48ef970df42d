package carnelian.persistence.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.nio.file.Path;
import java.util.List;

/// A disk that does what another one does, for those that change some of it.
public abstract class ForwardingDisk implements Disk {
  private final Disk disk;

  protected ForwardingDisk(Disk disk) {
    this.disk = disk;
  }

  /// An open file that does what another one does.
  public abstract static class File implements Appender {
    private final Appender file;

    protected File(Appender file) {
      this.file = file;
    }

    @Override
    public void write(ByteBuffer source) throws IOException {
      file.write(source);
    }

    @Override
    public void fsync() throws IOException {
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
    return disk.append(file);
  }

  @Override
  public Appender create(Path file) throws IOException {
    return disk.create(file);
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
    disk.fsyncDirectory(directory);
  }
}
