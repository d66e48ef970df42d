package carnelian.persistence.restore;

import carnelian.persistence.log.Disk;
import carnelian.persistence.log.SystemDisk;
import java.io.IOException;
import java.nio.channels.ReadableByteChannel;
import java.nio.file.Path;
import java.util.List;

/// The file system of the machine, of which nothing may be changed: for who loads a log only to see
/// whether it loads.
public final class ReadOnlyDisk implements Disk {
  private final Disk disk = new SystemDisk();

  public ReadOnlyDisk() {}

  private static IOException refusal(Path file) {
    return new IOException(file + ": to load it, it would have to be changed");
  }

  @Override
  public Appender append(Path file) throws IOException {
    throw refusal(file);
  }

  @Override
  public Appender create(Path file) throws IOException {
    throw refusal(file);
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
    throw refusal(file);
  }

  @Override
  public void refresh(Path file, long from) throws IOException {
    throw refusal(file);
  }

  @Override
  public void rename(Path from, Path to) throws IOException {
    throw refusal(from);
  }

  @Override
  public void delete(Path file) throws IOException {
    throw refusal(file);
  }

  @Override
  public List<Path> list(Path directory) throws IOException {
    return disk.list(directory);
  }

  @Override
  public void createDirectory(Path directory) throws IOException {
    throw refusal(directory);
  }

  @Override
  public void fsyncDirectory(Path directory) throws IOException {
    throw refusal(directory);
  }
}
