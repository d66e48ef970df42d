package carnelian.persistence.restore;

import carnelian.persistence.log.ForwardingDisk;
import carnelian.persistence.log.SystemDisk;
import java.io.IOException;
import java.nio.file.Path;

/// The file system of the machine, of which nothing may be changed: for who loads a log only to see
/// whether it loads.
public final class ReadOnlyDisk extends ForwardingDisk {
  public ReadOnlyDisk() {
    super(new SystemDisk());
  }

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
  public void createDirectory(Path directory) throws IOException {
    throw refusal(directory);
  }

  @Override
  public void fsyncDirectory(Path directory) throws IOException {
    throw refusal(directory);
  }
}
