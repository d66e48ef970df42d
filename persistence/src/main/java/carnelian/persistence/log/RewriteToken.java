package carnelian.persistence.log;

import carnelian.base.config.Config;
import carnelian.base.config.Directives;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The right to write all data now, for a rewrite or a snapshot: only so many at a time on one
/// host, across all instances of all processes that name the same directory. A lock on one of its
/// files, which the kernel releases if the process dies.
public final class RewriteToken implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(RewriteToken.class);

  private final @Nullable FileChannel file;

  private RewriteToken(@Nullable FileChannel file) {
    this.file = file;
  }

  /// Takes one of `rewrite-tokens`; null if all are taken. Without a `rewrite-token-dir` there is
  /// always one. A directory that cannot be used is no reason to let a log grow without end: it is
  /// said, and there is one.
  public static @Nullable RewriteToken take(Config config) {
    Path directory = config.path(Directives.REWRITE_TOKEN_DIR);
    int tokens = config.get(Directives.REWRITE_TOKENS);
    if (directory == null) {
      return new RewriteToken(null);
    }
    for (int i = 0; i < tokens; i++) {
      Path path = directory.resolve("carnelian-rewrite-" + i + ".lock");
      try {
        FileChannel channel = lock(path);
        if (channel != null) {
          return new RewriteToken(channel);
        }
      } catch (IOException e) {
        LOG.warn("rewrite-token-dir: {}; going on without a token", e.toString());
        return new RewriteToken(null);
      }
    }
    return null;
  }

  private static @Nullable FileChannel lock(Path path) throws IOException {
    FileChannel channel =
        FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    FileLock lock = null;
    try {
      lock = channel.tryLock();
    } catch (OverlappingFileLockException _) {
      // Another instance of this process has it.
      return null;
    } finally {
      if (lock == null) {
        channel.close();
      }
    }
    return lock == null ? null : channel;
  }

  @Override
  public void close() {
    if (file != null) {
      try {
        file.close();
      } catch (IOException e) {
        LOG.warn("Releasing a rewrite token: {}", e.toString());
      }
    }
  }
}
