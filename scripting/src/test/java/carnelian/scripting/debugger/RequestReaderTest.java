package carnelian.scripting.debugger;

import static org.assertj.core.api.Assertions.assertThat;

import carnelian.scripting.debugger.RequestReader.Found;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RequestReaderTest {
  private final RequestReader reader = new RequestReader();

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  private String next() {
    return switch (reader.next()) {
      case Found.Words words ->
          String.join(
              " ",
              words.words().stream()
                  .map(word -> new String(word, StandardCharsets.ISO_8859_1))
                  .toList());
      case Found.Incomplete _ -> "incomplete";
      case Found.Broken _ -> "broken";
    };
  }

  @Test
  void aCommandInPieces_isFoundWhenItIsWhole() {
    String request = "*2\r\n$5\r\nprint\r\n$4\r\nKEYS\r\n";
    for (int i = 0; i < request.length(); i++) {
      assertThat(next()).isEqualTo("incomplete");
      assertThat(reader.add(bytes(request.substring(i, i + 1)))).isTrue();
    }
    assertThat(next()).isEqualTo("print KEYS");
    assertThat(next()).isEqualTo("incomplete");
  }

  @Test
  void twoCommandsAtOnce_areTwo() {
    assertThat(reader.add(bytes("*1\r\n$1\r\ns\r\n*1\r\n$1\r\nc\r\n"))).isTrue();
    assertThat(next()).isEqualTo("s");
    assertThat(next()).isEqualTo("c");
  }

  @ParameterizedTest
  @CsvSource({
    "'help', broken",
    "'x*1~$1~a~', a",
    "'*0~', broken",
    "'*-1~', broken",
    "'*1025~', broken",
    "'*99999999999999~', broken",
    "'*1', incomplete",
    "'*1~', incomplete",
    "'*1~:1~', broken",
    "'*1~$0~~', broken",
    "'*1~$1025~', broken",
    "'*1~$2~abc~', broken",
    "'*1~$2~a', incomplete",
    "'* 1 ~$ 1 ~a~', a",
  })
  void whatIsSent_isUnderstoodAsInRedis(String sent, String found) {
    assertThat(reader.add(bytes(sent.replace("~", "\r\n")))).isTrue();
    assertThat(next()).isEqualTo(found);
  }

  @Test
  void moreThanAMebibyte_isRefused() {
    assertThat(reader.add(bytes("*9\r\n"))).isTrue();
    assertThat(reader.add(new byte[(1 << 20) - 4])).isTrue();
    assertThat(reader.add(new byte[1])).isFalse();
  }

  @Test
  void randomBytes_neverFail() {
    long seed = 7;
    Random random = new Random(seed);
    String alphabet = "*$\r\n0123-x";
    for (int round = 0; round < 20_000; round++) {
      RequestReader each = new RequestReader();
      StringBuilder text = new StringBuilder();
      for (int i = random.nextInt(24); i > 0; i--) {
        text.append(alphabet.charAt(random.nextInt(alphabet.length())));
      }
      assertThat(each.add(bytes(text.toString()))).as("seed " + seed).isTrue();
      assertThat(each.next()).as(text.toString()).isNotNull();
    }
  }
}
