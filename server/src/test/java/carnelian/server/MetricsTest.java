package carnelian.server;

import static org.assertj.core.api.Assertions.assertThat;

import carnelian.server.metrics.MetricsParser;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The page `/metrics` of a whole store, and what MEMORY DOCTOR says of one.
class MetricsTest {
  private static final String OK = "+OK\r\n";
  private static final InetAddress HERE = InetAddress.ofLiteral("127.0.0.1");

  @TempDir Path directory;

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, HERE)) {
      return socket.getLocalPort();
    }
  }

  private static String get(int port, String path) throws IOException {
    try (Socket socket = new Socket(HERE, port)) {
      socket.setSoTimeout(30_000);
      String request = "GET " + path + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
      socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private static Map<String, Double> samples(String response) {
    assertThat(response)
        .startsWith("HTTP/1.1 200 OK\r\n")
        .contains("content-type: application/openmetrics-text; version=1.0.0; charset=utf-8\r\n");
    return MetricsParser.parse(response.substring(response.indexOf("\r\n\r\n") + 4)).samples();
  }

  @Test
  void page_hasEveryFigureOfInfo_andMore() throws Exception {
    int port = freePort();
    try (TestInstance instance =
        TestInstance.start(directory, "metrics-port " + port, "appendonly yes")) {
      instance.instance().awaitLoaded();
      for (int i = 0; i < 2000; i++) {
        assertThat(instance.raw("SET", "hot\"\\\u00e9", "v" + i)).isEqualTo(OK);
      }
      instance.raw("HGET", "hot\"\\\u00e9", "f");
      instance.raw("CONFIG", "GET", "port");
      Map<String, Double> samples = samples(get(port, "/metrics"));

      String page = String.join("\n", samples.keySet());
      String info = instance.raw("INFO", "everything");
      for (String line : info.split("\r\n", -1)) {
        if (line.matches("[a-z_]+:-?\\d+(\\.\\d+)?%?") && !line.startsWith("redis_git_sha1")) {
          String field = line.substring(0, line.indexOf(':'));
          assertThat(page.contains("carnelian_" + field) || page.contains(counter(field)))
              .as(line)
              .isTrue();
        }
      }
      assertThat(samples)
          .containsEntry("carnelian_db_keys{db=\"0\"}", 1.0)
          .containsEntry("carnelian_cmdstat_calls_total{cmd=\"set\"}", 2000.0)
          .containsEntry("carnelian_cmdstat_failed_calls_total{cmd=\"hget\"}", 1.0)
          .containsEntry("carnelian_errorstat_count_total{error=\"WRONGTYPE\"}", 1.0)
          .containsEntry("carnelian_command_duration_seconds_count{cmd=\"config|get\"}", 1.0)
          .containsEntry("carnelian_command_duration_seconds_count{cmd=\"set\"}", 2000.0)
          .containsEntry("carnelian_distrib_strings_sizes{db=\"0\",size=\"4\"}", 1.0)
          .containsKey("carnelian_queueing_seconds_bucket{le=\"+Inf\"}")
          .containsKey("carnelian_expire_lag_max_ms")
          .containsKey("carnelian_aof_durable_lag_bytes")
          .containsKey("carnelian_aof_durable_lag_ms");
      assertThat(page)
          .contains("carnelian_hotkey_calls_per_second{db=\"0\",key=\"hot\\\\\\\"\\\\\\\\\\\\x");
    }
  }

  private static String counter(String field) {
    return "carnelian_" + field.replaceFirst("^total_", "");
  }

  @Test
  void otherPages_areNotThere_andThePortCanBeChanged() throws Exception {
    int port = freePort();
    try (TestInstance instance = TestInstance.start(directory)) {
      instance.instance().awaitLoaded();
      assertThat(instance.instance().metrics().port()).isZero();
      assertThat(instance.raw("CONFIG", "SET", "metrics-port", port)).isEqualTo(OK);
      assertThat(get(port, "/")).startsWith("HTTP/1.1 404 ");
      assertThat(get(port, "/metrics?x=1")).startsWith("HTTP/1.1 200 ");
      int taken;
      try (ServerSocket other = new ServerSocket(0, 1, HERE)) {
        taken = other.getLocalPort();
        assertThat(instance.raw("CONFIG", "SET", "metrics-port", taken)).startsWith("-ERR");
        assertThat(get(port, "/metrics")).startsWith("HTTP/1.1 200 ");
      }
      assertThat(instance.raw("CONFIG", "SET", "metrics-port", "0")).isEqualTo(OK);
      assertThat(instance.instance().metrics().port()).isZero();
    }
  }

  // ---- MEMORY DOCTOR ---------------------------------------------------------------------------

  @Test
  void doctor_namesPrefixesAndBigKeys_andTheCommandsThatMend() throws Exception {
    try (TestInstance instance = TestInstance.start(directory)) {
      instance.instance().awaitLoaded();
      String value = "x".repeat(8000);
      for (int i = 0; i < 600; i++) {
        assertThat(instance.raw("SET", "session:" + i, value)).isEqualTo(OK);
      }
      for (int i = 0; i < 200; i++) {
        assertThat(instance.raw("SET", "cache:" + i, value, "EX", "1000")).isEqualTo(OK);
      }
      assertThat(instance.raw("SETRANGE", "blob", "1500000", "x")).isEqualTo(":1500001\r\n");

      assertThat(instance.raw("MEMORY", "DOCTOR"))
          .contains(" by the 801 keys counted now.\n")
          .containsPattern(
              "Keys beginning with \"session:\" in database 0 take \\d\\d % \\(\\d\\.\\d MB of"
                  + " \\d\\.\\d MB\\): 600 keys of \\d+\\.\\d KB on average, none with a"
                  + " deadline\\.")
          .contains("redis-cli -n 0 --scan --pattern 'session:*' | xargs redis-cli -n 0 UNLINK")
          .containsPattern("\"cache:\" in database 0 take .*, all with a deadline\\.")
          .containsPattern("The string \"blob\" in database 0 alone takes \\d\\d % .*bytes\\.");
      assertThat(instance.raw("CONFIG", "SET", "maxmemory", "8500kb")).isEqualTo(OK);
      assertThat(instance.raw("MEMORY", "DOCTOR")).contains("soon writes are refused");
      assertThat(instance.raw("CONFIG", "SET", "maxmemory-policy", "volatile-lru")).isEqualTo(OK);
      assertThat(instance.raw("MEMORY", "DOCTOR")).contains("keys are evicted to make room");
    }
  }

  @Test
  void doctor_writesNoCommandWithAKeyThatTheShellCouldMistake() throws Exception {
    try (TestInstance instance = TestInstance.start(directory)) {
      instance.instance().awaitLoaded();
      for (int i = 0; i < 700; i++) {
        instance.raw("SET", "';rm -rf *;':" + i, "x".repeat(9000));
      }
      assertThat(instance.raw("MEMORY", "DOCTOR"))
          .contains("Keys beginning with \"';rm -rf *;':\"")
          .doesNotContain("--pattern");
    }
  }
}
