package carnelian.persistence.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import carnelian.base.RandomSource;
import carnelian.memory.Slice;
import carnelian.resp.RequestBatch;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;

class SegmentReaderTest {
  private static final String ID = "0123456789abcdef0123456789abcdef01234567";

  private final ByteArrayOutputStream file = new ByteArrayOutputStream();
  private final CRC32C crc = new CRC32C();
  private long offset;

  private void command(String... words) {
    StringBuilder text = new StringBuilder("*" + words.length + "\r\n");
    for (String word : words) {
      text.append('$').append(word.length()).append("\r\n").append(word).append("\r\n");
    }
    raw(text.toString());
    offset += text.length();
  }

  private void raw(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
    file.writeBytes(bytes);
    crc.update(bytes);
  }

  private void mark(long wallMillis) {
    file.writeBytes(Mark.print(new Position(ID, offset), wallMillis, 0, crc));
  }

  private SegmentReader reader() {
    return reader(file.toByteArray());
  }

  private static SegmentReader reader(byte[] bytes) {
    return new SegmentReader("f", Channels.newChannel(new ByteArrayInputStream(bytes)), -1);
  }

  private LogDamage damage(byte[] bytes) {
    try (SegmentReader reader = reader(bytes)) {
      return catchThrowableOfType(
          LogDamage.class,
          () -> {
            while (reader.next() != SegmentReader.Item.END) {
              // On to the damage.
            }
          });
    }
  }

  private static List<String> readAll(SegmentReader reader) throws IOException {
    List<String> seen = new ArrayList<>();
    Slice slice = new Slice();
    SegmentReader.Item item;
    while ((item = reader.next()) != SegmentReader.Item.END) {
      switch (item) {
        case COMMAND -> {
          StringBuilder text = new StringBuilder();
          for (int i = 0; i < reader.argc(); i++) {
            text.append(i == 0 ? "" : " ").append(reader.arg(i, slice));
          }
          seen.add(text.toString());
        }
        case MARK -> seen.add("mark " + reader.offset());
        case ANNOTATION -> seen.add(reader.line());
        case END -> {}
      }
    }
    return seen;
  }

  @Test
  void commandsMarksAndAnnotations_areRead() throws IOException {
    mark(1);
    command("SELECT", "0");
    raw("#TS:5\r\n");
    command("SET", "k", "a\r\nb");
    mark(7000);
    raw("# note\n");
    command("DEL", "k");
    try (SegmentReader reader = reader()) {
      assertThat(readAll(reader))
          .containsExactly(
              "mark 0", "SELECT 0", "#TS:5", "SET k a\r\nb", "mark 53", "# note", "DEL k");
      assertThat(reader.offset()).isEqualTo(offset);
      assertThat(reader.goodBytes()).isEqualTo(file.size());
      assertThat(reader.wallMillis()).isEqualTo(7000);
      assertThat(reader.takeChecksum().getValue()).isEqualTo(crc.getValue());
    }
  }

  @Test
  void fileCutAnywhere_isTruncated_andGoodUpToTheLastMark() {
    mark(1);
    command("SELECT", "0");
    command("MULTI");
    command("SET", "a", "1");
    command("SET", "b", "2");
    command("EXEC");
    mark(2);
    byte[] whole = file.toByteArray();
    int markBytes = 63;
    for (int length = 0; length < whole.length; length++) {
      LogDamage damage = damage(Arrays.copyOf(whole, length));
      if (damage != null) {
        assertThat(damage.kind()).as("%d", length).isEqualTo(LogDamage.Kind.TRUNCATED);
        assertThat(damage.goodBytes()).isLessThanOrEqualTo(length).isIn(0L, (long) markBytes);
      }
    }
  }

