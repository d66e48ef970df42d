package carnelian.replication;

import static org.assertj.core.api.Assertions.assertThat;

import carnelian.base.RandomSource;
import carnelian.memory.NativeBuffer;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BacklogTest {
  private static final long START = 1_000_003;

  /// What stands in the backlog from `offset` on, piece by piece.
  private static byte[] from(Backlog backlog, long offset, long limit) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    try (NativeBuffer piece = new NativeBuffer(64)) {
      long at = offset;
      int copied;
      while ((copied = backlog.copy(at, limit, piece)) > 0) {
        all.writeBytes(piece.toBytes());
        piece.clear();
        at += copied;
      }
    }
    return all.toByteArray();
  }

  private static boolean append(Backlog backlog, byte[] bytes) {
    try (NativeBuffer buffer = new NativeBuffer(bytes.length + 1)) {
      buffer.put(bytes);
      return backlog.append(buffer.address(), bytes.length);
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void everyPlaceThatIsKept_readsBackWhatWasAppended(long seed) {
    RandomSource random = RandomSource.seeded(seed);
    ByteArrayOutputStream stream = new ByteArrayOutputStream();
    try (Backlog backlog = new Backlog(START)) {
      for (int i = 0; i < 300; i++) {
        byte[] unit = new byte[1 + (int) Math.floorMod(random.nextLong(), 3000L)];
        Arrays.fill(unit, (byte) random.nextLong());
        append(backlog, unit);
        stream.writeBytes(unit);
        if (i % 7 == 0) {
          backlog.trim(backlog.end() - 100_000);
        }
        assertThat(backlog.end()).isEqualTo(START + stream.size());
        long kept = backlog.end() - backlog.start();
        long place = backlog.start() + Math.floorMod(random.nextLong(), kept + 1);
        byte[] expected =
            Arrays.copyOfRange(stream.toByteArray(), (int) (place - START), stream.size());
        assertThat(from(backlog, place, Long.MAX_VALUE)).as("seed " + seed).isEqualTo(expected);
      }
      assertThat(backlog.end() - backlog.start()).isBetween(100_000L, 130_000L);
    }
  }

  @Test
  void trim_keepsWholeBlocks_andNothingMoreThanOne() {
    try (Backlog backlog = new Backlog(0)) {
      append(backlog, new byte[10 * Backlog.BLOCK_BYTES + 5]);
      backlog.trim(3 * Backlog.BLOCK_BYTES + 1);
      assertThat(backlog.start()).isEqualTo(3 * Backlog.BLOCK_BYTES);
      assertThat(backlog.heldBytes()).isEqualTo(8 * Backlog.BLOCK_BYTES);
      backlog.trim(Long.MAX_VALUE);
      assertThat(backlog.start()).isEqualTo(10 * Backlog.BLOCK_BYTES);
      append(backlog, new byte[] {7});
      assertThat(from(backlog, 10 * Backlog.BLOCK_BYTES + 5, Long.MAX_VALUE)).containsExactly(7);
    }
  }

  @Test
  void append_tellsWhenABlockBegins_andTrimmingThen_keepsLittleMoreThanIsNeeded() {
    int needed = 4 * Backlog.BLOCK_BYTES;
    try (Backlog backlog = new Backlog(START)) {
      int begun = 0;
      for (int i = 0; i < 4096; i++) {
        if (append(backlog, new byte[64])) {
          begun++;
          backlog.trim(backlog.end() - needed);
        }
        assertThat(backlog.heldBytes()).isLessThanOrEqualTo(needed + 2 * Backlog.BLOCK_BYTES);
      }
      assertThat(begun).isEqualTo(4096 * 64 / Backlog.BLOCK_BYTES);
      assertThat(backlog.end() - backlog.start()).isGreaterThanOrEqualTo(needed);
      assertThat(append(backlog, new byte[Backlog.BLOCK_BYTES + 1])).isTrue();
      assertThat(append(backlog, new byte[1])).isFalse();
      assertThat(append(backlog, new byte[0])).isFalse();
    }
  }

  @Test
  void copy_doesNotPassTheLimit() {
    try (Backlog backlog = new Backlog(0)) {
      append(backlog, new byte[100]);
      assertThat(from(backlog, 10, 30)).hasSize(20);
      assertThat(from(backlog, 30, 30)).isEmpty();
      assertThat(from(backlog, 100, Long.MAX_VALUE)).isEmpty();
    }
  }
}
