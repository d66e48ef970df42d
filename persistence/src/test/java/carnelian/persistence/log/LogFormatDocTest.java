package carnelian.persistence.log;

import static org.assertj.core.api.Assertions.assertThat;

import carnelian.memory.Slice;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/// The examples of docs/formats/log.md are true.
class LogFormatDocTest {
  private static final Path DOC = Path.of("../docs/formats/log.md");

  private static List<String> examples(String pattern) throws IOException {
    List<String> found = new ArrayList<>();
    Matcher matcher = Pattern.compile(pattern).matcher(Files.readString(DOC));
    while (matcher.find()) {
      found.add(matcher.group(1));
    }
    return found;
  }

  private static SegmentReader reader(List<String> hex) {
    byte[] bytes = HexFormat.of().parseHex(String.join("", hex));
    return new SegmentReader("doc", Channels.newChannel(new ByteArrayInputStream(bytes)), -1);
  }

  @Test
  void manifestLines() throws IOException {
    List<String> lines = examples("\\| `(file [^`]*)` \\|");
    assertThat(lines).hasSize(4);
    byte[] text = (String.join("\n", lines) + "\n").getBytes(StandardCharsets.ISO_8859_1);
    assertThat(Manifest.parse("doc", text).print()).isEqualTo(text);
  }

  @Test
  void items() throws IOException {
    List<String> hex = examples("\\| `([0-9a-f]{10,60})` \\|");
    assertThat(hex).hasSize(4);
    try (SegmentReader reader = reader(hex)) {
      assertThat(reader.next()).isEqualTo(SegmentReader.Item.COMMAND);
      assertThat(reader.arg(0, new Slice())).hasToString("PING");
      assertThat(reader.next()).isEqualTo(SegmentReader.Item.ANNOTATION);
      assertThat(reader.next()).isEqualTo(SegmentReader.Item.ANNOTATION);
      assertThat(reader.wallMillis()).isEqualTo(1_763_704_800_000L);
      assertThat(reader.next()).isEqualTo(SegmentReader.Item.ANNOTATION);
      assertThat(reader.line()).isEqualTo(SegmentReader.BATCH);
      assertThat(reader.next()).isEqualTo(SegmentReader.Item.END);
    }
  }

  @Test
  void segment() throws IOException {
    List<String> hex = examples("\\| `([0-9a-f]{80,})` \\|");
    List<String> marks = examples("\\| `(#MARK:[0-9a-f:]+)` \\|");
    assertThat(hex).hasSize(3);
    try (SegmentReader reader = reader(hex)) {
      assertThat(reader.next()).isEqualTo(SegmentReader.Item.MARK);
      assertThat(reader.line()).isEqualTo(marks.getFirst());
      assertThat(reader.next()).isEqualTo(SegmentReader.Item.ANNOTATION);
      assertThat(reader.next()).isEqualTo(SegmentReader.Item.COMMAND);
      assertThat(reader.next()).isEqualTo(SegmentReader.Item.COMMAND);
      assertThat(reader.next()).isEqualTo(SegmentReader.Item.MARK);
      assertThat(reader.line()).isEqualTo(marks.getLast());
      assertThat(reader.next()).isEqualTo(SegmentReader.Item.END);
      assertThat(reader.offset()).isEqualTo(50);
    }
  }

  @Test
  void names() throws IOException {
    String doc = Files.readString(DOC);
    LogNames names = new LogNames("appendonly.aof");
    assertThat(doc)
        .contains("`" + names.manifest() + "`")
        .contains("`" + names.temporaryManifest() + "`")
        .contains("`" + names.base(1, LogNames.BaseForm.RDB).name() + "`")
        .contains("`" + names.base(1, LogNames.BaseForm.COMMANDS).name() + "`")
        .contains("`" + names.incr(1).name() + "`");
  }
}
