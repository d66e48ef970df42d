package carnelian.persistence.log;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadFactory;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ReadAheadTest {
  private static final String ID = "0123456789abcdef0123456789abcdef01234567";
  private static final int COMMANDS = 20_000;

  private final ByteArrayOutputStream file = new ByteArrayOutputStream();
  private final List<Integer> places = new ArrayList<>();

  private void commands() {
    CRC32C crc = new CRC32C();
    long offset = 0;
    for (int i = 0; i < COMMANDS; i++) {
      String value = "x".repeat(i % 1000 == 7 ? 300_000 : 20);
      String text =
          "*3\r\n$3\r\nSET\r\n$6\r\nk%05d\r\n$%d\r\n%s\r\n".formatted(i, value.length(), value);
      byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
      places.add(file.size());
      file.writeBytes(bytes);
      crc.update(bytes);
      offset += bytes.length;
      if (i % 100 == 99) {
        file.writeBytes(Mark.print(new Position(ID, offset), 1, 0, crc));
      }
    }
  }

  private ReadAhead open(byte[] bytes, @Nullable ThreadFactory threads) {
    SegmentReader reader =
        new SegmentReader("f", Channels.newChannel(new ByteArrayInputStream(bytes)), 0);
    return new ReadAhead(reader, threads);
  }

  /// The pieces of a file hold its commands in order, each where it stands; returns the damage at
  /// their end, and how many there were.
  private record End(int commands, @Nullable LogDamage damage, long offset) {}

  private End readAll(byte[] bytes, @Nullable ThreadFactory threads) throws IOException {
    try (ReadAhead ahead = open(bytes, threads)) {
      int next = 0;
      while (true) {
        ReadAhead.Piece piece = ahead.next();
        for (int i = 0; i < piece.batch.commands(); i++) {
          assertThat(piece.batch.arg(i, 1)).hasToString("k%05d".formatted(next));
          assertThat(piece.placeOf(i)).isEqualTo(places.get(next).longValue());
          next++;
        }
        assertThat(ahead.position()).isEqualTo(piece.endBytes());
        if (piece.damage() != null || piece.batch.isEmpty()) {
          return new End(next, piece.damage(), piece.offset());
        }
      }
    }
  }

  @Test
  void pieces_holdAllCommandsInOrder_withAThreadAndWithout() throws IOException {
    commands();
    byte[] bytes = file.toByteArray();
    End alone = readAll(bytes, null);
    assertThat(alone.commands()).isEqualTo(COMMANDS);
    assertThat(alone.damage()).isNull();
    assertThat(readAll(bytes, Thread::new)).isEqualTo(alone);
  }

  @Test
  void damage_comesBehindTheCommandsBeforeIt_andNamesItsPlace() throws IOException {
    commands();
    byte[] bytes = file.toByteArray();
    int broken = 12_345;
    bytes[places.get(broken)] = '?';
    End alone = readAll(bytes, null);
    End ahead = readAll(bytes, Thread::new);
    assertThat(ahead.commands()).isEqualTo(alone.commands()).isEqualTo(broken);
    LogDamage damage = requireNonNull(ahead.damage());
    assertThat(damage).hasMessage(String.valueOf(message(alone)));
    assertThat(damage.at()).isEqualTo(places.get(broken).longValue());
  }

  private static @Nullable String message(End end) {
    return end.damage() == null ? null : end.damage().getMessage();
  }

  @Test
  void closedInTheMiddle_givesAllMemoryBack() throws IOException {
    commands();
    try (ReadAhead ahead = open(file.toByteArray(), Thread::new)) {
      assertThat(ahead.next().batch.commands()).isPositive();
    }
  }
}
