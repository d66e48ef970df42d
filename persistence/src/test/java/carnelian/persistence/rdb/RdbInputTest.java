package carnelian.persistence.rdb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import carnelian.memory.Slice;
import java.io.IOException;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RdbInputTest {
  private final Bytes bytes = new Bytes();
  private final Slice slice = new Slice();

  @AfterEach
  void close() {
    bytes.close();
  }

  @ParameterizedTest
  @CsvSource({
    "00, 0",
    "3f, 63",
    "4040, 64",
    "7fff, 16383",
    "8000004000, 16384",
    "80ffffffff, 4294967295",
    "810000000100000000, 4294967296",
    "81ffffffffffffffff, 18446744073709551615"
  })
  void readLength_readsEveryForm(String hex, String length) throws IOException {
    try (RdbInput in = input(hex)) {
      assertThat(Long.toUnsignedString(in.readLength())).isEqualTo(length);
      assertThat(in.isAtEnd()).isTrue();
      assertThat(in.offset()).isEqualTo(hex.length() / 2);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "c0ff, -1",
    "c07f, 127",
    "c10080, -32768",
    "c2ffffff7f, 2147483647",
    "c200000080, -2147483648"
  })
  void readString_ofIntegers_givesTheirText(String hex, String text) throws IOException {
    try (RdbInput in = input(hex)) {
      assertThat(in.readString(slice)).hasToString(text);
      assertThat(in.isInteger()).isTrue();
      assertThat(in.integer()).isEqualTo(Long.parseLong(text));
    }
  }

  @Test
  void readString_ofCompressed_givesThePlainText() throws IOException {
    try (RdbInput in = input("c3094064016161e0570001616103616263")) {
      assertThat(in.readString(slice)).hasToString("a".repeat(100));
      assertThat(in.isInteger()).isFalse();
      assertThat(in.readString(slice)).hasToString("abc");
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 7, 63, 64, 65, 1000})
  void anyChannel_givesTheSame(int step) throws IOException {
    StringBuilder hex = new StringBuilder("524544495330303131 fa");
    hex.append("4400").append("61".repeat(1024));
    hex.append("03616263 c1e803 c3094064016161e05700016161 4020").append("7a".repeat(32));
    byte[] all = Bytes.hex(hex.toString());
    try (RdbInput in = new RdbInput("dump.rdb", Bytes.dribble(all, step), 64)) {
      assertThat(in.readSignature()).isEqualTo(11);
      assertThat(in.readByte()).isEqualTo(RdbOpcode.AUX.code());
      assertThat(in.readString(slice)).hasToString("a".repeat(1024));
      assertThat(in.readText()).isEqualTo("abc");
      assertThat(in.readText()).isEqualTo("1000");
      assertThat(in.readText()).isEqualTo("a".repeat(100));
      assertThat(in.readText()).isEqualTo("z".repeat(32));
      assertThat(in.isAtEnd()).isTrue();
      assertThat(in.offset()).isEqualTo(all.length);
      assertThat(in.crc()).isEqualTo(Crc64.update(0, all, 0, all.length));
    }
  }

  @Test
  void cutAnywhere_saysSoWithTheOffset() throws IOException {
    byte[] all =
        Bytes.hex("03616263 c1e803 4104" + "61".repeat(260) + "c3094064016161e05700016161");
    for (int length = 0; length < all.length; length++) {
      byte[] cut = Arrays.copyOf(all, length);
      try (RdbInput in = new RdbInput("dump.rdb", Bytes.dribble(cut, 100), 64)) {
        assertThatThrownBy(
                () -> {
                  for (int i = 0; i < 4; i++) {
                    in.readString(slice);
                  }
                })
            .isInstanceOfSatisfying(
                RdbFormatException.class,
                e -> {
                  assertThat(e.isTruncated()).isTrue();
                  assertThat(e.offset()).isEqualTo(cut.length);
                });
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "c4, 0, 'a string encoding: 0 to 3', 4",
    "8200, 0, a length, byte 0x82",
    "8180000000000000, -1, '', ''",
    "81ffffffffffffffff00, 0, a string of at most 1073741824 bytes, 18446744073709551615",
    "c3 0940640161610000000000000000, 0, LZF of 100 bytes, broken tokens or another length",
    "c3 0180100000000000, 0, a length that LZF can make of 1 bytes, 268435456",
    "c3 0100, 0, a length that LZF can make of 1 bytes, 0"
  })
  void brokenStrings_areLocated(String hex, long offset, String expected, String found)
      throws IOException {
    try (RdbInput in = input(hex)) {
      assertThatThrownBy(() -> in.readString(slice))
          .isInstanceOfSatisfying(
              RdbFormatException.class,
              e -> {
                if (offset >= 0) {
                  assertThat(e.path()).isEqualTo("dump.rdb");
                  assertThat(e.offset()).isEqualTo(offset);
                  assertThat(e.expected()).isEqualTo(expected);
                  assertThat(e.found()).isEqualTo(found);
                } else {
                  assertThat(e.isTruncated()).isTrue();
                }
              });
    }
  }

  @Test
  void hugeLength_takesNoMemoryBeforeItsBytesArrive() throws IOException {
    byte[] claim = Bytes.hex("8040000000 616263");
    try (RdbInput in = new RdbInput("dump.rdb", Bytes.dribble(claim, 100))) {
      assertThatThrownBy(() -> in.readString(slice)).hasMessageContaining("the end of the input");
    }
  }

  @Test
  void readLength_beyondItsBound_isRefused() throws IOException {
    try (RdbInput in = input("00 4101")) {
      assertThat(in.readLength(16, "slots")).isZero();
      assertThatThrownBy(() -> in.readLength(16, "slots"))
          .hasMessage("dump.rdb:1: found 257 (expected: slots of at most 16)");
    }
    try (RdbInput in = input("c001")) {
      assertThatThrownBy(in::readLength).hasMessageContaining("expected: a length");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "REDIS0003, 3",
    "REDIS0011, 11",
    "VALKEY080, 80",
    "REDIS9999, -1",
    "VALKEY011, -1",
    "REDIX0011, -1",
    "REDIS00x1, -1"
  })
  void readSignature_tellsTheVersion(String signature, int version) throws IOException {
    try (RdbInput in = RdbInput.of("dump.rdb", bytes.ofText(signature))) {
      if (version >= 0) {
        assertThat(in.readSignature()).isEqualTo(version);
      } else {
        assertThatThrownBy(in::readSignature)
            .hasMessage(
                "dump.rdb:0: found \""
                    + signature
                    + "\" (expected: REDIS or VALKEY and a version)");
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "0131, 1",
    "03312e35, 1.5",
    "fd, NaN",
    "fe, Infinity",
    "ff, -Infinity",
    "04 31652d33, 0.001",
    "13 2d302e33303030303030303030303030303030, -0.3"
  })
  void readTextDouble_readsWhatOldServersWrote(String hex, double value) throws IOException {
    try (RdbInput in = input(hex)) {
      assertThat(in.readTextDouble()).isEqualTo(Double.valueOf(value));
    }
  }

  @Test
  void readTextDouble_asLongAsItCanBe_fitsTheSmallestBuffer() throws IOException {
    byte[] longest = Bytes.hex("fc" + "30".repeat(252));
    try (RdbInput in = new RdbInput("dump.rdb", Bytes.dribble(longest, 5), 1)) {
      assertThat(in.readTextDouble()).isZero();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"00", "0161", "024e61", "03307831", "02 3164", "02 2d2d"})
  void readTextDouble_ofOtherText_isRefused(String hex) throws IOException {
    try (RdbInput in = input(hex)) {
      assertThatThrownBy(in::readTextDouble).hasMessageContaining("expected: a number");
    }
  }

  @Test
  void readChecksum_comparesUnlessZero() throws IOException {
    String body = "52454449533030303900";
    byte[] plain = Bytes.hex(body);
    String sum = "%016x".formatted(Long.reverseBytes(Crc64.update(0, plain, 0, plain.length)));
    for (String footer : new String[] {sum, "0000000000000000"}) {
      try (RdbInput in = input(body + footer)) {
        in.skip(10);
        in.readChecksum();
        assertThat(in.isAtEnd()).isTrue();
      }
    }
    try (RdbInput in = input(body + "0100000000000000")) {
      in.skip(10);
      assertThatThrownBy(in::readChecksum)
          .hasMessageStartingWith(
              "dump.rdb:10: found an RDB CRC error: 0000000000000001 (expected: checksum ");
    }
  }

  @Test
  void skipping_passesOverEverything() throws IOException {
    String strings = "03616263 c07f c1e803 c200000080 c3094064016161e05700016161";
    String module = "0105 02 4101 03 0000c03f 04 000000000000f83f 05 03616263 00";
    try (RdbInput in = input(strings + module + "2a")) {
      for (int i = 0; i < 5; i++) {
        in.skipString();
      }
      in.skipModuleValue();
      assertThat(in.readByte()).isEqualTo(42);
    }
    try (RdbInput in = input("06")) {
      assertThatThrownBy(in::skipModuleValue).hasMessageContaining("module opcode");
    }
    try (RdbInput in = input("81ffffffffffffffff")) {
      assertThatThrownBy(in::skipString).hasMessageContaining("below 2^63");
    }
  }

  @Test
  void unread_isWhatFollows() throws IOException {
    byte[] all = Bytes.hex("ff 616263");
    try (RdbInput in = new RdbInput("link", Bytes.dribble(all, 100))) {
      assertThat(in.readByte()).isEqualTo(255);
      assertThat(in.unread(slice)).hasToString("abc");
    }
  }

  private RdbInput input(String hex) {
    return RdbInput.of("dump.rdb", bytes.ofHex(hex));
  }
}
