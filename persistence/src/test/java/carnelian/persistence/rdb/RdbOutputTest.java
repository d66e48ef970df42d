package carnelian.persistence.rdb;

import static org.assertj.core.api.Assertions.assertThat;

import carnelian.base.RandomSource;
import carnelian.memory.NativeBuffer;
import carnelian.memory.Slice;
import carnelian.persistence.rdb.RdbOutput.Compression;
import carnelian.structures.Element;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.channels.Channels;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RdbOutputTest {
  private final Bytes bytes = new Bytes();
  private final NativeBuffer target = new NativeBuffer(16);
  private final RdbOutput out = RdbOutput.into(target, Compression.NONE);
  private final Slice slice = new Slice();

  @AfterEach
  void close() {
    out.close();
    bytes.close();
    target.close();
  }

  @ParameterizedTest
  @CsvSource({
    "0, 00",
    "63, 3f",
    "64, 4040",
    "16383, 7fff",
    "16384, 8000004000",
    "4294967295, 80ffffffff",
    "4294967296, 810000000100000000",
    "18446744073709551615, 81ffffffffffffffff"
  })
  void writeLength_takesTheShortestForm(String length, String hex) throws IOException {
    out.writeLength(Long.parseUnsignedLong(length));
    assertThat(written()).isEqualTo(hex);
  }

  // As redis-server 7.0.15 dumps them.
  @ParameterizedTest
  @CsvSource({
    "0, c000",
    "-128, c080",
    "128, c18000",
    "-32768, c10080",
    "32768, c200800000",
    "2147483647, c2ffffff7f",
    "-2147483648, c200000080",
    "2147483648, 0a32313437343833363438",
    "-0, 022d30",
    "01, 023031",
    "'', 00",
    "abc, 03616263"
  })
  void writeString_takesTheFormRedisTakes(String text, String hex) throws IOException {
    out.writeString(bytes.ofText(text));
    assertThat(written()).isEqualTo(hex);
  }

  @Test
  void writeString_ofIntegersAndElements_isTheSameAsOfTheirText() throws IOException {
    out.writeString(128);
    out.writeString(2_147_483_648L);
    out.writeString(new Element().setInteger(-1));
    Slice abc = bytes.ofText("abc");
    out.writeString(new Element().setBytes(abc.at, abc.length));
    out.writeText("7.2.4");
    out.writeText("64");
    assertThat(written())
        .isEqualTo(
            "c18000" + "0a32313437343833363438" + "c0ff" + "03616263" + "05372e322e34" + "c040");
  }

  @Test
  void writeString_compressesWhatPays() throws IOException {
    try (RdbOutput lzf = RdbOutput.into(target, Compression.LZF)) {
      lzf.writeString(bytes.ofText("a".repeat(20)));
      lzf.writeString(bytes.ofText("abcdefghijklmnopqrstuvwxyz"));
      int plainBytes = target.length();
      assertThat(plainBytes).isEqualTo(21 + 27);
      lzf.writeString(bytes.ofText("a".repeat(100)));
      assertThat(target.length() - plainBytes).isLessThan(20);
    }
    try (RdbInput in = RdbInput.of("dump", target.slice(slice))) {
      assertThat(in.readText()).isEqualTo("a".repeat(20));
      assertThat(in.readText()).isEqualTo("abcdefghijklmnopqrstuvwxyz");
      assertThat(in.readText()).isEqualTo("a".repeat(100));
    }
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, 1, -17, 1.5, -0.3, 1e300, 4.9e-324, 0x1p53})
  void doubles_areReadBackTheSame(double value) throws IOException {
    out.writeDouble(value);
    out.writeTextDouble(value);
    out.writeTextDouble(Double.NEGATIVE_INFINITY);
    out.writeTextDouble(Double.NaN);
    try (RdbInput in = RdbInput.of("dump", target.slice(slice))) {
      assertThat(in.readDouble()).isEqualTo(value);
      assertThat(in.readTextDouble()).isEqualTo(value);
      assertThat(in.readTextDouble()).isEqualTo(Double.NEGATIVE_INFINITY);
      assertThat(in.readTextDouble()).isNaN();
    }
  }

  @Test
  void signatures_nameTheirMaker() throws IOException {
    out.writeSignature(9);
    out.writeSignature(80);
    assertThat(target.slice(slice)).hasToString("REDIS0009VALKEY080");
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void whatIsWritten_isReadBack(long seed) throws IOException {
    RandomSource random = RandomSource.seeded(seed);
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    List<String> strings = new ArrayList<>();
    List<Long> lengths = new ArrayList<>();
    try (RdbOutput rdb =
        RdbOutput.to(Channels.newChannel(file), seed == 1 ? Compression.NONE : Compression.LZF)) {
      rdb.writeSignature(10);
      for (int i = 0; i < 300; i++) {
        String string = string(random);
        strings.add(string);
        rdb.writeString(bytes.ofText(string));
        long length = random.nextLong() >>> random.nextInt(64);
        lengths.add(length);
        rdb.writeLength(length);
      }
      rdb.writeOpcode(RdbOpcode.EOF);
      rdb.writeChecksum(true);
      rdb.flush();
      assertThat(rdb.offset()).isEqualTo(file.size());
    }
    byte[] all = file.toByteArray();
    try (RdbInput in = new RdbInput("dump.rdb", Bytes.dribble(all, 10_000), 1000)) {
      assertThat(in.readSignature()).isEqualTo(10);
      for (int i = 0; i < strings.size(); i++) {
        assertThat(in.readText()).as("seed " + seed).isEqualTo(strings.get(i));
        assertThat(in.readLength()).as("seed " + seed).isEqualTo(lengths.get(i));
      }
      assertThat(in.readByte()).isEqualTo(RdbOpcode.EOF.code());
      in.readChecksum();
      assertThat(in.isAtEnd()).isTrue();
    }
  }

  private static String string(RandomSource random) {
    int length =
        switch (random.nextInt(20)) {
          case 0 -> random.nextInt(600_000);
          case 1, 2, 3 -> random.nextInt(5000);
          default -> random.nextInt(40);
        };
    if (random.nextInt(4) == 0) {
      return Long.toString(random.nextLong() >> random.nextInt(64));
    }
    char[] text = new char[length];
    Arrays.fill(text, 'x');
    for (int i = 0; i < length; i++) {
      text[i] = (char) random.nextInt(random.nextInt(2) == 0 ? 2 : 256);
    }
    return new String(text);
  }

  private String written() {
    return Bytes.hexOf(target.toBytes());
  }
}
