package carnelian.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What is kept for a client beside its buffers counts against `maxmemory-clients`.
class ClientMemoryTest {
  private static final int NAMES = 2000;
  private static final long LEAST_BYTES = 100L * NAMES;
  private static final Pattern TOTAL = Pattern.compile(" tot-mem=([0-9]+) ");

  @TempDir private Path directory;

  private static Object[] words(String line) {
    List<Object> words = new ArrayList<>(List.of(line.split(" ", -1)));
    String last = words.removeLast().toString();
    for (int i = 0; i < NAMES; i++) {
      if (last.equals("PREFIX")) {
        words.add(last);
      }
      words.add("name:" + (NAMES + i));
    }
    return words.toArray();
  }

  private static long totalBytes(TestInstance instance) {
    Matcher matcher = TOTAL.matcher(instance.raw("CLIENT", "INFO"));
    assertThat(matcher.find()).isTrue();
    return Long.parseLong(matcher.group(1));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "WATCH name",
        "SUBSCRIBE name",
        "PSUBSCRIBE name",
        "SSUBSCRIBE name",
        "CLIENT TRACKING ON BCAST PREFIX"
      })
  void whatIsKeptForAClient_isShownAndEndsIt(String line) throws Exception {
    try (TestInstance instance = TestInstance.start(directory)) {
      instance.instance().awaitLoaded();
      instance.raw("HELLO", "3");
      assertThat(instance.raw("CONFIG", "SET", "maxmemory-clients", LEAST_BYTES)).contains("OK");
      long before = totalBytes(instance);
      instance.raw("CLIENT", "NO-EVICT", "on");
      instance.raw(words(line));
      assertThat(totalBytes(instance)).isGreaterThan(before + LEAST_BYTES);
      assertThat(instance.raw("INFO", "stats")).contains("evicted_clients:0\r\n");

      instance.raw("RESET"); // Gives all of it back.
      instance.raw("HELLO", "3");
      assertThat(totalBytes(instance)).isLessThan(before + LEAST_BYTES);
      instance.raw("INFO", "memory");
      instance.raw("CLIENT", "NO-EVICT", "off");
      assertThatThrownBy(
              () -> {
                instance.raw(words(line));
                instance.raw("INFO", "memory"); // Looks at the clients at once.
                instance.raw("PING");
              })
          .isInstanceOf(UncheckedIOException.class);
    }
  }
}