  @Test
  void everyFlippedBit_isFound() {
    mark(1);
    command("SET", "key", "value");
    command("MULTI");
    command("DEL", "key");
    command("EXEC");
    mark(2);
    byte[] whole = file.toByteArray();
    for (int bit = 0; bit < whole.length * 8; bit++) {
      byte[] flipped = whole.clone();
      flipped[bit / 8] ^= (byte) (1 << bit % 8);
      LogDamage damage = damage(flipped);
      // A length may point behind the end, and a colon's loss may make a comment of a mark.
      if (damage == null) {
        assertThat(new String(flipped, StandardCharsets.ISO_8859_1).split("#MARK:", -1))
            .as("bit %d", bit)
            .hasSizeLessThan(3);
      } else if (damage.kind() != LogDamage.Kind.TRUNCATED) {
        assertThat(damage.goodBytes()).as("bit %d", bit).isLessThanOrEqualTo(bit / 8);
      }
    }
  }

  @Test
  void markOfAnotherPlace_isOutOfOrder() {
    mark(1);
    command("PING");
    offset += 5;
    mark(2);
    LogDamage damage = damage(file.toByteArray());
    assertThat(damage.kind()).isEqualTo(LogDamage.Kind.ORDER);
    assertThat(damage)
        .hasMessageContaining(": A mark of another place: found offset 19 (expected: 14)");
  }

  @Test
  void markWithinATransaction_isOutOfOrder() {
    mark(1);
    command("MULTI");
    mark(2);
    LogDamage damage = damage(file.toByteArray());
    assertThat(damage.kind()).isEqualTo(LogDamage.Kind.ORDER);
    assertThat(damage).hasMessageContaining(": A mark within a transaction (expected: EXEC first)");
  }

  @Test
  void changedByte_isToldWithTheChecksumFoundAndTheMarks() {
    mark(1);
    command("SET", "k", "v");
    mark(2);
    byte[] bytes = file.toByteArray();
    String text = new String(bytes, StandardCharsets.ISO_8859_1);
    int mark = text.lastIndexOf("#MARK:");
    String written = text.substring(text.lastIndexOf(':') + 1).strip();
    bytes[text.lastIndexOf('v')] = 'w';
    int since = text.indexOf("\r\n") + 2;
    CRC32C sum = new CRC32C();
    sum.update(bytes, since, text.lastIndexOf(':') + 1 - since);
    LogDamage damage = damage(bytes);
    assertThat(damage.kind()).isEqualTo(LogDamage.Kind.CHECKSUM);
    assertThat(damage)
        .hasMessageStartingWith(
            "f:%d: Wrong checksum of the bytes since the last mark at %d: found %s (expected: %s) ",
            mark, since, HexFormat.of().toHexDigits((int) sum.getValue()), written);
  }

  @Test
  void garbageBehindCommands_namesPlaceOffsetAndTime() {
    mark(1234);
    command("SET", "foo", "hello");
    raw("!!!");
    LogDamage damage = damage(file.toByteArray());
    assertThat(damage)
        .hasMessage(
            "f:99: Bad file format: found byte 33 (expected: '*') "
                + "(good up to byte 66, offset 0, time 1234 ms)");
    assertThat(damage.at()).isEqualTo(99);
  }

  @Test
  void batches_holdEveryCommandOnce_whateverTheirSizes() throws IOException {
    RandomSource random = RandomSource.seeded(7);
    List<String> written = new ArrayList<>();
    for (int i = 0; i < 3000; i++) {
      String value = "v".repeat(i % 500 == 0 ? 400_000 : random.nextInt(300));
      command("SET", "k" + i, value);
      written.add("k" + i + value.length());
      if (random.nextInt(10) == 0) {
        mark(i);
      }
    }
    List<String> read = new ArrayList<>();
    RequestBatch batch = new RequestBatch(64);
    try (SegmentReader reader = reader()) {
      do {
        batch.clear();
        reader.read(batch);
        for (int i = 0; i < batch.commands(); i++) {
          read.add(batch.arg(i, 1).toString() + batch.arg(i, 2).length);
        }
      } while (!batch.isEmpty());
      assertThat(reader.goodBytes()).isEqualTo(file.size());
    } finally {
      batch.close();
    }
    assertThat(read).isEqualTo(written);
  }
}
