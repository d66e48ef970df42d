package carnelian.tidy;

import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.util.JavacTask;
import com.sun.source.util.SourcePositions;
import com.sun.source.util.Trees;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

/// The files of the repository, as the tidy test sees them.
final class Sources {
  static final Path ROOT = Path.of("..").toAbsolutePath().normalize();

  private static final Pattern COMMENTS_AND_STRINGS =
      Pattern.compile(
          "\"\"\".*?(?<!\\\\)\"\"\""
              + "|\"(?:\\\\.|[^\"\\\\\n])*\"|'(?:\\\\.|[^'\\\\\n])*'"
              + "|//[^\n]*|/\\*.*?\\*/",
          Pattern.DOTALL);

  private Sources() {}

  /// A Java file.
  record Source(Path path, String text) {
    /// The module's folder.
    String module() {
      return ROOT.relativize(path).getName(0).toString();
    }

    boolean isMain() {
      return path.toString().contains("/src/main/");
    }

    /// The text with comments and strings blanked, lines kept.
    String code() {
      Matcher matcher = COMMENTS_AND_STRINGS.matcher(text);
      return matcher.replaceAll(hit -> "\n".repeat(lines(hit.group())));
    }

    int lineOf(String code, int offset) {
      return 1 + lines(code.substring(0, offset));
    }

    String at(int line) {
      return ROOT.relativize(path) + ":" + line;
    }

    private static int lines(String text) {
      return (int) text.chars().filter(c -> c == '\n').count();
    }
  }

  /// All Java files under version control or to be.
  static List<Source> java() {
    return files(".java").stream().map(path -> new Source(path, read(path))).toList();
  }

  static List<Path> files(String suffix) {
    try (Stream<Path> paths = Files.walk(ROOT)) {
      return paths
          .filter(path -> path.toString().toLowerCase(Locale.ROOT).endsWith(suffix))
          .filter(path -> isOurs(ROOT.relativize(path)))
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static boolean isOurs(Path relative) {
    for (Path step : relative) {
      String name = step.toString();
      if (name.equals("target") || name.equals(".git") || name.equals("data")) {
        return false;
      }
    }
    return true;
  }

  static String read(Path path) {
    try {
      return Files.readString(path);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Syntax trees, and where they stand.
  record Parsed(List<CompilationUnitTree> units, SourcePositions positions) {}

  /// Parses without resolving names.
  static Parsed parse(List<Source> sources) {
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null)) {
      JavacTask task =
          (JavacTask)
              compiler.getTask(
                  null,
                  files,
                  _ -> {},
                  List.of("-proc:none"),
                  null,
                  files.getJavaFileObjectsFromPaths(sources.stream().map(Source::path).toList()));
      List<CompilationUnitTree> units = new ArrayList<>();
      task.parse().forEach(units::add);
      return new Parsed(units, Trees.instance(task).getSourcePositions());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
