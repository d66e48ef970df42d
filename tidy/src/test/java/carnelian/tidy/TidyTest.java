package carnelian.tidy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import carnelian.tidy.Sources.Source;
import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.LineMap;
import com.sun.source.tree.MethodTree;
import com.sun.source.util.SourcePositions;
import com.sun.source.util.TreeScanner;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// The rules of CONTRIBUTING.md that a machine can check. Each failure names file and line.
class TidyTest {
  private static final int LONGEST_FILE = 800;
  private static final int LONGEST_METHOD = 70;

  /// Who may use whom: the table of ARCHITECTURE.md. What a module may use, its users may use too.
  private static final Map<String, Set<String>> MAY_USE = table();

  private static Map<String, Set<String>> table() {
    Map<String, Set<String>> table = new LinkedHashMap<>();
    table.put("base", Set.of());
    table.put("memory", Set.of("base"));
    table.put("structures", Set.of("memory"));
    table.put("keyspace", Set.of("structures"));
    table.put("resp", Set.of("memory"));
    table.put("command", Set.of("resp"));
    table.put("net", Set.of("resp"));
    table.put("engine", Set.of("command", "keyspace", "resp"));
    table.put("datatypes", Set.of("engine"));
    table.put("scripting", Set.of("engine"));
    table.put("persistence", Set.of("engine"));
    table.put("replication", Set.of("persistence"));
    table.put("server", Set.of("net", "datatypes", "scripting", "replication"));
    table.put("embedded", Set.of("server"));
    return table;
  }

  /// What only some modules may call, and what to use instead.
  private record Banned(String what, String pattern, Set<String> homes, String instead) {}

  private static final List<Banned> BANNED =
      List.of(
          new Banned(
              "the system's clock",
              "System\\.(currentTimeMillis|nanoTime)\\(|Instant\\.now\\(|LocalDateTime\\.now\\(",
              Set.of("base", "net"),
              "carnelian.base.Clock"),
          new Banned(
              "hidden randomness",
              "new (Secure|Splittable)?Random\\(|ThreadLocalRandom|Math\\.random\\(|randomUUID\\(",
              Set.of("base"),
              "carnelian.base.RandomSource"),
          new Banned(
              "a hidden thread",
              "new Thread\\(|Thread\\.(ofVirtual|ofPlatform|startVirtualThread)\\(|Executors\\.",
              Set.of("memory", "net", "server"),
              "a thread of the wiring, handed in"),
          new Banned("sleeping", "Thread\\.sleep\\(", Set.of(), "waiting for a condition"),
          new Banned(
              "the default charset",
              "\\.getBytes\\(\\)|new InputStreamReader\\([^,;]*\\)",
              Set.of(),
              "an explicit charset"),
          new Banned("the default locale", "\\.to(Lower|Upper)Case\\(\\)", Set.of(), "Locale.ROOT"),
          new Banned(
              "memory without an owner",
              "Arena\\.ofAuto|Cleaner\\.create|allocateDirect\\(",
              Set.of(),
              "carnelian.memory"),
          new Banned("unchecked memory", "\\.misc\\.Unsafe", Set.of("memory"), "carnelian.memory"),
          new Banned("printing", "System\\.(out|err)\\b", Set.of("server"), "a logger"));

  private final List<Source> sources = Sources.java();
  private final List<Source> main = sources.stream().filter(Source::isMain).toList();
  private final List<String> faults = new ArrayList<>();

  @Test
  void imports_followTheTable() {
    Pattern imported =
        Pattern.compile("^import (?:static )?carnelian\\.([a-z]+)", Pattern.MULTILINE);
    for (Source source : product()) {
      Set<String> allowed = closure(source.module());
      each(
          source,
          imported,
          hit -> allowed.contains(hit.group(1)) ? null : "may not use " + hit.group(1));
    }
    none();
  }

  @Test
  void bannedCalls_stayInTheirHomes() {
    for (Source source : product()) {
      for (Banned banned : BANNED) {
        if (!banned.homes().contains(source.module())) {
          each(
              source,
              Pattern.compile(banned.pattern()),
              hit -> banned.what() + ": " + hit.group() + " (use " + banned.instead() + ")");
        }
      }
    }
    none();
  }

  @Test
  void tests_doNotSleep() {
    for (Source source : sources) {
      each(source, Pattern.compile("Thread\\.sleep\\("), _ -> "sleeps");
    }
    none();
  }

