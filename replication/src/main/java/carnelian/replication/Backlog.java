package carnelian.replication;

import carnelian.memory.NativeBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/// The end of the stream, in memory: what replicas have still to be sent, and what they may ask for
/// again after they have lost their connection. Each replica has a place in it; there is one copy
/// for all of them.
///
/// A row of blocks of one size, so a place is found by division. What nobody needs goes block by
/// block, when a block begins or earlier, so it holds up to two blocks more than it has to. One
/// owner, one thread.
final class Backlog implements AutoCloseable {
  static final int BLOCK_BYTES = 16 << 10;

  /// Blocks kept for later.
  private static final int KEPT_BLOCKS = 64;

  private final List<NativeBuffer> blocks = new ArrayList<>();
  private final Deque<NativeBuffer> free = new ArrayDeque<>();

  /// Blocks at the front of the list that have gone already.
  private int gone;

  /// Where the first block begins.
  private long start;

  private long end;

  /// Keeps what follows `offset`.
  Backlog(long offset) {
    start = offset;
    end = offset;
  }

  /// Where what is kept begins.
  long start() {
    return start;
  }

  /// Where the stream ends.
  long end() {
    return end;
  }

  long heldBytes() {
    return (long) (blocks.size() - gone) * BLOCK_BYTES;
  }

  /// True if a block has begun, so that an old one may have to go.
  boolean append(long at, int bytes) {
    int done = 0;
    boolean begun = false;
    while (done < bytes) {
      int used = (int) ((end - start) % BLOCK_BYTES);
      begun |= used == 0;
      NativeBuffer last = used == 0 ? addBlock() : blocks.getLast();
      int piece = Math.min(bytes - done, BLOCK_BYTES - used);
      last.put(at + done, piece);
      done += piece;
      end += piece;
    }
    return begun;
  }

  private NativeBuffer addBlock() {
    NativeBuffer block = free.poll();
    if (block == null) {
      block = new NativeBuffer(BLOCK_BYTES);
    }
    blocks.add(block);
    return block;
  }

  /// Appends what follows `offset`, up to `limit`, and returns how many bytes that were: all there
  /// is, or up to the end of a block.
  int copy(long offset, long limit, NativeBuffer into) {
    long from = offset - start;
    int within = (int) (from % BLOCK_BYTES);
    int piece = (int) Math.min(Math.min(end, limit) - offset, BLOCK_BYTES - within);
    if (piece <= 0) {
      return 0;
    }
    NativeBuffer block = blocks.get(gone + (int) (from / BLOCK_BYTES));
    into.put(block.address() + within, piece);
    return piece;
  }

  /// Gives up what stands before `offset`, as far as whole blocks do.
  void trim(long offset) {
    while (gone < blocks.size() && start + BLOCK_BYTES <= Math.min(offset, end)) {
      NativeBuffer block = blocks.get(gone++);
      block.clear();
      if (free.size() < KEPT_BLOCKS) {
        free.add(block);
      } else {
        block.close();
      }
      start += BLOCK_BYTES;
    }
    if (gone > blocks.size() / 2) {
      blocks.subList(0, gone).clear();
      gone = 0;
    }
  }

  @Override
  public void close() {
    for (int i = gone; i < blocks.size(); i++) {
      blocks.get(i).close();
    }
    blocks.clear();
    gone = 0;
    free.forEach(NativeBuffer::close);
    free.clear();
  }
}
