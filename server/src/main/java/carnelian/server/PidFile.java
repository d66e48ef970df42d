package carnelian.server;

import carnelian.base.OsError;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The file that names the process while it runs.
public final class PidFile implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(PidFile.class);

  private final @Nullable Path file;

  private PidFile(@Nullable Path file) {
    this.file = file;
  }

  /// Writes it; null writes none. A server starts also without it.
  public static PidFile write(@Nullable Path file) {
    if (file != null) {
      try {
        Files.writeString(file, ProcessHandle.current().pid() + "\n");
      } catch (IOException e) {
        LOG.warn("Failed to write PID file: {}", OsError.text(e));
      }
    }
    return new PidFile(file);
  }

  /// Removes it.
  @Override
  public void close() {
    if (file != null) {
      LOG.info("Removing the pid file.");
      try {
        Files.deleteIfExists(file);
      } catch (IOException e) {
        LOG.warn("Failed to remove PID file: {}", OsError.text(e));
      }
    }
  }
}
