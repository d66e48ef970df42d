package carnelian.server;

import static org.assertj.core.api.Assertions.assertThat;

import carnelian.memory.CopyLimitException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The Java heap is small: no client may fill it with what it sends.
class LongArgumentsTest {
  private static final String LONG = "k".repeat(CopyLimitException.MAX_BYTES + 1);

  @TempDir private Path directory;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "WATCH %",
        "SUBSCRIBE %",
        "PSUBSCRIBE %",
        "SSUBSCRIBE %",
        "BLPOP % 0",
        "EVAL % 0",
        "EVAL #!lua% 0",
        "SCRIPT LOAD %",
        "FUNCTION LOAD %",
        "FCALL % 0",
        "CLIENT SETNAME %",
        "CLIENT SETINFO LIB-NAME %",
        "CLIENT TRACKING ON BCAST PREFIX %",
        "CLIENT KILL %",
        "CONFIG SET requirepass %",
        "CONFIG GET %",
        "ACL SETUSER %",
        "ACL SETUSER u ~%",
        "AUTH % x",
        "HELLO 3 AUTH default %",
        "HELLO 3 SETNAME %",
        "LATENCY HISTORY %",
        "INFO %",
        "INCRBYFLOAT f %",
        "SORT l BY %",
      })
  void longArgument_isRefused(String line) throws Exception {
    try (TestInstance instance = TestInstance.start(directory)) {
      instance.instance().awaitLoaded();
      instance.raw("RPUSH", "l", "a");
      Object[] words = line.split(" ", -1);
      for (int i = 0; i < words.length; i++) {
        words[i] = words[i].toString().replace("%", LONG);
      }
      String reply = instance.raw(words);
      assertThat(reply.substring(0, Math.min(reply.length(), 200))).startsWith("-");
      assertThat(instance.raw("PING")).isEqualTo("+PONG\r\n");
    }
  }

  @Test
  void longKeysAndValues_areData() throws Exception {
    try (TestInstance instance = TestInstance.start(directory)) {
      instance.instance().awaitLoaded();
      assertThat(instance.raw("SET", LONG, LONG)).isEqualTo("+OK\r\n");
      assertThat(instance.raw("STRLEN", LONG)).isEqualTo(":" + LONG.length() + "\r\n");
      assertThat(instance.raw("HSET", "h", LONG, LONG)).isEqualTo(":1\r\n");
      assertThat(instance.raw("DEL", LONG)).isEqualTo(":1\r\n");
    }
  }
}
