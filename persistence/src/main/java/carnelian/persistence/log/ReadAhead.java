package carnelian.persistence.log;

import carnelian.memory.NativeBuffer;
import carnelian.resp.RequestBatch;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadFactory;
import org.jspecify.annotations.Nullable;

/// Reads, verifies and parses one file of commands on a thread of its own, a few pieces ahead of
/// the engine's thread, which executes them. Without a thread, on the caller's.
///
/// A few pieces go round, and large ones wait for each other, so that memory is bounded and the
/// engine waits only where the file is slower than the commands.
///
/// All but the thread's own work is called on the engine's thread.
final class ReadAhead implements AutoCloseable {
  private static final int PIECES = 6;
  private static final int MAX_COMMANDS = 1024;

  /// No further piece is read ahead while so many bytes wait; one alone may be larger.
  private static final int ENOUGH_BYTES = 1 << 24;

  /// What an empty piece keeps of its buffer.
  private static final int KEPT_BYTES = 1 << 22;

  /// Commands that stand one behind another in the file, and what was known behind the last.
  static final class Piece {
    final RequestBatch batch = new RequestBatch(MAX_COMMANDS);
    private NativeBuffer bytes = new NativeBuffer(0);
    private long startBytes;
    private long endBytes;
    private long commandBytes;
    private long offset;
    private @Nullable Mark mark;
    private @Nullable Throwable failure;

    /// What stands behind the commands and is no command; null if nothing is wrong.
    @Nullable LogDamage damage() {
      return failure instanceof LogDamage damage ? damage : null;
    }

    /// Where in the file a command of the batch begins.
    long placeOf(int command) {
      return startBytes + batch.startOffset(command);
    }

    /// Where in the file the piece ends.
    long endBytes() {
      return endBytes;
    }

    /// The bytes of all commands of the file so far.
    long commandBytes() {
      return commandBytes;
    }

    /// The replication offset behind the last whole transaction; -1 if the file has not told.
    long offset() {
      return offset;
    }

    /// The last mark; null before the first.
    @Nullable Mark mark() {
      return mark;
    }

    private void close() {
      batch.close();
      bytes.close();
    }
  }

  private final SegmentReader reader;
  private final List<Piece> all = new ArrayList<>();

  // Guarded by `empty`, which whoever waits for the other thread waits on.
  private final ArrayDeque<Piece> empty = new ArrayDeque<>();
  private final ArrayDeque<Piece> filled = new ArrayDeque<>();
  private long filledBytes;

  private final @Nullable Thread thread;
  private @Nullable Piece last;
  private long position;

  /// Reads with a thread of `threads`, or with the caller's if that is null. The reader is closed
  /// with this.
  ReadAhead(SegmentReader reader, @Nullable ThreadFactory threads) {
    this.reader = reader;
    position = reader.position();
    int pieces = threads == null ? 1 : PIECES;
    for (int i = 0; i < pieces; i++) {
      Piece piece = new Piece();
      all.add(piece);
      empty.add(piece);
    }
    thread = threads == null ? null : threads.newThread(this::run);
    if (thread != null) {
      thread.start();
    }
  }

  String path() {
    return reader.path();
  }

  /// Where in the file the commands end that the caller has been given.
  long position() {
    return position;
  }

  private void run() {
    try {
      boolean more = true;
      while (more) {
        Piece piece = takeEmpty();
        more = fill(piece);
        putFilled(piece);
      }
    } catch (InterruptedException _) {
      // Closed: nobody wants to have more.
    }
  }

  private Piece takeEmpty() throws InterruptedException {
    synchronized (empty) {
      while (empty.isEmpty()) {
        empty.wait();
      }
      return empty.remove();
    }
  }

  private void putFilled(Piece piece) throws InterruptedException {
    synchronized (empty) {
      while (!filled.isEmpty() && filledBytes + piece.bytes.length() > ENOUGH_BYTES) {
        empty.wait();
      }
      filled.add(piece);
      filledBytes += piece.bytes.length();
      empty.notifyAll();
    }
  }

  private Piece takeFilled() throws InterruptedException {
    synchronized (empty) {
      while (filled.isEmpty()) {
        empty.wait();
      }
      Piece piece = filled.remove();
      filledBytes -= piece.bytes.length();
      empty.notifyAll();
      return piece;
    }
  }

  private void giveBack(Piece piece) {
    if (piece.bytes.capacity() > KEPT_BYTES) {
      piece.bytes.clear();
      piece.bytes.shrinkTo(0);
    }
    synchronized (empty) {
      empty.add(piece);
      empty.notifyAll();
    }
  }

  /// False if nothing can be read behind it. Whatever went wrong, the engine has to hear of it, or
  /// it would wait for ever.
  @SuppressWarnings("IllegalCatch")
  private boolean fill(Piece piece) {
    piece.batch.clear();
    try {
      reader.read(piece.batch);
    } catch (IOException | RuntimeException | Error e) {
      piece.failure = e;
    }
    piece.startBytes = reader.bufferedFrom();
    piece.endBytes = reader.position();
    piece.commandBytes = reader.commandBytes();
    piece.offset = reader.offset();
    piece.mark = reader.mark();
    piece.bytes = reader.swapBuffer(piece.bytes);
    return piece.failure == null && !piece.batch.isEmpty();
  }

  /// The next commands; none at the end of the file, or before [Piece#damage]. Valid until the next
  /// call.
  Piece next() throws IOException {
    Piece before = last;
    last = null;
    if (before != null) {
      giveBack(before);
    }
    Piece piece = take();
    last = piece;
    position = piece.endBytes;
    switch (piece.failure) {
      case null -> {}
      case LogDamage _ -> {} // The commands before it are good.
      case IOException e -> throw e;
      case Throwable e -> throw new IOException("reading " + reader.path(), e);
    }
    return piece;
  }

  private Piece take() throws IOException {
    try {
      if (thread == null) {
        Piece piece = takeEmpty();
        boolean _ = fill(piece);
        return piece;
      }
      return takeFilled();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("reading " + reader.path() + " was interrupted", e);
    }
  }

  @Override
  public void close() {
    if (thread != null) {
      thread.interrupt();
      boolean interrupted = false;
      while (thread.isAlive()) {
        try {
          thread.join();
        } catch (InterruptedException _) {
          interrupted = true; // Told to whoever asks, once nobody reads any more.
        }
      }
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
    for (Piece piece : all) {
      piece.close();
    }
    reader.close();
  }
}
