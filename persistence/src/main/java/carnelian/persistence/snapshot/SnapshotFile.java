package carnelian.persistence.snapshot;

import carnelian.keyspace.KeyspaceCut;
import carnelian.persistence.log.Disk;
import carnelian.persistence.log.FlushedChannel;
import java.io.IOException;
import java.nio.file.Path;

/// One snapshot file in the making: written beside its place, flushed to disk, and then renamed, so
/// that the place holds a whole file at any moment, also across a crash. Any one thread.
final class SnapshotFile {
  private final Disk disk;
  private final Path target;
  private final Path temporary;
  private final CutWriter writer;
  private final boolean flushesOften;

  /// Writes beside the target under the name `temporary`, which nobody else uses.
  SnapshotFile(Disk disk, Path target, String temporary, CutWriter writer, boolean flushesOften) {
    this.disk = disk;
    this.target = target;
    this.temporary = target.resolveSibling(temporary);
    this.writer = writer;
    this.flushesOften = flushesOften;
  }

  /// Writes the cut. If that fails, what was at the file's place is there unchanged.
  void write(KeyspaceCut cut) throws IOException {
    boolean done = false;
    try {
      writeTemporary(cut);
      disk.rename(temporary, target);
      done = true;
      // Without this the new name may be lost in a crash.
      Path directory = target.toAbsolutePath().getParent();
      if (directory != null) {
        disk.fsyncDirectory(directory);
      }
    } finally {
      if (!done) {
        disk.delete(temporary);
      }
    }
  }

  private void writeTemporary(KeyspaceCut cut) throws IOException {
    try (Disk.Appender file = disk.create(temporary)) {
      writer.write(new FlushedChannel(file, flushesOften, writer::isCancelled, "snapshot"), cut);
      file.fsync();
    }
  }
}
