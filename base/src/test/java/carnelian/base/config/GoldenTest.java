package carnelian.base.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/// Compares the table with what redis-server 7.0.15 said: `CONFIG GET *` of a server without a
/// configuration, and its replies to wrong values.
class GoldenTest {
  private final Config config = new Config(Path.of("/"));

  @Test
  void everyDirectiveOfRedis_isKnownWithItsDefault() throws IOException {
    List<String> wrong = new ArrayList<>();
    for (String line : lines("redis-7.0.15-defaults.tsv")) {
      String[] columns = line.split("\t", -1);
      Directive<?> directive = config.find(columns[0]);
      String value = directive == null ? "unknown" : config.text(directive);
      if (!value.equals(columns[1])) {
        wrong.add(columns[0] + ": " + value + " (expected: " + columns[1] + ")");
      }
    }
    assertThat(wrong).isEmpty();
  }

  @TestFactory
  Stream<DynamicTest> wrongValues_areRefusedInRedisWords() throws IOException {
    return lines("redis-7.0.15-refusals.tsv").stream()
        .map(line -> DynamicTest.dynamicTest(line, () -> refuses(line)));
  }

  private void refuses(String line) {
    List<String> words = List.of(line.split("\t", -1));
    int arrow = words.indexOf("=>");
    List<Config.Pair> pairs = new ArrayList<>();
    for (int i = 0; i < arrow; i += 2) {
      pairs.add(new Config.Pair(words.get(i), words.get(i + 1)));
    }
    ConfigRefusedException refusal =
        catchThrowableOfType(
            ConfigRefusedException.class, () -> config.set(pairs, new Config.Caller(false, false)));

    assertThat(refusal.reply()).isEqualTo(words.getLast());
    for (Directive<?> directive : Directives.all()) {
      if (directive != Directives.DIR) {
        assertThat((Object) config.get(directive)).isEqualTo(directive.defaultValue());
      }
    }
  }

  private static List<String> lines(String resource) throws IOException {
    try (InputStream in = GoldenTest.class.getResourceAsStream(resource)) {
      return new String(in.readAllBytes(), StandardCharsets.ISO_8859_1).lines().toList();
    }
  }
}