  @Test
  void files_areShort() {
    for (Source source : main) {
      long lines = source.text().lines().count();
      if (lines > LONGEST_FILE) {
        faults.add(source.at(1) + ": " + lines + " lines (at most " + LONGEST_FILE + ")");
      }
    }
    none();
  }

  @Test
  void methods_areShort() {
    Sources.Parsed parsed = Sources.parse(main);
    SourcePositions positions = parsed.positions();
    for (CompilationUnitTree unit : parsed.units()) {
      LineMap lines = unit.getLineMap();
      new TreeScanner<@Nullable Void, @Nullable Void>() {
        @Override
        public @Nullable Void visitMethod(MethodTree method, @Nullable Void nothing) {
          long from = lines.getLineNumber(positions.getStartPosition(unit, method));
          long to = lines.getLineNumber(positions.getEndPosition(unit, method));
          if (to - from + 1 > LONGEST_METHOD) {
            Path path = Path.of(unit.getSourceFile().toUri());
            faults.add(
                Sources.ROOT.relativize(path)
                    + ":"
                    + from
                    + ": "
                    + method.getName()
                    + " has "
                    + (to - from + 1)
                    + " lines (at most "
                    + LONGEST_METHOD
                    + ")");
          }
          return super.visitMethod(method, null);
        }
      }.scan(unit, null);
    }
    none();
  }

  @Test
  void packages_sayWhatTheyAre() {
    Set<Path> packages = new TreeSet<>();
    for (Source source : main) {
      if (!source.path().endsWith("module-info.java")) {
        packages.add(source.path().getParent());
      }
    }
    for (Path folder : packages) {
      Path info = folder.resolve("package-info.java");
      if (!Files.exists(info) || !Sources.read(info).contains("@NullMarked")) {
        faults.add(Sources.ROOT.relativize(folder) + ": no package-info.java with @NullMarked");
      }
    }
    none();
  }

  @Test
  void comments_leaveNothingForLater() {
    Pattern later = Pattern.compile("\\b(TO" + "DO|FIX" + "ME|XX" + "X)\\b");
    for (Source source : sources) {
      Matcher matcher = later.matcher(source.text());
      while (matcher.find()) {
        faults.add(source.at(source.lineOf(source.text(), matcher.start())) + ": unfinished");
      }
    }
    none();
  }

  @Test
  void documents_linkToWhatExists() {
    Pattern link = Pattern.compile("\\]\\(([^)#:\\s]+)(#[^)]*)?\\)");
    for (Path document : Sources.files(".md")) {
      Matcher matcher = link.matcher(Sources.read(document));
      while (matcher.find()) {
        if (!Files.exists(document.resolveSibling(matcher.group(1)))) {
          faults.add(Sources.ROOT.relativize(document) + ": no such file: " + matcher.group(1));
        }
      }
    }
    none();
  }

  @Test
  void architecture_showsTheSameTable() {
    Path document = Sources.ROOT.resolve("ARCHITECTURE.md");
    assumeThat(document).exists();
    String text = Sources.read(document);
    MAY_USE.forEach(
        (module, uses) -> {
          Matcher row =
              Pattern.compile("^\\| `" + module + "` \\|.*\\| ([^|]*) \\|$", Pattern.MULTILINE)
                  .matcher(text);
          if (!row.find()) {
            faults.add("ARCHITECTURE.md: no row for " + module);
            return;
          }
          Set<String> shown = new TreeSet<>(List.of(row.group(1).strip().split(", ")));
          shown.remove("JDK");
          if (!shown.equals(new TreeSet<>(uses))) {
            faults.add("ARCHITECTURE.md: " + module + " uses " + shown + " (here: " + uses + ")");
          }
        });
    none();
  }

  private List<Source> product() {
    return main.stream().filter(source -> MAY_USE.containsKey(source.module())).toList();
  }

  private static Set<String> closure(String module) {
    Set<String> all = new TreeSet<>(Set.of(module));
    MAY_USE.getOrDefault(module, Set.of()).forEach(used -> all.addAll(closure(used)));
    return all;
  }

  private interface Judge {
    @Nullable String complaint(Matcher hit);
  }

  private void each(Source source, Pattern pattern, Judge judge) {
    String code = source.code();
    Matcher matcher = pattern.matcher(code);
    while (matcher.find()) {
      String complaint = judge.complaint(matcher);
      if (complaint != null) {
        faults.add(source.at(source.lineOf(code, matcher.start())) + ": " + complaint);
      }
    }
  }

  private void none() {
    assertThat(faults).isEmpty();
  }
}
