package carnelian.persistence.log;

import carnelian.base.config.Config;
import carnelian.base.config.Directives;
import carnelian.engine.Engine;
import carnelian.persistence.rdb.RdbInput;
import carnelian.persistence.rdb.RdbLoader;
import java.io.IOException;
import java.nio.channels.ReadableByteChannel;
import java.nio.file.Path;

/// An RDB file, or the RDB part of a file, that a log begins with, on its way into the keyspace.
final class BaseLoad implements AutoCloseable {
  private final Path path;
  private final ReadableByteChannel channel;
  private final RdbInput in;
  private final RdbLoader loader;

  BaseLoad(Engine engine, Config config, Path path, Disk disk) throws IOException {
    this.path = path;
    channel = disk.read(path, 0);
    in = new RdbInput(path.toString(), channel);
    // Keys whose time has come stay: commands that follow may be about them.
    loader =
        new RdbLoader(
            in,
            engine.keyspace(),
            RdbLoader.Expired.KEEP,
            disk.size(path),
            config.get(Directives.RDBCHECKSUM));
  }

  /// Loads about so many bytes; false if that was everything.
  boolean step(long bytes) throws IOException {
    return loader.step(bytes);
  }

  Path path() {
    return path;
  }

  RdbLoader loader() {
    return loader;
  }

  /// Bytes of the file read so far; at the end, where the RDB part ends.
  long loadedBytes() {
    return in.offset();
  }

  @Override
  public void close() throws IOException {
    loader.close();
    in.close();
    channel.close();
  }
}
