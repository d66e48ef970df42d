package carnelian.persistence.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.util.concurrent.CancellationException;
import java.util.function.BooleanSupplier;

/// Writes a long file, flushing to disk as it goes, and notices that it is not wanted any more. The
/// file is its owner's to close. One thread.
public final class FlushedChannel implements WritableByteChannel {
  /// How much may wait to be flushed, so that the last flush does not take long.
  private static final long FLUSH_BYTES = 4 << 20;

  private final Disk.Appender file;
  private final boolean flushesOften;
  private final BooleanSupplier cancelled;
  private final String what;
  private long waitingBytes;

  /// `what` is cancelled, as who waits for it is told.
  public FlushedChannel(
      Disk.Appender file, boolean flushesOften, BooleanSupplier cancelled, String what) {
    this.file = file;
    this.flushesOften = flushesOften;
    this.cancelled = cancelled;
    this.what = what;
  }

  @Override
  public int write(ByteBuffer source) throws IOException {
    if (cancelled.getAsBoolean()) {
      throw new CancellationException(what + " cancelled");
    }
    int bytes = source.remaining();
    file.write(source);
    waitingBytes += bytes;
    if (flushesOften && waitingBytes >= FLUSH_BYTES) {
      file.fsync();
      waitingBytes = 0;
    }
    return bytes;
  }

  @Override
  public boolean isOpen() {
    return true;
  }

  @Override
  public void close() {}
}
