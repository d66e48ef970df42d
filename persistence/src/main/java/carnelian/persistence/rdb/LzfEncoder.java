package carnelian.persistence.rdb;

import carnelian.memory.Memory;
import carnelian.memory.NativeBuffer;
import com.ning.compress.BufferRecycler;
import com.ning.compress.lzf.impl.VanillaChunkEncoder;

/// Writes LZF blocks as [Lzf] reads them.
///
/// The library works on Java arrays and on at most 64 KiB. Tokens of one piece never refer to
/// another, so the tokens of the pieces one after the other are one block. Its variant without
/// `Unsafe` is used: JDK 25 warns of the other. One owner, one thread; allocates once.
final class LzfEncoder extends VanillaChunkEncoder {
  /// What is shorter never gets shorter, nor will the library take less than 16.
  private static final int MIN_BYTES = 16;

  private static final int PIECE_BYTES = 1 << 16;
  private static final int MAX_LITERALS = 32;

  /// Every 32 bytes may need one more.
  private static final int WORST_BYTES = PIECE_BYTES + PIECE_BYTES / MAX_LITERALS + 64;

  private final byte[] plain = new byte[PIECE_BYTES];
  private final byte[] tokens = new byte[WORST_BYTES];

  LzfEncoder() {
    super(PIECE_BYTES, new BufferRecycler(), true);
  }

  /// Appends the block for the `bytes` bytes at `from` to `into`; false, with `into` as it was, if
  /// that takes more than `maxBytes`.
  boolean compress(long from, int bytes, NativeBuffer into, int maxBytes) {
    int start = into.length();
    int done = 0;
    while (done < bytes) {
      int piece = Math.min(PIECE_BYTES, bytes - done);
      Memory.copyOut(from + done, plain, 0, piece);
      int compressed =
          piece < MIN_BYTES ? literals(piece) : tryCompress(plain, 0, piece, tokens, 0);
      if (compressed > maxBytes - (into.length() - start)) {
        into.length(start);
        return false;
      }
      into.put(tokens, 0, compressed);
      done += piece;
    }
    return true;
  }

  private int literals(int bytes) {
    tokens[0] = (byte) (bytes - 1);
    System.arraycopy(plain, 0, tokens, 1, bytes);
    return bytes + 1;
  }
}
