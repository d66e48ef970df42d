package carnelian.persistence.snapshot;

import carnelian.keyspace.KeyspaceCut;
import carnelian.persistence.log.Position;
import carnelian.persistence.rdb.RdbOutput;
import carnelian.persistence.rdb.RdbSaver;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.concurrent.CancellationException;
import org.jspecify.annotations.Nullable;

/// One snapshot file in the making: written beside its place, flushed to disk, and then renamed, so
/// that the place holds a whole file at any moment, also across a crash. Any one thread.
final class SnapshotFile {
  /// How much may wait to be flushed, so that the last flush does not take long.
  private static final long FLUSH_BYTES = 4 << 20;

  private final Path target;
  private final Path temporary;
  private final RdbOutput.Compression compression;
  private final RdbSaver.Options options;
  private final List<byte[]> functions;
  private final @Nullable Position position;
  private final boolean flushesOften;

  /// The saver at work, for whoever wants to know how far it is or to cancel it.
  private volatile Progress progress = () -> 0;

  private volatile boolean cancelled;
  private volatile long deadlinesLeftOut;

  private interface Progress {
    long keys();

    default void cancel() {}
  }

  /// Writes beside the target under the name `temporary`, which nobody else uses. The file says
  /// that the data is as of `position`.
  SnapshotFile(
      Path target,
      String temporary,
      RdbOutput.Compression compression,
      RdbSaver.Options options,
      List<byte[]> functions,
      @Nullable Position position,
      boolean flushesOften) {
    this.target = target;
    this.temporary = target.resolveSibling(temporary);
    this.compression = compression;
    this.options = options;
    this.functions = List.copyOf(functions);
    this.position = position;
    this.flushesOften = flushesOften;
  }

  /// Keys written so far. Any thread.
  long keysWritten() {
    return progress.keys();
  }

  /// Deadlines of fields for which the version had no place, once the file is written. Any thread.
  long deadlinesLeftOut() {
    return deadlinesLeftOut;
  }

  /// Makes [#write] fail soon. Any thread.
  void cancel() {
    cancelled = true;
    progress.cancel();
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
                StandardOpenOption.WRITE);
        RdbOutput out = RdbOutput.to(new FlushedChannel(file), compression)) {
      RdbSaver saver = new RdbSaver(out, options);
      if (position != null) {
        saver.fact("repl-stream-db", "0");
        saver.fact("repl-id", position.replicationId());
        saver.fact("repl-offset", Long.toString(position.offset()));
      }
      saver.functions(functions);
      progress =
          new Progress() {
            @Override
            public long keys() {
              return saver.keysWritten();
            }

            @Override
            public void cancel() {
              saver.cancel();
            }
          };
      if (cancelled) {
        saver.cancel();
      }
      saver.save(cut);
      deadlinesLeftOut = saver.deadlinesLeftOut();
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
      if (cancelled) {
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
