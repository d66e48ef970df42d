package carnelian.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SliceTest {
  private final NativeBuffer buffer = new NativeBuffer(1 << 16);

  @AfterEach
  void close() {
    buffer.close();
  }

  @ParameterizedTest
  @ValueSource(
      longs = {
        0,
        1,
        -1,
        9,
        10,
        -10,
        123456789,
        Long.MAX_VALUE,
        Long.MIN_VALUE,
        Long.MIN_VALUE + 1,
        922337203685477580L,
        1000000000000000000L
      })
  void isLong_ofWhatRedisWrites_hasTheNumber(long number) {
    Slice slice = slice(Long.toString(number));
    assertThat(slice.isLong()).isTrue();
    assertThat(slice.asLong()).isEqualTo(number);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "-",
        "+1",
        "-0",
        "00",
        "01",
        "-01",
        " 1",
        "1 ",
        "1a",
        "0x1",
        "1.0",
        "9223372036854775808",
        "-9223372036854775809",
        "9223372036854775810",
        "18446744073709551616",
        "99999999999999999999",
        "10000000000000000000",
        "-10000000000000000000",
        "111111111111111111111"
      })
  void isLong_ofAnythingElse_isFalse(String text) {
    assertThat(slice(text).isLong()).isFalse();
  }

  @Test
  void isLong_agreesWithTheParserOfTheJdk() {
    Random random = new Random(3);
    for (int i = 0; i < 20_000; i++) {
      String text = Long.toString(random.nextLong() >> random.nextInt(64));
      if (random.nextInt(3) == 0) {
        text += random.nextInt(100);
      }
      boolean valid;
      long expected = 0;
      try {
        expected = Long.parseLong(text);
        valid = Long.toString(expected).equals(text);
      } catch (NumberFormatException _) {
        valid = false; // Beyond 64 bits.
      }
      buffer.clear();
      Slice slice = slice(text);
      assertThat(slice.isLong()).as(text).isEqualTo(valid);
      if (valid) {
        assertThat(slice.asLong()).isEqualTo(expected);
      }
    }
  }

  @Test
  void words_areComparedWithAndWithoutCase() {
    assertThat(slice("GeT").isIgnoringCase("GET")).isTrue();
    assertThat(slice("GeT").isIgnoringCase("get")).isTrue();
    assertThat(slice("GeT").is("GET")).isFalse();
    assertThat(slice("GET").is("GET")).isTrue();
    assertThat(slice("GETS").isIgnoringCase("GET")).isFalse();
    // Only letters have a case: these two differ by the same bit.
    assertThat(slice("@").isIgnoringCase("`")).isFalse();
    assertThat(slice("[").isIgnoringCase("{")).isFalse();
    assertThat(slice("\u00C7").isIgnoringCase("\u00E7")).isFalse();
  }

  @Test
  void comparison_isThatOfUnsignedBytes() {
    Random random = new Random(5);
    for (int i = 0; i < 20_000; i++) {
      byte[] a = bytes(random);
      byte[] b =
          random.nextBoolean() ? Arrays.copyOf(a, random.nextInt(a.length + 8)) : bytes(random);
      if (b.length > 0 && random.nextInt(4) == 0) {
        b[random.nextInt(b.length)] = (byte) random.nextInt();
      }
      buffer.clear();
      long x = put(a);
      long y = put(b);
      int expected = Arrays.compareUnsigned(a, b);
      Slice left = new Slice(x, a.length);
      Slice right = new Slice(y, b.length);
      assertThat(Integer.signum(left.compareContent(right))).isEqualTo(Integer.signum(expected));
      assertThat(left.contentEquals(right)).isEqualTo(expected == 0);
      assertThat(left.contentEquals(b)).isEqualTo(expected == 0);
      assertThat(left.toBytes()).isEqualTo(a);
      boolean prefix = b.length <= a.length && Arrays.equals(a, 0, b.length, b, 0, b.length);
      assertThat(left.startsWith(right)).isEqualTo(prefix);
    }
  }

  @Test
  void byteAt_outside_isRefused() {
    Slice slice = slice("ab");
    assertThat(slice.byteAt(1)).isEqualTo((byte) 'b');
    assertThatThrownBy(() -> slice.byteAt(2)).isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> slice.byteAt(-1)).isInstanceOf(IndexOutOfBoundsException.class);
  }

  @Test
  void copyTo_copies() {
    Slice slice = slice("hello");
    long to = buffer.reserve(5);
    slice.copyTo(to);
    assertThat(new Slice(to, 5).toString()).isEqualTo("hello");
  }

  private static byte[] bytes(Random random) {
    byte[] bytes = new byte[random.nextInt(40)];
    random.nextBytes(bytes);
    return bytes;
  }

  private long put(byte[] bytes) {
    long at = buffer.reserve(bytes.length);
    buffer.put(bytes);
    return at;
  }

  private Slice slice(String latin1) {
    byte[] bytes = latin1.getBytes(StandardCharsets.ISO_8859_1);
    return new Slice(put(bytes), bytes.length);
  }
}
