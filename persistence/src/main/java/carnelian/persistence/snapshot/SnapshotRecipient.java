package carnelian.persistence.snapshot;

import carnelian.persistence.log.Position;
import java.io.IOException;
import java.nio.channels.WritableByteChannel;
import org.jspecify.annotations.Nullable;

/// Port: who gets a snapshot that is not kept here.
public interface SnapshotRecipient {
  /// What it wants of the data.
  ///
  /// @param keys all keys of all databases
  /// @param functions the function libraries
  record Contents(boolean keys, boolean functions) {
    public static final Contents ALL = new Contents(true, true);
  }

  Contents contents();

  /// The data was cut at this place of the stream. On the engine's thread, at that moment.
  void cut(Position position);

  /// Takes the snapshot out of what `source` writes, and does with it what there is to be done; the
  /// snapshot is over when this returns. On the snapshot's thread.
  void receive(Source source) throws IOException;

  /// Makes [#receive] return or fail soon. Any thread.
  void cancel();

  /// The end: null if it worked. On the engine's thread, when the next snapshot may begin.
  void done(@Nullable Throwable failed);

  /// The snapshot.
  interface Source {
    /// Writes all of it.
    void write(WritableByteChannel channel) throws IOException;
  }
}
