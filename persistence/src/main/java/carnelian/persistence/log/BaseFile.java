package carnelian.persistence.log;

import carnelian.keyspace.KeyspaceCut;
import carnelian.persistence.rdb.RdbOutput;
import carnelian.persistence.rdb.RdbSaver;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A BASE in the making: all data of a cut, as RDB or as commands, whole and on disk under a
/// temporary name when [#write] returns. Any one thread.
final class BaseFile {
  private final Disk disk;
  private final Path temporary;
  private final LogNames.BaseForm form;
  private final Position position;
  private final RdbOutput.Compression compression;
  private final RdbSaver.Options options;
  private final boolean flushesOften;
  private final long timestampSeconds;
  private final List<byte[]> functions;
  private volatile boolean cancelled;

  /// At work, if the form is RDB.
  private volatile @Nullable RdbSaver saver;

  /// `timestampSeconds` is said at the beginning of commands, unless it is 0.
  BaseFile(
      Disk disk,
      Path temporary,
      LogNames.BaseForm form,
      Position position,
      RdbOutput.Compression compression,
      RdbSaver.Options options,
      List<byte[]> functions,
      boolean flushesOften,
      long timestampSeconds) {
    this.disk = disk;
    this.temporary = temporary;
    this.form = form;
    this.position = position;
    this.compression = compression;
    this.options = options;
    this.functions = List.copyOf(functions);
    this.flushesOften = flushesOften;
    this.timestampSeconds = timestampSeconds;
  }

  Path temporary() {
    return temporary;
  }

  LogNames.BaseForm form() {
    return form;
  }

  /// Makes [#write] fail soon; who writes may have to be woken. Any thread.
  void cancel() {
    cancelled = true;
    RdbSaver working = saver;
    if (working != null) {
      working.cancel();
    }
  }

  /// Writes the cut. If that fails nothing is left.
  void write(KeyspaceCut cut) throws IOException {
    boolean done = false;
    try {
      try (Disk.Appender file = disk.create(temporary)) {
        FlushedChannel channel = new FlushedChannel(file, flushesOften, () -> cancelled, "rewrite");
        switch (form) {
          case RDB -> writeRdb(cut, channel);
          case COMMANDS -> writeCommands(cut, channel);
        }
        file.fsync();
      }
      done = true;
    } finally {
      if (!done) {
        disk.delete(temporary);
      }
    }
  }

  private void writeRdb(KeyspaceCut cut, WritableByteChannel channel) throws IOException {
    try (RdbOutput out = RdbOutput.to(channel, compression)) {
      RdbSaver made = new RdbSaver(out, options);
      made.fact("repl-stream-db", "0");
      made.fact("repl-id", position.replicationId());
      made.fact("repl-offset", Long.toString(position.offset()));
      made.fact("aof-base", "1");
      made.functions(functions);
      saver = made;
      if (cancelled) {
        made.cancel();
      }
      made.save(cut);
    }
  }

  private void writeCommands(KeyspaceCut cut, WritableByteChannel channel) throws IOException {
    if (timestampSeconds != 0) {
      int _ = channel.write(ByteBuffer.wrap(SegmentWriter.timestampLine(timestampSeconds)));
    }
    try (CommandSaver saver = new CommandSaver(channel)) {
      saver.functions(functions);
      saver.save(cut);
    }
  }
}
