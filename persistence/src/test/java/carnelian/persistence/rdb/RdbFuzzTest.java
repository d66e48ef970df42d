package carnelian.persistence.rdb;

import static org.assertj.core.api.Assertions.assertThat;

import carnelian.memory.Heap;
import carnelian.memory.HeapOptions;
import carnelian.memory.NativeBuffer;
import carnelian.memory.Slice;
import carnelian.structures.Listpacks;
import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/// Hostile files and payloads, in checked memory: every input is read or refused with its place. A
/// normal run goes over the inputs kept in the test resources; `JAZZER_FUZZ=1` searches for more.
class RdbFuzzTest {
  private static final int MAX_INPUT_BYTES = 1 << 16;

  /// The input says itself what is read: a byte for the kind, then the thing. From memory and from
  /// a channel that gives little at a time, the same must come out.
  @FuzzTest(maxDuration = "10m")
  void primitives_areReadOrRefused(byte[] bytes) {
    if (bytes.length > MAX_INPUT_BYTES) {
      return;
    }
    try (Bytes memory = new Bytes();
        RdbInput whole = RdbInput.of("payload", memory.of(bytes));
        RdbInput dribbled = new RdbInput("payload", Bytes.dribble(bytes, 5), 64)) {
      List<String> expected = readAll(whole);
      assertThat(readAll(dribbled)).isEqualTo(expected);
      assertThat(dribbled.offset()).isLessThanOrEqualTo(bytes.length);
    }
  }

  @FuzzTest(maxDuration = "10m")
  void lzf_staysInsideItsBounds(byte[] bytes) {
    if (bytes.length < 2 || bytes.length > MAX_INPUT_BYTES) {
      return;
    }
    int length = 1 + ((bytes[0] & 0xff) << 8 | (bytes[1] & 0xff));
    try (Bytes memory = new Bytes();
        NativeBuffer out = new NativeBuffer(length)) {
      Slice all = memory.of(bytes);
      Lzf.decompress(all.at + 2, all.length - 2L, out.reserve(length), length);
    }
  }

  @FuzzTest(maxDuration = "10m")
  void compression_isUndone(byte[] bytes) throws IOException {
    if (bytes.length > 4 * MAX_INPUT_BYTES) {
      return;
    }
    try (Bytes memory = new Bytes();
        NativeBuffer target = new NativeBuffer(16);
        RdbOutput out = RdbOutput.into(target, RdbOutput.Compression.LZF)) {
      out.writeString(memory.of(bytes));
      try (RdbInput in = RdbInput.of("payload", target.slice(new Slice()))) {
        assertThat(in.readString(new Slice()).toBytes()).isEqualTo(bytes);
        assertThat(in.isAtEnd()).isTrue();
      }
    }
  }

  @FuzzTest(maxDuration = "10m")
  void ziplist_isRefusedOrBecomesAListpack(byte[] bytes) {
    convert(bytes, true);
  }

  @FuzzTest(maxDuration = "10m")
  void zipmap_isRefusedOrBecomesAListpack(byte[] bytes) {
    convert(bytes, false);
  }

  private static void convert(byte[] bytes, boolean ziplist) {
    if (bytes.length > MAX_INPUT_BYTES) {
      return;
    }
    try (Bytes memory = new Bytes();
        Heap heap = new Heap(HeapOptions.defaults())) {
      Slice all = memory.of(bytes);
      boolean valid =
          ziplist ? Ziplists.validate(all.at, all.length) : Zipmaps.validate(all.at, all.length);
      if (valid) {
        Listpacks listpacks = new Listpacks(heap);
        long listpack =
            ziplist
                ? Ziplists.toListpack(listpacks, all.at)
                : Zipmaps.toListpack(listpacks, all.at);
        assertThat(Listpacks.validate(listpack, Listpacks.bytes(listpack), true)).isTrue();
        if (ziplist) {
          assertThat(Listpacks.count(listpack)).isEqualTo(Ziplists.count(all.at));
        }
        listpacks.destroy(listpack);
      }
      assertThat(heap.usedBytes()).isZero();
    }
  }

  private static List<String> readAll(RdbInput in) {
    List<String> read = new ArrayList<>();
    try {
      while (!in.isAtEnd()) {
        read.add(readOne(in));
      }
    } catch (RdbFormatException e) {
      assertThat(e.offset()).isNotNegative();
      read.add(e.getMessage());
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    return read;
  }

  private static String readOne(RdbInput in) throws IOException {
    int kind = in.readByte() & 0x0f;
    return switch (kind) {
      case 0, 1, 2, 3 -> in.readText() + in.isInteger();
      case 4 -> {
        in.skipString();
        yield "skipped";
      }
      case 5 -> Long.toString(in.readLength());
      case 6 -> Long.toString(in.readLength(1000, "things"));
      case 7 -> Double.toString(in.readTextDouble());
      case 8 -> Long.toString(in.readLong());
      case 9 -> {
        in.skipModuleValue();
        yield "module";
      }
      case 10 -> Integer.toString(in.readSignature());
      case 11 -> {
        in.readChecksum();
        yield "checksum";
      }
      default -> {
        in.skip(kind);
        yield Long.toHexString(in.crc());
      }
    };
  }
}
