package carnelian.persistence.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.nio.file.Path;
import java.util.List;

/// Port: the file system, as far as the log uses it, so that a simulation can lose what was not
/// flushed, tear writes, fail and fill up.
///
/// Blocks. Any thread, but one thread per open file; it may be flushed on another meanwhile.
public interface Disk {
  /// A file that bytes are added to.
  interface Appender extends AutoCloseable {
    /// Adds what the buffer has left to the end, all of it. After a failure some may have been
    /// added.
    void write(ByteBuffer source) throws IOException;

    /// Waits until everything written is on disk. After a failure what was written since the last
    /// success may be lost for good, whatever a second call says.
    void fsync() throws IOException;

    /// The file's length.
    long size() throws IOException;

    /// Cuts the file to so many bytes.
    void truncate(long bytes) throws IOException;

    @Override
    void close() throws IOException;
  }

  /// Opens a file for appending; makes it if there is none.
  Appender append(Path file) throws IOException;

  /// Makes an empty file, in place of one that is there.
  Appender create(Path file) throws IOException;

  /// Opens a file for reading from a place on.
  ReadableByteChannel read(Path file, long from) throws IOException;

  /// Whether there is a file or a directory.
  boolean exists(Path file);

  long size(Path file) throws IOException;

  /// When a file was last written to, in Unix ms.
  long modifiedMillis(Path file) throws IOException;

  /// Cuts a file, and waits until that is on disk.
  void truncate(Path file, long bytes) throws IOException;

  /// Writes a file's bytes from a place on once more, as they are, and waits until they are on
  /// disk. After a flush has failed in an earlier process, the kernel may show bytes that it has
  /// given up, and flush them with success; written again they are its business again.
  void refresh(Path file, long from) throws IOException;

  /// Gives a file another name, in place of one that has it: at once or not at all. On disk after
  /// [#fsyncDirectory].
  void rename(Path from, Path to) throws IOException;

  /// Removes a file, if it is there.
  void delete(Path file) throws IOException;

  /// The names in a directory, ascending.
  List<Path> list(Path directory) throws IOException;

  /// Makes a directory if it is not there. On disk after [#fsyncDirectory] of its parent.
  void createDirectory(Path directory) throws IOException;

  /// Waits until the names in a directory are on disk.
  void fsyncDirectory(Path directory) throws IOException;
}
