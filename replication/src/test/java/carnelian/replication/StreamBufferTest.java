package carnelian.replication;

import static org.assertj.core.api.Assertions.assertThat;

import carnelian.memory.NativeBuffer;
import org.junit.jupiter.api.Test;

class StreamBufferTest {
  private static final int BIG_BYTES = 8 << 20;

  private final NativeBuffer piece = new NativeBuffer(BIG_BYTES);

  private void fill(StreamBuffer buffer) {
    buffer.put(piece.reserve(BIG_BYTES), BIG_BYTES);
  }

  @Test
  void memoryOfABigCommand_isGivenBackInTheSecondAfter() {
    try (piece;
        StreamBuffer buffer = new StreamBuffer(1 << 30)) {
      fill(buffer);
      buffer.bytes().discard(BIG_BYTES);
      buffer.rest();
      assertThat(buffer.freeBytes()).as("needed in this second").isGreaterThanOrEqualTo(BIG_BYTES);
      buffer.rest();
      assertThat(buffer.freeBytes()).isEqualTo(StreamBuffer.KEPT_BYTES);
    }
  }

  @Test
  void bigCommandsOneAfterTheOther_keepTheirMemory() {
    try (piece;
        StreamBuffer buffer = new StreamBuffer(1 << 30)) {
      for (int second = 0; second < 5; second++) {
        fill(buffer);
        long address = buffer.bytes().address();
        buffer.clear();
        buffer.rest();
        assertThat(buffer.bytes().address()).isEqualTo(address);
        assertThat(buffer.freeBytes()).isGreaterThanOrEqualTo(BIG_BYTES);
      }
    }
  }

  @Test
  void whatIsInIt_stays() {
    try (piece;
        StreamBuffer buffer = new StreamBuffer(1 << 30)) {
      fill(buffer);
      buffer.bytes().discard(BIG_BYTES - 3);
      buffer.rest();
      buffer.rest();
      assertThat(buffer.length()).isEqualTo(3);
      assertThat(buffer.freeBytes()).isEqualTo(StreamBuffer.KEPT_BYTES - 3);
    }
  }
}
