package carnelian.persistence.snapshot;

import carnelian.keyspace.KeyspaceCut;
import carnelian.persistence.log.Position;
import carnelian.persistence.rdb.RdbOutput;
import carnelian.persistence.rdb.RdbSaver;
import java.io.IOException;
import java.nio.channels.WritableByteChannel;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Writes one cut as an RDB file into whatever takes bytes. Any one thread.
final class CutWriter {
  private final RdbOutput.Compression compression;
  private final RdbSaver.Options options;
  private final List<byte[]> functions;
  private final @Nullable Position position;
  private final int streamDatabase;

  /// The saver at work, for whoever wants to know how far it is or to cancel it.
  private volatile @Nullable RdbSaver saver;

  private volatile boolean cancelled;
  private volatile long deadlinesLeftOut;

  /// The file says that the data is as of `position`, where that database is selected.
  CutWriter(
      RdbOutput.Compression compression,
      RdbSaver.Options options,
      List<byte[]> functions,
      @Nullable Position position,
      int streamDatabase) {
    this.compression = compression;
    this.options = options;
    this.functions = List.copyOf(functions);
    this.position = position;
    this.streamDatabase = streamDatabase;
  }

  /// Keys written so far. Any thread.
  long keysWritten() {
    RdbSaver working = saver;
    return working == null ? 0 : working.keysWritten();
  }

  /// Deadlines of fields for which the version had no place, once the file is written. Any thread.
  long deadlinesLeftOut() {
    return deadlinesLeftOut;
  }

  /// Makes [#write] fail soon. Any thread.
  void cancel() {
    cancelled = true;
    RdbSaver working = saver;
    if (working != null) {
      working.cancel();
    }
  }

  /// Any thread.
  boolean isCancelled() {
    return cancelled;
  }

  /// Writes it all; without a cut, what there is besides keys.
  void write(WritableByteChannel channel, @Nullable KeyspaceCut cut) throws IOException {
    try (RdbOutput out = RdbOutput.to(channel, compression)) {
      RdbSaver made = new RdbSaver(out, options);
      if (position != null) {
        made.fact("repl-stream-db", Integer.toString(streamDatabase));
        made.fact("repl-id", position.replicationId());
        made.fact("repl-offset", Long.toString(position.offset()));
      }
      made.functions(functions);
      saver = made;
      if (cancelled) {
        made.cancel();
      }
      made.save(cut);
      deadlinesLeftOut = made.deadlinesLeftOut();
    }
  }
}
