package carnelian.persistence.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ManifestTest {
  private static final LogNames NAMES = new LogNames("appendonly.aof");

  private static Manifest parse(String text) throws ManifestException {
    return Manifest.parse("m", text.getBytes(StandardCharsets.ISO_8859_1));
  }

  private static String print(Manifest manifest) {
    return new String(manifest.print(), StandardCharsets.ISO_8859_1);
  }

  @Test
  void rewrite_makesHistoryOfWhatCameBefore() throws ManifestException {
    Manifest first =
        Manifest.EMPTY
            .withBase(NAMES.base(1, LogNames.BaseForm.RDB))
            .withIncrement(NAMES.incr(1))
            .withIncrement(NAMES.incr(2));
    Manifest second = first.rewritten(NAMES.base(2, LogNames.BaseForm.COMMANDS), 2);
    assertThat(print(second))
        .isEqualTo(
            """
            file appendonly.aof.2.base.aof seq 2 type b
            file appendonly.aof.1.base.rdb seq 1 type h
            file appendonly.aof.1.incr.aof seq 1 type h
            file appendonly.aof.2.incr.aof seq 2 type i
            """);
    assertThat(parse(print(second))).isEqualTo(second);
    assertThat(print(second.withoutHistory())).doesNotContain("type h");
  }

  @Test
  void nameWithBlanks_isQuoted() throws ManifestException {
    Manifest manifest = Manifest.EMPTY.withIncrement(new LogNames("a \"b\"\t\u00ff").incr(1));
    assertThat(print(manifest)).isEqualTo("file \"a \\\"b\\\"\\t\\xff.1.incr.aof\" seq 1 type i\n");
    assertThat(parse(print(manifest))).isEqualTo(manifest);
  }

  @Test
  void furtherKeysAndComments_areLetPass() throws ManifestException {
    Manifest manifest = parse("# c\nSEQ 3 file a TYPE i newkey newvalue\n");
    assertThat(manifest.increments()).containsExactly(new LogFile("a", 3, LogFile.Kind.INCR));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '`',
      value = {
        "`` ; Found an empty AOF manifest ; 0",
        "file a seq 1 type i\\n\\nfile b seq 2 type i\\n ; Invalid AOF manifest file format ; 2",
        "file a seq 1 type x\\n ; Unknown AOF file type ; 1",
        "filx a seq 1 type b\\n ; Invalid AOF manifest file format ; 1",
        "file a type i\\n ; Invalid AOF manifest file format ; 1",
        "file a seq 1 type i k\\n ; Invalid AOF manifest file format ; 1",
        "file a seq -1 type i\\n ; Invalid AOF manifest file format ; 1",
        "file a seq 99999999999999999999 type i\\n ; Invalid AOF manifest file format ; 1",
        "file a seq 1 type i ; The AOF manifest file contains too long line ; 1",
        "file a seq 1 type b\\nfile b seq 2 type b\\n ; Found duplicate base file information ; 2",
        "file a seq 2 type i\\nfile b seq 1 type i\\n ; Found a non-monotonic sequence number ; 2",
        "file ../a seq 1 type i\\n ; File can't be a path, just a filename ; 1"
      })
  void brokenManifest_isRefusedAsByRedis(String text, String reason, int line) {
    assertThatThrownBy(
            () -> parse(text.replace("\\n", "\n").strip().isEmpty() ? "" : unescape(text)))
        .isInstanceOfSatisfying(
            ManifestException.class,
            e -> {
              assertThat(e.reason()).isEqualTo(reason);
              assertThat(e.line()).isEqualTo(line);
            });
  }

  private static String unescape(String text) {
    return text.replace("\\n", "\n");
  }

  @Test
  void lineOf1024Bytes_isTooLong() {
    String line = "file a seq 1 type i k " + "x".repeat(Manifest.MAX_LINE_BYTES);
    assertThatThrownBy(() -> parse(line + "\n"))
        .hasMessageContaining("The AOF manifest file contains too long line");
  }
}
