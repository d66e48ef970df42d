package carnelian.interop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Makes `docs/generated/commands.md` from what a running server tells of its commands, fails when
/// the file in the repository is another, and compares with redis-server: every difference is what
/// Redis 7.2 does, comes after it, or is named with its reason in `docs/generated/differences.tsv`.
/// To write both files anew (rows of the list that have become true are dropped):
///
/// ```
/// mvn -q -Dquick -pl interop -am test -Dtest=CommandReferenceTest \
///   -Dsurefire.failIfNoSpecifiedTests=false -Dtest.jvm.flags=-Dcarnelian.regenerate=true
/// ```
class CommandReferenceTest {
  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
  private static final Path PAGE = ROOT.resolve("docs/generated/commands.md");
  private static final Path LIST = ROOT.resolve("docs/generated/differences.tsv");
  private static final Path CAPTURES = ROOT.resolve("server/src/test/resources/carnelian/server");
  private static final boolean REGENERATE = Boolean.getBoolean("carnelian.regenerate");

  private static final String OPENING =
      """
      # Commands

      Made from what a running server answers to COMMAND and COMMAND DOCS; do not edit
      ([how](../testing.md)). *Redis* says: `7.0` if all facts are those of redis-server
      7.0.15; `7.2` with what 7.2 changed; `later` for commands that came after 7.2. Words in the
      column *keys* are the flags of the key specs, then where they begin and how they go on. Facts
      are compared; the sentences (summary, complexity, notes on keys) are our own.
      """;

  @TempDir Path directory;

  /// The named differences: kind, then name, then reason.
  private static Map<String, Map<String, String>> named() throws IOException {
    Map<String, Map<String, String>> named = new LinkedHashMap<>();
    for (String line : Files.readAllLines(LIST)) {
      if (!line.startsWith("#") && !line.isEmpty()) {
        String[] columns = line.split("\t", 3);
        assertThat(columns).as(line).hasSize(3);
        named.computeIfAbsent(columns[0], _ -> new TreeMap<>()).put(columns[1], columns[2]);
      }
    }
    return named;
  }

  private static Map<String, String> named(String kind) throws IOException {
    return named().getOrDefault(kind, Map.of());
  }

  private static Map<String, List<String>> capture(String... files) throws IOException {
    Map<String, List<String>> facts = new TreeMap<>();
    for (String file : files) {
      List<String> block = new ArrayList<>();
      for (String line : Files.readAllLines(CAPTURES.resolve(file))) {
        if (line.startsWith("  ")) {
          block.add(line.substring(2));
        } else if (!line.startsWith("#")) {
          block = new ArrayList<>();
          facts.put(line, block);
        }
      }
    }
    facts.replaceAll((_, lines) -> CommandFacts.normal(lines));
    return facts;
  }

  private static Map<String, List<String>> redis70() throws IOException {
    return capture("declarations-7.0.15.txt");
  }

  private static Map<String, List<String>> redis72() throws IOException {
    return capture("declarations-7.0.15.txt", "declarations-7.2.txt");
  }

  private Map<String, CommandFacts> ours() throws IOException {
    Path home = Files.createDirectory(directory.resolve("ours"));
    try (ServerProcess carnelian = ServerProcess.carnelian(home);
        RespConnection connection = carnelian.connect()) {
      return CommandFacts.of(connection);
    }
  }

  @Test
  void commandReference_isFresh() throws IOException {
    Map<String, CommandFacts> ours = ours();
    if (REGENERATE) {
      dropWhatIsThere(ours.keySet());
      Files.writeString(PAGE, page(ours));
    }
    assertThat(Files.readString(PAGE)).as("%s is stale", PAGE).isEqualTo(page(ours));
  }

  private static void dropWhatIsThere(Set<String> ours) throws IOException {
    List<String> kept =
        Files.readAllLines(LIST).stream()
            .filter(line -> !line.startsWith("absent\t") || !ours.contains(line.split("\t", 3)[1]))
            .toList();
    Files.write(LIST, kept);
  }

  @Test
  void everyFact_isThatOfRedisOrNamed() throws IOException {
    Map<String, List<String>> seven0 = redis70();
    Map<String, List<String>> seven2 = redis72();
    Map<String, CommandFacts> ours = ours();
    Set<String> different = new TreeSet<>();
    ours.forEach(
        (name, facts) -> {
          boolean known = seven2.containsKey(name);
          if (known ? !facts.lines().equals(seven2.get(name)) : !isLater(facts)) {
            different.add(name);
          }
        });
    assertThat(different)
        .as("commands whose facts are neither 7.0.15's nor 7.2's: name them in %s", LIST)
        .isEqualTo(named("different").keySet());

    Set<String> absent = new TreeSet<>(seven2.keySet());
    absent.removeAll(ours.keySet());
    absent.removeIf(name -> isPartOfAbsent(name, ours.keySet()));
    assertThat(absent)
        .as("commands of Redis that are not there: name them in %s", LIST)
        .isEqualTo(named("absent").keySet());
    assertThat(seven0).hasSizeGreaterThan(300);
  }

  /// A container that is not there is named alone.
  private static boolean isPartOfAbsent(String name, Set<String> ours) {
    int bar = name.indexOf('|');
    return bar > 0 && !ours.contains(name.substring(0, bar));
  }

  private static boolean isLater(CommandFacts facts) {
    String[] version = facts.since().split("\\.", -1);
    int major = Integer.parseInt(version[0]);
    return major > 7 || major == 7 && Integer.parseInt(version[1]) > 2;
  }

