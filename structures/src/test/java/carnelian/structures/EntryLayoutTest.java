package carnelian.structures;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import carnelian.base.RandomSource;
import carnelian.memory.Heap;
import carnelian.memory.HeapOptions;
import carnelian.memory.Memory;
import carnelian.memory.NativeBuffer;
import carnelian.memory.Snapshot;
import java.util.HexFormat;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class EntryLayoutTest {
  private Heap heap;
  private NativeBuffer key;

  @BeforeEach
  void open() {
    heap = new Heap(HeapOptions.defaults().withReserveBytes(1L << 30));
    key = new NativeBuffer(64);
  }

  @AfterEach
  void balanceIsZero() {
    assertThat(heap.usedBytes()).isZero();
    key.close();
    heap.close();
  }

  /// Memory only: may change, with the table in EntryLayout's comment and docs/structures.md.
  @Test
  void layout_isAsDrawn() {
    key.putAscii("key");
    long narrow = heap.allocate(EntryLayout.bytesFor(3, 2, false));
    EntryLayout.write(narrow, 5, 6, key.address(), 3, 2);
    EntryLayout.accessClock(narrow, 0xabcdef);
    Memory.putShort(EntryLayout.value(narrow), (short) 0x4241);
    assertThat(hex(narrow, 13)).isEqualTo("35efcdab" + "0300" + "0200" + "6b6579" + "4142");
    heap.free(narrow);

    long narrowVolatile = heap.allocate(EntryLayout.bytesFor(3, 0, true));
    EntryLayout.writeVolatile(narrowVolatile, 5, 6, 0x1122334455667788L, key.address(), 3, 0);
    assertThat(hex(narrowVolatile, 19))
        .isEqualTo("75000000" + "0300" + "0000" + "8877665544332211" + "6b6579");
    heap.free(narrowVolatile);

    long wide = heap.allocate(EntryLayout.bytesFor(3, 70_000, false));
    EntryLayout.write(wide, 5, 6, key.address(), 3, 70_000);
    assertThat(hex(wide, 15)).isEqualTo("b5000000" + "03000000" + "70110100" + "6b6579");
    heap.free(wide);

    long wideVolatile = heap.allocate(EntryLayout.bytesFor(3, 70_000, true));
    EntryLayout.writeVolatile(wideVolatile, 5, 6, 0x1122334455667788L, key.address(), 3, 70_000);
    assertThat(hex(wideVolatile, 23))
        .isEqualTo("f5000000" + "03000000" + "70110100" + "8877665544332211" + "6b6579");
    heap.free(wideVolatile);
  }

  @Test
  void fields_ofEveryForm_areWhatWasWritten() {
    RandomSource random = RandomSource.seeded(3);
    int[] lengths = {0, 1, 7, 8, 9, 255, 256, 32_768, 65_535, 65_536, 100_000};
    byte[] bytes = new byte[100_000];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) random.nextInt(256);
    }
    key.put(bytes);
    for (int keyLength : lengths) {
      for (int valueLength : lengths) {
        check(random, keyLength, valueLength, false);
        check(random, keyLength, valueLength, true);
      }
    }
  }

  private void check(RandomSource random, int keyLength, int valueLength, boolean isVolatile) {
    long bytes = EntryLayout.bytesFor(keyLength, valueLength, isVolatile);
    long entry = heap.allocate(bytes);
    int type = random.nextInt(EntryLayout.MAX_TYPE + 1);
    int encoding = random.nextInt(EntryLayout.MAX_ENCODING + 1);
    long deadline = random.nextLong();
    if (isVolatile) {
      EntryLayout.writeVolatile(
          entry, type, encoding, deadline, key.address(), keyLength, valueLength);
      assertThat(EntryLayout.deadline(entry)).isEqualTo(deadline);
      EntryLayout.deadline(entry, deadline + 1);
      assertThat(EntryLayout.deadline(entry)).isEqualTo(deadline + 1);
    } else {
      EntryLayout.write(entry, type, encoding, key.address(), keyLength, valueLength);
    }
    int clock = random.nextInt(1 << 24);
    EntryLayout.accessClock(entry, clock);
    assertThat(EntryLayout.accessClock(entry)).isEqualTo(clock);
    assertThat(EntryLayout.type(entry)).isEqualTo(type);
    assertThat(EntryLayout.encoding(entry)).isEqualTo(encoding);
    EntryLayout.kind(entry, 7 - type, 7 - encoding);
    assertThat(EntryLayout.type(entry)).isEqualTo(7 - type);
    assertThat(EntryLayout.encoding(entry)).isEqualTo(7 - encoding);
    assertThat(EntryLayout.accessClock(entry)).isEqualTo(clock);
    assertThat(EntryLayout.hasDeadline(entry)).isEqualTo(isVolatile);
    assertThat(EntryLayout.keyLength(entry)).isEqualTo(keyLength);
    assertThat(EntryLayout.valueLength(entry)).isEqualTo(valueLength);
    assertThat(EntryLayout.value(entry)).isEqualTo(EntryLayout.key(entry) + keyLength);
    assertThat(EntryLayout.bytes(entry)).isEqualTo(bytes);
    assertThat(EntryLayout.hasKey(entry, key.address(), keyLength)).isTrue();
    assertThat(EntryLayout.hasKey(entry, key.address(), keyLength + 1)).isFalse();
    assertThat(EntryLayout.compareKey(entry, key.address(), keyLength)).isZero();
    checkShorterValue(entry, keyLength, valueLength);
    heap.free(entry);
  }

  private static void checkShorterValue(long entry, int keyLength, int valueLength) {
    assertThat(EntryLayout.canHold(entry, valueLength)).isTrue();
    EntryLayout.valueLength(entry, valueLength / 2);
    assertThat(EntryLayout.valueLength(entry)).isEqualTo(valueLength / 2);
    assertThat(EntryLayout.keyLength(entry)).isEqualTo(keyLength);
  }

  @Test
  void hasKey_tellsApartWhatDiffersInOneByte() {
    for (int length = 1; length < 40; length++) {
      key.clear();
      key.put("abcdefghijklmnopqrstuvwxyz0123456789ABCDEF".substring(0, length).getBytes(US_ASCII));
      long entry = heap.allocate(EntryLayout.bytesFor(length, 0, false));
      EntryLayout.write(entry, 0, 0, key.address(), length, 0);
      for (int i = 0; i < length; i++) {
        byte old = Memory.getByte(key.address() + i);
        Memory.putByte(key.address() + i, (byte) (old ^ 0x80));
        assertThat(EntryLayout.hasKey(entry, key.address(), length)).isFalse();
        assertThat(EntryLayout.compareKey(entry, key.address(), length)).isNegative();
        Memory.putByte(key.address() + i, old);
      }
      assertThat(EntryLayout.hasKey(entry, key.address(), length)).isTrue();
      heap.free(entry);
    }
  }

  @Test
  void pin_inASnapshot_seesTheEntryOfTheCut() {
    key.putAscii("key");
    long small = heap.allocate(EntryLayout.bytesFor(3, 2000, true));
    EntryLayout.writeVolatile(small, 1, 1, 5, key.address(), 3, 2000);
    long big = heap.allocate(EntryLayout.bytesFor(3, 100_000, false));
    EntryLayout.write(big, 1, 1, key.address(), 3, 100_000);
    Memory.fill(EntryLayout.value(big), 100_000, (byte) 7);
    try (Snapshot snapshot = heap.cut()) {
      heap.touch(small, EntryLayout.bytes(small));
      EntryLayout.deadline(small, 6);
      heap.touch(big, EntryLayout.bytes(big));
      Memory.fill(EntryLayout.value(big), 100_000, (byte) 8);
      assertThat(EntryLayout.deadline(EntryLayout.pin(snapshot, small))).isEqualTo(5);
      long pinned = EntryLayout.pin(snapshot, big);
      assertThat(EntryLayout.valueLength(pinned)).isEqualTo(100_000);
      assertThat(Memory.getByte(EntryLayout.value(pinned))).isEqualTo((byte) 7);
      assertThat(Memory.getByte(EntryLayout.value(pinned) + 99_999)).isEqualTo((byte) 7);
      assertThat(EntryLayout.pin(heap.live(), big)).isEqualTo(big);
    }
    heap.free(small);
    heap.free(big);
  }

  private static String hex(long at, int bytes) {
    byte[] copy = new byte[bytes];
    Memory.copyOut(at, copy, 0, bytes);
    return HexFormat.of().formatHex(copy);
  }
}
