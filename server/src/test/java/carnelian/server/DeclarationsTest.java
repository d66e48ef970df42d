package carnelian.server;

import static org.assertj.core.api.Assertions.assertThat;

import carnelian.command.Declaration;
import carnelian.engine.Command;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.Test;

/// Compares every declaration with what Redis answers to COMMAND INFO and COMMAND DOCS.
///
/// `declarations-7.0.15.txt` was captured from redis-server 7.0.15; `declarations-7.2.txt` names
/// what 7.2 changed and added. What Carnelian intends to be otherwise stands in this test.
class DeclarationsTest {

  /// Commands of Redis after 7.2, of Valkey, and of our own; captured nowhere.
  static final Set<String> NOT_IN_REDIS_72 =
      Set.of(
          "bigkeys",
          "delifeq",
          "hexpire",
          "hexpireat",
          "hexpiretime",
          "hgetdel",
          "hgetex",
          "hotkeys",
          "hotkeys|get",
          "hotkeys|help",
          "hotkeys|reset",
          "hpersist",
          "hpexpire",
          "hpexpireat",
          "hpexpiretime",
          "hpttl",
          "hsetex",
          "httl",
          "msetex");

  /// Commands whose facts differ from Redis's on purpose, with the reason.
  private static final Map<String, String> DIFFERENT = Map.of("set", "takes Valkey's IFEQ");

  private static List<Declaration> declarations() {
    List<Declaration> declarations = new ArrayList<>();
    for (Command command : AllCommands.list()) {
      declarations.add(command.declaration());
    }
    return declarations;
  }

  private static Map<String, List<String>> read(String resource) {
    Map<String, List<String>> facts = new LinkedHashMap<>();
    List<String> block = new ArrayList<>();
    InputStream stream =
        Objects.requireNonNull(DeclarationsTest.class.getResourceAsStream(resource), resource);
    try (BufferedReader reader =
        new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8))) {
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        if (line.startsWith("  ")) {
          block.add(line.substring(2));
        } else if (!line.startsWith("#")) {
          block = new ArrayList<>();
          facts.put(line, block);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return facts;
  }

  private static Map<String, List<String>> expected() {
    Map<String, List<String>> facts = read("declarations-7.0.15.txt");
    facts.putAll(read("declarations-7.2.txt"));
    return facts;
  }

  @Test
  void declarations_tellTheSameFactsAsRedis() {
    Map<String, List<String>> expected = expected();

    SoftAssertions softly = new SoftAssertions();
    DeclarationFacts.of(declarations())
        .forEach(
            (name, facts) -> {
              if (!NOT_IN_REDIS_72.contains(name) && !DIFFERENT.containsKey(name)) {
                softly.assertThat(facts).as(name).isEqualTo(expected.get(name));
              }
            });
    softly.assertAll();
  }

  @Test
  void namedDifferences_areStillDifferences() {
    Map<String, List<String>> expected = expected();
    Map<String, List<String>> ours = DeclarationFacts.of(declarations());

    for (String name : DIFFERENT.keySet()) {
      assertThat(ours.get(name)).as(name).isNotNull().isNotEqualTo(expected.get(name));
    }
    for (String name : NOT_IN_REDIS_72) {
      assertThat(expected).as("is in Redis 7.2").doesNotContainKey(name);
    }
  }

  @Test
  void containers_haveEverySubcommandOfRedis() {
    Set<String> expected = new TreeSet<>(expected().keySet());
    Set<String> ours = DeclarationFacts.of(declarations()).keySet();

    expected.removeIf(name -> !name.contains("|") || !ours.contains(containerOf(name)));
    assertThat(ours).containsAll(expected);
  }

  private static String containerOf(String name) {
    return name.substring(0, name.indexOf('|'));
  }

  @Test
  void summaries_areSentencesOfOneLine() {
    for (Declaration declaration : declarations()) {
      assertThat(declaration.summary()).as(declaration.name()).matches("[A-Z][^\\n]{5,98}\\.");
    }
  }
}
