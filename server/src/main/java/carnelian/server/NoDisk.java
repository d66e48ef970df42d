package carnelian.server;

import carnelian.persistence.log.Disk;
import java.io.IOException;
import java.nio.channels.ReadableByteChannel;
import java.nio.file.Path;
import java.util.List;

/// The disk of a store that has no directory: nothing is there, and nothing can be.
final class NoDisk implements Disk {
  private static IOException none(Path file) {
    return new IOException(file + ": the store has no data directory");
  }

  @Override
  public Appender append(Path file) throws IOException {
    throw none(file);
  }

  @Override
  public Appender create(Path file) throws IOException {
    throw none(file);
  }

  @Override
  public ReadableByteChannel read(Path file, long from) throws IOException {
    throw none(file);
  }

  @Override
  public boolean exists(Path file) {
    return false;
  }

  @Override
  public long size(Path file) throws IOException {
    throw none(file);
  }

  @Override
  public long modifiedMillis(Path file) throws IOException {
    throw none(file);
  }

  @Override
  public void truncate(Path file, long bytes) throws IOException {
    throw none(file);
  }

  @Override
  public void refresh(Path file, long from) throws IOException {
    throw none(file);
  }

  @Override
  public void rename(Path from, Path to) throws IOException {
    throw none(from);
  }

  @Override
  public void delete(Path file) {}

  @Override
  public List<Path> list(Path directory) {
    return List.of();
  }

  @Override
  public void createDirectory(Path directory) throws IOException {
    throw none(directory);
  }

  @Override
  public void fsyncDirectory(Path directory) throws IOException {
    throw none(directory);
  }
}
