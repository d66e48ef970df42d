package carnelian.memory;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class MemoryTest {
  private static final int ROOM = 512;

  private final NativeBuffer buffer = new NativeBuffer(4 * ROOM);

  @AfterEach
  void close() {
    buffer.close();
  }

  @Test
  void copy_ofOverlappingRanges_isAsThroughABuffer() {
    Random random = new Random(1);
    byte[] model = new byte[2 * ROOM];
    for (int i = 0; i < 50_000; i++) {
      int bytes = random.nextInt(4) == 0 ? random.nextInt(ROOM) : random.nextInt(80);
      int from = random.nextInt(ROOM);
      int to = random.nextBoolean() ? random.nextInt(ROOM) : from;
      to = Math.min(ROOM, Math.max(0, to + random.nextInt(33) - 16));
      random.nextBytes(model);
      Memory.copyIn(model, 0, buffer.address(), model.length);
      System.arraycopy(model, from, model, to, bytes);
      Memory.copy(buffer.address() + from, buffer.address() + to, bytes);
      byte[] copied = new byte[model.length];
      Memory.copyOut(buffer.address(), copied, 0, copied.length);
      if (!Arrays.equals(copied, model)) {
        assertThat(copied).as("%d bytes from %d to %d", bytes, from, to).isEqualTo(model);
      }
    }
  }

  @Test
  void equalAndCompare_ofAnyLength_noticeAnyByte() {
    Random random = new Random(2);
    for (int bytes = 0; bytes < ROOM; bytes++) {
      long a = buffer.address();
      long b = a + ROOM + random.nextInt(8);
      byte[] contents = new byte[bytes];
      random.nextBytes(contents);
      Memory.copyIn(contents, 0, a, bytes);
      Memory.copyIn(contents, 0, b, bytes);
      assertThat(Memory.equal(a, b, bytes)).isTrue();
      assertThat(Memory.compare(a, bytes, b, bytes)).isZero();
      if (bytes == 0) {
        continue;
      }
      int changed = random.nextInt(bytes);
      Memory.putByte(b + changed, (byte) (contents[changed] ^ 0x80));
      assertThat(Memory.equal(a, b, bytes)).isFalse();
      int expected = Integer.compare(contents[changed] & 0xFF, (contents[changed] ^ 0x80) & 0xFF);
      assertThat(Integer.signum(Memory.compare(a, bytes, b, bytes))).isEqualTo(expected);
      assertThat(Memory.compare(a, bytes, b, bytes - 1)).isNotZero();
    }
  }

  @Test
  void words_areLittleEndianAndMayBeUnaligned() {
    long at = buffer.address() + 3;
    Memory.putLong(at, 0x0102030405060708L);
    assertThat(Memory.getByte(at)).isEqualTo((byte) 8);
    assertThat(Memory.getShort(at)).isEqualTo((short) 0x0708);
    assertThat(Memory.getInt(at)).isEqualTo(0x05060708);
    Memory.putDouble(at, -0.5);
    assertThat(Memory.getDouble(at)).isEqualTo(-0.5);
    Memory.putShort(at, (short) 0x1234);
    assertThat(Memory.getByte(at + 1)).isEqualTo((byte) 0x12);
    assertThat(Memory.asByteBuffer(at, 8).get(1)).isEqualTo((byte) 0x12);
  }
}
