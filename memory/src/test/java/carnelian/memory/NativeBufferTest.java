package carnelian.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class NativeBufferTest {
  @Test
  void put_growsAndKeepsWhatIsThere() {
    Random random = new Random(7);
    byte[] expected = new byte[0];
    try (NativeBuffer buffer = new NativeBuffer(0)) {
      assertThat(buffer.capacity()).isZero();
      for (int i = 0; i < 200; i++) {
        byte[] more = new byte[random.nextInt(2_000)];
        random.nextBytes(more);
        buffer.put(more);
        expected = Arrays.copyOf(expected, expected.length + more.length);
        System.arraycopy(more, 0, expected, expected.length - more.length, more.length);
      }
      assertThat(buffer.toBytes()).isEqualTo(expected);
      assertThat(buffer.length()).isEqualTo(expected.length);
    }
  }

  @Test
  void reserveAndAdvance_takeWhatWasWritten() {
    try (NativeBuffer buffer = new NativeBuffer(4)) {
      long at = buffer.reserve(16);
      Memory.putLong(at, 1);
      Memory.putLong(at + 8, 2);
      buffer.advance(16);
      buffer.putAscii("abc");
      buffer.putByte('d');
      assertThat(buffer.length()).isEqualTo(20);
      assertThat(buffer.slice(new Slice()).toString()).endsWith("abcd");
      buffer.discard(16);
      assertThat(new String(buffer.toBytes(), StandardCharsets.US_ASCII)).isEqualTo("abcd");
      buffer.length(2);
      assertThat(buffer.slice(new Slice()).is("ab")).isTrue();
      buffer.clear();
      assertThat(buffer.isEmpty()).isTrue();
    }
  }

  @Test
  void growth_stopsAtTheLimit() {
    try (NativeBuffer buffer = new NativeBuffer(0, 1_000)) {
      buffer.put(new byte[900]);
      assertThatThrownBy(() -> buffer.reserve(101)).isInstanceOf(BufferLimitException.class);
      assertThatThrownBy(() -> buffer.reserve(Integer.MAX_VALUE))
          .isInstanceOf(BufferLimitException.class);
      assertThatThrownBy(() -> buffer.reserve(-1)).isInstanceOf(IllegalArgumentException.class);
      buffer.put(new byte[100]);
      assertThat(buffer.length()).isEqualTo(1_000);
      assertThat(buffer.capacity()).isEqualTo(1_000);
    }
  }

  @Test
  void length_outsideTheCapacity_isRefused() {
    try (NativeBuffer buffer = new NativeBuffer(10)) {
      assertThatThrownBy(() -> buffer.length(11)).isInstanceOf(IllegalArgumentException.class);
      assertThatThrownBy(() -> buffer.length(-1)).isInstanceOf(IllegalArgumentException.class);
      assertThatThrownBy(() -> buffer.advance(11)).isInstanceOf(IllegalArgumentException.class);
      assertThatThrownBy(() -> buffer.discard(1)).isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void closedOrMovedBuffer_isNoLongerAccessible() {
    NativeBuffer buffer = new NativeBuffer(64);
    long at = buffer.address();
    Memory.putByte(at + 63, (byte) 1);
    assertThatThrownBy(() -> Memory.getByte(at + 64)).isInstanceOf(MemoryViolation.class);
    buffer.close();
    buffer.close();
    assertThatThrownBy(() -> Memory.getByte(at)).isInstanceOf(MemoryViolation.class);
    assertThat(buffer.capacity()).isZero();
    buffer.putByte(1); // As good as new.
    buffer.close();
  }

  @Test
  void shrinkTo_keepsTheContents() {
    try (NativeBuffer buffer = new NativeBuffer(1 << 20)) {
      buffer.putAscii("hello");
      buffer.shrinkTo(0);
      assertThat(buffer.capacity()).isEqualTo(5);
      assertThat(buffer.slice(new Slice()).is("hello")).isTrue();
      buffer.clear();
      buffer.shrinkTo(0);
      assertThat(buffer.capacity()).isZero();
    }
  }

  @Test
  void exchange_swapsContentsAndMemory() {
    try (NativeBuffer full = new NativeBuffer(64);
        NativeBuffer empty = new NativeBuffer(0)) {
      full.putAscii("contents");
      long address = full.address();
      full.exchange(empty);
      assertThat(full.capacity()).isZero();
      assertThat(empty.address()).isEqualTo(address);
      assertThat(empty.toBytes()).isEqualTo("contents".getBytes(StandardCharsets.US_ASCII));
    }
  }

  @Test
  void buffersThatHoldMemory_areCounted() {
    long before = NativeBuffer.holding();
    try (NativeBuffer small = new NativeBuffer(1);
        NativeBuffer empty = new NativeBuffer(0)) {
      assertThat(NativeBuffer.holding()).isEqualTo(before + 1);
      small.put(new byte[1_000]);
      empty.put(new byte[1]);
      assertThat(NativeBuffer.holding()).isEqualTo(before + 2);
    }
    assertThat(NativeBuffer.holding()).isEqualTo(before);
  }
}