  @Test
  void capturedFacts_areWhatRedisTells() throws IOException {
    assumeTrue(ServerProcess.redisInstalled(), "needs Debian's redis-server");
    Map<String, List<String>> told = new TreeMap<>();
    try (ServerProcess redis = ServerProcess.redis(directory);
        RespConnection connection = redis.connect()) {
      CommandFacts.of(connection).forEach((name, facts) -> told.put(name, facts.lines()));
    }
    assertThat(told).isEqualTo(redis70());
  }

  @Test
  void infoFields_areThoseOfRedisOrNamed() throws IOException {
    assumeTrue(ServerProcess.redisInstalled(), "needs Debian's redis-server");
    Set<String> theirs;
    Set<String> ours;
    Path home = Files.createDirectory(directory.resolve("ours"));
    String[] settings = {"--appendonly", "yes", "--maxmemory", "1gb"};
    try (ServerProcess redis = ServerProcess.redis(directory, settings);
        ServerProcess carnelian = ServerProcess.carnelian(home, settings);
        RespConnection oracle = redis.connect();
        RespConnection subject = carnelian.connect()) {
      theirs = infoFields(oracle);
      ours = infoFields(subject);
    }
    assertThat(theirs).hasSizeGreaterThan(150);
    assertThat(without(theirs, ours)).isEqualTo(named("info-absent").keySet());
    Set<String> added = new TreeSet<>();
    for (String field : without(ours, theirs)) {
      String section = field.substring(0, field.indexOf(' ') + 1);
      boolean known = theirs.stream().anyMatch(theirField -> theirField.startsWith(section));
      added.add(known ? field : section + "*");
    }
    assertThat(added).isEqualTo(named("info-added").keySet());
  }

  private static Set<String> without(Set<String> all, Set<String> some) {
    Set<String> rest = new TreeSet<>(all);
    rest.removeAll(some);
    return rest;
  }

  /// With their sections, without what is counted for each command, error or database.
  private static Set<String> infoFields(RespConnection connection) {
    connection.call("SET", "k", "v").text();
    RespValue _ = connection.call("GET");
    Set<String> fields = new TreeSet<>();
    String section = "";
    for (String line : connection.call("INFO", "everything").text().split("\r\n", -1)) {
      int colon = line.indexOf(':');
      if (line.startsWith("# ")) {
        section = line.substring(2);
      } else if (colon > 0) {
        String field = line.substring(0, colon);
        if (!field.matches("(cmdstat|errorstat|latency_percentiles)_.*|db[0-9]+")) {
          fields.add(section + " " + field);
        }
      }
    }
    return fields;
  }

  // ---- The page --------------------------------------------------------------------------------

  private static String page(Map<String, CommandFacts> ours) throws IOException {
    Map<String, List<String>> seven0 = redis70();
    Map<String, String> different = named("different");
    StringBuilder out = new StringBuilder(OPENING);
    Map<String, List<CommandFacts>> groups =
        ours.values().stream()
            .collect(
                Collectors.groupingBy(f -> f.only("group"), TreeMap::new, Collectors.toList()));
    groups.forEach(
        (group, commands) -> {
          out.append("\n## ").append(group).append("\n\n");
          out.append(
              "| command | since | arity | flags | categories | keys | Redis | what for |\n");
          out.append("|---|---|--:|---|---|---|---|---|\n");
          commands.forEach(facts -> row(out, facts, seven0, different));
        });
    named(out, "Not there", "command", "absent");
    named(out, "INFO fields that are not there", "field", "info-absent");
    named(out, "INFO fields that Redis 7.0.15 has not", "field", "info-added");
    return out.toString();
  }

  private static void row(
      StringBuilder out,
      CommandFacts facts,
      Map<String, List<String>> seven0,
      Map<String, String> different) {
    String keys =
        facts.every("spec").stream()
            .map(spec -> spec.replace(" | ", ", "))
            .collect(Collectors.joining("; "));
    out.append("| `").append(facts.name().replace("|", " ").toUpperCase(java.util.Locale.ROOT));
    out.append("` | ").append(facts.since()).append(" | ").append(facts.only("arity"));
    out.append(" | ").append(facts.only("flags")).append(" | ").append(facts.only("categories"));
    out.append(" | ").append(keys).append(" | ").append(redis(facts, seven0, different));
    out.append(" | ").append(facts.summary().replace("|", "\\|")).append(" |\n");
  }

  private static String redis(
      CommandFacts facts, Map<String, List<String>> seven0, Map<String, String> different) {
    List<String> old = seven0.get(facts.name());
    String reason = different.get(facts.name());
    if (reason != null) {
      return "differs: " + reason;
    }
    if (facts.lines().equals(old)) {
      return "7.0";
    }
    return old != null ? "7.2: " + changed(facts.lines(), old) : isLater(facts) ? "later" : "7.2";
  }

  private static String changed(List<String> ours, List<String> theirs) {
    Map<String, String> words = new HashMap<>(Map.of("arg", "arguments", "spec", "key specs"));
    words.putAll(Map.of("tip", "tips", "doc", "documentation flags"));
    List<String> both = new ArrayList<>(ours);
    both.addAll(theirs);
    both.removeIf(line -> ours.contains(line) && theirs.contains(line));
    return both.stream()
        .map(CommandFacts::kind)
        .map(kind -> words.getOrDefault(kind, kind))
        .distinct()
        .collect(Collectors.joining(", "));
  }

  private static void named(StringBuilder out, String title, String what, String kind)
      throws IOException {
    out.append("\n## ").append(title).append("\n\n");
    out.append("| ").append(what).append(" | why |\n|---|---|\n");
    named(kind)
        .forEach(
            (name, reason) ->
                out.append("| `%s` | %s |\n".formatted(name.replace("|", " "), reason)));
  }
}
