package carnelian.persistence.snapshot;

import carnelian.keyspace.KeyspaceCut;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.CancellationException;

/// One snapshot file in the making: written beside its place, flushed to disk, and then renamed, so
/// that the place holds a whole file at any moment, also across a crash. Any one thread.
final class SnapshotFile {
  /// How much may wait to be flushed, so that the last flush does not take long.
  private static final long FLUSH_BYTES = 4 << 20;

  private final Path target;
  private final Path temporary;
  private final CutWriter writer;
  private final boolean flushesOften;

  /// Writes beside the target under the name `temporary`, which nobody else uses.
  SnapshotFile(Path target, String temporary, CutWriter writer, boolean flushesOften) {
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
      Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
      done = true;
      flushDirectory();
    } finally {
      if (!done) {
        Files.deleteIfExists(temporary);
      }
    }
  }

  private void writeTemporary(KeyspaceCut cut) throws IOException {
    try (FileChannel file =
        FileChannel.open(
            temporary,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE)) {
      writer.write(new FlushedChannel(file), cut);
      file.force(true);
    }
  }

  /// Without this the new name may be lost in a crash.
  private void flushDirectory() throws IOException {
    Path directory = target.toAbsolutePath().getParent();
    if (directory != null) {
      try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
        channel.force(true);
      }
    }
  }

  /// Flushes to disk as it goes, and notices within a large value that the save is cancelled.
  private final class FlushedChannel implements WritableByteChannel {
    private final FileChannel file;
    private long waitingBytes;

    FlushedChannel(FileChannel file) {
      this.file = file;
    }

    @Override
    public int write(ByteBuffer source) throws IOException {
      if (writer.isCancelled()) {
        throw new CancellationException("snapshot cancelled");
      }
      int written = file.write(source);
      waitingBytes += written;
      if (flushesOften && waitingBytes >= FLUSH_BYTES) {
        file.force(false);
        waitingBytes = 0;
      }
      return written;
    }

    @Override
    public boolean isOpen() {
      return file.isOpen();
    }

    @Override
    public void close() throws IOException {
      file.close();
    }
  }
}
