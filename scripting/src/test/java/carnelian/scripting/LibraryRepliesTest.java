package carnelian.scripting;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

/// `bit`, `cjson`, `cmsgpack` and `struct` beside what redis-server 7.0.15 replied to the same
/// scripts (libraries.replies).
class LibraryRepliesTest {
  @Test
  void scripts_areRepliedToAsRedisDid() throws IOException {
    List<String> lines = new ArrayList<>();
    try (InputStream in = LibraryRepliesTest.class.getResourceAsStream("libraries.replies")) {
      assertThat(in).isNotNull();
      new String(in.readAllBytes(), ISO_8859_1)
          .lines()
          .filter(line -> !line.startsWith("#"))
          .forEach(lines::add);
    }
    List<String> differences = new ArrayList<>();
    try (ScriptedStore store = new ScriptedStore()) {
      for (int i = 0; i < lines.size(); i += 2) {
        byte[] script = bytes(lines.get(i));
        String expected = lines.get(i + 1);
        byte[] reply = store.raw("EVAL", script, "0").getBytes(ISO_8859_1);
        String actual =
            expected.startsWith("-> sha1 ") ? "-> sha1 " + Sha1.hex(reply) : "-> " + escaped(reply);
        if (!actual.equals(expected)) {
          differences.add(lines.get(i) + "\n  redis " + expected + "\n  here  " + actual);
        }
      }
    }
    assertThat(lines).hasSizeGreaterThan(700);
    assertThat(differences).isEmpty();
  }

  private static byte[] bytes(String text) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) != '\\') {
        bytes.write(text.charAt(i));
      } else if (text.charAt(++i) == 'x') {
        bytes.write(HexFormat.fromHexDigits(text, i + 1, i + 3));
        i += 2;
      } else {
        bytes.write('\\');
      }
    }
    return bytes.toByteArray();
  }

  private static String escaped(byte[] bytes) {
    StringBuilder text = new StringBuilder();
    for (byte b : bytes) {
      if (b >= ' ' && b <= '~' && b != '\\') {
        text.append((char) b);
      } else {
        text.append(String.format("\\x%02x", b));
      }
    }
    return text.toString();
  }
}
